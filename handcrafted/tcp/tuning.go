package tcp

import "time"

// tuning makes the receive buffer as large as the path can fill: twice what the
// user reads in a round trip, so that the sender's window may double in each
// (dynamic right-sizing). RFC 9293 leaves the size of the buffer open.
type tuning struct {
	since  instant // when the round being measured began
	octets int     // read by the user in it
}

// minTuneRound is the shortest round. A user may read in bursts.
const minTuneRound = time.Millisecond

// tuneRead counts n octets read by the user and grows the buffer at the end of
// a round.
func (c *Conn) tuneRead(n int) {
	w, t := &c.window, &c.window.tune
	t.octets += n
	if c.now-t.since < max(c.book.SRTT(), minTuneRound) {
		return
	}
	if want := 2 * t.octets; want > w.size {
		w.size = min(w.limit, want)
		c.in.Grow(w.size + w.slack())
	}
	t.since, t.octets = c.now, 0
}

// tuneSend lets the user queue twice what was in flight before an ACK, so that
// there is always a window's worth to follow.
func (c *Conn) tuneSend(flight int) {
	if want := 2 * flight; want > c.out.limit {
		c.out.limit = max(c.out.limit, min(want, c.cfg.MaxSendBuffer))
	}
}

// SetRecvBuffer fixes the receive buffer at n octets. What is advertised
// already stays advertised.
func (c *Conn) SetRecvBuffer(n int) {
	c.cfg.RecvBuffer = max(n, 1)
	c.window.size, c.window.limit = c.cfg.RecvBuffer, c.cfg.RecvBuffer
	if c.in != nil {
		c.window.clamp()
		c.in.Grow(c.window.size + c.window.slack())
	}
}

// SetSendBuffer fixes the send buffer at n octets.
func (c *Conn) SetSendBuffer(n int) {
	c.cfg.SendBuffer, c.cfg.MaxSendBuffer = max(n, 1), max(n, 1)
	c.out.limit = c.cfg.SendBuffer
}
