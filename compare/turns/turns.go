// Package turns does the pieces of something that has an order on all
// processors: what they are made of is taken, and what comes of them is
// delivered, one piece after the other.
package turns

import (
	"runtime"
	"sync"
)

// Worker does one piece at a time. A processor has a few of them: what one has
// done waits with it for its turn to be delivered, and the processor goes on
// with the next.
type Worker interface {
	// Take fetches what piece n is made of, and reports false if there is no
	// such piece. No two workers take at the same time.
	Take(n int) bool
	// Work does the piece, while other workers do others.
	Work()
	// Deliver hands over what came of piece n. No two workers deliver at the
	// same time. It need not be called where the rest was.
	Deliver(n int)
}

// perProcessor is how many workers a processor may have: so many that it has
// something to do while another one is held up, by the system or by whoever the
// pieces are delivered to. More would be used, and take memory, without need.
const perProcessor = 4

// Run lets workers do all pieces, until there is none to be taken, and returns
// when the last is delivered. There are no more workers than about as many pieces.
func Run(about int, newWorker func() Worker) {
	processors := min(runtime.GOMAXPROCS(0), about)
	if processors < 2 {
		w := newWorker()
		for n := 0; w.Take(n); n++ {
			w.Work()
			w.Deliver(n)
		}
		return
	}
	each := min(perProcessor, about/processors)
	t := &turns{newWorker: newWorker, each: each, done: make([]*owned, each*processors)}
	t.change.L = &t.mu
	var all sync.WaitGroup
	for range processors {
		all.Go(func() { t.work(&processor{}) })
	}
	all.Wait()
}

// turns says whose turn it is.
type turns struct {
	newWorker func() Worker
	each      int // workers a processor may have

	taking sync.Mutex
	taken  int

	mu         sync.Mutex
	done       []*owned // by piece, modulo its length: what waits to be delivered
	delivered  int
	delivering bool
	change     sync.Cond // a worker is free again
}

// processor has workers of its own, so that what they use stays in its caches.
type processor struct {
	made int
	free []*owned // the one that was used last is the last
}

// owned is a worker of a processor.
type owned struct {
	Worker
	by *processor
}

func (t *turns) work(p *processor) {
	for {
		w := t.worker(p)
		n, ok := t.take(w)
		if !ok {
			return
		}
		w.Work()
		t.deliver(w, n)
	}
}

// worker returns one that is free.
func (t *turns) worker(p *processor) *owned {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(p.free) == 0 {
		if p.made < t.each {
			p.made++
			return &owned{t.newWorker(), p}
		}
		t.change.Wait()
	}
	w := p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	return w
}

// patience is how often a processor lets others go first before it falls asleep.
// It seldom waits for longer than a piece takes, and to wake a processor up
// takes about as long.
const patience = 100

func (t *turns) take(w Worker) (n int, ok bool) {
	for range patience {
		if ok = t.taking.TryLock(); ok {
			break
		}
		runtime.Gosched()
	}
	if !ok {
		t.taking.Lock()
	}
	defer t.taking.Unlock()
	n = t.taken
	if ok = w.Take(n); ok {
		t.taken++
	}
	return n, ok
}

// deliver hands over a piece, and those that were waiting for it, unless its
// turn has not come: then whoever delivers those before it will do so.
func (t *turns) deliver(w *owned, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[n%len(t.done)] = w
	if t.delivering {
		return
	}
	t.delivering = true
	for {
		at := t.delivered % len(t.done)
		w := t.done[at]
		if w == nil {
			break
		}
		t.done[at] = nil
		t.mu.Unlock()
		w.Deliver(t.delivered) // nobody else changes it
		t.mu.Lock()
		t.delivered++
		w.by.free = append(w.by.free, w)
		t.change.Broadcast()
	}
	t.delivering = false
}
