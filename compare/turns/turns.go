// Package turns does the pieces of something that has an order on all
// processors: what they are made of is taken, and what comes of them is
// delivered, one piece after the other.
package turns

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Worker does one piece at a time. What it took stays with its processor, and
// in its caches, until it is delivered.
type Worker interface {
	// Take fetches what piece n is made of, and reports false if there is no
	// such piece. No two workers take at the same time.
	Take(n int) bool
	// Work does the piece, while other workers do others.
	Work()
	// Deliver hands over what came of piece n. No two workers deliver at the
	// same time.
	Deliver(n int)
}

// Run lets workers do all pieces, until there is none to be taken, and returns
// when the last is delivered. There are no more workers than about as many pieces.
func Run(about int, newWorker func() Worker) {
	workers := min(runtime.GOMAXPROCS(0), about)
	if workers < 2 {
		w := newWorker()
		for n := 0; w.Take(n); n++ {
			w.Work()
			w.Deliver(n)
		}
		return
	}
	t := &turns{}
	t.next.L = &t.delivering
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { t.work(newWorker()) })
	}
	all.Wait()
}

// turns says whose turn it is.
type turns struct {
	taking sync.Mutex
	taken  int

	delivered  atomic.Int64
	delivering sync.Mutex
	next       sync.Cond // delivered has changed
}

func (t *turns) work(w Worker) {
	for {
		n, ok := t.take(w)
		if !ok {
			return
		}
		w.Work()
		t.deliver(w, n)
	}
}

// patience is how often a worker lets others go first before it falls asleep.
// It seldom waits for longer than a piece takes, and to wake a processor up
// takes about as long.
const patience = 100

func patiently(ready func() bool) bool {
	for range patience {
		if ready() {
			return true
		}
		runtime.Gosched()
	}
	return false
}

func (t *turns) take(w Worker) (n int, ok bool) {
	if !patiently(t.taking.TryLock) {
		t.taking.Lock()
	}
	defer t.taking.Unlock()
	n = t.taken
	if ok = w.Take(n); ok {
		t.taken++
	}
	return n, ok
}

func (t *turns) deliver(w Worker, n int) {
	if !patiently(func() bool { return t.delivered.Load() == int64(n) }) {
		t.delivering.Lock()
		for t.delivered.Load() != int64(n) {
			t.next.Wait()
		}
		t.delivering.Unlock()
	}
	w.Deliver(n) // nobody else's turn comes before delivered changes
	t.delivering.Lock()
	t.delivered.Add(1)
	t.delivering.Unlock()
	t.next.Broadcast()
}
