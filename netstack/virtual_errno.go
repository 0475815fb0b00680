package netstack

import (
	"syscall"

	"gvisor.dev/gvisor/pkg/tcpip"
)

// virtualErrno returns the error of a system call that gVisor's own socket
// layer gives in the place of err.
func virtualErrno(err tcpip.Error) error {
	switch err.(type) {
	case *tcpip.ErrWouldBlock:
		return syscall.EAGAIN
	case *tcpip.ErrConnectStarted:
		return syscall.EINPROGRESS
	case *tcpip.ErrAlreadyConnecting:
		return syscall.EALREADY
	case *tcpip.ErrAlreadyConnected:
		return syscall.EISCONN
	case *tcpip.ErrInvalidEndpointState, *tcpip.ErrAlreadyBound, *tcpip.ErrInvalidOptionValue,
		*tcpip.ErrInvalidPortRange, *tcpip.ErrMissingRequiredFields:
		return syscall.EINVAL
	case *tcpip.ErrUnknownProtocolOption, *tcpip.ErrNotSupported, *tcpip.ErrQueueSizeNotSupported:
		return syscall.ENOPROTOOPT
	case *tcpip.ErrNoSuchFile:
		return syscall.ENOENT
	case *tcpip.ErrNoPortAvailable:
		return syscall.EAGAIN
	case *tcpip.ErrNoBufferSpace:
		return syscall.ENOBUFS
	case *tcpip.ErrAddressFamilyNotSupported:
		return syscall.EAFNOSUPPORT
	case *tcpip.ErrMessageTooLong:
		return syscall.EMSGSIZE
	case *tcpip.ErrNotPermitted:
		return syscall.EPERM
	case *tcpip.ErrBadAddress:
		return syscall.EFAULT
	}
	return errno(err)
}
