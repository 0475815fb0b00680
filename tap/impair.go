package tap

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// Impaired is a Link over a bad wire.
//
// Record(Impair(l)) keeps what the stack sent and what reached it;
// Impair(Record(l)) keeps what crossed the wire below.
type Impaired struct {
	link Link

	reading sync.Mutex
	buf     []byte
	in      *Lane // changed under mu too, for Counts

	mu       sync.Mutex
	deadline ReadDeadline

	writing sync.Mutex
	out     *Lane
	timer   *time.Timer // writes what out has held
	closed  bool
}

// Impair puts an impairment on a link, in both directions. It returns an error
// for an impairment that Check refuses.
func Impair(l Link, i Impairment) (*Impaired, error) {
	if err := i.Check(); err != nil {
		return nil, err
	}
	w := &Impaired{link: l, deadline: NewReadDeadline(l), buf: make([]byte, l.Info().MaxFrame), in: NewLane(i, In), out: NewLane(i, Out)}
	w.timer = time.AfterFunc(time.Hour, w.writeHeld)
	w.timer.Stop()
	return w, nil
}

// ReadFrame implements Link.
func (w *Impaired) ReadFrame(buf []byte) (int, Meta, error) {
	w.reading.Lock()
	defer w.reading.Unlock()
	for {
		if frame, m, ok := w.receive(); ok {
			if len(frame) > len(buf) {
				return 0, Meta{}, fmt.Errorf("%d bytes into %d: %w", len(frame), len(buf), ErrFrameTooLong)
			}
			return copy(buf, frame), m, nil
		}
		n, m, err := w.link.ReadFrame(w.buf)
		switch {
		case err == nil:
			w.mu.Lock()
			w.in.Send(time.Now(), w.buf[:n], m)
			w.mu.Unlock()
		case !errors.Is(err, os.ErrDeadlineExceeded) || w.late():
			return 0, Meta{}, err
		}
	}
}

// receive returns a frame that has come out of the wire. If there is none, it
// sets the link's deadline to when that may change.
func (w *Impaired) receive() ([]byte, Meta, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	frame, m, ok := w.in.Receive(time.Now())
	if !ok {
		w.deadline.Arm(w.in.Next())
	}
	return frame, m, ok
}

// late reports whether the user's deadline has passed and nothing has come
// out meanwhile.
func (w *Impaired) late() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deadline.Late(time.Now(), w.in.Next())
}

// SetReadDeadline implements Link.
func (w *Impaired) SetReadDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deadline.Set(t, w.in.Next())
}

// WriteFrame implements Link. It fails as the link below does, but knows
// nothing of a frame that is held and fails later.
func (w *Impaired) WriteFrame(frame []byte) error {
	if err := checkSize(frame, w.link.Info().MTU); err != nil {
		return err
	}
	w.writing.Lock()
	defer w.writing.Unlock()
	if w.closed {
		return net.ErrClosed
	}
	w.out.Send(time.Now(), frame, Meta{})
	return w.flush()
}

// flush writes what has come out and sees to the rest.
func (w *Impaired) flush() (err error) {
	for {
		frame, _, ok := w.out.Receive(time.Now())
		if !ok {
			break
		}
		if failed := w.link.WriteFrame(frame); err == nil {
			err = failed
		}
	}
	if next := w.out.Next(); !next.IsZero() {
		w.timer.Reset(time.Until(next))
	}
	return err
}

func (w *Impaired) writeHeld() {
	w.writing.Lock()
	defer w.writing.Unlock()
	if !w.closed {
		w.flush() // nobody is left to tell of an error; the wire loses frames anyway
	}
}

// Info implements Link.
func (w *Impaired) Info() Info { return w.link.Info() }

// Drops returns how many frames the link below has lost, if it counts them.
// What the impairment dropped is in Counts.
func (w *Impaired) Drops() uint64 { return drops(w.link) }

// Counts returns what happened to the frames of each direction.
func (w *Impaired) Counts() (out, in ImpairCounts) {
	w.writing.Lock()
	out = w.out.Counts()
	w.writing.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	return out, w.in.Counts()
}

// Close implements Link. Frames that are held are lost.
func (w *Impaired) Close() error {
	err := w.link.Close() // first, because it ends a write that blocks
	w.writing.Lock()
	defer w.writing.Unlock()
	w.closed = true
	w.timer.Stop()
	return err
}
