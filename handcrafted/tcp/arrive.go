package tcp

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// Arrive takes the segments that were waiting for this connection, in the
// order of their arrival (RFC 9293 §3.10.7). All are processed before an ACK
// leaves (MUST-59). Payloads are copied if they are kept.
func (c *Conn) Arrive(now time.Time, segs []wire.Segment) Effects {
	c.begin(now)
	for i := range segs {
		c.arrive(&segs[i])
	}
	c.output()
	return c.end()
}

// arrive takes one segment.
func (c *Conn) arrive(seg *wire.Segment) {
	switch c.state {
	case Closed:
		if reply, ok := ClosedReply(seg); ok {
			c.segs = append(c.segs, reply)
		}
	case SynSent:
		c.arriveSynSent(seg)
	case Listen:
		panic("BUG: Accept leaves LISTEN at once")
	default:
		c.arriveOther(seg)
	}
}

// arriveOther is RFC 9293 §3.10.7.4, "Otherwise": the steps in the RFC's order.
// Each reports whether the next one is to see the segment.
func (c *Conn) arriveOther(seg *wire.Segment) {
	fits, ok := c.firstCheckSequence(seg)
	if !ok || !c.secondCheckReset(seg) {
		return
	}
	// Third, security and compartment: obsolete (RFC 9293 §3.10.7.4).
	if !c.fourthCheckSyn(seg) || !c.fifthCheckAck(seg) {
		return
	}
	c.sixthCheckUrgent(seg)
	if !fits {
		return
	}
	c.ecnArrived(seg)
	c.seventhText(seg)
}

// firstCheckSequence tests whether the segment is in the window. fits is false
// when only its ACK, URG and RST are to be looked at: our window is zero and
// the segment stands right at it (MUST-66).
func (c *Conn) firstCheckSequence(seg *wire.Segment) (fits, ok bool) {
	if c.crossedSyn(seg) {
		c.heard()
		c.learnTimestamp(seg)
		return true, true
	}
	if c.timestampMissing(seg) {
		return false, false
	}
	if c.pawsFails(seg) {
		c.sendAck() // RFC 7323 §5.3 R1
		return false, false
	}
	if c.acceptable(seg.Seq, seg.Len()) {
		c.heard()
		c.learnTimestamp(seg)
		return true, true
	}
	if c.rcvWnd() == 0 && seg.Seq == c.rcvNxt && !seg.Flags.Has(wire.SYN) {
		c.heard()
		if !seg.Flags.Has(wire.RST) {
			c.sendAck() // the answer to a zero-window probe
		}
		return false, true
	}
	if c.behindProbe(seg) {
		c.heard()
		return false, true
	}
	if seg.Flags.Has(wire.RST) {
		return false, false // RFC 5961 §3.2: outside the window, silent
	}
	if c.repeatedSyn(seg) {
		// The acknowledgement that is due says SYN too: in SYN-SENT a bare ACK
		// would be dropped.
		c.sendSyn()
		return false, false
	}
	if seg.Flags.Has(wire.SYN) && c.state.synchronized() {
		c.challenge() // RFC 5961 §4.2: whatever its sequence number
		return false, false
	}
	c.noteDuplicate(seg)
	c.answerUnacceptable(seg)
	return false, false
}

// behindProbe reports whether an empty segment stands one octet beyond our
// closed window: the peer has sent that octet as a probe, counts it, and has
// nothing else to put its ACK on (MUST-66).
func (c *Conn) behindProbe(seg *wire.Segment) bool {
	return c.rcvWnd() == 0 && seg.Len() == 0 && seg.Seq == c.rcvNxt+1
}

// noteDuplicate remembers text that we have already, for the next D-SACK
// (RFC 2883 §4), and a repeated FIN, which restarts 2 MSL (RFC 9293 §3.10.7.4
// fifth, TIME-WAIT).
func (c *Conn) noteDuplicate(seg *wire.Segment) {
	seq := seg.Seq
	if seg.Flags.Has(wire.SYN) {
		seq++
	}
	if old := c.rcvNxt.Sub(seq); old > 0 && len(seg.Payload) > 0 {
		c.in.Insert(seq, seg.Payload[:min(old, len(seg.Payload))], false)
	}
	if c.state == TimeWait && seg.Flags.Has(wire.FIN) && seg.Seq.Add(seg.Len()) == c.rcvNxt {
		c.timers.set(timerTimeWait, c.now+2*c.cfg.MSL)
	}
}

// crossedSyn reports whether this is the peer's SYN,ACK of a simultaneous
// open. Its SYN lies before RCV.NXT, so the test of Table 6 would refuse it; but
// Figure 8 of RFC 9293 §3.5 shows it opening the connection.
func (c *Conn) crossedSyn(seg *wire.Segment) bool {
	return c.synOutstanding() && !c.passive && seg.Flags.Has(wire.SYN|wire.ACK) &&
		!seg.Flags.Has(wire.RST) && seg.Seq == c.irs
}

// timestampMissing reports whether a segment lacks the timestamps that both
// SYNs agreed on: RFC 7323 §3.2 has it dropped, not answered. A RST is exempt
// there; a SYN is exempt here, since RFC 5961 §4.2 has every SYN answered.
func (c *Conn) timestampMissing(seg *wire.Segment) bool {
	return c.opts.timestamps && !seg.Options.HasTimestamps && !seg.Flags.Any(wire.RST|wire.SYN)
}

// secondCheckReset handles RST (with the mitigation of RFC 5961 §3.2, which
// RFC 9293 has taken up). The first step has dropped those outside the window.
func (c *Conn) secondCheckReset(seg *wire.Segment) bool {
	if !seg.Flags.Has(wire.RST) {
		return true
	}
	if seg.Seq != c.rcvNxt {
		c.challenge()
		return false
	}
	const clause = "RFC 9293 §3.10.7.4 second"
	switch c.state {
	case SynReceived:
		if c.passive {
			c.backToListen(clause) // MUST-11
		} else {
			c.fail(ErrRefused, clause)
		}
	case Established, FinWait1, FinWait2, CloseWait:
		c.fail(ErrReset, clause)
	case Closing, LastAck:
		c.setState(Closed, clause)
	case TimeWait:
		if !c.cfg.IgnoreTimeWaitRST {
			c.setState(Closed, clause)
		}
	default:
		panic("BUG: RST in " + c.state.String())
	}
	return false
}

// fourthCheckSyn answers a SYN in the window with a challenge ACK (RFC 5961
// §4.2), but a passive open returns to LISTEN.
func (c *Conn) fourthCheckSyn(seg *wire.Segment) bool {
	switch {
	case !seg.Flags.Has(wire.SYN) || c.crossedSyn(seg):
		return true
	case c.passive && c.state == SynReceived:
		c.backToListen("RFC 9293 §3.10.7.4 fourth")
	default:
		c.challenge()
	}
	return false
}

// fifthCheckAck handles the acknowledgement.
func (c *Conn) fifthCheckAck(seg *wire.Segment) bool {
	if !seg.Flags.Has(wire.ACK) {
		return false
	}
	if c.synOutstanding() {
		return c.ackOfSyn(seg)
	}
	if seg.Ack.After(c.sndNxt) || seg.Ack.Before(c.sndUna.Add(-c.peer.max)) {
		c.challenge() // RFC 9293 §3.10.7.4 and RFC 5961 §5.2: drop its text too
		return false
	}
	c.processAck(seg)
	return c.state != Closed
}

// ackOfSyn is the fifth step in SYN-RECEIVED, and in FIN-WAIT-1 if CLOSE came
// before the peer had our SYN.
func (c *Conn) ackOfSyn(seg *wire.Segment) bool {
	if !seg.Ack.After(c.sndUna) || seg.Ack.After(c.sndNxt) {
		if c.state == SynReceived {
			c.push(seg.Ack, wire.RST)
		} else {
			c.challenge()
		}
		return false
	}
	shift := c.peer.shift
	if seg.Flags.Has(wire.SYN) {
		shift = 0
	}
	c.peer.set(seg, shift)
	c.processAck(seg)
	c.establish("RFC 9293 §3.10.7.4 fifth, SYN-RECEIVED")
	if seg.Flags.Has(wire.SYN) {
		c.ack.now = true // our third ACK of Figure 8; the peer waits for it if our SYN,ACK was lost
	}
	c.takeEarly()
	return c.state != Closed
}

// seventhText takes the text and, with it, does the eighth step: the FIN is
// looked at when everything before it is there.
func (c *Conn) seventhText(seg *wire.Segment) {
	if !c.state.canReceive() {
		return // the peer has closed: no text can follow
	}
	text, fin := c.trim(seg)
	if len(text) == 0 && !fin {
		return
	}
	seq := seg.Seq
	if seg.Flags.Has(wire.SYN) {
		seq++
	}
	if c.fin.closed && seq.Add(len(text)).After(c.rcvNxt) {
		// Nobody will read what is new of it (SHLD-3, MAY-1).
		c.abort(nil, "RFC 9293 §3.6.1 half-duplex close")
		return
	}
	r := c.in.Insert(seq, text, fin)
	c.rcvNxt = c.in.Next()
	switch {
	case r.FIN:
		c.eighthFin()
		c.ackFin()
	case r.OutOfOrder || r.Duplicate || r.Dropped || r.Filled || r.Advanced == 0:
		c.ackAtOnce()
	default:
		c.oweAck(r.Advanced)
	}
}

// trim cuts what lies beyond the advertised window. What lies before RCV.NXT
// the queue drops, and remembers for D-SACK.
func (c *Conn) trim(seg *wire.Segment) (text []byte, fin bool) {
	text, fin = seg.Payload, seg.Flags.Has(wire.FIN)
	if over := seg.Seq.Add(seg.Len()).Sub(c.window.edge); over > 0 {
		if fin {
			fin, over = false, over-1
		}
		text = text[:max(0, len(text)-over)]
	}
	return text, fin
}

// eighthFin: the peer's FIN has been reached, RCV.NXT is beyond it.
func (c *Conn) eighthFin() {
	const clause = "RFC 9293 §3.10.7.4 eighth"
	c.fin.peer = true
	switch c.state {
	case SynReceived, Established:
		c.setState(CloseWait, clause)
	case FinWait1:
		// Had our FIN been acknowledged, the fifth step would have left
		// FIN-WAIT-1.
		c.setState(Closing, clause)
	case FinWait2:
		c.setState(TimeWait, clause)
	default:
		panic("BUG: FIN in " + c.state.String())
	}
}
