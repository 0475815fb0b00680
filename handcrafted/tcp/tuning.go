package tcp

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// tuning makes the receive buffer as large as the path can fill: twice what the
// user reads in a round trip, so that the sender's window may double in each
// (dynamic right-sizing). RFC 9293 leaves the size of the buffer open.
type tuning struct {
	since  instant  // when the round being measured began
	octets int      // read by the user in it
	rtt    instant  // of the receiving path
	mark   wire.Seq // the round ends when the peer fills the window up to here
}

// minTuneRound is the shortest round: what timestamps can tell apart.
const minTuneRound = time.Millisecond

// tuneRead counts n octets read by the user and grows the buffer at the end of
// a round.
func (c *Conn) tuneRead(n int) {
	w, t := &c.window, &c.window.tune
	t.octets += n
	if c.now-t.since < max(t.rtt, minTuneRound) {
		return
	}
	if want := 2 * t.octets; want > w.size {
		w.size = min(w.limit, want)
		c.in.Grow(w.size + w.slack())
	}
	t.since, t.octets = c.now, 0
}
