package handcrafted

import (
	"os"
	"syscall"
	"unsafe"
)

// alarm wakes a goroutine after napFor. It is a timer of the kernel's that Go's
// poller watches; Go's own timers wait in steps of a millisecond there.
type alarm struct {
	file *os.File
	raw  syscall.RawConn
	set  bool
	ring func(fd uintptr) bool // made once
}

// newAlarm returns nil if there is none to be had.
func newAlarm() *alarm {
	const monotonic = 1
	fd, _, errno := syscall.RawSyscall(syscall.SYS_TIMERFD_CREATE, monotonic, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return nil
	}
	a := &alarm{file: os.NewFile(fd, "timerfd")}
	var err error
	if a.raw, err = a.file.SyscallConn(); err != nil {
		a.file.Close()
		return nil
	}
	spec := struct{ interval, value syscall.Timespec }{value: syscall.NsecToTimespec(int64(napFor))}
	a.ring = func(fd uintptr) bool {
		if a.set {
			return true
		}
		_, _, errno := syscall.RawSyscall6(syscall.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
		a.set = errno == 0
		return !a.set
	}
	return a
}

// sleep parks the goroutine until the alarm rings.
func (a *alarm) sleep() {
	a.set = false
	a.raw.Read(a.ring) // an error is the end of the nap too
}

func (a *alarm) close() {
	if a != nil {
		a.file.Close()
	}
}
