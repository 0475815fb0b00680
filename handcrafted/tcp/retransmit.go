package tcp

import (
	"time"

	"tcping-cmp/handcrafted/tcp/congestion"
	"tcping-cmp/handcrafted/tcp/recovery"
	"tcping-cmp/handcrafted/wire"
)

// retransmit is the procedure for excessive retransmission of RFC 9293 §3.8.3
// (MUST-20). When to retransmit is the book's business.
type retransmit struct {
	count    int     // timer retransmissions without progress
	since    instant // the first transmission, or the last progress
	lastSent instant // of anything with sequence numbers
	suspect  bool    // R1 was reached in this call
	synLost  bool    // the SYN had to be sent again
}

// synOutstanding reports whether our SYN waits for its acknowledgement: in
// SYN-SENT and SYN-RECEIVED, and beyond if CLOSE came before that.
func (c *Conn) synOutstanding() bool {
	return !c.opened && c.state != Closed && c.state != Listen
}

// sendSyn sends <SEQ=ISS><CTL=SYN>, or the SYN,ACK of a simultaneous open, for
// the first time or again.
func (c *Conn) sendSyn() {
	var s *wire.Segment
	if c.state == SynSent {
		s = c.push(c.iss, wire.SYN)
		s.Window = c.synWindow()
	} else {
		s = c.pushAck(c.iss, wire.SYN)
	}
	c.synOptions(&s.Options)
	c.ecnSyn(s)
	if c.sndNxt == c.iss {
		c.sndNxt = c.iss + 1
		c.rtx.since = c.now
	}
	c.rtx.lastSent = c.now
	c.book.Sent(c.wall, c.iss, 1, recovery.SYN)
}

// retransmitRange sends [seq, seq+n) again as one segment, less of it if the
// segment size or the peer's window has shrunk (SHLD-16). It reports whether
// anything could be sent.
func (c *Conn) retransmitRange(seq wire.Seq, n int) bool {
	if c.cfg.Profile.NoRetransmission {
		return false
	}
	if c.synOutstanding() && seq == c.iss {
		c.sendSyn()
		return true
	}
	n = min(n, c.sndEdge().Sub(seq))
	if n <= 0 {
		return false
	}
	c.sendAgain(seq, n)
	return true
}

// sendAgain sends up to n octets of sequence space from seq on once more. It
// is never ECN-capable (RFC 3168 §6.1.5).
func (c *Conn) sendAgain(seq wire.Seq, n int) {
	fin := c.fin.sent && seq.Add(n) == c.fin.seq+1
	octets := n
	if fin {
		octets--
	}
	if room := c.segmentRoom(); octets > room {
		octets, n, fin = room, room, false
	}
	s := c.text(seq, octets)
	if fin {
		s.Flags |= wire.FIN
	}
	c.noteSent(seq, n)
}

// recoveryExpired runs the book's timer.
func (c *Conn) recoveryExpired() {
	if c.cfg.Profile.NoRetransmission {
		c.fail(c.timeoutError(), "RFC 9293 §3.8.3 R2")
		return
	}
	a := c.book.Expired(c.wall)
	switch a.Expiry {
	case recovery.RTOExpired:
		c.retransmissionTimeout(a)
	case recovery.ReorderExpired:
		if a.Reduce {
			c.congested(congestion.FastRetransmit, a.Flight)
		}
	case recovery.NotDue, recovery.ProbeDue:
	default:
		panic("BUG: unknown expiry")
	}
}

// retransmissionTimeout counts towards R1 and R2. A connection ends when the
// last retransmission was R2 after the first transmission and its timer has
// run out too, so retransmission has gone on for all of R2.
func (c *Conn) retransmissionTimeout(a recovery.Action) {
	limit := c.cfg.R2
	if a.SYN {
		limit = c.cfg.SynR2 // MUST-23
		c.rtx.synLost = true
	}
	if c.rtx.lastSent-c.rtx.since >= limit {
		c.fail(c.timeoutError(), "RFC 9293 §3.8.3 R2")
		return
	}
	c.rtx.count++
	c.rtx.suspect = c.rtx.suspect || c.rtx.count == c.cfg.R1
	c.ecnTimeout(a.SYN)
	c.blackHole()
	if c.cc == nil {
		return
	}
	kind := congestion.Timeout
	if a.Repeated {
		kind = congestion.RepeatedTimeout
	}
	c.cc.Event(c.wall, congestion.Event{Kind: kind, Flight: a.Flight})
}

// timeoutError is why an unanswered connection ended: what routers said of it
// if they did (RFC 9293 §3.9.2.2, SHLD-25).
func (c *Conn) timeoutError() error {
	if c.icmp.soft != nil {
		return c.icmp.soft
	}
	return ErrTimeout
}

// startCongestion fixes the congestion window: both SYNs are known.
func (c *Conn) startCongestion() {
	c.cc, _ = congestion.New(c.cfg.Congestion, c.payloadMSS()) // Open has checked the name
	if c.rtx.synLost {
		c.cc.Event(c.wall, congestion.Event{Kind: congestion.SYNLost})
	}
}

// congested reduces the window once for a loss, and owes the peer a CWR
// (RFC 3168 §6.1.2).
func (c *Conn) congested(kind congestion.Kind, flight int) {
	c.cc.Event(c.wall, congestion.Event{Kind: kind, Flight: flight})
	c.ecnReduced()
}

// armSending sets the timers of the sending side from what is in flight.
func (c *Conn) armSending() {
	if c.state == Closed || c.state == TimeWait {
		return
	}
	c.armPersist()
	c.armOverride()
	c.armUserTimeout()
	switch {
	case c.timers.runs(timerPersist) || c.flight() == 0:
		c.timers.stop(timerRecovery) // SHLD-17: the peer wants none of it now
	case c.cfg.Profile.NoRetransmission:
		c.timers.set(timerRecovery, c.rtx.since+c.giveUpAfter())
	default:
		c.timers.set(timerRecovery, c.at(c.book.Deadline()))
	}
}

func (c *Conn) giveUpAfter() time.Duration {
	if c.synOutstanding() {
		return c.cfg.SynR2
	}
	return c.cfg.R2
}

// at turns a time of the book into an instant.
func (c *Conn) at(t time.Time) instant {
	if t.IsZero() {
		return never
	}
	return t.Sub(c.epoch)
}

// armOverride starts the override timer while silly-window avoidance alone
// holds text back.
func (c *Conn) armOverride() {
	waits := c.state.canSend() && c.flight() == 0 && c.unsent() > 0 && c.sndEdge().After(c.sndNxt)
	switch {
	case !waits:
		c.timers.stop(timerOverride)
	case !c.timers.runs(timerOverride):
		c.timers.set(timerOverride, c.now+overrideTimeout)
	}
}

// armUserTimeout runs the user timeout while something is unacknowledged and
// the peer's window is not what holds it up (MUST-37).
func (c *Conn) armUserTimeout() {
	if c.cfg.UserTimeout == 0 {
		return
	}
	if c.flight() == 0 || c.timers.runs(timerPersist) {
		c.timers.stop(timerUser)
		return
	}
	c.timers.set(timerUser, c.rtx.since+c.cfg.UserTimeout)
}
