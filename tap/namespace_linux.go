package tap

import (
	"fmt"
	"runtime"

	"github.com/vishvananda/netns"
)

// inNamespace runs f on a thread that is in the network namespace. A handle
// that is zero or closed means the caller's own.
func inNamespace(ns netns.NsHandle, f func() error) error {
	if ns <= 0 {
		return f()
	}
	done := make(chan error, 1)
	go func() { done <- visit(ns, f) }()
	return <-done
}

// visit must have a goroutine of its own: if the way back fails, it keeps the
// thread locked, and the thread ends with the goroutine.
func visit(ns netns.NsHandle, f func() error) error {
	runtime.LockOSThread()
	home, err := netns.Get()
	if err != nil {
		return fmt.Errorf("looking up the thread's network namespace: %w", err)
	}
	defer home.Close()
	if err := netns.Set(ns); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("entering the network namespace: %w", err)
	}
	err = f()
	if netns.Set(home) == nil {
		runtime.UnlockOSThread()
	}
	return err
}
