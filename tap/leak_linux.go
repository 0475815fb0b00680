package tap

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// unattached returns the descriptors of this process that have /dev/net/tun
// open without a device behind it. It is empty where /proc is not mounted.
func unattached() map[int]bool {
	found := map[int]bool{}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return found
	}
	for _, e := range entries {
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || target != "/dev/net/tun" {
			continue
		}
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if !attached(fd) {
			found[fd] = true
		}
	}
	return found
}

// attached reports whether the descriptor of /dev/net/tun has a device:
// TUNGETIFF knows no name for one that was refused it.
func attached(fd int) bool {
	req, err := unix.NewIfreq("")
	return err == nil && unix.IoctlIfreq(fd, unix.TUNGETIFF, req) == nil
}

// closeLeaked closes what is unattached now and was not before.
func closeLeaked(before map[int]bool) {
	for fd := range unattached() {
		if !before[fd] {
			unix.Close(fd)
		}
	}
}
