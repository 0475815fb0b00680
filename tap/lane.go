package tap

import (
	"slices"
	"time"
)

// Lane is one direction of an impaired wire: frames go in, and come out
// later, altered, twice or never. It has no clock and nothing in it waits, so
// it serves in real and in virtual time. It is not safe for concurrent use.
type Lane struct {
	impairment Impairment
	dir        Direction
	index      uint64    // of the next frame
	last       time.Time // no frame in order comes out before this
	queue      []laneFrame
	spare      [][]byte // buffers of frames that have come out
	counts     ImpairCounts
}

// laneFrame is a frame under way.
type laneFrame struct {
	due  time.Time
	data []byte
	meta Meta
}

// ImpairCounts says what a wire did.
type ImpairCounts struct {
	Frames, Dropped, Duplicated, Overtaken, Delayed, Corrupted uint64
	Overflowed                                                 uint64 // lost because too many were held
}

// maxHeld is how many frames a lane holds.
const maxHeld = 1 << 14

// NewLane returns a lane for one direction.
func NewLane(i Impairment, dir Direction) *Lane {
	return &Lane{impairment: i, dir: dir}
}

// Send takes a copy of a frame that enters the wire at now.
func (l *Lane) Send(now time.Time, frame []byte, m Meta) {
	fate := l.impairment.Fate(l.dir, l.index, len(frame))
	l.index++
	l.counts.Frames++
	if fate.Drop {
		l.counts.Dropped++
		return
	}
	due := l.due(now, fate)
	if !m.Time.IsZero() {
		m.Time = m.Time.Add(due.Sub(now))
	}
	if fate.FlipBit >= 0 {
		l.counts.Corrupted++
	}
	l.enqueue(due, frame, m, fate.FlipBit)
	if fate.Duplicate {
		l.counts.Duplicated++
		l.enqueue(due, frame, m, fate.FlipBit)
	}
}

// due returns when a frame comes out.
func (l *Lane) due(now time.Time, fate Fate) time.Time {
	due := now.Add(fate.Hold)
	if fate.Overtaken {
		l.counts.Overtaken++
		return due
	}
	if fate.Hold > 0 {
		l.counts.Delayed++
	}
	if due.Before(l.last) {
		due = l.last
	}
	l.last = due
	return due
}

// enqueue keeps the queue in the order in which frames come out, and those
// that are due together in the order in which they went in.
func (l *Lane) enqueue(due time.Time, frame []byte, m Meta, flip int) {
	if len(l.queue) == maxHeld {
		l.counts.Overflowed++
		return
	}
	var data []byte
	if n := len(l.spare); n > 0 {
		data, l.spare = l.spare[n-1][:0], l.spare[:n-1]
	}
	data = append(data, frame...)
	if flip >= 0 {
		data[flip/8] ^= 0x80 >> (flip % 8)
	}
	at := len(l.queue)
	for at > 0 && l.queue[at-1].due.After(due) {
		at--
	}
	l.queue = slices.Insert(l.queue, at, laneFrame{due, data, m})
}

// Receive returns the next frame that has come out by now. Its bytes are
// valid until the next call of a method.
func (l *Lane) Receive(now time.Time) (frame []byte, m Meta, ok bool) {
	if len(l.queue) == 0 || l.queue[0].due.After(now) {
		return nil, Meta{}, false
	}
	f := l.queue[0]
	l.queue = slices.Delete(l.queue, 0, 1)
	l.spare = append(l.spare, f.data)
	return f.data, f.meta, true
}

// Next returns when the next frame comes out; the zero time means never.
func (l *Lane) Next() time.Time {
	if len(l.queue) == 0 {
		return time.Time{}
	}
	return l.queue[0].due
}

// Counts returns what happened so far.
func (l *Lane) Counts() ImpairCounts { return l.counts }
