package reassembly

import (
	"tcping-cmp/handcrafted/wire"
)

// MaxRanges bounds the out-of-order ranges of a Queue (RFC 9293 §3.10.7.4,
// SHLD-31 asks for keeping them, not for keeping them without end).
const MaxRanges = 512

// MaxSize is the largest window in octets (RFC 7323 §2.3).
const MaxSize = 1 << 30

// minRing is the first size of a ring in octets.
const minRing = 512

// span is a range of sequence numbers that has been received above RCV.NXT.
type span struct {
	left, right wire.Seq
	stamp       uint64 // larger: touched later
}

// Queue is a receive queue. Its zero value is not usable; see New. It is not
// safe for concurrent use.
type Queue struct {
	ring  []byte // length is a power of two, or 0
	size  int    // octets the queue may hold: the largest receive window
	base  wire.Seq
	next  wire.Seq
	spans []span // sorted, disjoint, not touching, all after next
	stamp uint64

	fin      wire.Seq // sequence number of the FIN, valid if hasFIN
	hasFIN   bool
	finished bool // next has passed the FIN

	dsack    wire.SACKBlock
	hasDSACK bool
}

// New returns a queue whose first octet will be next (the peer's ISN + 1), and
// whose window is size octets.
func New(next wire.Seq, size int) *Queue {
	return &Queue{base: next, next: next, size: min(max(size, 0), MaxSize)}
}

// Next returns RCV.NXT: everything before it has been received, the FIN
// included once it was reached.
func (q *Queue) Next() wire.Seq { return q.next }

// Readable returns the octets that Read can give now.
func (q *Queue) Readable() int {
	n := q.next.Sub(q.base)
	if q.finished {
		n--
	}
	return n
}

// Window returns the octets that can still be taken from Next on: the largest
// honest receive window. Reading makes it larger; receiving never moves its
// right edge.
func (q *Queue) Window() int { return q.size - q.Readable() }

// Finished reports whether the peer's FIN has been reached: after what is
// Readable comes the end.
func (q *Queue) Finished() bool { return q.finished }

// Holes reports whether out-of-order data waits for a hole to be filled; while
// it does, every ACK carries SACK blocks (RFC 2018 §4).
func (q *Queue) Holes() bool { return len(q.spans) > 0 }
