package tcp

import (
	"time"

	"tcping-cmp/handcrafted/tcp/congestion"
	"tcping-cmp/handcrafted/tcp/recovery"
	"tcping-cmp/handcrafted/wire"
)

// swsState is sender silly-window avoidance (RFC 9293 §3.8.6.2.1).
type swsState struct {
	override bool // the override timer has fired: send what fits
}

// overrideTimeout is between the 0.1 and 1 s that RFC 9293 §3.8.6.2.1 gives.
const overrideTimeout = 200 * time.Millisecond

// output sends everything that may leave now: what is lost, new data, the FIN,
// and the ACK that is owed if nothing carried it.
func (c *Conn) output() {
	if c.state == Closed {
		return
	}
	c.outputQueued()
	if c.ack.now {
		c.sendAck()
	}
	c.armSending()
}

// outputQueued asks the book what goes next until there is nothing.
func (c *Conn) outputQueued() {
	if !c.state.canSend() && !c.synOutstanding() {
		return
	}
	c.resumeAfterProbe()
	for {
		n, fin := c.nextNew()
		room := c.budget()
		choice := c.book.Next(room, n > 0 || fin)
		switch choice.Kind {
		case recovery.Nothing:
			return
		case recovery.Retransmit:
			if !c.retransmitRange(choice.Seq, choice.Len) {
				return
			}
		case recovery.NewData:
			if n > room && !choice.Probe {
				return
			}
			c.sendNew(n, fin)
		default:
			panic("BUG: unknown choice")
		}
	}
}

// budget returns the octets that congestion control lets into the pipe.
func (c *Conn) budget() int {
	if c.cc == nil {
		return c.payloadMSS() // only the SYN is out
	}
	c.restartAfterIdle()
	return c.cc.Window() - c.book.Pipe()
}

// restartAfterIdle makes cwnd small again when nothing was sent for an RTO
// (RFC 5681 §4.1).
func (c *Conn) restartAfterIdle() {
	if c.flight() == 0 && c.unsent() > 0 && c.now-c.rtx.lastSent > c.book.RTO() {
		c.cc.Event(c.wall, congestion.Event{Kind: congestion.Idle})
		c.rtx.lastSent = c.now
	}
}

// unsent returns the octets of text that were never sent.
func (c *Conn) unsent() int {
	if c.fin.sent {
		return 0
	}
	return c.out.end().Sub(c.sndNxt)
}

// nextNew decides how much new text the next segment carries, and whether the
// FIN goes with it: Nagle's algorithm and sender silly-window avoidance, RFC
// 9293 §3.7.4 and §3.8.6.2.1. D is queued, U is usable.
func (c *Conn) nextNew() (n int, fin bool) {
	if !c.state.canSend() || c.fin.sent || c.book.Full() {
		return 0, false
	}
	queued, usable := c.unsent(), c.sndEdge().Sub(c.sndNxt)
	full := c.segmentRoom()
	n = max(0, min(queued, usable, full))
	last := n == queued
	fin = last && c.fin.write && usable > n
	if fin && n > 0 && c.cfg.Profile.SeparateFIN {
		fin = false
	}
	if n == 0 && !fin || !c.worthSending(n, full, last, fin) {
		return 0, false
	}
	return n, fin
}

// worthSending is the decision of RFC 9293 §3.8.6.2.1 for n octets, where full
// is Eff.snd.MSS and last says that n is all there is.
func (c *Conn) worthSending(n, full int, last, fin bool) bool {
	idle := c.flight() == 0
	if c.cfg.Profile.OneAtATime && !idle {
		return false
	}
	switch {
	case n >= full: // (1)
		return true
	case fin, last && c.fin.write: // CLOSE pushes; nothing more will come
		return true
	case last && (idle || c.cfg.NoDelay): // (2); everything is pushed, MUST-60
		return true
	case n >= c.peer.max/2 && (idle || c.cfg.NoDelay): // (3)
		return true
	case c.urg.sending && c.sndNxt.Before(c.urg.sndUp) && last:
		return true // urgent data does not wait
	}
	return c.sws.override // (4)
}

// segmentRoom returns the octets of text that fit a segment beside the options
// it will carry now. SACK blocks stay away from text that they would halve.
func (c *Conn) segmentRoom() int {
	room := c.payloadMSS()
	if c.opts.sack && c.in.Holes() {
		if less := room - sackLen(c.sackLimit()); less > room/2 {
			return less
		}
	}
	return room
}

// sendNew sends n octets of new text, and the FIN if fin.
func (c *Conn) sendNew(n int, fin bool) {
	s := c.text(c.sndNxt, n)
	length := n
	if fin {
		s.Flags |= wire.FIN
		c.fin.sent, c.fin.seq = true, c.sndNxt.Add(n)
		length++
	}
	c.ecnNewData(s, n)
	c.sws.override = false
	if c.flight() == 0 {
		c.rtx.since = c.now
	}
	c.sndNxt = c.sndNxt.Add(length)
	c.noteSent(s.Seq, length)
}

// text makes a segment with the n octets from seq on.
func (c *Conn) text(seq wire.Seq, n int) *wire.Segment {
	s := c.pushAck(seq, 0)
	if s.Options.SACKCount > 0 && n+c.opts.tsLen+sackLen(s.Options.SACKCount) > c.opts.sendMSS {
		s.Options.SACKCount = 0
	}
	if n > 0 {
		s.Payload = c.out.slice(seq, n)
		if c.cfg.Profile.PushEach || seq.Add(n) == c.out.end() {
			s.Flags |= wire.PSH // MUST-61
		}
	}
	c.urgentMark(s)
	return s
}

// noteSent tells the book and the timers that a segment left.
func (c *Conn) noteSent(seq wire.Seq, length int) {
	c.rtx.lastSent = c.now
	var mark recovery.Mark
	if c.fin.sent && seq.Add(length) == c.fin.seq+1 {
		mark = recovery.FIN
	}
	c.book.Sent(c.wall, seq, length, mark)
}
