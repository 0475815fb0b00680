package tap_test

import (
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcping-cmp/tap"
)

// readAll reads until nothing has come for a while.
func readAll(t *testing.T, l tap.Link) {
	t.Helper()
	buf := make([]byte, l.Info().MaxFrame)
	for {
		l.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if _, _, err := l.ReadFrame(buf); err != nil {
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal(err)
			}
			return
		}
	}
}

// tunDescriptors lists what this process has open of /dev/net/tun.
func tunDescriptors(t *testing.T) (fds []int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if target, _ := os.Readlink("/proc/self/fd/" + e.Name()); target == "/dev/net/tun" {
			fd, _ := strconv.Atoi(e.Name())
			fds = append(fds, fd)
		}
	}
	if len(fds) == 0 {
		t.Fatal("no TAP is open")
	}
	return fds
}

func closesOnExec(t *testing.T, fd int) bool {
	t.Helper()
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil {
		t.Fatal(err)
	}
	return flags&unix.FD_CLOEXEC != 0
}
