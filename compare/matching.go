package compare

import (
	"cmp"
	"slices"

	"tcping-cmp/compare/capture"
)

// spot is where a frame stands among those of its direction and role.
type spot struct {
	place int64
	i     int32
}

// lists says which lists of frames are meant, by direction and role.
type lists [2][roleCount]bool

// pairByPlace pairs frames of one direction and role that have the same place, the
// first with the first, the second with the second.
func (a *alignment) pairByPlace() {
	w := matching{a: a}
	for n := range max(len(a.refTo), len(a.testTo)) {
		if n < len(a.refTo) {
			w.see(a.ref, 0, int32(n))
		}
		if n < len(a.testTo) {
			w.see(a.test, 1, int32(n))
		}
	}
	if w.jumbled == (lists{}) {
		return
	}
	ref, test := a.ref.spots(&w.jumbled), a.test.spots(&w.jumbled)
	for dir := range ref {
		for r := range ref[dir] {
			a.pairSorted(ref[dir][r], test[dir][r])
		}
	}
}

// pairSorted pairs the frames of two lists that are in order. What was paired before
// it was seen that they came jumbled is paired in the same way again.
func (a *alignment) pairSorted(ref, test []spot) {
	var q queue
	for _, s := range ref {
		a.meet(&q, 0, s)
	}
	for _, s := range test {
		a.meet(&q, 1, s)
	}
}

// matching goes through both conversations at once and pairs frames as long as
// those of one direction and role come in the order of their places, which new data
// and acknowledgements nearly always do. What waits for its counterpart is what one
// side is ahead of the other.
type matching struct {
	a       *alignment
	waiting [2][roleCount]queue // by direction and role
	jumbled lists               // do not come in order
}

// queue is frames of one side that wait, in order.
type queue struct {
	spots []spot
	gone  int // so many of them wait no more
	side  int
	begun [2]bool  // by side: there was a frame
	last  [2]int64 // its place
}

func (q *queue) empty() bool { return q.gone == len(q.spots) }
func (q *queue) first() spot { return q.spots[q.gone] }

func (q *queue) drop() {
	if q.gone++; q.gone == len(q.spots) {
		q.spots, q.gone = q.spots[:0], 0
	}
}

func (q *queue) add(s spot) {
	if q.gone > 1024 && q.gone > len(q.spots)/2 {
		q.spots, q.gone = q.spots[:copy(q.spots, q.spots[q.gone:])], 0
	}
	q.spots = append(q.spots, s)
}

// see takes the next frame of a side.
func (m *matching) see(v *view, side int, i int32) {
	e, r := v.c.Events[i], v.roles[i]
	if m.jumbled[e.Dir][r] {
		return
	}
	q, place := &m.waiting[e.Dir][r], v.place(r, e)
	if q.begun[side] && place < q.last[side] {
		m.jumbled[e.Dir][r] = true
		return
	}
	q.begun[side], q.last[side] = true, place
	m.a.meet(q, side, spot{place, i})
}

// meet pairs the next frame of a side with the one that waits for it, or lets it
// wait.
func (a *alignment) meet(q *queue, side int, s spot) {
	if q.side != side {
		for !q.empty() && q.first().place < s.place {
			q.drop()
		}
		if !q.empty() {
			if q.first().place == s.place {
				a.pair(side, s.i, q.first().i)
				q.drop()
			}
			return // or what waits stands behind it: there is nothing for it
		}
		q.side = side
	}
	q.add(s)
}

// pair notes that two frames stand for the same thing: frame i of a side, 0 for the
// reference, and frame j of the other.
func (a *alignment) pair(side int, i, j int32) {
	if side == 1 {
		i, j = j, i
	}
	a.refTo[i], a.testTo[j] = j, i
}

// spots sorts a conversation's frames of some lists by place.
func (v *view) spots(which *lists) (l [2][roleCount][]spot) {
	for i, e := range v.c.Events {
		r := v.roles[i]
		if which[e.Dir][r] {
			l[e.Dir][r] = append(l[e.Dir][r], spot{v.place(r, e), int32(i)})
		}
	}
	for d := range l {
		for r := range l[d] {
			slices.SortFunc(l[d][r], func(a, b spot) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.i, b.i)) })
		}
	}
	return l
}

// place is what two frames of a role must have in common to be paired.
func (v *view) place(r role, e *capture.Event) int64 {
	switch r {
	case roleACK:
		return e.RelAck
	case roleData, roleDataAgain:
		return e.RelSeq
	case roleSYN:
		return int64(e.Flags & capture.ACK)
	case roleARP:
		return int64(e.Type)<<8 | int64(v.arpRole(e))
	case roleICMP, roleNeighbour:
		return int64(e.Type)<<8 | int64(e.Code)
	}
	return 0
}

// arpRole tells whose address an ARP frame asks for or answers to.
func (v *view) arpRole(e *capture.Event) uint8 {
	target := e.ARPTarget()
	switch {
	case target == v.c.Client.Addr():
		return 1
	case target == v.c.Server.Addr():
		return 2
	}
	return 0
}
