package handcrafted

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestDeadlinesAgainstAList sets, moves and removes deadlines at random and
// compares the earliest with that of a plain list.
func TestDeadlinesAgainstAList(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var d deadlines
	flows := make([]*Flow, 50)
	for i := range flows {
		flows[i] = &Flow{place: -1}
	}
	for range 20000 {
		at := launch.Add(time.Duration(r.IntN(1000)))
		if r.IntN(3) == 0 {
			at = time.Time{}
		}
		d.set(flows[r.IntN(len(flows))], at)
		var want time.Time
		count := 0
		for _, f := range flows {
			if f.next.IsZero() {
				continue
			}
			count++
			if want.IsZero() || f.next.Before(want) {
				want = f.next
			}
		}
		if got := d.first(); !got.Equal(want) || len(d.heap) != count {
			t.Fatalf("first is %v of %d, want %v of %d", got, len(d.heap), want, count)
		}
	}
}
