package recovery

import (
	"tcping-cmp/handcrafted/wire"
)

// Marks that a caller gives with Sent.
const (
	// SYN: the segment carries a SYN, which is its first octet.
	SYN Mark = 1 << iota
	// FIN: the segment carries a FIN, which is its last octet.
	FIN
)

// Mark says what besides data a segment carries.
type Mark uint8

// What is known about a segment in flight.
const (
	fSYN    uint8 = 1 << iota
	fSacked       // the peer reported it
	fLost         // taken for lost
	fRex          // a retransmission of it is on its way
	fTimer        // the retransmission timer has resent it
)

// entry is one segment in flight: 32 octets. Times are nanoseconds since the
// epoch of the book.
type entry struct {
	seq   wire.Seq
	n     uint32 // octets of sequence space
	first int64  // first transmission
	at    int64  // last transmission
	count uint8  // transmissions, at most 255
	flags uint8
}

func (e *entry) end() wire.Seq    { return e.seq + wire.Seq(e.n) }
func (e *entry) has(f uint8) bool { return e.flags&f != 0 }
func (e *entry) resent() bool     { return e.count > 1 }
func (e *entry) waiting() bool    { return e.flags&(fLost|fRex|fSacked) == fLost }

// ring holds the entries in order of sequence numbers, without gaps. Its length
// is a power of two; it grows to what was once in flight and stays there.
type ring struct {
	e    []entry
	head int
	n    int
}

func (r *ring) at(i int) *entry { return &r.e[(r.head+i)&(len(r.e)-1)] }

func (r *ring) push(e entry) {
	if r.n == len(r.e) {
		r.grow()
	}
	r.n++
	*r.at(r.n - 1) = e
}

func (r *ring) pop() {
	r.head = (r.head + 1) & (len(r.e) - 1)
	r.n--
}

func (r *ring) grow() {
	e := make([]entry, max(4, 2*len(r.e)))
	for i := range r.n {
		e[i] = *r.at(i)
	}
	r.e, r.head = e, 0
}

// insert puts e before the entry with index i, moving the shorter side.
func (r *ring) insert(i int, e entry) {
	if r.n == len(r.e) {
		r.grow()
	}
	r.n++
	if i < r.n/2 {
		r.head = (r.head - 1) & (len(r.e) - 1)
		for j := range i {
			*r.at(j) = *r.at(j + 1)
		}
	} else {
		for j := r.n - 1; j > i; j-- {
			*r.at(j) = *r.at(j - 1)
		}
	}
	*r.at(i) = e
}

// find returns the index of the first entry that ends after seq: the one that
// holds seq, if any does. It is n if there is none.
func (r *ring) find(seq wire.Seq) int {
	lo, hi := 0, r.n
	for lo < hi {
		m := int(uint(lo+hi) / 2)
		if r.at(m).end().After(seq) {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}
