package fault

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"tcping-cmp/tap"
)

// Link is a link on which a stack misbehaves.
type Link struct {
	link tap.Link

	reading sync.Mutex
	buf     []byte

	mu       sync.Mutex // guards what follows
	injector *Injector
	queue    Queue
	deadline tap.ReadDeadline
	timer    *time.Timer
	closed   bool

	writing sync.Mutex // keeps what is sent in order; taken before mu
}

// Wrap puts faults between a stack and its link.
func Wrap(l tap.Link, faults ...Fault) *Link {
	w := &Link{link: l, deadline: tap.NewReadDeadline(l), buf: make([]byte, l.Info().MaxFrame), injector: New(faults...)}
	w.timer = time.AfterFunc(time.Hour, func() { w.flush() })
	w.timer.Stop()
	return w
}

// Struck returns how often a fault has struck so far.
func (w *Link) Struck() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.injector.Struck()
}

// ReadFrame implements tap.Link.
func (w *Link) ReadFrame(buf []byte) (int, tap.Meta, error) {
	w.reading.Lock()
	defer w.reading.Unlock()
	for {
		if frame, m, ok := w.receive(); ok {
			if len(frame) > len(buf) {
				return 0, tap.Meta{}, fmt.Errorf("%d bytes into %d: %w", len(frame), len(buf), tap.ErrFrameTooLong)
			}
			return copy(buf, frame), m, nil
		}
		n, m, err := w.link.ReadFrame(w.buf)
		switch {
		case err == nil && !concerns(w.buf[:n]) && n <= len(buf):
			return copy(buf, w.buf[:n]), m, nil
		case err == nil:
			w.apply(tap.In, w.buf[:n], m)
			w.flush()
		case !errors.Is(err, os.ErrDeadlineExceeded) || w.late():
			return 0, tap.Meta{}, err
		}
	}
}

// receive returns a frame that is due for the stack. If there is none, it sets
// the link's deadline to when that may change.
func (w *Link) receive() ([]byte, tap.Meta, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	frame, m, ok := w.queue.Take(time.Now(), tap.In)
	if !ok {
		w.deadline.Arm(w.queue.Next(tap.In))
	}
	return frame, m, ok
}

// late reports whether the user's deadline has passed and nothing is due.
func (w *Link) late() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deadline.Late(time.Now(), w.queue.Next(tap.In))
}

// SetReadDeadline implements tap.Link.
func (w *Link) SetReadDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deadline.Set(t, w.queue.Next(tap.In))
}

// WriteFrame implements tap.Link. It fails as the link below does, but knows
// nothing of a frame that is held and fails later.
func (w *Link) WriteFrame(frame []byte) error {
	if !concerns(frame) {
		return w.link.WriteFrame(frame)
	}
	if !w.apply(tap.Out, frame, tap.Meta{}) {
		return net.ErrClosed
	}
	return w.flush()
}

// apply lets the faults see a frame and queues what they make of it. It is
// false if the link is closed.
func (w *Link) apply(dir tap.Direction, frame []byte, m tap.Meta) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	now := time.Now()
	for _, r := range w.injector.Apply(now, dir, frame) {
		if r.Dir != dir {
			m = tap.Meta{Time: now}
		}
		r.Data = slices.Clone(r.Data)
		w.queue.Add(now, r, m)
	}
	if dir == tap.Out {
		w.deadline.Arm(w.queue.Next(tap.In)) // a reader may have something to read now
	}
	return true
}

// flush writes what is due and sees to the rest.
func (w *Link) flush() (err error) {
	w.writing.Lock()
	defer w.writing.Unlock()
	for {
		frame, ok := w.due()
		if !ok {
			return err
		}
		if failed := w.link.WriteFrame(frame); err == nil {
			err = failed
		}
	}
}

// due returns a frame to be written now. If there is none, it sets the timer
// to when there will be.
func (w *Link) due() ([]byte, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, false
	}
	now := time.Now()
	frame, _, ok := w.queue.Take(now, tap.Out)
	if next := w.queue.Next(tap.Out); !ok && !next.IsZero() {
		w.timer.Reset(next.Sub(now))
	}
	return frame, ok
}

// Info implements tap.Link.
func (w *Link) Info() tap.Info { return w.link.Info() }

// Detach ends the link as Close does, but leaves the one below open.
func (w *Link) Detach() {
	w.mu.Lock()
	w.closed = true
	w.timer.Stop()
	w.mu.Unlock()
	w.writing.Lock()
	//lint:ignore SA2001 a write that had begun is over now
	w.writing.Unlock()
}

// Close implements tap.Link. Frames that are held are lost.
func (w *Link) Close() error {
	err := w.link.Close() // first, because it ends a write that blocks
	w.Detach()
	return err
}
