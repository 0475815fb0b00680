package fault

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// A link with faults is a link.
func TestLink(t *testing.T) {
	linktest.Run(t, func(t testing.TB) (tap.Link, tap.Link) {
		near, far := tap.MemPair(tap.MemOptions{})
		w := Wrap(near, All()...)
		t.Cleanup(func() { w.Close(); far.Close() })
		return w, far
	})
}

// pair is a faulty link and the far end of its wire.
func pair(t *testing.T, name string) (*Link, tap.Link) {
	near, far := tap.MemPair(tap.MemOptions{})
	w := Wrap(near, named(t, name))
	t.Cleanup(func() { w.Close(); far.Close() })
	return w, far
}

// segment makes a frame of the connection that golden's SYN opens.
func segment(t *testing.T, dir tap.Direction, flags uint16, seq, ackNo uint32, payload string) []byte {
	p, _ := parse(goldenFrame(t, "SYN"))
	if dir == tap.In {
		p = reply(&conn{}, p)
	}
	p.flags, p.seq, p.ack, p.payload, p.options = flags, seq, ackNo, []byte(payload), nil
	return p.encode()
}

func write(t *testing.T, l tap.Link, frame []byte) {
	t.Helper()
	if err := l.WriteFrame(frame); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, l tap.Link) *packet {
	t.Helper()
	buf := make([]byte, l.Info().MaxFrame)
	l.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, _, err := l.ReadFrame(buf)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := parse(buf[:n])
	if !ok {
		t.Fatalf("no TCP segment: %x", buf[:n])
	}
	return p
}

// shake opens the connection over the links.
func shake(t *testing.T, w *Link, far tap.Link) {
	t.Helper()
	write(t, w, segment(t, tap.Out, syn, 100, 0, ""))
	read(t, far)
	write(t, far, segment(t, tap.In, syn|ack, 500, 101, ""))
	read(t, w)
}

// A frame that is held leaves by itself, without another to push it.
func TestHeldFrameIsWritten(t *testing.T) {
	w, far := pair(t, "syn-repeated-early")
	began := time.Now()
	write(t, w, segment(t, tap.Out, syn, 100, 0, ""))
	first, second := read(t, far), read(t, far)
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("the copy came after %v", took)
	}
	if first.seq != 100 || second.seq != 100 {
		t.Errorf("numbers %d and %d", first.seq, second.seq)
	}
}

// What the fault tells the stack wakes a reader that waits already.
func TestStackIsTold(t *testing.T) {
	w, far := pair(t, "initial-window-too-large")
	shake(t, w, far)
	got := make(chan uint32, 1)
	go func() {
		defer close(got)
		got <- read(t, w).ack
	}()
	write(t, w, segment(t, tap.Out, ack|psh, 101, 501, "hello"))
	if a := <-got; a != 106 {
		t.Errorf("the stack is told of %d", a)
	}
}

// A frame that is hidden does not end a read, and the deadline still does.
func TestHiddenFrameAndDeadline(t *testing.T) {
	w, far := pair(t, "rst-ignored")
	shake(t, w, far)
	write(t, far, segment(t, tap.In, rst, 501, 0, ""))
	w.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	buf := make([]byte, w.Info().MaxFrame)
	if _, _, err := w.ReadFrame(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read: %v", err)
	}
	if w.Struck() != 1 {
		t.Errorf("struck %d times", w.Struck())
	}
}

// After Detach nothing is written any more, and the link below is open.
func TestDetach(t *testing.T) {
	w, far := pair(t, "syn-repeated-early")
	write(t, w, segment(t, tap.Out, syn, 100, 0, ""))
	read(t, far)
	w.Detach()
	far.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	buf := make([]byte, far.Info().MaxFrame)
	if n, _, err := far.ReadFrame(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read %d bytes, %v", n, err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := w.WriteFrame(segment(t, tap.Out, ack, 101, 501, "")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a write after Close: %v", err)
	}
}
