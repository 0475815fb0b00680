package tap

import (
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// MemOptions describe a wire in memory. The zero value is an Ethernet of
// 1500-byte packets without latency or limit of bandwidth.
type MemOptions struct {
	MTU       int           // bytes of IP packet in one frame; 0 means 1500
	Latency   time.Duration // from one end to the other, each way
	Bandwidth int64         // bits a second each way; 0 means no limit
	Queue     int           // frames under way each way; 0 means 1000, as a TAP holds
	// Block makes WriteFrame wait while the queue is full. Otherwise the frame
	// is lost, as on a TAP, and counted in the receiver's Drops. Two ends that
	// each write without reading lock each other up with Block.
	Block bool
}

const (
	defaultMTU   = 1500
	defaultQueue = 1000
)

// MemPair returns the two ends of a wire in memory. What is written to one is
// read from the other. When one end is closed, the other reads what is still
// under way and then ErrLinkDown.
//
// Waiting has the resolution of Go's timers, a millisecond at worst, so
// latencies below that come out longer. Meta.Time is the instant at which the
// frame was due, without that error.
func MemPair(opts MemOptions) (Link, Link) {
	if opts.MTU == 0 {
		opts.MTU = defaultMTU
	}
	if opts.Queue <= 0 {
		opts.Queue = defaultQueue
	}
	there, back := newMemQueue(opts), newMemQueue(opts)
	return newMemLink("mem0", opts.MTU, back, there), newMemLink("mem1", opts.MTU, there, back)
}

// memLink is one end of the wire.
type memLink struct {
	info    Info
	in, out *memQueue
}

func newMemLink(name string, mtu int, in, out *memQueue) *memLink {
	info := Info{Kind: KindMem, Name: name, MTU: mtu, MaxFrame: etherLen + maxTags*tagLen + mtu}
	return &memLink{info: info, in: in, out: out}
}

// Info implements Link.
func (l *memLink) Info() Info { return l.info }

// ReadFrame implements Link.
func (l *memLink) ReadFrame(buf []byte) (int, Meta, error) {
	n, m, err := l.in.read(buf)
	return n, m, l.explain(err)
}

// WriteFrame implements Link.
func (l *memLink) WriteFrame(frame []byte) error {
	if err := checkSize(frame, l.info.MTU); err != nil {
		return err
	}
	return l.explain(l.out.write(frame))
}

func (l *memLink) explain(err error) error {
	if err == ErrLinkDown {
		return fmt.Errorf("the other end of %s was closed: %w", l.info.Name, err)
	}
	return err
}

// SetReadDeadline implements Link.
func (l *memLink) SetReadDeadline(t time.Time) error { return l.in.setDeadline(t) }

// Drops counts the frames for this end that found the queue full.
func (l *memLink) Drops() uint64 {
	l.in.mu.Lock()
	defer l.in.mu.Unlock()
	return l.in.drops
}

// Close implements Link.
func (l *memLink) Close() error {
	l.in.close(&l.in.noReader)
	l.out.close(&l.out.noWriter)
	return nil
}

// memQueue is one direction of the wire: a ring of frames whose buffers are
// used again.
type memQueue struct {
	opts    MemOptions
	arrived chan struct{} // a reader should look again
	space   chan struct{} // a writer should look again
	timer   *time.Timer   // of the one reader

	mu       sync.Mutex
	ring     []memFrame
	spare    [][]byte // buffers of frames that were read
	head     int      // oldest frame
	count    int
	free     time.Time // when the wire has sent what is queued
	deadline time.Time
	drops    uint64
	noReader bool
	noWriter bool
}

type memFrame struct {
	data []byte
	due  time.Time
}

func newMemQueue(opts MemOptions) *memQueue {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	return &memQueue{
		opts:    opts,
		arrived: make(chan struct{}, 1),
		space:   make(chan struct{}, 1),
		timer:   timer,
		ring:    make([]memFrame, opts.Queue),
	}
}

func (q *memQueue) close(end *bool) {
	q.mu.Lock()
	*end = true
	q.mu.Unlock()
	nudge(q.arrived)
	nudge(q.space)
}

// nudge makes whoever waits on c look again, now or next time.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (q *memQueue) setDeadline(t time.Time) error {
	q.mu.Lock()
	closed := q.noReader
	q.deadline = t
	q.mu.Unlock()
	if closed {
		return net.ErrClosed
	}
	nudge(q.arrived)
	return nil
}

func (q *memQueue) write(frame []byte) error {
	for {
		again, err := q.tryWrite(frame)
		if !again {
			return err
		}
		<-q.space
	}
}

// tryWrite asks to be called again when there may be space.
func (q *memQueue) tryWrite(frame []byte) (again bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.noWriter:
		nudge(q.space) // others may be waiting
		return false, net.ErrClosed
	case q.noReader:
		nudge(q.space)
		return false, ErrLinkDown
	case q.count == len(q.ring) && q.opts.Block:
		return true, nil
	case q.count == len(q.ring):
		q.drops++
		return false, nil
	}
	slot := &q.ring[(q.head+q.count)%len(q.ring)]
	slot.data = append(q.buffer(), frame...)
	slot.due = q.schedule(len(frame))
	q.count++
	if q.count < len(q.ring) && q.opts.Block {
		nudge(q.space)
	}
	nudge(q.arrived)
	return false, nil
}

// buffer returns an empty buffer, one that was used before if there is one.
func (q *memQueue) buffer() []byte {
	last := len(q.spare) - 1
	if last < 0 {
		return nil
	}
	b := q.spare[last]
	q.spare = q.spare[:last]
	return b[:0]
}

// schedule returns when the last bit of a frame of n bytes arrives.
func (q *memQueue) schedule(n int) time.Time {
	now := time.Now()
	if q.opts.Bandwidth > 0 {
		if q.free.Before(now) {
			q.free = now
		}
		q.free = q.free.Add(time.Duration(int64(n) * 8 * int64(time.Second) / q.opts.Bandwidth))
		now = q.free
	}
	return now.Add(q.opts.Latency)
}

func (q *memQueue) read(buf []byte) (int, Meta, error) {
	for {
		n, m, until, err := q.tryRead(buf)
		if err != errWait {
			return n, m, err
		}
		if until.IsZero() {
			<-q.arrived
			continue
		}
		q.timer.Reset(time.Until(until))
		select {
		case <-q.arrived:
			q.timer.Stop()
		case <-q.timer.C:
		}
	}
}

// errWait never leaves this file.
var errWait = fmt.Errorf("wait")

// tryRead returns errWait and until when to wait, for ever if that is zero.
func (q *memQueue) tryRead(buf []byte) (n int, m Meta, until time.Time, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.noReader {
		return 0, m, until, net.ErrClosed
	}
	var due time.Time
	if q.count > 0 {
		if due = q.ring[q.head].due; time.Until(due) <= 0 {
			n, m, err = q.pop(buf)
			return n, m, until, err
		}
	} else if q.noWriter {
		return 0, m, until, ErrLinkDown
	}
	until = q.deadline
	if !until.IsZero() && time.Until(until) <= 0 {
		return 0, m, until, os.ErrDeadlineExceeded
	}
	if !due.IsZero() && (until.IsZero() || due.Before(until)) {
		until = due
	}
	return 0, m, until, errWait
}

func (q *memQueue) pop(buf []byte) (int, Meta, error) {
	slot := &q.ring[q.head]
	q.head = (q.head + 1) % len(q.ring)
	q.count--
	q.spare = append(q.spare, slot.data) // nobody writes to it before the lock is free
	if q.opts.Block {
		nudge(q.space)
	}
	if len(slot.data) > len(buf) {
		return 0, Meta{}, fmt.Errorf("%d bytes into %d: %w", len(slot.data), len(buf), ErrFrameTooLong)
	}
	return copy(buf, slot.data), Meta{Time: slot.due}, nil
}
