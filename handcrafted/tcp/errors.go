package tcp

import (
	"errors"
	"syscall"
)

// connError is why a connection ended: our words, and the error of the system
// calls that errors.Is finds.
type connError struct {
	text  string
	errno syscall.Errno
}

func (e *connError) Error() string   { return e.text }
func (e *connError) Unwrap() error   { return e.errno }
func (e *connError) Timeout() bool   { return e.errno == syscall.ETIMEDOUT }
func (e *connError) Temporary() bool { return false }

// Why a connection ended. errors.Is with the error of the system calls named
// beside each holds too.
var (
	// ErrRefused: a RST answered our SYN (ECONNREFUSED).
	ErrRefused error = &connError{"connection refused: nothing listens on that port of the peer", syscall.ECONNREFUSED}
	// ErrReset: the peer sent a RST (ECONNRESET).
	ErrReset error = &connError{"connection reset by the peer", syscall.ECONNRESET}
	// ErrTimeout: retransmissions or probes stayed unanswered for too long
	// (ETIMEDOUT).
	ErrTimeout error = &connError{"connection timed out: the peer does not answer", syscall.ETIMEDOUT}
	// ErrUnreachable: the network says that it cannot deliver (EHOSTUNREACH).
	ErrUnreachable error = &connError{"peer unreachable: a router on the way says so", syscall.EHOSTUNREACH}
	// ErrProtocolUnreachable: the peer's host does not speak TCP
	// (ENOPROTOOPT).
	ErrProtocolUnreachable error = &connError{"protocol unreachable: the peer's host does not speak TCP", syscall.ENOPROTOOPT}
	// ErrAborted: our own user aborted the connection (ECONNABORTED).
	ErrAborted error = &connError{"connection aborted here", syscall.ECONNABORTED}
)

// Errors of the user calls.
var (
	// ErrNotConnected: the connection is not open yet (ENOTCONN).
	ErrNotConnected error = &connError{"the connection is not open", syscall.ENOTCONN}
	// ErrClosed: the connection is over, or the user has closed it (EBADF).
	ErrClosed error = &connError{"the connection is closed", syscall.EBADF}
	// ErrClosing: the user has closed that direction already (EPIPE).
	ErrClosing error = &connError{"the connection is closed for sending", syscall.EPIPE}
	// ErrConfig: Open was given something that cannot work.
	ErrConfig = errors.New("bad TCP configuration")
)
