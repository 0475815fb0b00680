package tcp

import (
	"tcping-cmp/handcrafted/tcp/reassembly"
	"tcping-cmp/handcrafted/wire"
)

// recvWindow is our receive window: how far the peer may send. The edge is
// what we have told the peer, and it never moves left (RFC 9293 §3.8.6, SHLD-14).
type recvWindow struct {
	size  int      // octets that may wait for the user, grows by auto-tuning
	limit int      // what size may grow to
	shift uint8    // RFC 7323 §2.3, 0 until both SYNs carried the option
	edge  wire.Seq // first sequence number beyond what was advertised
	fixed int      // when not 0: the window field never changes

	offered int // octets that our SYN offers

	tune tuning
}

func (w *recvWindow) open(cfg *Config) {
	w.size, w.limit = cfg.RecvBuffer, cfg.MaxRecvBuffer
	w.fixed = int(cfg.Profile.FixedWindow)
	if w.fixed != 0 {
		w.size = w.fixed
	}
	w.offered = min(w.size, 0xffff)
}

// synWindow is the window field of a SYN. It is not scaled (RFC 7323 §2.2).
func (c *Conn) synWindow() uint16 { return uint16(c.window.offered) }

// clamp keeps the buffer below what a window field can say.
func (w *recvWindow) clamp() {
	w.limit = min(w.limit, 0xffff<<w.shift)
	w.size = min(w.size, w.limit)
}

// queue makes the receive queue, whose first octet is next.
func (w *recvWindow) queue(next wire.Seq) *reassembly.Queue {
	w.clamp()
	return reassembly.New(next, w.size+w.slack())
}

// scaleFor returns the shift that lets a window field say n octets
// (RFC 7323 §2.3: at most 14).
func scaleFor(n int) uint8 {
	shift := uint8(0)
	for n>>shift > 0xffff && shift < 14 {
		shift++
	}
	return shift
}

// received returns RCV.WND: the octets from RCV.NXT to the advertised edge.
func (c *Conn) rcvWnd() int { return max(0, c.window.edge.Sub(c.rcvNxt)) }

// windowField moves the edge as far as the buffer allows and returns the
// window field for a segment that acknowledges RCV.NXT.
//
// The edge moves in steps of a segment or half the buffer, whichever is less
// (receiver silly-window avoidance, RFC 9293 §3.8.6.2.2, MUST-39). Rounding by
// the window scale goes up, so that the edge does not slip back by a fraction
// of a unit; what that promises beyond the buffer, slack holds.
//
// In SYN-RECEIVED it stays where our SYN put it: the window of a SYN,ACK is not
// scaled, so one that has to be repeated could not say more.
func (c *Conn) windowField(syn bool) uint16 {
	w := &c.window
	if w.fixed != 0 {
		w.edge = c.rcvNxt.Add(w.fixed)
		return uint16(w.fixed)
	}
	shift := w.shift
	if syn {
		shift = 0 // RFC 7323 §2.2: the window of a SYN is not scaled
	}
	wnd := c.rcvWnd()
	unit := 1 << shift
	if free := c.freeSpace(); free-wnd >= c.windowStep() && !c.synOutstanding() {
		if field := min(free>>shift, 0xffff); field<<shift >= wnd {
			w.edge = c.rcvNxt.Add(field << shift)
			return uint16(field)
		}
	}
	up := (wnd + unit - 1) >> shift
	if up<<shift > c.freeSpace()+w.slack() {
		up = wnd >> shift // RFC 7323 §2.4: less than one unit is lost
	}
	up = min(up, 0xffff)
	if edge := c.rcvNxt.Add(up << shift); edge.After(w.edge) {
		w.edge = edge
	}
	return uint16(up)
}

// slack is what the buffer may hold beyond size for the sake of rounding.
func (w *recvWindow) slack() int { return w.size / 8 }

// freeSpace returns the octets the buffer has room for beyond RCV.NXT. What is
// held out of order lies in that room already.
func (c *Conn) freeSpace() int { return max(0, c.window.size-c.unread()) }

// windowStep is the least by which the edge moves.
func (c *Conn) windowStep() int { return max(1, min(c.window.size/2, c.offeredMSS())) }

// windowUpdateDue reports whether the user's reading has opened the window so
// far that the peer should hear of it at once: by a step, and to twice what it
// still may send. While it may send half the window, the next ACK tells it soon enough.
func (c *Conn) windowUpdateDue() bool {
	wnd := c.rcvWnd()
	free := c.freeSpace()
	return c.window.fixed == 0 && free-wnd >= c.windowStep() && wnd <= free/2
}

// acceptable is the test of RFC 9293 §3.10.7.4, Table 6.
func (c *Conn) acceptable(seq wire.Seq, segLen int) bool {
	wnd := uint32(c.rcvWnd())
	switch {
	case segLen == 0 && wnd == 0:
		return seq == c.rcvNxt
	case segLen == 0:
		return seq.In(c.rcvNxt, wnd)
	case wnd == 0:
		return false
	}
	return seq.In(c.rcvNxt, wnd) || seq.Add(segLen-1).In(c.rcvNxt, wnd)
}
