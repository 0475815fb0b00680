package tap

import (
	"slices"
	"sync"
	"time"
)

// Recorder is a Link that keeps a copy of every frame that crosses it.
//
// A frame that is sent is recorded before it is written, because writing to a
// TAP runs the peer, whose answer another goroutine may read before the write
// returns. It is taken out again if the write fails. Received frames have the
// link's own stamp, which on a real interface is the kernel's; so a recording
// is in the order of the wire, and that is not always the order in which the
// stack came to see the frames.
//
// # Limitations
//
// Sent frames are stamped by the monotonic clock and received ones, on a real
// interface, by the wall clock. If somebody sets the clock during a recording,
// the two directions are out of step.
type Recorder struct {
	link    Link
	start   time.Time
	limit   recordLimit
	observe func(Frame)
	done    <-chan struct{} // until then stalls are watched for; nil: not at all

	writing  sync.Mutex // keeps the log in the order of the writes
	mu       sync.Mutex // guards what follows, and makes observe see the order
	log      frameLog
	overflow uint64
	stalls   []Stall
}

// recordLimit is zero where there is no limit.
type recordLimit struct{ frames, bytes int }

// RecordOption changes what a Recorder does.
type RecordOption func(*Recorder)

// WithLimit makes a Recorder keep the first frames only: at most so many, and
// at most so many bytes of them. Zero means no limit. What crosses later is
// counted in Recording.Overflow.
func WithLimit(frames, bytes int) RecordOption {
	return func(r *Recorder) { r.limit = recordLimit{frames, bytes} }
}

// WithObserver has f called with each frame as it crosses, in the order of
// the recording's making: a sent frame before it is written, so also when the
// write then fails. f holds up the link and must not call the Recorder. The
// frame's bytes are valid until f returns.
func WithObserver(f func(Frame)) RecordOption {
	return func(r *Recorder) { r.observe = f }
}

// Record wraps a link so that everything that crosses it is kept.
func Record(l Link, options ...RecordOption) *Recorder {
	r := &Recorder{link: l, start: time.Now()}
	for _, o := range options {
		o(r)
	}
	if r.done != nil {
		go r.watch()
	}
	return r
}

// ReadFrame implements Link.
func (r *Recorder) ReadFrame(buf []byte) (int, Meta, error) {
	n, m, err := r.link.ReadFrame(buf)
	if err != nil {
		return n, m, err
	}
	if m.Time.IsZero() {
		m.Time = time.Now()
	}
	r.mu.Lock()
	r.add(Frame{Time: m.Time, Dir: In, Flags: m.Flags, Data: buf[:n]})
	r.mu.Unlock()
	return n, m, nil
}

// WriteFrame implements Link.
func (r *Recorder) WriteFrame(frame []byte) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	e := r.add(Frame{Time: time.Now(), Dir: Out, Data: frame})
	r.mu.Unlock()
	err := r.link.WriteFrame(frame)
	if err != nil && e != nil {
		r.mu.Lock()
		r.log.remove(e)
		r.mu.Unlock()
	}
	return err
}

// add returns nil for a frame that was only counted.
func (r *Recorder) add(f Frame) *logEntry {
	if r.observe != nil {
		r.observe(f)
	}
	if r.limit.frames > 0 && r.log.frames >= r.limit.frames ||
		r.limit.bytes > 0 && r.log.bytes+len(f.Data) > r.limit.bytes {
		r.overflow++
		return nil
	}
	return r.log.add(int64(f.Time.Sub(r.start)), f.Dir, f.Flags, f.Data)
}

// Recording returns what has crossed so far. It may be called at any time,
// also while frames cross and after Close. The frames' bytes must not be
// changed.
func (r *Recorder) Recording() Recording {
	r.mu.Lock()
	frames := r.log.list(r.start)
	rec := Recording{Overflow: r.overflow, Stalls: slices.Clone(r.stalls)}
	r.mu.Unlock()
	byTime := func(a, b Frame) int { return a.Time.Compare(b.Time) }
	if !slices.IsSortedFunc(frames, byTime) {
		slices.SortStableFunc(frames, byTime)
	}
	rec.Frames, rec.Link, rec.Dropped = frames, r.link.Info(), r.Drops()
	return rec
}

// Drops returns how many frames the link below has lost, if it counts them.
func (r *Recorder) Drops() uint64 { return drops(r.link) }

// SetReadDeadline implements Link.
func (r *Recorder) SetReadDeadline(t time.Time) error { return r.link.SetReadDeadline(t) }

// Info implements Link.
func (r *Recorder) Info() Info { return r.link.Info() }

// Close implements Link. The recording stays.
func (r *Recorder) Close() error { return r.link.Close() }

// drops asks a link that counts what it loses.
func drops(l Link) uint64 {
	if d, ok := l.(interface{ Drops() uint64 }); ok {
		return d.Drops()
	}
	return 0
}
