package handcrafted

import "time"

// nap decides when the leader lies down for a moment although the answer may
// be there already.
//
// It is about a peer whose goroutines are in this process. A write to a TAP
// wakes the thread that watches Go's poller for them, and Linux often runs this
// thread at once and on the writer's own CPU, while another CPU sleeps. Then two
// threads take turns on one CPU, with two switches and a wake-up for every
// frame, and it does not end by itself: each time we look, the answer has come,
// and we never sleep. When both threads have slept for a moment, the next thing
// that happens wakes one of them, and it runs client and peer without any
// switch, until something wakes the other.
//
// For a peer elsewhere a nap changes nothing, so it is taken less and less.
type nap struct {
	streak int // answers in a row that were there at once
	need   int // how many make a nap due
	slept  int // waits since the last nap that were none of these
}

const (
	// napFor is long enough for both threads to fall asleep.
	napFor = 20 * time.Microsecond
	// atOnce is less than falling asleep and being woken takes.
	atOnce = 4 * time.Microsecond
	// A nap is due after so many answers in a row that were there at once. A
	// nap after which fewer than napHelps waits slept was in vain.
	leastStreak = 3
	mostStreak  = 4096
	napHelps    = 8
)

// due reports whether to take a nap now.
func (n *nap) due() bool {
	if n.streak < max(n.need, leastStreak) {
		return false
	}
	if n.slept >= napHelps {
		n.need = leastStreak
	} else {
		n.need = min(2*max(n.need, leastStreak), mostStreak)
	}
	n.streak, n.slept = 0, 0
	return true
}

// waited takes how long a wait was that ended with one short frame, which is
// an answer. Others tell nothing: in a stream there is always a frame.
func (n *nap) waited(took time.Duration) {
	if took < atOnce {
		n.streak++
		return
	}
	n.streak = 0
	n.slept++
}
