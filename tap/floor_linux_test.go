package tap_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// BenchmarkTAP shows what a link adds to the bare system calls: writing a
// frame that the kernel drops, and a poll that finds nothing.
func BenchmarkTAP(b *testing.B) {
	frame, buf := numbered(1514, 1), make([]byte, 2000)
	b.Run("write/bare", func(b *testing.B) {
		ns := linktest.Namespace(b)
		fd := rawTAP(b, ns, "bench0")
		defer unix.Close(fd)
		linktest.In(b, ns, func() error { return linktest.Up("bench0") })
		for b.Loop() {
			if _, err := unix.Write(fd, frame); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("poll/bare", func(b *testing.B) {
		fd := rawTAP(b, linktest.Namespace(b), "bench0")
		defer unix.Close(fd)
		for b.Loop() {
			if _, err := unix.Read(fd, buf); err != unix.EAGAIN {
				b.Fatal(err)
			}
		}
	})
	link, err := tap.OpenTAP(tap.TAPConfig{Name: "bench0", Namespace: linktest.Namespace(b)})
	if err != nil {
		b.Fatal(err)
	}
	defer link.Close()
	b.Run("write/link", func(b *testing.B) {
		for b.Loop() {
			if err := link.WriteFrame(frame); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("poll/link", func(b *testing.B) {
		link.SetReadDeadline(past)
		for b.Loop() {
			if _, _, err := link.ReadFrame(buf); err == nil {
				b.Fatal("a frame came from nowhere")
			}
		}
	})
}
