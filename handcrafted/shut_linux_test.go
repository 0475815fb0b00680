package handcrafted_test

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"
)

// TestBothWindowsShut has both sides send and neither read, until each probes
// the other's closed window. Then we read: what the kernel has to send must go
// on although it takes nothing from us. An ACK of ours behind the octet of our
// probe would be no ACK for it.
func TestBothWindowsShut(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a probe")
	}
	ours, theirs := pair(t, newKernel(t, nil))
	theirs.SetReadBuffer(64 << 10)
	ours.SetReadBuffer(64 << 10)
	const total = 8 << 20
	go theirs.Write(make([]byte, total))
	ours.SetWriteDeadline(time.Now().Add(1500 * time.Millisecond)) // a probe leaves after 1 s
	if n, err := ours.Write(make([]byte, 64<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("%d octets written, %v", n, err)
	}
	ours.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, err := io.ReadFull(ours, make([]byte, total)); err != nil {
		t.Errorf("%d of %d octets came, then %v", n, total, err)
	}
}
