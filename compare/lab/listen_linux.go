package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Listen makes the kernel listen on an address of the calling thread's network
// namespace. What Go changes on its sockets is undone, so that the server is a
// plain Linux one: Nagle on, no keep-alive, no MPTCP.
func Listen(addr netip.AddrPort, opts ListenOptions) (Listener, error) {
	network := "tcp4"
	if addr.Addr().Is6() && !addr.Addr().Is4In6() {
		network = "tcp6"
	}
	cfg := net.ListenConfig{KeepAlive: -1}
	cfg.SetMultipathTCP(false)
	if opts.Congestion != "" {
		cfg.Control = setCongestion(opts.Congestion)
	}
	l, err := cfg.Listen(context.Background(), network, addr.String())
	if err != nil {
		return nil, listenError(addr, err)
	}
	return &kernelListener{l.(*net.TCPListener)}, nil
}

// ListenAll makes the kernel listen on a port of every address, with IPv4 and,
// where the system has it, with IPv6.
func ListenAll(port uint16, opts ListenOptions) ([]Listener, error) {
	four, err := Listen(netip.AddrPortFrom(netip.IPv4Unspecified(), port), opts)
	if err != nil {
		return nil, err
	}
	six, err := Listen(netip.AddrPortFrom(netip.IPv6Unspecified(), port), opts)
	switch {
	case err == nil:
		return []Listener{four, six}, nil
	case errors.Is(err, unix.EAFNOSUPPORT), errors.Is(err, unix.EADDRNOTAVAIL):
		return []Listener{four}, nil
	}
	four.Close()
	return nil, err
}

// setCongestion returns what sets the congestion control of a new socket. The
// sysctl of a namespace would refuse what the host does not allow everybody.
func setCongestion(name string) func(string, string, syscall.RawConn) error {
	return func(_, _ string, raw syscall.RawConn) error {
		return control(raw, func(fd int) error {
			return unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, name)
		})
	}
}

func listenError(addr netip.AddrPort, err error) error {
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		return fmt.Errorf("port %d is in use: stop the program that has it, or choose another port (%w)", addr.Port(), unix.EADDRINUSE)
	case errors.Is(err, unix.EADDRNOTAVAIL):
		return fmt.Errorf("%s is not an address of this host: choose one that is (%w)", addr.Addr(), unix.EADDRNOTAVAIL)
	case errors.Is(err, unix.EACCES):
		return fmt.Errorf("port %d is for root: choose one above 1023 (%w)", addr.Port(), unix.EACCES)
	}
	return fmt.Errorf("listening on %s: %w", addr, err)
}

type kernelListener struct{ *net.TCPListener }

// Accept implements Acceptor.
func (l *kernelListener) Accept() (ServerConn, error) {
	conn, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	c := &kernelServerConn{&plainConn{conn}}
	if err := c.undoGo(); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

// plainConn is a connection of the kernel as a plain program has it.
type plainConn struct{ *net.TCPConn }

// undoGo turns on Nagle, which Go turns off. It also sees to it that the
// connection does not outlive the process: were it killed, the kernel would go
// on sending for a minute or two, and keep the namespace for that.
func (c *plainConn) undoGo() error {
	return errors.Join(c.SetNoDelay(false), c.SetLinger(0))
}

// Close closes in the orderly way.
func (c *plainConn) Close() error {
	c.SetLinger(-1)
	return c.TCPConn.Close()
}

// Congestion returns the listener's congestion control.
func (l *kernelListener) Congestion() string {
	raw, err := l.SyscallConn()
	if err != nil {
		return ""
	}
	var name string
	control(raw, func(fd int) (err error) {
		name, err = unix.GetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION)
		return err
	})
	return name
}

type kernelServerConn struct{ *plainConn }

// Reset implements ServerConn.
func (c *kernelServerConn) Reset() error { return errors.Join(c.SetLinger(0), c.TCPConn.Close()) }

// WriteAcked implements ServerConn. The kernel is asked for a time stamp when
// the last byte is acknowledged; its arrival on the socket's error queue is
// what wakes us. It is asked only now because every write would bring one.
func (c *kernelServerConn) WriteAcked(p []byte, limit time.Duration) (int, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	const stamp = unix.SOF_TIMESTAMPING_TX_ACK | unix.SOF_TIMESTAMPING_SOFTWARE | unix.SOF_TIMESTAMPING_OPT_TSONLY
	err = control(raw, func(fd int) error {
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING, stamp)
	})
	if err != nil {
		return 0, fmt.Errorf("asking to be told of the acknowledgement: %w", err)
	}
	n, err := c.Write(p)
	if err != nil {
		return n, err
	}
	return n, control(raw, func(fd int) error { return waitAcked(fd, time.Now().Add(limit)) })
}

// waitAcked returns when the send queue is empty, the connection has failed or
// the time is up.
func waitAcked(fd int, until time.Time) error {
	for {
		unacked, err := unix.IoctlGetInt(fd, unix.SIOCOUTQ)
		if err != nil || unacked == 0 {
			return err
		}
		left := time.Until(until)
		if left <= 0 {
			return nil
		}
		timeout := unix.NsecToTimespec(int64(left))
		fds := []unix.PollFd{{Fd: int32(fd)}} // errors and hang-ups are always reported
		if _, err := unix.Ppoll(fds, &timeout, nil); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		if fds[0].Revents&unix.POLLHUP != 0 {
			return nil
		}
		if err := readStamp(fd); err != nil {
			return err
		}
	}
}

// readStamp takes one message off the error queue. When there is none, the
// socket has an error of its own.
func readStamp(fd int) error {
	var space [256]byte
	_, _, _, _, err := unix.Recvmsg(fd, nil, space[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if !errors.Is(err, unix.EAGAIN) {
		return err
	}
	if n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR); err == nil && n != 0 {
		return unix.Errno(n)
	}
	return nil
}

// Abort cuts the connection, and whatever waits on it.
func (c *kernelServerConn) Abort() error {
	if raw, err := c.SyscallConn(); err == nil {
		control(raw, func(fd int) error { return unix.Shutdown(fd, unix.SHUT_RDWR) })
	}
	return c.TCPConn.Close()
}

// control runs f with the descriptor of a socket.
func control(raw syscall.RawConn, f func(fd int) error) (err error) {
	if cerr := raw.Control(func(fd uintptr) { err = f(int(fd)) }); cerr != nil {
		return cerr
	}
	return err
}
