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
