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

	"github.com/songgao/water"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// OpenTAP creates a TAP device. What is written to the link arrives at the
// kernel as if from a cable; what the kernel sends is read from it. The device
// goes away with the link, or with the process.
//
// Errors unwrap to ErrName, ErrPrivilege, ErrNoTUN or ErrNameTaken where one
// of these is the reason.
func OpenTAP(cfg TAPConfig) (Link, error) {
	if cfg.Name != "" {
		if err := CheckName(cfg.Name); err != nil {
			return nil, err
		}
	}
	var l *tapLink
	err := inNamespace(cfg.Namespace, func() (err error) {
		l, err = createTAP(cfg)
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

func createTAP(cfg TAPConfig) (*tapLink, error) {
	file, name, err := newTAP(cfg.Name)
	if err != nil {
		return nil, err
	}
	l := &tapLink{}
	if l.device, err = newDevice(file, l.tryRead, tryWrite); err != nil {
		return nil, err
	}
	if l.info, err = configureTAP(name, cfg); err != nil {
		l.Close()
		return nil, fmt.Errorf("setting up TAP device %s: %w", name, err)
	}
	return l, nil
}

// tapMutex makes what closeLeaked finds ours.
var tapMutex sync.Mutex

// newTAP creates the device in the thread's namespace.
func newTAP(name string) (file *os.File, created string, err error) {
	tapMutex.Lock()
	defer tapMutex.Unlock()
	before := unattached()
	cfg := water.Config{DeviceType: water.TAP}
	cfg.Name = name
	// water's descriptor would go to child processes; ForkLock keeps them
	// away until it is marked.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	iface, err := water.New(cfg)
	if err != nil {
		// water leaves its descriptor open when the kernel refuses the name.
		closeLeaked(before)
		return nil, "", explainTAP(name, err)
	}
	file = iface.ReadWriteCloser.(*os.File)
	if err := closeOnExec(file); err != nil {
		file.Close()
		return nil, "", err
	}
	return file, iface.Name(), nil
}

// closeOnExec does without Fd(), which would make the file blocking.
func closeOnExec(file *os.File) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) { unix.CloseOnExec(int(fd)) })
}

func explainTAP(name string, err error) error {
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return fmt.Errorf("%w: load the kernel module (modprobe tun), or give the container the device: %v", ErrNoTUN, err)
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return fmt.Errorf("%w to create a TAP device: run as root or give the program CAP_NET_ADMIN: %v", ErrPrivilege, err)
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EINVAL), errors.Is(err, unix.EEXIST):
		// EINVAL is a device of that name that is not a TAP.
		return fmt.Errorf("%s: %w: choose another name: %v", name, ErrNameTaken, err)
	}
	return fmt.Errorf("creating TAP device %q: %w", name, err)
}

// configureTAP runs in the device's namespace.
func configureTAP(name string, cfg TAPConfig) (Info, error) {
	nl, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return Info{}, err
	}
	defer nl.Close()
	dev, err := nl.LinkByName(name)
	if err != nil {
		return Info{}, err
	}
	if cfg.HostMAC != nil {
		if err := nl.LinkSetHardwareAddr(dev, cfg.HostMAC); err != nil {
			return Info{}, fmt.Errorf("address %v: %w", cfg.HostMAC, err)
		}
	}
	if cfg.MTU != 0 && cfg.MTU != dev.Attrs().MTU {
		if err := nl.LinkSetMTU(dev, cfg.MTU); err != nil {
			return Info{}, fmt.Errorf("MTU %d: %w", cfg.MTU, err)
		}
	}
	if !cfg.Down {
		if err := nl.LinkSetUp(dev); err != nil {
			return Info{}, err
		}
	}
	if dev, err = nl.LinkByName(name); err != nil {
		return Info{}, err
	}
	offloads, err := readOffloads(name)
	if err != nil {
		return Info{}, err
	}
	mtu := dev.Attrs().MTU
	// One byte more than fits: a read that fills it was too long.
	return Info{Kind: KindTAP, Name: name, MTU: mtu, MaxFrame: etherLen + maxTags*tagLen + mtu + 1, Offloads: offloads}, nil
}

// tapLink is the stack's end of a TAP device.
type tapLink struct {
	*device
	info  Info
	spare [1]byte
	iov   [2]unix.Iovec
}

// Info implements Link.
func (l *tapLink) Info() Info { return l.info }

// ReadFrame implements Link. A poll is one system call.
func (l *tapLink) ReadFrame(buf []byte) (int, Meta, error) {
	n, err := l.read(buf)
	if err != nil {
		return 0, Meta{}, l.explain("reading from", err)
	}
	if n > len(buf) || n >= l.info.MaxFrame {
		return 0, Meta{}, fmt.Errorf("%s: %w", l.info.Name, ErrFrameTooLong)
	}
	return n, Meta{Time: time.Now()}, nil
}

// tryRead returns a number greater than len(buf) for a frame that did not fit:
// the kernel cuts it without a word, so a short buffer gets a spare byte.
func (l *tapLink) tryRead(fd uintptr, buf []byte) (int, syscall.Errno) {
	if len(buf) >= l.info.MaxFrame {
		n, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&buf[0])), uintptr(l.info.MaxFrame))
		return int(n), errno
	}
	iov := l.iov[:0]
	if len(buf) > 0 {
		iov = append(iov, unix.Iovec{Base: &buf[0]})
		iov[0].SetLen(len(buf))
	}
	iov = append(iov, unix.Iovec{Base: &l.spare[0]})
	iov[len(iov)-1].SetLen(1)
	n, _, errno := unix.RawSyscall(unix.SYS_READV, fd, uintptr(unsafe.Pointer(&iov[0])), uintptr(len(iov)))
	l.iov = [2]unix.Iovec{}
	return int(n), errno
}

// WriteFrame implements Link. The kernel's side runs before it returns, up to
// an answer that waits to be read.
func (l *tapLink) WriteFrame(frame []byte) error {
	if err := checkSize(frame, l.info.MTU); err != nil {
		return err
	}
	if err := l.write(frame); err != nil {
		return l.explain("writing to", err)
	}
	return nil
}

// tryWrite does not tell the scheduler, which would cost more than another
// goroutine could do in so short a time.
func tryWrite(fd uintptr, frame []byte) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, fd, uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)))
	return int(n), errno
}

func (l *tapLink) explain(doing string, err error) error {
	switch err {
	case net.ErrClosed, os.ErrDeadlineExceeded:
		return err
	case unix.EIO, unix.EBADFD:
		return fmt.Errorf("TAP device %s: %w: set it up, or open it again if it was deleted", l.info.Name, ErrLinkDown)
	}
	return fmt.Errorf("%s TAP device %s: %w", doing, l.info.Name, err)
}
