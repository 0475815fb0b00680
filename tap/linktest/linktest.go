// Package linktest holds the tests that every tap.Link must pass, and what
// privileged tests need: namespaces of their own, a virtual cable between two
// of them, and a skip that names what the machine lacks.
//
// # Limitations
//
// The tests use frames of an experimental EtherType and pass over all others,
// so a kernel at the other end may chatter. They do not ask for a guarantee
// that frames arrive under load.
package linktest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"tcping-cmp/tap"
)

// Open makes two links such that a frame written to one is read from the
// other. It closes them when the test ends.
type Open func(t testing.TB) (link, peer tap.Link)

// experimental is IEEE 802's EtherType for private experiments.
const experimental = 0x88b5

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second

// Run runs the whole suite on the links that open makes.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, link, peer tap.Link)
	}{
		{"FramesCrossWhole", framesCrossWhole},
		{"OrderIsKept", orderIsKept},
		{"FrameIsNotKept", frameIsNotKept},
		{"TooLongToRead", tooLongToRead},
		{"WrongSizeToWrite", wrongSizeToWrite},
		{"PollTakesWhatWaits", pollTakesWhatWaits},
		{"DeadlinePasses", deadlinePasses},
		{"DeadlineWakes", deadlineWakes},
		{"DeadlineGoesAway", deadlineGoesAway},
		{"DeadlineMovesOn", deadlineMovesOn},
		{"CloseUnblocks", closeUnblocks},
		{"ClosedStaysClosed", closedStaysClosed},
		{"ManyWriters", manyWriters},
		{"NoAllocation", noAllocation},
		{"TimeIsNow", timeIsNow},
	} {
		t.Run(test.name, func(t *testing.T) {
			link, peer := open(t)
			test.run(t, link, peer)
		})
	}
}

// frame returns n bytes of Ethernet frame with a number in it.
func frame(n, number int) []byte {
	f := make([]byte, n)
	copy(f, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0x99, 1})
	binary.BigEndian.PutUint16(f[12:], experimental)
	for i := 14; i < n; i++ {
		f[i] = byte(i * 7)
	}
	binary.BigEndian.PutUint32(f[14:], uint32(number))
	return f
}

func number(f []byte) int { return int(binary.BigEndian.Uint32(f[14:])) }

// next reads the next frame of the test's own.
func next(t testing.TB, l tap.Link, buf []byte) ([]byte, tap.Meta) {
	t.Helper()
	l.SetReadDeadline(time.Now().Add(patience))
	defer l.SetReadDeadline(time.Time{})
	for {
		n, m, err := l.ReadFrame(buf)
		if err != nil {
			t.Fatalf("ReadFrame: %v", err)
		}
		if ours(buf[:n]) {
			return buf[:n], m
		}
	}
}

func ours(f []byte) bool {
	return len(f) > 18 && (binary.BigEndian.Uint16(f[12:]) == experimental || binary.BigEndian.Uint16(f[16:]) == experimental)
}

func write(t testing.TB, l tap.Link, f []byte) {
	t.Helper()
	if err := l.WriteFrame(f); err != nil {
		t.Fatalf("WriteFrame of %d bytes: %v", len(f), err)
	}
}

func buffer(l tap.Link) []byte { return make([]byte, l.Info().MaxFrame) }

// tagged is a full-sized frame with a VLAN tag, which the MTU does not count.
func tagged(mtu int) []byte {
	plain := frame(14+mtu, 3)
	f := append([]byte{}, plain[:12]...)
	f = append(f, 0x81, 0x00, 0x20, 0x07)
	return append(f, plain[12:]...)
}

func framesCrossWhole(t *testing.T, link, peer tap.Link) {
	mtu := link.Info().MTU
	for _, f := range [][]byte{frame(60, 1), frame(61, 2), frame(14+mtu, 3), tagged(mtu)} {
		for _, way := range [][2]tap.Link{{link, peer}, {peer, link}} {
			write(t, way[0], f)
			got, m := next(t, way[1], buffer(way[1]))
			if !bytes.Equal(got, f) {
				t.Errorf("%d bytes written to %s: %d other bytes were read", len(f), way[0].Info().Name, len(got))
			}
			if m.Flags&^tap.VLANRestored != 0 {
				t.Errorf("flags %b on a frame that needs none", m.Flags)
			}
		}
	}
}

func orderIsKept(t *testing.T, link, peer tap.Link) {
	const count = 300 // fits every queue
	for _, way := range [][2]tap.Link{{link, peer}, {peer, link}} {
		for i := range count {
			write(t, way[0], frame(64, i))
		}
		buf := buffer(way[1])
		for i := range count {
			if got, _ := next(t, way[1], buf); number(got) != i {
				t.Fatalf("frame %d came in place of %d", number(got), i)
			}
		}
	}
}

func frameIsNotKept(t *testing.T, link, peer tap.Link) {
	f := frame(100, 1)
	want := bytes.Clone(f)
	write(t, link, f)
	if !bytes.Equal(f, want) {
		t.Error("WriteFrame changed the frame")
	}
	clear(f)
	if got, _ := next(t, peer, buffer(peer)); !bytes.Equal(got, want) {
		t.Error("the frame changed with the buffer that it was written from")
	}
}

func tooLongToRead(t *testing.T, link, peer tap.Link) {
	for _, way := range [][2]tap.Link{{link, peer}, {peer, link}} {
		for _, short := range []int{0, 14, 99} {
			write(t, way[0], frame(100, 1))
			way[1].SetReadDeadline(time.Now().Add(patience))
			if n, _, err := way[1].ReadFrame(make([]byte, short)); !errors.Is(err, tap.ErrFrameTooLong) {
				t.Errorf("100 bytes into %d: got %d, %v", short, n, err)
			}
		}
		write(t, way[0], frame(100, 2))
		if got, _ := next(t, way[1], make([]byte, 100)); len(got) != 100 || number(got) != 2 {
			t.Error("a frame that fits exactly did not follow those that did not")
		}
	}
}

func wrongSizeToWrite(t *testing.T, link, peer tap.Link) {
	for _, l := range []tap.Link{link, peer} {
		for _, n := range []int{0, 1, 13} {
			if err := l.WriteFrame(make([]byte, n)); !errors.Is(err, tap.ErrFrameTooShort) {
				t.Errorf("writing %d bytes: %v", n, err)
			}
		}
		if err := l.WriteFrame(frame(14+l.Info().MTU+1, 1)); !errors.Is(err, tap.ErrFrameTooLong) {
			t.Errorf("writing a byte more than the MTU: %v", err)
		}
	}
}

func pollTakesWhatWaits(t *testing.T, link, peer tap.Link) {
	past := time.Now().Add(-time.Hour)
	for _, way := range [][2]tap.Link{{link, peer}, {peer, link}} {
		l, buf := way[1], buffer(way[1])
		l.SetReadDeadline(past)
		drainLink(t, l, buf)
		write(t, way[0], frame(64, 1))
		write(t, way[0], frame(64, 2))
		got := 0
		for limit := time.Now().Add(patience); got < 2 && time.Now().Before(limit); {
			n, _, err := l.ReadFrame(buf)
			switch {
			case err == nil && ours(buf[:n]):
				if got++; number(buf) != got {
					t.Errorf("frame %d came in place of %d", number(buf), got)
				}
			case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
				t.Fatalf("poll: %v", err)
			}
		}
		if got != 2 {
			t.Errorf("polling read %d of 2 frames", got)
		}
		drainLink(t, l, buf)
	}
}

// drainLink polls until nothing waits.
func drainLink(t *testing.T, l tap.Link, buf []byte) {
	t.Helper()
	for {
		_, _, err := l.ReadFrame(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		if err != nil {
			t.Fatalf("poll: %v", err)
		}
	}
}

// readUntil reads until the first error and sends it.
func readUntil(l tap.Link) <-chan error {
	failed := make(chan error, 1)
	started := make(chan struct{})
	go func() {
		buf := buffer(l)
		close(started)
		for {
			if _, _, err := l.ReadFrame(buf); err != nil {
				failed <- err
				return
			}
		}
	}()
	<-started
	// The reader is most likely to be waiting after this. The tests hold
	// whether it is or not.
	for range 100 {
		runtime.Gosched()
	}
	return failed
}

func expect(t *testing.T, failed <-chan error, want error) {
	t.Helper()
	select {
	case err := <-failed:
		if !errors.Is(err, want) {
			t.Errorf("the reader got %v, want %v", err, want)
		}
	case <-time.After(patience):
		t.Fatalf("the reader still waits, want %v", want)
	}
}

func deadlinePasses(t *testing.T, link, peer tap.Link) {
	for _, l := range []tap.Link{link, peer} {
		const wait = 20 * time.Millisecond
		begin := time.Now()
		l.SetReadDeadline(begin.Add(wait))
		expect(t, readUntil(l), os.ErrDeadlineExceeded)
		if took := time.Since(begin); took < wait {
			t.Errorf("gave up after %v, before the deadline of %v", took, wait)
		}
	}
}

func deadlineWakes(t *testing.T, link, peer tap.Link) {
	for _, l := range []tap.Link{link, peer} {
		failed := readUntil(l)
		l.SetReadDeadline(time.Now().Add(-time.Second))
		expect(t, failed, os.ErrDeadlineExceeded)
		l.SetReadDeadline(time.Now().Add(time.Hour))
		failed = readUntil(l)
		l.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		expect(t, failed, os.ErrDeadlineExceeded)
	}
}

func deadlineGoesAway(t *testing.T, link, peer tap.Link) {
	link.SetReadDeadline(time.Now().Add(-time.Second))
	link.SetReadDeadline(time.Time{})
	write(t, peer, frame(64, 5))
	buf := buffer(link)
	for {
		n, _, err := link.ReadFrame(buf)
		if err != nil {
			t.Fatalf("reading without a deadline: %v", err)
		}
		if ours(buf[:n]) {
			return
		}
	}
}

// A read that did not need its deadline leaves none for the next.
func deadlineMovesOn(t *testing.T, link, peer tap.Link) {
	const wait = 20 * time.Millisecond
	early := time.Now().Add(wait)
	link.SetReadDeadline(early)
	write(t, peer, frame(64, 6))
	for buf := buffer(link); ; {
		n, _, err := link.ReadFrame(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) && time.Now().After(early.Add(patience)) {
			t.Fatal("the frame does not arrive")
		}
		if err == nil && ours(buf[:n]) {
			break
		}
	}
	late := early.Add(wait)
	link.SetReadDeadline(late)
	expect(t, readUntil(link), os.ErrDeadlineExceeded)
	if now := time.Now(); now.Before(late) {
		t.Errorf("gave up %v before the deadline", late.Sub(now))
	}
}

func closeUnblocks(t *testing.T, link, peer tap.Link) {
	for _, l := range []tap.Link{link, peer} {
		failed := readUntil(l)
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		select {
		case err := <-failed:
			// The peer's end may have noticed before that its cable is gone.
			if !errors.Is(err, net.ErrClosed) && !(l == peer && errors.Is(err, tap.ErrLinkDown)) {
				t.Errorf("the reader got %v", err)
			}
		case <-time.After(patience):
			t.Fatal("Close did not unblock the reader")
		}
	}
}

// closedStaysClosed leaves the peer alone: closing a TAP takes the peer's
// interface away.
func closedStaysClosed(t *testing.T, link, _ tap.Link) {
	write(t, link, frame(64, 1))
	link.Close()
	if err := link.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if _, _, err := link.ReadFrame(buffer(link)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("ReadFrame after Close: %v", err)
	}
	if err := link.WriteFrame(frame(64, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("WriteFrame after Close: %v", err)
	}
	if err := link.SetReadDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("SetReadDeadline after Close: %v", err)
	}
	if link.Info().Name == "" {
		t.Error("Info after Close has no name")
	}
}

func manyWriters(t *testing.T, link, peer tap.Link) {
	const writers, each = 4, 50
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if err := link.WriteFrame(frame(64, w<<16|i)); err != nil {
					t.Errorf("WriteFrame: %v", err)
					return
				}
			}
		})
	}
	var seen [writers]int
	buf := buffer(peer)
	for range writers * each {
		got, _ := next(t, peer, buf)
		w, i := number(got)>>16, number(got)&0xffff
		if seen[w] != i {
			t.Fatalf("writer %d: frame %d came in place of %d", w, i, seen[w])
		}
		seen[w]++
	}
	wg.Wait()
}

func noAllocation(t *testing.T, link, peer tap.Link) {
	past := time.Unix(1, 0)
	for _, way := range [][2]tap.Link{{link, peer}, {peer, link}} {
		f, buf := frame(1000, 1), buffer(way[1])
		way[1].SetReadDeadline(past)
		drainLink(t, way[1], buf)
		// Both ways to read: waiting, and polling until there is no more.
		got := testing.AllocsPerRun(200, func() {
			way[1].SetReadDeadline(time.Time{})
			write(t, way[0], f)
			if _, _, err := way[1].ReadFrame(buf); err != nil {
				t.Fatal(err)
			}
			way[1].SetReadDeadline(past)
			for {
				if _, _, err := way[1].ReadFrame(buf); err != nil {
					break
				}
			}
		})
		if got != 0 {
			t.Errorf("writing to %s and reading from %s: %v allocations a frame", way[0].Info().Name, way[1].Info().Name, got)
		}
	}
}

func timeIsNow(t *testing.T, link, peer tap.Link) {
	for _, way := range [][2]tap.Link{{link, peer}, {peer, link}} {
		before := time.Now().Round(0) // by the wall clock, like the kernel's stamp
		write(t, way[0], frame(64, 1))
		_, m := next(t, way[1], buffer(way[1]))
		if after := time.Now().Round(0); m.Time.Before(before.Add(-time.Millisecond)) || m.Time.After(after.Add(time.Millisecond)) {
			t.Errorf("stamp %v is not between %v and %v", m.Time, before, after)
		}
	}
}
