package tap_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"tcping-cmp/tap"
)

var past = time.Unix(1, 0)

// numbered is a frame of n bytes that says which it is.
func numbered(n, i int) []byte {
	f := make([]byte, n)
	f[12], f[13], f[14], f[15] = 0x88, 0xb5, byte(i>>8), byte(i)
	return f
}

func describe(frames []tap.Frame) string {
	var s string
	for _, f := range frames {
		s += fmt.Sprintf("%v%d ", f.Dir, int(f.Data[14])<<8|int(f.Data[15]))
	}
	return s
}

// echo answers each frame inline, like the kernel behind a TAP: the answer is
// read by another goroutine before WriteFrame returns.
type echo struct {
	tap.Link
	answers chan []byte
	taken   chan struct{}
}

func (e *echo) WriteFrame(frame []byte) error {
	e.answers <- bytes.Clone(frame)
	<-e.taken
	return nil
}

func (e *echo) ReadFrame(buf []byte) (int, tap.Meta, error) {
	f, ok := <-e.answers
	if !ok {
		return 0, tap.Meta{}, net.ErrClosed
	}
	return copy(buf, f), tap.Meta{}, nil
}

func TestRecorderSentComesBeforeItsAnswer(t *testing.T) {
	link := &echo{answers: make(chan []byte), taken: make(chan struct{})}
	link.Link, _ = tap.MemPair(tap.MemOptions{})
	r := tap.Record(link)
	var wg sync.WaitGroup
	wg.Go(func() {
		for buf := make([]byte, 100); ; {
			if _, _, err := r.ReadFrame(buf); err != nil {
				return
			}
			link.taken <- struct{}{} // only now the write returns
		}
	})
	want := ""
	for i := range 100 {
		if err := r.WriteFrame(numbered(60, i)); err != nil {
			t.Fatal(err)
		}
		want += fmt.Sprintf("out%d in%d ", i, i)
	}
	close(link.answers)
	wg.Wait()
	if got := describe(r.Recording().Frames); got != want {
		t.Errorf("recorded %s", got)
	}
}

func TestRecorderTakesOutWhatWasNotWritten(t *testing.T) {
	a, b := tap.MemPair(tap.MemOptions{MTU: 100})
	r := tap.Record(a)
	r.WriteFrame(numbered(60, 1))
	if err := r.WriteFrame(numbered(500, 2)); !errors.Is(err, tap.ErrFrameTooLong) {
		t.Fatalf("500 bytes on an MTU of 100: %v", err)
	}
	r.WriteFrame(numbered(60, 3))
	b.Close()
	if err := r.WriteFrame(numbered(60, 4)); !errors.Is(err, tap.ErrLinkDown) {
		t.Fatalf("writing to nobody: %v", err)
	}
	if got := describe(r.Recording().Frames); got != "out1 out3 " {
		t.Errorf("recorded %s", got)
	}
}

// late hands out one frame with the stamp of an earlier time, as a kernel
// does that stamped the frame before the stack read it.
type late struct {
	tap.Link
	stamp time.Time
}

func (l *late) ReadFrame(buf []byte) (int, tap.Meta, error) {
	return copy(buf, numbered(60, 9)), tap.Meta{Time: l.stamp, Flags: tap.SuperFrame}, nil
}

func TestRecorderIsInTheOrderOfTheWire(t *testing.T) {
	a, _ := tap.MemPair(tap.MemOptions{})
	link := &late{Link: a}
	r := tap.Record(link)
	r.WriteFrame(numbered(60, 1))
	link.stamp = time.Now().Round(0) // a kernel's stamp has no monotonic part
	for time.Now().Round(0).Equal(link.stamp) {
	}
	r.WriteFrame(numbered(60, 2))
	r.ReadFrame(make([]byte, 100))
	rec := r.Recording()
	if got := describe(rec.Frames); got != "out1 in9 out2 " {
		t.Fatalf("recorded %s", got)
	}
	if f := rec.Frames[1]; f.Flags != tap.SuperFrame || f.Time.Sub(link.stamp).Abs() > time.Microsecond {
		t.Errorf("flags %b, %v from the stamp", f.Flags, f.Time.Sub(link.stamp))
	}
}

func TestRecorderLimit(t *testing.T) {
	for _, test := range []struct {
		name          string
		frames, bytes int
		want          string
		overflow      uint64
	}{
		{"none", 0, 0, "out0 out1 out2 out3 out4 ", 0},
		{"frames", 2, 0, "out0 out1 ", 3},
		{"bytes", 0, 199, "out0 out1 out2 ", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, _ := tap.MemPair(tap.MemOptions{})
			r := tap.Record(a, tap.WithLimit(test.frames, test.bytes))
			for i := range 5 {
				r.WriteFrame(numbered(60, i))
			}
			rec := r.Recording()
			if got := describe(rec.Frames); got != test.want || rec.Overflow != test.overflow {
				t.Errorf("recorded %s and %d over the limit, want %s and %d", got, rec.Overflow, test.want, test.overflow)
			}
		})
	}
}

func TestRecorderObserver(t *testing.T) {
	a, b := tap.MemPair(tap.MemOptions{})
	var seen []tap.Frame
	r := tap.Record(a, tap.WithLimit(1, 0), tap.WithObserver(func(f tap.Frame) {
		f.Data = bytes.Clone(f.Data)
		seen = append(seen, f)
	}))
	r.WriteFrame(numbered(60, 1))
	b.WriteFrame(numbered(60, 2))
	r.ReadFrame(make([]byte, 100))
	if got := describe(seen); got != "out1 in2 " {
		t.Errorf("observed %s; the limit is for what is kept", got)
	}
}

func TestRecorderReportsDrops(t *testing.T) {
	a, b := tap.MemPair(tap.MemOptions{Queue: 3})
	r := tap.Record(a)
	for i := range 5 {
		b.WriteFrame(numbered(60, i))
	}
	rec := r.Recording()
	if rec.Dropped != 2 || rec.Link.Kind != tap.KindMem {
		t.Errorf("%d dropped on a %s, want 2 on a mem", rec.Dropped, rec.Link.Kind)
	}
}

func TestRecorderSnapshotsWhileRunning(t *testing.T) {
	a, b := tap.MemPair(tap.MemOptions{Block: true, Queue: 8})
	r := tap.Record(a)
	const count = 5000
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range count {
			r.WriteFrame(numbered(200, i))
		}
	})
	wg.Go(func() {
		for buf := make([]byte, 300); ; {
			if _, _, err := b.ReadFrame(buf); err != nil {
				return
			}
		}
	})
	var early tap.Recording
	for len(early.Frames) < count/2 {
		early = r.Recording()
	}
	for len(r.Recording().Frames) < count {
	}
	b.Close()
	wg.Wait()
	for i, f := range early.Frames {
		if !bytes.Equal(f.Data, numbered(200, i)) {
			t.Fatalf("frame %d of the early snapshot changed later", i)
		}
	}
}

func TestRecorderAllocatesNothingAFrame(t *testing.T) {
	a, b := tap.MemPair(tap.MemOptions{})
	r := tap.Record(a)
	f, buf := numbered(1514, 1), make([]byte, 1600)
	// A thousand frames share each allocation, so count many.
	per := testing.AllocsPerRun(1, func() {
		for range 20000 {
			r.WriteFrame(f)
			b.ReadFrame(buf)
		}
	})
	if per > 100 {
		t.Errorf("%v allocations for 20000 frames", per)
	}
}

func BenchmarkRecorder(b *testing.B) {
	link, peer := tap.MemPair(tap.MemOptions{})
	r := tap.Record(link)
	f, buf := numbered(1514, 1), make([]byte, 1600)
	b.ReportAllocs()
	for b.Loop() {
		r.WriteFrame(f)
		peer.ReadFrame(buf)
	}
}
