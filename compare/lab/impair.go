package lab

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// ImpairLink puts the impairment lines of a script on a link, in real time:
// what PlayConversation does to frames on its way. The user of the link is the
// stack of the script, what lies behind the link its peer. Lines count over
// both directions together, so a link can be used for one conversation only.
// Each frame costs allocations; a wire for measurements is tap.Impair.
func ImpairLink(l tap.Link, list []scenario.Impairment) tap.Link {
	w := &impairedLink{link: l, wire: newWire(list), buf: make([]byte, l.Info().MaxFrame)}
	w.timer = time.AfterFunc(time.Hour, w.expired)
	w.timer.Stop()
	return w
}

// impairedLink is a link over a wire that follows a script.
type impairedLink struct {
	link tap.Link

	reading sync.Mutex
	buf     []byte
	meta    tap.Meta // of the last frame that the link below gave

	mu       sync.Mutex
	wire     *wire
	arrived  [][]byte  // for the user, out of the wire
	deadline time.Time // the user's
	timer    *time.Timer
	closed   bool
}

// enter puts a frame on the wire as if it had set out early enough to come out
// now: the link below has a delay of its own.
func (w *impairedLink) enter(dir tap.Direction, frame []byte) error {
	w.wire.enter(time.Now().Add(-wireDelay), dir, slices.Clone(frame))
	return w.leave()
}

// leave takes what has come out of the wire, and sees to the rest.
func (w *impairedLink) leave() (err error) {
	for {
		f, ok := w.wire.leave(time.Now())
		switch {
		case !ok:
			if next := w.wire.next(); !next.IsZero() {
				w.timer.Reset(time.Until(next))
			}
			return err
		case f.dir == tap.In:
			w.arrived = append(w.arrived, f.data)
		default:
			if failed := w.link.WriteFrame(f.data); err == nil {
				err = failed
			}
		}
	}
}

// expired runs when something comes out of the wire. A reader that sleeps is
// woken: it may be for it.
func (w *impairedLink) expired() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.leave() // nobody is left to tell of an error; a wire may lose frames
	if len(w.arrived) > 0 {
		w.link.SetReadDeadline(time.Unix(0, 1))
	}
}

// ReadFrame implements tap.Link.
func (w *impairedLink) ReadFrame(buf []byte) (int, tap.Meta, error) {
	w.reading.Lock()
	defer w.reading.Unlock()
	for {
		if frame, ok := w.first(); ok {
			if len(frame) > len(buf) {
				return 0, tap.Meta{}, fmt.Errorf("%d bytes into %d: %w", len(frame), len(buf), tap.ErrFrameTooLong)
			}
			m := w.meta
			m.Time = time.Now() // when it came out of the wire
			return copy(buf, frame), m, nil
		}
		n, m, err := w.link.ReadFrame(w.buf)
		switch {
		case err == nil:
			w.meta = m
			w.mu.Lock()
			w.enter(tap.In, w.buf[:n]) // an error is that of a frame that was held
			w.mu.Unlock()
		case !errors.Is(err, os.ErrDeadlineExceeded) || w.late():
			return 0, tap.Meta{}, err
		}
	}
}

// first takes a frame that has arrived. If there is none, the link below is
// told the user's deadline, for a frame may have taken its place.
func (w *impairedLink) first() ([]byte, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.arrived) == 0 {
		w.link.SetReadDeadline(w.deadline)
		return nil, false
	}
	frame := w.arrived[0]
	w.arrived = w.arrived[1:]
	return frame, true
}

// late says whether the user's deadline has passed and nothing has come out.
func (w *impairedLink) late() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.arrived) == 0 && !w.deadline.IsZero() && !w.deadline.After(time.Now())
}

// SetReadDeadline implements tap.Link.
func (w *impairedLink) SetReadDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deadline = t
	return w.link.SetReadDeadline(t)
}

// WriteFrame implements tap.Link. It fails as the link below does, but knows
// nothing of a frame that is held and fails later.
func (w *impairedLink) WriteFrame(frame []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return net.ErrClosed
	}
	return w.enter(tap.Out, frame)
}

// Info implements tap.Link.
func (w *impairedLink) Info() tap.Info { return w.link.Info() }

// Close implements tap.Link. Frames that are held are lost.
func (w *impairedLink) Close() error {
	err := w.link.Close() // first, because it ends a write that blocks
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.timer.Stop()
	return err
}
