package handcrafted

import "syscall"

const (
	enetunreach   = syscall.ENETUNREACH
	ehostunreach  = syscall.EHOSTUNREACH
	eaddrinuse    = syscall.EADDRINUSE
	eaddrnotavail = syscall.EADDRNOTAVAIL
)

// hostError is our words for an error of the system calls, which errors.Is
// finds.
type hostError struct {
	text  string
	errno syscall.Errno
}

func (e *hostError) Error() string   { return e.text }
func (e *hostError) Unwrap() error   { return e.errno }
func (e *hostError) Timeout() bool   { return false }
func (e *hostError) Temporary() bool { return false }
