package reassembly

import (
	"math/bits"

	"tcping-cmp/handcrafted/wire"
)

// store copies the octets [left, end) of a segment that begins at seq to their
// places, except those that are there already.
func (q *Queue) store(left, end wire.Seq, p []byte, seq wire.Seq) {
	if !end.After(left) {
		return // a FIN alone
	}
	q.fit(end.Sub(q.base))
	for i := q.find(left); i < len(q.spans) && q.spans[i].left.Before(end); i++ {
		if q.spans[i].left.After(left) {
			q.put(left, p[left.Sub(seq):q.spans[i].left.Sub(seq)])
		}
		if q.spans[i].right.After(left) {
			left = q.spans[i].right
		}
	}
	if left.Before(end) {
		q.put(left, p[left.Sub(seq):end.Sub(seq)])
	}
}

// put copies p to the place of seq; it may wrap around once.
func (q *Queue) put(seq wire.Seq, p []byte) {
	at := int(seq) & (len(q.ring) - 1)
	n := copy(q.ring[at:], p)
	copy(q.ring, p[n:])
}

// get copies the octets from seq on to p.
func (q *Queue) get(seq wire.Seq, p []byte) {
	at := int(seq) & (len(q.ring) - 1)
	n := copy(p, q.ring[at:])
	copy(p[n:], q.ring)
}

// fit makes the ring long enough for n octets from base on, keeping what is in
// it.
func (q *Queue) fit(n int) {
	if n <= len(q.ring) {
		return
	}
	n = max(n, minRing)
	old := *q
	q.ring = make([]byte, 1<<bits.Len(uint(n-1)))
	q.move(&old, q.base, q.base.Add(q.Readable()))
	for _, s := range q.spans {
		q.move(&old, s.left, s.right)
	}
}

// move copies [left, right) from the ring of old. A FIN in the range is no
// octet of the ring and does not matter.
func (q *Queue) move(old *Queue, left, right wire.Seq) {
	if q.hasFIN && right.After(q.fin) {
		right = q.fin
	}
	for left.Before(right) {
		at := int(left) & (len(old.ring) - 1)
		n := min(right.Sub(left), len(old.ring)-at)
		q.put(left, old.ring[at:at+n])
		left = left.Add(n)
	}
}

// Read copies octets that are in order to p and returns how many; 0 if there
// are none. It makes the window larger by as much.
func (q *Queue) Read(p []byte) int {
	n := min(len(p), q.Readable())
	if n > 0 {
		q.get(q.base, p[:n])
		q.base = q.base.Add(n)
	}
	return n
}

// Grow raises the window to size octets, for auto-tuning. What is in the queue
// stays. A smaller size is ignored: the right edge of a window does not move
// left (RFC 9293 §3.8.6, SHLD-14).
func (q *Queue) Grow(size int) { q.size = max(q.size, min(size, MaxSize)) }
