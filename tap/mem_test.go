package tap_test

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

func openMem(opts tap.MemOptions) linktest.Open {
	return func(t testing.TB) (tap.Link, tap.Link) {
		a, b := tap.MemPair(opts)
		t.Cleanup(func() { a.Close(); b.Close() })
		return a, b
	}
}

func TestMemIsALink(t *testing.T) {
	linktest.Run(t, openMem(tap.MemOptions{}))
}

func TestBlockingMemIsALink(t *testing.T) {
	linktest.Run(t, openMem(tap.MemOptions{Block: true, MTU: 9000}))
}

func TestMemLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in virtual time: a busy machine is late
		const latency = 20 * time.Millisecond
		a, b := tap.MemPair(tap.MemOptions{Latency: latency})
		begin := time.Now()
		if err := a.WriteFrame(numbered(60, 1)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 2000)
		b.SetReadDeadline(begin.Add(latency / 4))
		if _, _, err := b.ReadFrame(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("before the frame is there: %v", err)
		}
		b.SetReadDeadline(time.Time{})
		_, m, err := b.ReadFrame(buf)
		if err != nil || !m.Time.Equal(begin.Add(latency)) || !time.Now().Equal(m.Time) {
			t.Errorf("stamped %v after it was sent, read after %v, %v", m.Time.Sub(begin), time.Since(begin), err)
		}
	})
}

func TestMemBandwidth(t *testing.T) {
	a, b := tap.MemPair(tap.MemOptions{Bandwidth: 10e6}) // 1250 bytes a millisecond
	const frames = 5
	begin := time.Now()
	for i := range frames {
		if err := a.WriteFrame(numbered(1250, i)); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 2000)
	last := begin
	for i := range frames {
		_, m, err := b.ReadFrame(buf)
		if err != nil {
			t.Fatal(err)
		}
		if gap := m.Time.Sub(last); gap < time.Millisecond {
			t.Errorf("frame %d came %v after what was before it", i, gap)
		}
		last = m.Time
	}
}

func TestMemBlocksInsteadOfDropping(t *testing.T) {
	a, b := tap.MemPair(tap.MemOptions{Queue: 2, Block: true})
	const frames = 500
	written := make(chan error, 1)
	go func() {
		for i := range frames {
			if err := a.WriteFrame(numbered(60, i)); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	buf := make([]byte, 2000)
	for i := range frames {
		if _, _, err := b.ReadFrame(buf); err != nil || int(buf[14])<<8|int(buf[15]) != i {
			t.Fatalf("frame %d: got %d, %v", i, int(buf[14])<<8|int(buf[15]), err)
		}
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestMemCloseUnblocksWriters(t *testing.T) {
	for _, test := range []struct {
		name  string
		close func(a, b tap.Link)
		want  error
	}{
		{"own end", func(a, b tap.Link) { a.Close() }, net.ErrClosed},
		{"other end", func(a, b tap.Link) { b.Close() }, tap.ErrLinkDown},
	} {
		a, b := tap.MemPair(tap.MemOptions{Queue: 1, Block: true})
		failed := make(chan error, 3)
		for range 3 {
			go func() {
				for {
					if err := a.WriteFrame(numbered(60, 1)); err != nil {
						failed <- err
						return
					}
				}
			}()
		}
		test.close(a, b)
		for range 3 {
			if err := <-failed; !errors.Is(err, test.want) {
				t.Errorf("%s closed: got %v, want %v", test.name, err, test.want)
			}
		}
	}
}

func TestMemOtherEndClosed(t *testing.T) {
	a, b := tap.MemPair(tap.MemOptions{})
	a.WriteFrame(numbered(60, 1))
	a.Close()
	buf := make([]byte, 2000)
	if _, _, err := b.ReadFrame(buf); err != nil {
		t.Errorf("a frame that was under way: %v", err)
	}
	if _, _, err := b.ReadFrame(buf); !errors.Is(err, tap.ErrLinkDown) {
		t.Errorf("after the last frame: %v", err)
	}
}
