package reassembly

import (
	"slices"

	"tcping-cmp/handcrafted/wire"
)

// Inserted says what became of a segment.
type Inserted struct {
	Advanced   int  // octets of sequence space RCV.NXT moved on, the FIN included
	Readable   int  // octets of data that became readable
	Duplicate  bool // some of it had been received before; SACK reports it
	OutOfOrder bool // some of it now waits behind a hole: ACK at once
	Filled     bool // RCV.NXT moved while there was a hole: ACK at once (RFC 5681 §4.2)
	Dropped    bool // some of it was not kept: outside the window, after the FIN, or one range too many
	FIN        bool // the peer's FIN was reached by this segment
}

// Insert takes the payload p of a segment that begins at seq, followed by a FIN
// or not. It keeps the part that is new and inside the window (RFC 9293
// §3.10.7.4, trimming), and remembers a duplicate part for the next D-SACK, so
// a segment that is wholly old may be given to it too. p is copied. Insert does
// not allocate once the ring has its full size.
func (q *Queue) Insert(seq wire.Seq, p []byte, fin bool) Inserted {
	var r Inserted
	if far := seq.Sub(q.next); far < -MaxSize || far > MaxSize {
		r.Dropped = true
		return r // no window reaches so far; comparisons with it could go either way
	}
	end := seq.Add(len(p))
	r.Duplicate = q.noteDuplicate(seq, end, fin)
	end, fin, r.Dropped = q.trim(end, fin)
	left, right := seq, end
	if fin {
		right++
	}
	if left.Before(q.next) {
		left = q.next
	}
	if !right.After(left) {
		return r
	}
	before, holes := q.Readable(), len(q.spans) > 0
	if left == q.next {
		q.store(left, end, p, seq)
		r.Advanced = q.advance(right)
	} else if !q.hold(left, right) {
		r.Dropped = true
		return r
	} else {
		q.store(left, end, p, seq)
		q.join(left, right)
		r.OutOfOrder = true
	}
	if fin {
		q.hasFIN, q.fin = true, end
	}
	if q.hasFIN && !q.finished && q.next.After(q.fin) {
		q.finished, r.FIN = true, true
	}
	r.Readable = q.Readable() - before
	r.Filled = holes && r.Advanced > 0
	return r
}

// trim cuts a segment whose data ends at end to the window and to the FIN that
// is known. A FIN that contradicts what was received before is ignored.
func (q *Queue) trim(end wire.Seq, fin bool) (wire.Seq, bool, bool) {
	cut := false
	if q.hasFIN && end.After(q.fin) {
		end, fin, cut = q.fin, false, true
	}
	if fin && (q.hasFIN && end != q.fin || !q.hasFIN && q.last().After(end)) {
		fin, cut = false, true
	}
	if edge := q.edge(); end.After(edge) {
		end, fin, cut = edge, false, true
	}
	return end, fin, cut
}

// edge returns the sequence number after the last octet of data that fits.
func (q *Queue) edge() wire.Seq { return q.base.Add(q.size) }

// last returns the sequence number after the last octet received in any order.
func (q *Queue) last() wire.Seq {
	if n := len(q.spans); n > 0 {
		return q.spans[n-1].right
	}
	return q.next
}

// advance moves RCV.NXT to right and over the ranges that it reaches, and
// returns how far.
func (q *Queue) advance(right wire.Seq) int {
	i := 0
	for ; i < len(q.spans) && !q.spans[i].left.After(right); i++ {
		if q.spans[i].right.After(right) {
			right = q.spans[i].right
		}
	}
	if i > 0 {
		q.spans = slices.Delete(q.spans, 0, i)
	}
	n := right.Sub(q.next)
	q.next = right
	return n
}

// find returns the first range that ends at or after left: the first that a
// segment beginning there overlaps or touches, if any does.
func (q *Queue) find(left wire.Seq) int {
	lo, hi := 0, len(q.spans)
	for lo < hi {
		m := int(uint(lo+hi) / 2)
		if q.spans[m].right.Before(left) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// hold reports whether [left, right) can be kept: it joins a range, or there is
// room for one more.
func (q *Queue) hold(left, right wire.Seq) bool {
	if len(q.spans) < MaxRanges {
		return true
	}
	i := q.find(left)
	return i < len(q.spans) && !q.spans[i].left.After(right)
}

// join enters [left, right) into the ranges, as the most recent one.
func (q *Queue) join(left, right wire.Seq) {
	i := q.find(left)
	j := i
	for ; j < len(q.spans) && !q.spans[j].left.After(right); j++ {
		if q.spans[j].left.Before(left) {
			left = q.spans[j].left
		}
		if q.spans[j].right.After(right) {
			right = q.spans[j].right
		}
	}
	q.stamp++
	s := span{left, right, q.stamp}
	if i == j {
		q.spans = slices.Insert(q.spans, i, s)
		return
	}
	q.spans[i] = s
	q.spans = slices.Delete(q.spans, i+1, j)
}
