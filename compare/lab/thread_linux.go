package lab

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onOwnThread runs f in a goroutine on a thread that ends with it, so that f
// may put the thread into a network namespace and leave it there. It returns
// at once.
//
// The process's first thread cannot end: the runtime parks it for good, and
// with it whatever namespace it is in. If that is the thread we got, it waits
// here while another one does the work.
func onOwnThread(f func()) {
	go func() {
		runtime.LockOSThread()
		if !isFirstThread() {
			f()
			return // locked: the thread ends
		}
		done := make(chan struct{})
		onOwnThread(func() {
			defer close(done)
			f()
		})
		<-done
		runtime.UnlockOSThread()
	}()
}

func isFirstThread() bool { return unix.Gettid() == unix.Getpid() }
