package tcp

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// urgentState is RFC 9293 §3.8.5. New applications do not use it (SHLD-13);
// peers may.
type urgentState struct {
	sending bool     // SND.UP is ahead of what is acknowledged
	sndUp   wire.Seq // SND.UP: the octet after the last urgent one (MUST-62)

	receiving bool     // RCV.UP is ahead of what the user has read
	rcvUp     wire.Seq // RCV.UP
	news      bool     // it went ahead in this call
}

// WriteUrgent is Write with the urgent flag: everything queued up to the end of
// what it takes of p is urgent (MUST-30, MUST-31: of any length).
func (c *Conn) WriteUrgent(now time.Time, p []byte) (n int, e Effects, err error) {
	c.begin(now)
	switch {
	case c.state == Closed:
		return 0, c.end(), c.closedError()
	case c.fin.write:
		return 0, c.end(), ErrClosing
	}
	if n = c.out.write(p); n > 0 {
		c.urg.sending, c.urg.sndUp = true, c.out.end()
	}
	if c.state.synchronized() {
		c.output()
	}
	return n, c.end(), nil
}

// urgentMark puts URG and the pointer on a segment that begins before SND.UP.
// The pointer counts from the segment's sequence number; an end further
// off than 16 bits can say is given by later segments.
func (c *Conn) urgentMark(s *wire.Segment) {
	if !c.urg.sending {
		return
	}
	ahead := c.urg.sndUp.Sub(s.Seq)
	if ahead <= 0 {
		c.urg.sending = c.urg.sndUp.After(c.sndUna)
		return
	}
	s.Flags |= wire.URG
	s.Urgent = uint16(min(ahead, 0xffff))
}

// sixthCheckUrgent is the sixth step of RFC 9293 §3.10.7.4: RCV.UP goes ahead,
// never back.
func (c *Conn) sixthCheckUrgent(seg *wire.Segment) {
	if !seg.Flags.Has(wire.URG) || !c.state.canReceive() {
		return
	}
	up := seg.Seq.Add(int(seg.Urgent))
	old := c.in.Next().Add(-c.unread()) // what the user reads next
	if c.urg.receiving {
		old = c.urg.rcvUp
	}
	if up.After(old) {
		c.urg.receiving, c.urg.rcvUp, c.urg.news = true, up, true
	}
}

// urgentRead ends urgent mode when the user has read all of it.
func (c *Conn) urgentRead() {
	if c.urg.receiving && c.Urgent() <= 0 {
		c.urg.receiving = false
	}
}

// Urgent returns how many octets that the user has not read are urgent, here or
// still to come (MUST-33). Zero means that urgent mode is over.
func (c *Conn) Urgent() int {
	if !c.urg.receiving || c.in == nil {
		return 0
	}
	return max(0, c.urg.rcvUp.Sub(c.rcvNxt)+c.unread())
}
