package netstack

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// errno returns what a socket of the operating system would have said in the
// place of err, so that callers can use errors.Is whatever the stack.
func errno(err tcpip.Error) error {
	switch err.(type) {
	case nil:
		return nil
	case *tcpip.ErrConnectionRefused:
		return syscall.ECONNREFUSED
	case *tcpip.ErrConnectionReset:
		return syscall.ECONNRESET
	case *tcpip.ErrConnectionAborted, *tcpip.ErrAborted:
		return syscall.ECONNABORTED
	case *tcpip.ErrTimeout:
		return syscall.ETIMEDOUT
	case *tcpip.ErrHostUnreachable, *tcpip.ErrHostDown:
		return syscall.EHOSTUNREACH
	case *tcpip.ErrNetworkUnreachable:
		return syscall.ENETUNREACH
	case *tcpip.ErrPortInUse:
		return syscall.EADDRINUSE
	case *tcpip.ErrBadLocalAddress:
		return syscall.EADDRNOTAVAIL
	case *tcpip.ErrClosedForSend:
		return syscall.EPIPE
	case *tcpip.ErrNotConnected:
		return syscall.ENOTCONN
	default:
		return errors.New(err.String())
	}
}

// adapted are the errors that gonet, which keeps only their text, passes on
// from an open connection.
var adapted = []tcpip.Error{
	&tcpip.ErrConnectionRefused{},
	&tcpip.ErrConnectionReset{},
	&tcpip.ErrConnectionAborted{},
	&tcpip.ErrAborted{},
	&tcpip.ErrTimeout{},
	&tcpip.ErrHostUnreachable{},
	&tcpip.ErrNetworkUnreachable{},
	&tcpip.ErrClosedForSend{},
	&tcpip.ErrNotConnected{},
}

// adapt gives an error of gonet the identity that the net package would give
// it: os.ErrDeadlineExceeded for a deadline, a syscall.Errno otherwise.
func adapt(err error) error {
	var op *net.OpError
	if !errors.As(err, &op) {
		return err // nil and io.EOF among them
	}
	if op.Timeout() {
		op.Err = os.ErrDeadlineExceeded
		return op
	}
	for _, e := range adapted {
		if op.Err.Error() == e.String() {
			op.Err = errno(e)
			return op
		}
	}
	return op
}

// setupError says which step of building a stack failed.
func setupError(step string, err tcpip.Error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("netstack: %s: %w", step, errno(err))
}
