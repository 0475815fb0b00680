package tap

import (
	"bytes"
	"fmt"
	"math/bits"
	"testing"
	"time"
)

// cross sends count frames, one each millisecond, and returns the numbers of
// those that come out, in order.
func cross(l *Lane, count int) (order []int) {
	start := time.Unix(1000, 0)
	collect := func(now time.Time) {
		for {
			f, m, ok := l.Receive(now)
			if !ok {
				return
			}
			if m.Time.After(now) {
				panic("stamped later than it came out")
			}
			order = append(order, int(f[0]))
		}
	}
	now := start
	for i := range count {
		now = now.Add(time.Millisecond)
		l.Send(now, []byte{byte(i), 19: 0}, Meta{Time: now})
		collect(now)
	}
	for !l.Next().IsZero() {
		now = l.Next()
		collect(now)
	}
	return order
}

func TestLaneGoodWire(t *testing.T) {
	l := NewLane(Impairment{}, Out)
	if got := fmt.Sprint(cross(l, 5)); got != "[0 1 2 3 4]" {
		t.Errorf("came out: %s", got)
	}
}

func TestLaneDelayKeepsTheOrder(t *testing.T) {
	l := NewLane(Impairment{Seed: 2, Delay: 0.5, Hold: 20 * time.Millisecond}, Out)
	got := cross(l, 100)
	for i, n := range got {
		if n != i {
			t.Fatalf("came out: %v", got)
		}
	}
	if c := l.Counts(); c.Delayed < 20 || len(got) != 100 {
		t.Errorf("%d frames came out, %d delayed", len(got), c.Delayed)
	}
}

func TestLaneReorderLetsOthersOvertake(t *testing.T) {
	l := NewLane(Impairment{Seed: 2, Reorder: 0.3, Hold: 20 * time.Millisecond}, Out)
	got := cross(l, 100)
	seen := map[int]bool{}
	overtakings := 0
	for i, n := range got {
		seen[n] = true
		if i > 0 && n < got[i-1] {
			overtakings++
		}
	}
	if len(seen) != 100 || overtakings < 10 {
		t.Errorf("%d frames, %d overtakings: %v", len(seen), overtakings, got)
	}
}

func TestLaneDuplicateAndDrop(t *testing.T) {
	if got := fmt.Sprint(cross(NewLane(Impairment{Duplicate: 1}, Out), 3)); got != "[0 0 1 1 2 2]" {
		t.Errorf("duplicated: %s", got)
	}
	l := NewLane(Impairment{Drop: 1, Duplicate: 1}, Out)
	if got := cross(l, 3); len(got) != 0 || l.Counts() != (ImpairCounts{Frames: 3, Dropped: 3}) {
		t.Errorf("dropped: %v, %+v", got, l.Counts())
	}
}

func TestLaneCorruptsOneBitOfACopy(t *testing.T) {
	l := NewLane(Impairment{Corrupt: 1, Duplicate: 1}, In)
	now := time.Unix(1000, 0)
	frame := bytes.Repeat([]byte{0xaa}, 60)
	want := bytes.Clone(frame)
	l.Send(now, frame, Meta{})
	if !bytes.Equal(frame, want) {
		t.Error("the sender's frame was changed")
	}
	for range 2 {
		got, _, ok := l.Receive(now)
		if !ok {
			t.Fatal("no frame came out")
		}
		flipped := 0
		for i := range got {
			flipped += bits.OnesCount8(got[i] ^ want[i])
		}
		if flipped != 1 || !bytes.Equal(got[:14], want[:14]) {
			t.Errorf("%d bits differ in % x", flipped, got)
		}
	}
}

func TestLaneIsBounded(t *testing.T) {
	l := NewLane(Impairment{Delay: 1, Hold: time.Hour}, Out)
	now := time.Unix(1000, 0)
	for range maxHeld + 10 {
		l.Send(now, make([]byte, 20), Meta{})
	}
	if c := l.Counts(); c.Overflowed != 10 || len(l.queue) != maxHeld {
		t.Errorf("%d frames held, %d over", len(l.queue), c.Overflowed)
	}
}

func TestLaneAllocatesNothingInSteadyState(t *testing.T) {
	l := NewLane(Impairment{Duplicate: 1}, Out)
	now, frame := time.Unix(1000, 0), make([]byte, 1514)
	if n := testing.AllocsPerRun(100, func() {
		l.Send(now, frame, Meta{})
		l.Receive(now)
		l.Receive(now)
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
