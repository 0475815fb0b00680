package turns_test

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"tcping-cmp/compare/turns"
)

// squares delivers the squares of the numbers below all, and looks whether
// anybody takes or delivers beside it.
type squares struct {
	all                int
	taking, delivering *atomic.Int32
	out                *[]int
	t                  *testing.T

	n, square int
}

func (s *squares) alone(what string, busy *atomic.Int32, do func()) {
	if busy.Add(1) != 1 {
		s.t.Errorf("two workers %s at the same time", what)
	}
	do()
	busy.Add(-1)
}

func (s *squares) Take(n int) (ok bool) {
	s.alone("take", s.taking, func() { s.n, ok = n, n < s.all })
	return ok
}

func (s *squares) Work() {
	for range s.n % 7 { // not all pieces take the same time
		runtime.Gosched()
	}
	s.square = s.n * s.n
}

func (s *squares) Deliver(n int) {
	s.alone("deliver", s.delivering, func() {
		if n != s.n {
			s.t.Errorf("piece %d is delivered as %d", s.n, n)
		}
		*s.out = append(*s.out, s.square)
	})
}

func TestPiecesAreDeliveredInTheirOrder(t *testing.T) {
	for _, processors := range []int{1, 2, 5} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		for _, all := range []int{0, 1, 2, 3, 1000} {
			for _, about := range []int{all / 2, all, all + 1, 2*all + 7} {
				var taking, delivering atomic.Int32
				var out, want []int
				turns.Run(about, func() turns.Worker {
					return &squares{all: all, taking: &taking, delivering: &delivering, out: &out, t: t}
				})
				for n := range all {
					want = append(want, n*n)
				}
				if !slices.Equal(out, want) {
					t.Fatalf("%d pieces, about %d, %d processors: %d delivered, or in another order", all, about, processors, len(out))
				}
			}
		}
	}
}

// held is a piece that is held up until some pieces behind it are done.
type held struct {
	ahead, all  int
	made, works *atomic.Int32
	goOn        chan struct{}
	out         *[]int
	n           int
}

func (h *held) Take(n int) bool { h.n = n; return n < h.all }

func (h *held) Work() {
	if h.n == 0 {
		<-h.goOn
	}
	if int(h.works.Add(1)) == h.ahead {
		close(h.goOn)
	}
}

func (h *held) Deliver(n int) { *h.out = append(*h.out, n) }

// TestOthersGoOnWhileOneIsHeldUp would not end if a processor waited for a piece that
// another one has not done.
func TestOthersGoOnWhileOneIsHeldUp(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	h := held{ahead: 3, all: 500, made: new(atomic.Int32), works: new(atomic.Int32), goOn: make(chan struct{}), out: new([]int)}
	turns.Run(h.all, func() turns.Worker {
		h.made.Add(1)
		own := h
		return &own
	})
	if len(*h.out) != h.all || !slices.IsSorted(*h.out) {
		t.Errorf("%d pieces of %d delivered, or in another order", len(*h.out), h.all)
	}
	if made := h.made.Load(); made <= int32(h.ahead) || made > 8 {
		t.Errorf("%d workers for %d pieces ahead", made, h.ahead)
	}
}
