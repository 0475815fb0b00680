package compare

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// TestMatchingMeetsThoseOfOnePlace pairs random conversations, most in order, some
// jumbled, some one ahead of the other, and does the same the plain way: for each
// frame, the first frame of the other side that is free and has its direction,
// role and place.
func TestMatchingMeetsThoseOfOnePlace(t *testing.T) {
	paired, jumbled := 0, 0
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 3))
		ref, test := wander(t, random), wander(t, random)
		a := &alignment{ref: ref, test: test, refTo: nones(len(ref.roles)), testTo: nones(len(test.roles))}
		a.pairByPlace()
		want, free := nones(len(ref.roles)), nones(len(test.roles))
		for _, i := range inPlaces(ref) {
			for _, j := range inPlaces(test) {
				x, y := ref.c.Events[i], test.c.Events[j]
				if free[j] == None && x.Dir == y.Dir && ref.roles[i] == test.roles[j] && ref.place(ref.roles[i], x) == test.place(test.roles[j], y) {
					want[i], free[j] = j, i
					paired++
					break
				}
			}
		}
		if !slices.Equal(a.refTo, want) || !slices.Equal(a.testTo, free) {
			t.Fatalf("seed %d:\n got %v %v\nwant %v %v", seed, a.refTo, a.testTo, want, free)
		}
		last := int32(None)
		for _, i := range inPlaces(ref) {
			if last != None && last > i && ref.c.Events[last].Dir == ref.c.Events[i].Dir && ref.roles[last] == ref.roles[i] {
				jumbled++
				break
			}
			last = i
		}
	}
	if paired < 1000 || jumbled < 50 || jumbled > 350 {
		t.Errorf("%d pairs; %d conversations of 400 jumbled: that shows little", paired, jumbled)
	}
}

// inPlaces are the frames in the order of their places.
func inPlaces(v *view) []int32 {
	order := make([]int32, len(v.roles))
	for i := range order {
		order[i] = int32(i)
	}
	place := func(i int32) int64 { return v.place(v.roles[i], v.c.Events[i]) }
	slices.SortStableFunc(order, func(i, j int32) int {
		x, y := v.c.Events[i], v.c.Events[j]
		return cmp.Or(cmp.Compare(x.Dir, y.Dir), cmp.Compare(v.roles[i], v.roles[j]), cmp.Compare(place(i), place(j)))
	})
	return order
}

// wander is a conversation in which both ends send and acknowledge, now and then
// again, or in another order.
func wander(t *testing.T, random *rand.Rand) *view {
	t.Helper()
	talk := New()
	talk.Open(MSS(1460), MSS(1460))
	disorder := random.IntN(2) * random.IntN(12)
	var next [2]int64
	next[0], next[1] = 1, 1
	for range random.IntN(80) {
		dir := min(random.IntN(4), 1)
		s := Seg{Flags: ACK, Seq: next[dir], Ack: next[1-dir], Window: 1000}
		if random.IntN(12) < disorder {
			s.Seq, s.Ack = max(1, s.Seq-random.Int64N(30)), max(1, s.Ack-random.Int64N(20))
		}
		if random.IntN(3) > 0 {
			s.Payload = "0123456789"[:1+random.IntN(9)]
		}
		if next[dir] = max(next[dir], s.Seq+int64(len(s.Payload))); dir == 0 {
			talk.Out(s)
		} else {
			talk.In(s)
		}
	}
	c, err := capture.FromRecording("stack", talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	return newView(c)
}
