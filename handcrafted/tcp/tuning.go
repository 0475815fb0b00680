package tcp

import "time"

// tuning sizes a buffer by what moves through it. RFC 9293 leaves the sizes of
// both buffers open.
type tuning struct {
	since  instant // when the round being measured began
	octets int     // that moved in it
}

// The receive buffer becomes as large as the path can fill: twice what the user
// reads in a round trip, so that the sender's window may double in each
// (dynamic right-sizing).

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

// The send buffer becomes twice what reaches the peer in a round trip of the
// bare path, so that there is always a window's worth to follow. A larger one
// only makes data wait, for a busy peer or in a queue on the way, and falls out
// of the processor's cache.

// tuneRate is how long the rate is measured if round trips are shorter: the
// acknowledgements of a busy peer come in bursts.
const tuneRate = 10 * time.Millisecond

// tuneSend counts n octets that have reached the peer and grows the buffer.
func (c *Conn) tuneSend(n int) {
	q, t := &c.out, &c.out.tune
	t.octets += n
	trip, took := max(c.book.MinRTT(), minTuneRound), c.now-t.since
	if took < max(trip, tuneRate) {
		return
	}
	want := int(2 * float64(t.octets) * float64(trip) / float64(took))
	q.limit = max(q.limit, min(want, c.cfg.MaxSendBuffer))
	t.since, t.octets = c.now, 0
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
