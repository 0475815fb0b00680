package tcp

import (
	"tcping-cmp/handcrafted/tcp/congestion"
	"tcping-cmp/handcrafted/tcp/recovery"
	"tcping-cmp/handcrafted/wire"
)

// processAck is the fifth step of RFC 9293 §3.10.7.4 for an acceptable ACK: the
// retransmission queue, the peer's window, and what our FIN waits for.
func (c *Conn) processAck(seg *wire.Segment) {
	res := c.book.Acked(c.wall, c.ackForBook(seg))
	if progress := seg.Ack.After(c.sndUna); progress {
		c.sndUna = seg.Ack
		c.out.release(c.sndUna)
		c.rtx.count, c.rtx.since = 0, c.now
		c.pmtu.stuck = 0
		c.icmp.soft = nil
	}
	if !seg.Ack.Before(c.sndUna) && !seg.Flags.Has(wire.SYN) {
		c.peer.update(seg)
	}
	if c.cc != nil {
		c.moveWindow(seg, &res)
	}
	if c.fin.sent && c.sndUna.After(c.fin.seq) {
		c.finAcked()
	}
}

// ackForBook gives the book what it needs of a segment.
func (c *Conn) ackForBook(seg *wire.Segment) recovery.Ack {
	a := recovery.Ack{
		Ack: seg.Ack,
		Pure: len(seg.Payload) == 0 && !seg.Flags.Any(wire.SYN|wire.FIN) &&
			int(seg.Window)<<c.peer.shift == c.peer.wnd,
	}
	if c.opts.sack {
		a.SACK = seg.Options.SACKBlocks()
	}
	if c.opts.timestamps && seg.Options.HasTimestamps {
		a.HasTS, a.TSEcr, a.TSNow = true, seg.Options.TSEcr, c.tsval()
	}
	return a
}

// moveWindow tells congestion control what an ACK showed.
func (c *Conn) moveWindow(seg *wire.Segment, res *recovery.Result) {
	if res.Spurious {
		c.cc.Event(c.wall, congestion.Event{Kind: congestion.Undo})
	}
	if res.Reduce {
		c.congested(congestion.FastRetransmit, res.Flight)
	} else {
		c.ecnEcho(seg)
	}
	if res.Exited {
		c.cc.Event(c.wall, congestion.Event{Kind: congestion.Recovered, Flight: res.Flight})
	}
	if res.Credit > 0 {
		c.cc.Acked(c.wall, congestion.Ack{Bytes: res.Credit, Flight: res.Flight, SRTT: c.book.SRTT()})
		c.tuneSend(res.Credit)
	}
}

// finAcked: the peer has our FIN.
func (c *Conn) finAcked() {
	const clause = "RFC 9293 §3.10.7.4 fifth"
	switch c.state {
	case FinWait1:
		c.setState(FinWait2, clause)
	case Closing:
		c.setState(TimeWait, clause)
	case LastAck:
		c.setState(Closed, clause)
	}
}
