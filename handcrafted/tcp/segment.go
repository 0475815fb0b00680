package tcp

import "tcping-cmp/handcrafted/wire"

// push appends an empty segment <SEQ=seq><CTL=flags> to what leaves and
// returns it for the caller to complete. The pointer is good until the next
// push.
func (c *Conn) push(seq wire.Seq, flags wire.Flags) *wire.Segment {
	c.segs = append(c.segs, wire.Segment{
		SrcPort: c.cfg.Tuple.Local.Port(), DstPort: c.cfg.Tuple.Remote.Port(),
		Seq: seq, Flags: flags,
		DSCP: c.cfg.DSCP, TTL: c.cfg.TTL,
	})
	return &c.segs[len(c.segs)-1]
}

// pushAck is push for a segment that acknowledges RCV.NXT: it fills in
// acknowledgement, window, timestamps, SACK blocks and the echo of a
// congestion mark, and settles what we owed the peer. Every segment of a
// synchronized connection but a RST is made here (RFC 9293 §3.1: ACK is always
// set).
func (c *Conn) pushAck(seq wire.Seq, flags wire.Flags) *wire.Segment {
	s := c.push(seq, flags|wire.ACK)
	s.Ack = c.rcvNxt
	s.Window = c.windowField(flags.Has(wire.SYN))
	if c.opts.timestamps {
		c.stamp(&s.Options)
	}
	if c.opts.sack && !flags.Has(wire.SYN) {
		c.sackBlocks(&s.Options)
	}
	c.ecnMark(s)
	c.acked()
	return s
}

// sackBlocks reports what waits behind a gap, the block of the latest segment
// first (RFC 2018 §4), a duplicate before it (RFC 2883 §4).
func (c *Conn) sackBlocks(o *wire.Options) {
	o.SACKCount = len(c.in.SACK(o.SACK[:0], c.sackLimit()))
}

// sackLimit returns how many blocks the room for options lets us report
// (RFC 2018 §3), also on a path of tiny packets.
func (c *Conn) sackLimit() int {
	room := min(wire.MaxOptionsLen, c.pathMTU()-c.cfg.headerLen())
	return max(0, (room-c.opts.tsLen-4)/8)
}

// sackLen returns the octets of n blocks with their option's head, padded.
func sackLen(n int) int {
	if n == 0 {
		return 0
	}
	return 4 + 8*n
}

// pushReset sends <SEQ=seq><CTL=RST>, and with an acknowledgement when the
// connection is synchronized, so that the peer can see where it belongs.
func (c *Conn) pushReset() {
	s := c.push(c.emptySeq(), wire.RST)
	if c.state.synchronized() {
		s.Flags |= wire.ACK
		s.Ack = c.rcvNxt
	}
	if c.opts.timestamps {
		c.stamp(&s.Options) // SHOULD, RFC 7323 §3.2
	}
}

// ClosedReply answers a segment that belongs to no connection with a RST
// (RFC 9293 §3.5.2 group 1). A RST draws no answer: ok is false.
func ClosedReply(seg *wire.Segment) (reply wire.Segment, ok bool) {
	if seg.Flags.Has(wire.RST) {
		return reply, false
	}
	reply = wire.Segment{SrcPort: seg.DstPort, DstPort: seg.SrcPort, Flags: wire.RST}
	if seg.Flags.Has(wire.ACK) {
		reply.Seq = seg.Ack
	} else {
		reply.Flags |= wire.ACK
		reply.Ack = seg.Seq.Add(seg.Len())
	}
	return reply, true
}
