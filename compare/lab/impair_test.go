package lab

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// pairWith makes two ends of a wire in memory, the near one with impairments.
func pairWith(t testing.TB, script string) (near, far tap.Link) {
	t.Helper()
	s, err := scenario.Read("test", []byte(script))
	if err != nil {
		t.Fatal(err)
	}
	a, b := tap.MemPair(tap.MemOptions{})
	near = ImpairLink(a, s.Impairments)
	t.Cleanup(func() { near.Close(); b.Close() })
	return near, b
}

// Deadlines and Close are those of the link below, also while a frame is held.
func TestImpairLinkDeadlineAndClose(t *testing.T) {
	near, far := pairWith(t, "delay < 1st data by 1")
	buf := make([]byte, near.Info().MaxFrame)
	if err := far.WriteFrame(payloadFrame(1, 10)); err != nil {
		t.Fatal(err)
	}
	near.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if _, _, err := near.ReadFrame(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	near.SetReadDeadline(time.Time{})
	ended := make(chan error, 1)
	go func() {
		_, _, err := near.ReadFrame(buf)
		ended <- err
	}()
	near.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
	if err := near.WriteFrame(payloadFrame(1, 10)); !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
}

// payloadFrame is a frame with so many bytes of TCP payload, each n.
func payloadFrame(n byte, payload int) []byte {
	b := make([]byte, 14+20+20+payload)
	b[12] = 0x08
	ip := b[14:]
	ip[0], ip[3], ip[8], ip[9] = 0x45, byte(40+payload), 64, protocolTCP
	copy(ip[12:], []byte{192, 0, 2, 1, 192, 0, 2, 2})
	ip[32], ip[33] = 0x50, 0x10
	for i := range payload {
		ip[40+i] = n
	}
	return b
}

// Both ways, the lines of a script decide which frames arrive, and in which
// order.
func TestImpairLinkFollowsTheScript(t *testing.T) {
	for _, c := range []struct {
		script string
		in     bool // frames come from the peer
		want   []byte
	}{
		{"drop 2nd data", false, []byte{1, 3, 4, 5}},
		{"drop < 2nd data", true, []byte{1, 3, 4, 5}},
		{"drop < 2nd data", false, []byte{1, 2, 3, 4, 5}},
		{"duplicate 1st data", false, []byte{1, 1, 2, 3, 4, 5}},
		{"reorder < 1st data by 2", true, []byte{2, 3, 1, 4, 5}},
		{"delay 1st data by 30ms", false, []byte{2, 3, 4, 5, 1}},
		{"delay < 1st data by 30ms", true, []byte{2, 3, 4, 5, 1}},
		{"reorder 5th data by 3", false, []byte{1, 2, 3, 4, 5}}, // nothing overtakes it: it comes anyway
	} {
		near, far := pairWith(t, c.script)
		from, to := near, far
		if c.in {
			from, to = far, near
		}
		for n := range byte(5) {
			if err := from.WriteFrame(payloadFrame(n+1, 10)); err != nil {
				t.Fatal(err)
			}
		}
		buf := make([]byte, 2000)
		to.SetReadDeadline(time.Now().Add(10 * time.Second))
		for i, want := range c.want {
			n, _, err := to.ReadFrame(buf)
			if err != nil || n != 64 || buf[63] != want {
				t.Fatalf("%s: frame %d is %d, want %d: %v", c.script, i, buf[63], want, err)
			}
		}
	}
}
