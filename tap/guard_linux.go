package tap

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// A Guard is a listening socket of the kernel's that hears nothing. While it
// is there, the kernel finds a listener for segments to its address and port
// and gives them to the filter, which drops them: no RST leaves the host, and
// nobody else can take the port. The kernel closes it with the process,
// however that ends.
//
// It has to live as long as the peer may send segments of the connection:
// until TIME-WAIT is over, or, if the connection was given up, until the peer
// has given up too.
type Guard struct {
	addr netip.AddrPort
	once sync.Once
	fd   int
}

// Ports are chosen at random (RFC 6056 §3.3.1) from firstPort up: half of all
// there are, clear of the ports that services register.
const (
	firstPort  = 32768
	portsTries = 64
)

// HoldPort makes the kernel quiet about TCP segments to addr, which must be
// an address of the host in the network namespace of the calling thread. Port
// 0 chooses a free port at random.
//
// Errors unwrap to ErrPortTaken, ErrNotLocal or ErrPrivilege where one of
// these is the reason.
func HoldPort(addr netip.AddrPort) (*Guard, error) {
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	if !addr.Addr().IsValid() || addr.Addr().IsUnspecified() || addr.Addr().IsMulticast() {
		return nil, fmt.Errorf("holding a port: %v is %w", addr.Addr(), ErrNotLocal)
	}
	if addr.Port() != 0 {
		return hold(addr)
	}
	for range portsTries {
		g, err := hold(netip.AddrPortFrom(addr.Addr(), randomPort()))
		if !errors.Is(err, ErrPortTaken) {
			return g, err
		}
	}
	return nil, fmt.Errorf("%d ports of %v chosen at random: %w", portsTries, addr.Addr(), ErrPortTaken)
}

func randomPort() uint16 {
	var p [2]byte
	rand.Read(p[:])
	return firstPort + binary.BigEndian.Uint16(p[:])%(1<<16-firstPort)
}

func hold(addr netip.AddrPort) (*Guard, error) {
	family := unix.AF_INET6
	if addr.Addr().Is4() {
		family = unix.AF_INET
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := listenDeaf(fd, addr); err != nil {
		unix.Close(fd)
		return nil, explainHold(addr, err)
	}
	return &Guard{addr: addr, fd: fd}, nil
}

// listenDeaf attaches the filter before the socket listens, so that there is
// no moment at which it would answer.
func listenDeaf(fd int, addr netip.AddrPort) error {
	sa, err := socketAddress(addr)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, sa); err != nil {
		return os.NewSyscallError("bind", err)
	}
	nothing, err := bpf.Assemble([]bpf.Instruction{bpf.RetConstant{Val: 0}})
	if err != nil {
		return err
	}
	if err := attachFilter(fd, nothing); err != nil {
		return err
	}
	return os.NewSyscallError("listen", unix.Listen(fd, 1))
}

func socketAddress(addr netip.AddrPort) (unix.Sockaddr, error) {
	if addr.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}, nil
	}
	sa := &unix.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16()}
	if zone := addr.Addr().Zone(); zone != "" {
		index, err := strconv.ParseUint(zone, 10, 32)
		if err != nil {
			iface, err := net.InterfaceByName(zone)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", zone, ErrNoInterface)
			}
			index = uint64(iface.Index)
		}
		sa.ZoneId = uint32(index)
	}
	return sa, nil
}

func explainHold(addr netip.AddrPort, err error) error {
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		return fmt.Errorf("%v: %w: choose another, or let one be chosen", addr, ErrPortTaken)
	case errors.Is(err, unix.EADDRNOTAVAIL):
		return fmt.Errorf("%v is %w: use an address of the host, or a spare one of the subnet", addr.Addr(), ErrNotLocal)
	case errors.Is(err, unix.EACCES):
		return fmt.Errorf("%w for port %d: choose one above 1023", ErrPrivilege, addr.Port())
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("%w to put a filter on a socket: run as root: %v", ErrPrivilege, err)
	}
	return fmt.Errorf("holding %v: %w", addr, err)
}

// Addr returns what is held, with the port that was chosen.
func (g *Guard) Addr() netip.AddrPort { return g.addr }

// Close gives the port back. From then on the kernel answers again.
func (g *Guard) Close() (err error) {
	g.once.Do(func() { err = unix.Close(g.fd) })
	return err
}
