package tcp

import (
	"tcping-cmp/handcrafted/tcp/congestion"
	"tcping-cmp/handcrafted/wire"
)

// ecnState is RFC 3168 §6.1.
type ecnState struct {
	offer bool // our SYN asks for it, our SYN,ACK agrees
	on    bool // both sides agreed
	echo  bool // a CE mark came: ECE on every ACK until CWR (§6.1.3)
	cwr   bool // we reduced the window: CWR on the next new data (§6.1.2)
}

// The ECN field of the IP header (RFC 3168 §5).
const (
	ect0 = 0b10
	ce   = 0b11
)

// ecnSyn makes an ECN-setup SYN, or an ECN-setup SYN,ACK of a passive or simultaneous
// open (§6.1.1). The packet itself is never ECN-capable.
func (c *Conn) ecnSyn(s *wire.Segment) {
	switch {
	case c.state == SynSent && c.ecn.offer:
		s.Flags |= wire.ECE | wire.CWR
	case c.state != SynSent && c.ecn.on:
		s.Flags |= wire.ECE
	}
}

// ecnAnswered takes the answer of a SYN,ACK: ECE alone agrees.
func (c *Conn) ecnAnswered(seg *wire.Segment) {
	c.ecn.on = c.ecn.offer && seg.Flags.Has(wire.ECE) && !seg.Flags.Has(wire.CWR)
}

// ecnCrossed takes a SYN without an ACK: an ECN-setup SYN is agreed to if we
// want it ourselves.
func (c *Conn) ecnCrossed(seg *wire.Segment) {
	c.ecn.on = c.ecn.offer && seg.Flags.Has(wire.ECE|wire.CWR)
}

// ecnTimeout gives ECN up after an unanswered SYN: a box on the way may drop
// such SYNs (§6.1.1.1).
func (c *Conn) ecnTimeout(syn bool) {
	if syn {
		c.ecn.offer = false
		return
	}
	c.ecnReduced()
}

// ecnMark echoes a congestion mark (§6.1.3).
func (c *Conn) ecnMark(s *wire.Segment) {
	if c.ecn.echo && !s.Flags.Has(wire.SYN) {
		s.Flags |= wire.ECE
	}
}

// ecnNewData makes a segment with new text ECN-capable; CWR goes on the first
// after a reduction. Nothing else is: not ACKs (§6.1.4), retransmissions (§6.1.5)
// or probes (§6.1.6).
func (c *Conn) ecnNewData(s *wire.Segment, octets int) {
	if !c.ecn.on || octets == 0 {
		return
	}
	s.ECN = ect0
	if c.ecn.cwr {
		s.Flags |= wire.CWR
		c.ecn.cwr = false
	}
}

// ecnArrived looks at the mark of a segment that is in the window.
func (c *Conn) ecnArrived(seg *wire.Segment) {
	if !c.ecn.on {
		return
	}
	if seg.Flags.Has(wire.CWR) {
		c.ecn.echo = false
	}
	if seg.ECN == ce && len(seg.Payload) > 0 {
		c.ecn.echo = true
		c.ack.now = true
	}
}

// ecnEcho reduces the window for an ECE, at most once a round trip (§6.1.2).
func (c *Conn) ecnEcho(seg *wire.Segment) {
	if !c.ecn.on || !seg.Flags.Has(wire.ECE) || seg.Flags.Has(wire.SYN) {
		return
	}
	if flight, reduce := c.book.CongestionMark(); reduce {
		c.congested(congestion.ECE, flight)
	}
}

// ecnReduced notes a reduction, whatever its reason.
func (c *Conn) ecnReduced() { c.ecn.cwr = c.ecn.on }
