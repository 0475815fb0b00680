package tcp

import "tcping-cmp/handcrafted/wire"

// sendQueue holds what the user wrote from the oldest octet that is not
// acknowledged. Any part of it is one slice, so a segment's payload needs no
// copy.
type sendQueue struct {
	buf   []byte
	head  int      // buf[head:] is in use
	first wire.Seq // sequence number of buf[head]
	limit int      // octets that may be in use, grows by auto-tuning
	tune  tuning
}

// minBuffer is the first size of a buffer, in bytes.
const minBuffer = 512

func (q *sendQueue) open(first wire.Seq, limit int) { q.first, q.limit = first, limit }

// len returns the octets in use.
func (q *sendQueue) len() int { return len(q.buf) - q.head }

// room returns the octets that still fit.
func (q *sendQueue) room() int { return max(0, q.limit-q.len()) }

// end returns the sequence number after the last octet.
func (q *sendQueue) end() wire.Seq { return q.first.Add(q.len()) }

// write appends what fits of p and returns how much.
func (q *sendQueue) write(p []byte) int {
	p = p[:min(len(p), q.room())]
	if len(q.buf)+len(p) > cap(q.buf) {
		q.makeRoom(len(p))
	}
	q.buf = append(q.buf, p...)
	return len(p)
}

// makeRoom moves the octets in use to the front of a buffer with room for n
// more. It takes a larger buffer while the one there is more than half full, so
// an octet is moved once on average and a buffer in use stays as it is.
func (q *sendQueue) makeRoom(n int) {
	used := q.buf[q.head:]
	to := q.buf[:0]
	if size := 2 * (len(used) + n); size > cap(q.buf) {
		to = make([]byte, 0, max(minBuffer, size))
	}
	q.buf = append(to, used...)
	q.head = 0
}

// release forgets the octets before una.
func (q *sendQueue) release(una wire.Seq) {
	n := una.Sub(q.first)
	if n <= 0 {
		return
	}
	n = min(n, q.len()) // a FIN has a number and no octet
	q.head += n
	q.first = q.first.Add(n)
	if q.head == len(q.buf) {
		q.buf, q.head = q.buf[:0], 0
	}
}

// slice returns the n octets from seq on.
func (q *sendQueue) slice(seq wire.Seq, n int) []byte {
	at := q.head + seq.Sub(q.first)
	return q.buf[at : at+n : at+n]
}
