package tap

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// maxSuperFrame is room for the longest frame that GRO or TSO makes, which is
// 64 KiB of packet unless the administrator allows BIG TCP more. What is
// longer still is ErrFrameTooLong.
const maxSuperFrame = 256 << 10

// OpenEth opens an interface that is already there, through AF_PACKET. The
// interface stays as it is, and the kernel goes on using it: see HoldPort.
//
// The link does not read back what the host sends. What the sending kernel
// left for hardware to do, as across a veth, is done on receipt and marked in
// the frame's flags: checksums of TCP, UDP and ICMPv6 are computed, a VLAN tag
// is put back. Drops counts what found the receive buffer full.
//
// Errors unwrap to ErrName, ErrNoInterface, ErrNotEthernet, ErrLinkDown or
// ErrPrivilege where
// one of these is the reason.
func OpenEth(name string, cfg EthConfig) (Link, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	var l *ethLink
	err := inNamespace(cfg.Namespace, func() (err error) {
		l, err = openEth(name, cfg)
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

func openEth(name string, cfg EthConfig) (*ethLink, error) {
	a, err := usable(name)
	if err != nil {
		return nil, err
	}
	offloads, err := readOffloads(name)
	if err != nil {
		return nil, fmt.Errorf("asking for the offloads of %s: %w", name, err)
	}
	fd, err := packetSocket(a.Index, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	l := &ethLink{index: a.Index}
	l.info = Info{Kind: KindEth, Name: name, MAC: a.HardwareAddr, MTU: a.MTU, MaxFrame: maxSuperFrame, Offloads: offloads}
	l.prepare()
	if l.device, err = newDevice(os.NewFile(uintptr(fd), "packet:"+name), l.tryRead, tryWrite); err != nil {
		return nil, err
	}
	return l, nil
}

// usable finds the interface and says why it would carry nothing.
func usable(name string) (*netlink.LinkAttrs, error) {
	nl, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("looking for %s: %w", name, err)
	}
	defer nl.Close()
	dev, err := nl.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: `ip link` lists those there are", name, ErrNoInterface)
	}
	a := dev.Attrs()
	switch {
	case a.EncapType == "loopback":
		return nil, fmt.Errorf("%s is %w: the loopback gives back what it is sent; use a TAP", name, ErrNotEthernet)
	case a.EncapType != "ether":
		return nil, fmt.Errorf("%s is %w: it carries %s; choose another", name, ErrNotEthernet, a.EncapType)
	case a.RawFlags&unix.IFF_UP == 0:
		return nil, fmt.Errorf("%s: %w: set it up first (ip link set %s up)", name, ErrLinkDown, name)
	case a.RawFlags&unix.IFF_LOWER_UP == 0:
		return nil, fmt.Errorf("%s: %w: it is set up but has no carrier; look at the cable or the other end", name, ErrLinkDown)
	}
	return a, nil
}

// packetSocket makes a socket that sees nothing until it is fully set up:
// protocol 0 first, then the filter, then the interface.
func packetSocket(index int, cfg EthConfig) (fd int, err error) {
	fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return -1, fmt.Errorf("%w for a packet socket: run as root or give the program CAP_NET_RAW: %v", ErrPrivilege, err)
	}
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err = setUpPacket(fd, index, cfg); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func setUpPacket(fd, index int, cfg EthConfig) error {
	for _, option := range []struct {
		name         string
		level, which int
	}{
		{"PACKET_IGNORE_OUTGOING", unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING},
		{"PACKET_AUXDATA", unix.SOL_PACKET, unix.PACKET_AUXDATA},
		{"SO_TIMESTAMPNS", unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW},
	} {
		if err := unix.SetsockoptInt(fd, option.level, option.which, 1); err != nil {
			return os.NewSyscallError("setsockopt "+option.name, err)
		}
	}
	if err := setBuffer(fd, cfg.Buffer); err != nil {
		return err
	}
	if cfg.Filter != nil {
		if err := attachFilter(fd, cfg.Filter); err != nil {
			return err
		}
	}
	if cfg.Promiscuous {
		member := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
		if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &member); err != nil {
			return os.NewSyscallError("setsockopt PACKET_ADD_MEMBERSHIP", err)
		}
	}
	address := unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: index}
	return os.NewSyscallError("bind", unix.Bind(fd, &address))
}

// setBuffer asks for more than the administrator's limit, and is content with
// the limit where it lacks the privilege.
func setBuffer(fd, size int) error {
	if size == 0 {
		size = 8 << 20
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) == nil {
		return nil
	}
	return os.NewSyscallError("setsockopt SO_RCVBUF", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size))
}

func htons(v uint16) uint16 {
	p := [2]byte{byte(v >> 8), byte(v)}
	return *(*uint16)(unsafe.Pointer(&p))
}

// ethLink is an AF_PACKET socket on an interface.
type ethLink struct {
	*device
	info  Info
	index int

	// What recvmsg fills in for the one reader.
	msg     unix.Msghdr
	iov     unix.Iovec
	control [128]byte // aligned for Cmsghdr by what stands before it
	from    unix.RawSockaddrLinklayer

	statistics sync.Mutex
	drops      uint64
}

// prepare points the message header at the link's own fields once.
func (l *ethLink) prepare() {
	l.msg.Name = (*byte)(unsafe.Pointer(&l.from))
	l.msg.Iov = &l.iov
	l.msg.SetIovlen(1)
	l.msg.Control = &l.control[0]
}

// Info implements Link.
func (l *ethLink) Info() Info { return l.info }

// ReadFrame implements Link.
func (l *ethLink) ReadFrame(buf []byte) (int, Meta, error) {
	if len(buf) == 0 {
		buf = make([]byte, 1) // recvmsg needs somewhere to begin
	}
	n, err := l.read(buf)
	if err != nil {
		return 0, Meta{}, l.explain("reading from", err)
	}
	if n > len(buf) {
		return 0, Meta{}, fmt.Errorf("%s: %d bytes into %d: %w", l.info.Name, n, len(buf), ErrFrameTooLong)
	}
	return l.finish(buf, n)
}

// tryRead returns the length of the frame, which is greater than len(buf) if
// it did not fit, and passes over what the host itself sent.
func (l *ethLink) tryRead(fd uintptr, buf []byte) (int, syscall.Errno) {
	for {
		l.iov.Base = &buf[0]
		l.iov.SetLen(len(buf))
		l.msg.Namelen = unix.SizeofSockaddrLinklayer
		l.msg.SetControllen(len(l.control))
		n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&l.msg)), unix.MSG_TRUNC|unix.MSG_DONTWAIT)
		l.iov.Base = nil
		if errno != 0 || l.from.Pkttype != unix.PACKET_OUTGOING {
			return int(n), errno
		}
	}
}

// finish does what the sending kernel left undone.
func (l *ethLink) finish(buf []byte, n int) (int, Meta, error) {
	aux, at := l.ancillary()
	m := Meta{Time: at}
	if aux.Status&unix.TP_STATUS_VLAN_VALID != 0 {
		tpid := uint16(typeVLAN)
		if aux.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
			tpid = aux.Vlan_tpid
		}
		if !restoreTag(buf, n, tpid, aux.Vlan_tci) {
			return 0, Meta{}, fmt.Errorf("%s: %d bytes and a VLAN tag into %d: %w", l.info.Name, n, len(buf), ErrFrameTooLong)
		}
		n += tagLen
		m.Flags |= VLANRestored
	}
	if tooLong(buf[:n], l.info.MTU) {
		m.Flags |= SuperFrame
	}
	if aux.Status&unix.TP_STATUS_CSUMNOTREADY != 0 && completeChecksum(buf[:n]) {
		m.Flags |= ChecksumCompleted
	}
	return n, m, nil
}

// ancillary returns what came with the frame: the kernel's notes, and its
// stamp or, without one, the time now.
func (l *ethLink) ancillary() (aux unix.TpacketAuxdata, at time.Time) {
	rest := l.control[:min(int(l.msg.Controllen), len(l.control))]
	for len(rest) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&rest[0]))
		size := int(h.Len)
		if size < unix.SizeofCmsghdr || size > len(rest) {
			break
		}
		data := rest[unix.CmsgLen(0):size]
		switch {
		case h.Level == unix.SOL_PACKET && h.Type == unix.PACKET_AUXDATA && len(data) >= int(unsafe.Sizeof(aux)):
			aux = *(*unix.TpacketAuxdata)(unsafe.Pointer(&data[0]))
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SO_TIMESTAMPNS_NEW && len(data) >= 16:
			stamp := *(*[2]int64)(unsafe.Pointer(&data[0]))
			at = time.Unix(stamp[0], stamp[1])
		}
		rest = rest[min(unix.CmsgSpace(len(data)), len(rest)):]
	}
	if at.IsZero() {
		at = time.Now()
	}
	return aux, at
}

// WriteFrame implements Link.
func (l *ethLink) WriteFrame(frame []byte) error {
	if err := checkSize(frame, l.info.MTU); err != nil {
		return err
	}
	if err := l.write(frame); err != nil {
		return l.explain("writing to", err)
	}
	return nil
}

func (l *ethLink) explain(doing string, err error) error {
	switch err {
	case net.ErrClosed, os.ErrDeadlineExceeded:
		return err
	case unix.ENETDOWN:
		return fmt.Errorf("%s: %w: it was set down or lost while in use", l.info.Name, ErrLinkDown)
	case unix.ENXIO, unix.ENODEV:
		return fmt.Errorf("%s: %w: it was deleted while in use", l.info.Name, ErrLinkDown)
	case unix.ENOBUFS:
		return fmt.Errorf("%s: %w", l.info.Name, ErrQueueFull)
	case unix.EMSGSIZE:
		return fmt.Errorf("%s: %w: its MTU was changed while in use", l.info.Name, ErrFrameTooLong)
	}
	return fmt.Errorf("%s %s: %w", doing, l.info.Name, err)
}

// Drops counts the frames that found the receive buffer full.
func (l *ethLink) Drops() uint64 {
	l.statistics.Lock()
	defer l.statistics.Unlock()
	// The kernel starts again from zero each time it is asked. After Close it
	// is not asked any more, and the count stays.
	l.raw.Control(func(fd uintptr) {
		var s unix.TpacketStats
		size := uint32(unsafe.Sizeof(s))
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_PACKET, unix.PACKET_STATISTICS,
			uintptr(unsafe.Pointer(&s)), uintptr(unsafe.Pointer(&size)), 0)
		if errno == 0 {
			l.drops += uint64(s.Drops)
		}
	})
	return l.drops
}

// Close implements Link.
func (l *ethLink) Close() error {
	l.Drops()
	return l.device.Close()
}
