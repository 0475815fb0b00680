package report

import "runtime"

// belt encodes pieces of a report on all processors and writes them in their
// order.
type belt struct {
	l     *lines
	slots []slot
	turn  int // of the slots, which take turns
}

// slot holds one piece at a time.
type slot struct {
	out  []byte
	err  error
	done chan struct{}
}

// slotsAhead is how many pieces there are to encode for each processor, so that
// none of them falls asleep.
const slotsAhead = 4

// belt begins one for so many pieces.
func (l *lines) belt(pieces int) *belt {
	b := &belt{l: l, slots: make([]slot, min(slotsAhead*runtime.GOMAXPROCS(0), pieces))}
	for n := range b.slots {
		b.slots[n].done = make(chan struct{}, 1)
		b.slots[n].done <- struct{}{}
	}
	return b
}

// next waits for the slot whose turn it is, writes what is in it and gives it
// away.
func (b *belt) next() int {
	n := b.turn % len(b.slots)
	b.turn++
	s := &b.slots[n]
	<-s.done
	if b.l.err == nil {
		b.l.err = s.err
	}
	b.l.bytes(s.out)
	s.out = s.out[:0]
	return n
}

// start encodes a piece into a slot.
func (b *belt) start(n int, encode func([]byte) ([]byte, error)) {
	s := &b.slots[n]
	go func() {
		s.out, s.err = encode(s.out)
		s.done <- struct{}{}
	}()
}

// finish writes what is left.
func (b *belt) finish() {
	for range b.slots {
		b.next()
	}
}

// pieces encodes n things, so many at a time.
func (l *lines) pieces(n, atOnce int, encode func(b []byte, from, to int) ([]byte, error)) {
	if n <= atOnce {
		b, err := encode(l.raw[:0], 0, n)
		if l.raw = b; l.err == nil {
			l.err = err
		}
		l.bytes(b)
		return
	}
	belt := l.belt(n/atOnce + 1)
	for from := 0; from < n; from += atOnce {
		belt.start(belt.next(), func(b []byte) ([]byte, error) { return encode(b, from, min(from+atOnce, n)) })
	}
	belt.finish()
}
