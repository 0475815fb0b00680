package tcp

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// LISTEN has no Conn. Whoever listens keeps a Config and hands it on with each
// SYN: the Conn that Accept makes of both is the copy of the TCB that RFC 9293
// §3.9.1.1 speaks of, and LISTEN itself goes on (MUST-41).

// ListenReply is what LISTEN does with a segment, the checks of RFC 9293
// §3.10.7.2. A SYN that passes all of them opens a connection (syn): it is for
// Accept. Of the others, some draw a reply (answer).
func ListenReply(seg *wire.Segment) (reply wire.Segment, answer, syn bool) {
	switch {
	case seg.Flags.Has(wire.RST): // first: it can belong to nothing
		return reply, false, false
	case seg.Flags.Has(wire.ACK): // second: nothing was sent that it could acknowledge
		reply, answer = ClosedReply(seg)
		return reply, answer, false
	case seg.Flags.Has(wire.SYN): // third
		return reply, false, true
	}
	return reply, false, false // fourth: dropped
}

// Accept makes a connection of a SYN that ListenReply let pass, and answers it
// with <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK> (RFC 9293 §3.10.7.2 third). What
// else the SYN carries is kept for later. An impossible Config gives a closed
// Conn whose Err says why.
//
// A RST or a SYN in its window ends such a Conn without an answer: it returns to
// LISTEN, which is to say that its caller drops it and listens on (MUST-11).
func Accept(now time.Time, cfg Config, syn *wire.Segment) (*Conn, Effects) {
	c, ok := newConn(now, cfg)
	if !ok {
		return c, Effects{}
	}
	c.passive = true
	c.setState(Listen, "RFC 9293 §3.10.1 OPEN")
	c.heard()
	c.learnSyn(syn)
	c.receivedSyn(syn, "RFC 9293 §3.10.7.2 third")
	c.armSending()
	return c, c.end()
}

// Passive reports whether the connection was opened by the peer.
func (c *Conn) Passive() bool { return c.passive }

// backToListen ends a passive open. Nobody has been told of it, so nobody is
// told of its end either; err is for who looks.
func (c *Conn) backToListen(clause string) { c.fail(ErrReset, clause+", back to LISTEN") }

// repeatedSyn reports whether a segment is the SYN that opened this connection
// once more. Our SYN,ACK was lost, or is late.
func (c *Conn) repeatedSyn(seg *wire.Segment) bool {
	const control = wire.SYN | wire.ACK | wire.RST
	return c.passive && c.synOutstanding() && seg.Flags&control == wire.SYN && seg.Seq == c.irs
}

// Reopens reports whether a SYN may open a new connection in place of this
// one, which is in TIME-WAIT (RFC 9293 §3.6.1, MAY-2), by the rule of RFC 6191
// §2: later timestamps, or where there are none later sequence numbers, show
// that the SYN is no old duplicate. cfg is what the new connection would have.
// Its ISS has to be after iss.
func (c *Conn) Reopens(syn *wire.Segment, cfg *Config) (iss wire.Seq, ok bool) {
	if c.state != TimeWait || syn.Flags.Any(wire.ACK|wire.RST) || !syn.Flags.Has(wire.SYN) {
		return 0, false
	}
	later := syn.Seq.After(c.rcvNxt - 1)
	if syn.Options.HasTimestamps && (cfg.Profile == (Profile{}) || cfg.Profile.Timestamps) {
		at := syn.Options.TSVal
		later = !c.opts.timestamps || tsBefore(c.ts.recent, at) || c.ts.recent == at && later
	}
	return c.sndNxt, later
}

// Forget ends a passive open that is not complete without a word to the peer,
// for a caller that needs the room.
func (c *Conn) Forget(now time.Time) Effects {
	c.begin(now)
	if c.passive && c.state == SynReceived {
		c.backToListen("RFC 4987 §3.4")
	}
	return c.end()
}

// Retries returns how often the retransmission timer has run out since the
// last progress.
func (c *Conn) Retries() int { return c.rtx.count }
