package netstack

import (
	"container/heap"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// virtualClock is a tcpip.Clock that stands still until somebody moves it.
//
// It takes the place of gVisor's own faketime.ManualClock, which runs timers
// that are due at the same instant in the order of a map, that is in none,
// starts a goroutine for a timer that is due at once, and does not tell when
// the next timer is due. Here timers run one at a time, on the goroutine that
// asks for it, by deadline and then in the order in which they were set.
type virtualClock struct {
	mu     sync.Mutex
	now    time.Time
	set    uint64 // timers set so far
	timers timerHeap
}

func (c *virtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// NowMonotonic counts from 1970. gVisor takes the zero for "never", so the
// clock must start later.
func (c *virtualClock) NowMonotonic() tcpip.MonotonicTime {
	return tcpip.MonotonicTime{}.Add(c.Now().Sub(time.Unix(0, 0)))
}

// AfterFunc implements tcpip.Clock. f never runs before AfterFunc has
// returned, for callers hold locks that f wants.
func (c *virtualClock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &virtualTimer{clock: c, run: f, place: -1}
	t.Reset(d)
	return t
}

// next returns the deadline of the first timer; zero if none is set.
func (c *virtualClock) next() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 {
		return time.Time{}
	}
	return c.timers[0].at
}

// runOne moves the clock to the first deadline that is not after until, and
// runs its timer. It reports whether there was one.
func (c *virtualClock) runOne(until time.Time) bool {
	c.mu.Lock()
	if len(c.timers) == 0 || c.timers[0].at.After(until) {
		c.mu.Unlock()
		return false
	}
	t := heap.Pop(&c.timers).(*virtualTimer)
	if t.at.After(c.now) {
		c.now = t.at
	}
	c.mu.Unlock()
	t.run()
	return true
}

// moveTo sets the clock forward.
func (c *virtualClock) moveTo(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.After(c.now) {
		c.now = now
	}
}

type virtualTimer struct {
	clock *virtualClock
	run   func()
	at    time.Time
	order uint64
	place int // in the heap, -1 if it is not set
}

// Stop implements tcpip.Timer.
func (t *virtualTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if t.place < 0 {
		return false
	}
	heap.Remove(&t.clock.timers, t.place)
	return true
}

// Reset implements tcpip.Timer.
func (t *virtualTimer) Reset(d time.Duration) {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set++
	t.at, t.order = c.now.Add(max(d, 0)), c.set
	if t.place < 0 {
		heap.Push(&c.timers, t)
		return
	}
	heap.Fix(&c.timers, t.place)
}

// timerHeap orders timers by deadline and then as they were set.
type timerHeap []*virtualTimer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].order < h[j].order
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *timerHeap) Push(x any) {
	t := x.(*virtualTimer)
	t.place = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	t.place = -1
	return t
}
