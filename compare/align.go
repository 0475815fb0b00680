package compare

import (
	"slices"

	"tcping-cmp/tap"
)

// alignment says which frames of two conversations stand for the same thing.
type alignment struct {
	ref, test *view
	refTo     []int32 // index of the counterpart; None
	testTo    []int32
	rows      []Row
}

// align pairs frames by meaning: direction, role and place in the stream. New
// data meets data that begins at the same octet, an acknowledgement meets one
// of the same number, a retransmission meets a retransmission. What is left
// between two pairs is paired if it fits. The time it takes grows with the
// number of frames, and with n·log n for frames that are out of order.
func align(ref, test *view) *alignment {
	a := &alignment{ref: ref, test: test, refTo: nones(len(ref.roles)), testTo: nones(len(test.roles))}
	a.pairByPlace()
	a.layOut()
	if a.pairLeftovers() {
		a.layOut()
	}
	return a
}

func nones(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = None
	}
	return s
}

// layOut makes the rows of the two ladders. Pairs that keep the order of both
// sides are the anchors; of the others each frame has a row of its own.
func (a *alignment) layOut() {
	anchor := a.anchors()
	if a.rows == nil {
		a.rows = make([]Row, 0, max(len(a.refTo), len(a.testTo))+64)
	}
	a.rows = a.rows[:0]
	j := int32(0)
	for i := range int32(len(a.refTo)) {
		to := a.refTo[i]
		if to == None || !anchor[i] {
			a.rows = append(a.rows, Row{Ref: i, Test: None, Moved: to != None})
			continue
		}
		for ; j < to; j++ {
			a.rows = append(a.rows, Row{Ref: None, Test: j, Moved: a.testTo[j] != None})
		}
		a.rows = append(a.rows, Row{Ref: i, Test: to})
		j = to + 1
	}
	for ; j < int32(len(a.testTo)); j++ {
		a.rows = append(a.rows, Row{Ref: None, Test: j, Moved: a.testTo[j] != None})
	}
}

// anchors marks a longest run of pairs that keep the order: the longest
// increasing subsequence of the counterparts.
func (a *alignment) anchors() []bool {
	anchor := make([]bool, len(a.refTo))
	if a.inOrder(anchor) {
		return anchor
	}
	clear(anchor)
	var tails []int32                     // by length: the frame that ends the best run of that length
	before := make([]int32, len(a.refTo)) // the frame before it in that run
	for i, to := range a.refTo {
		if to == None {
			continue
		}
		n, _ := slices.BinarySearchFunc(tails, to, func(t, to int32) int { return int(a.refTo[t] - to) })
		before[i] = None
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, int32(i))
		} else {
			tails[n] = int32(i)
		}
	}
	for i := tails[len(tails)-1]; i != None; i = before[i] {
		anchor[i] = true
	}
	return anchor
}

// inOrder marks all pairs and reports whether they keep the order.
func (a *alignment) inOrder(anchor []bool) bool {
	last := int32(None)
	for i, to := range a.refTo {
		if to == None {
			continue
		}
		if to < last {
			return false
		}
		anchor[i], last = true, to
	}
	return true
}

// pairLeftovers pairs what is left between two anchors: the same number of
// frames of one direction and role on both sides, or data that overlaps. It reports
// whether there was anything.
func (a *alignment) pairLeftovers() (any bool) {
	start := 0
	for n := 0; n <= len(a.rows); n++ {
		if n < len(a.rows) && (a.rows[n].Ref == None || a.rows[n].Test == None) {
			continue
		}
		if n-start > 1 && n-start <= maxGap {
			any = a.pairGap(a.rows[start:n]) || any
		}
		start = n + 1
	}
	return any
}

// maxGap is the longest stretch without an anchor in which leftovers are
// paired: beyond it the two conversations have nothing to do with each other
// there.
const maxGap = 64

func (a *alignment) pairGap(gap []Row) (any bool) {
	for _, r := range [...]role{roleACK, roleData, roleFIN, roleDataAgain, roleICMP} {
		for dir := range tap.Direction(2) {
			var left, right [maxGap]int32
			nl, nr := 0, 0
			for _, row := range gap {
				if row.Moved {
					continue
				}
				if row.Ref != None && a.ref.roles[row.Ref] == r && a.ref.c.Events[row.Ref].Dir == dir {
					left[nl] = row.Ref
					nl++
				} else if row.Test != None && a.test.roles[row.Test] == r && a.test.c.Events[row.Test].Dir == dir {
					right[nr] = row.Test
					nr++
				}
			}
			if nl == nr {
				any = a.pairInTurn(r, left[:nl], right[:nr]) || any
			}
		}
	}
	return any
}

func (a *alignment) pairInTurn(r role, left, right []int32) (any bool) {
	for n := range left {
		x, y := a.ref.c.Events[left[n]], a.test.c.Events[right[n]]
		if r != roleData || x.RelSeq < y.RelEnd() && y.RelSeq < x.RelEnd() {
			a.pair(0, left[n], right[n])
			any = true
		}
	}
	return any
}
