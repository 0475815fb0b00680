package tap_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// cable is two namespaces with a kernel each, a veth with its default
// offloads between them, and addresses of both families at both ends.
type cable struct {
	a, b netns.NsHandle
	macB net.HardwareAddr
}

func newCable(t testing.TB) *cable {
	c := &cable{a: linktest.Namespace(t), b: linktest.Namespace(t)}
	linktest.Veth(t, c.a, "veth-a", c.b, "veth-b")
	for i, ns := range []netns.NsHandle{c.a, c.b} {
		linktest.In(t, ns, func() error {
			name := []string{"veth-a", "veth-b"}[i]
			if err := enableIPv6(name); err != nil {
				return err
			}
			return linktest.Up(name, fmt.Sprintf("10.77.0.%d/24", i+1), fmt.Sprintf("fd77::%d/64", i+1))
		})
	}
	linktest.In(t, c.b, func() error {
		dev, err := netlink.LinkByName("veth-b")
		if err == nil {
			c.macB = dev.Attrs().HardwareAddr
		}
		return err
	})
	for _, ip := range []string{"10.77.0.2", "fd77::2"} {
		linktest.In(t, c.a, func() error { return reach(net.JoinHostPort(ip, "9")) })
	}
	return c
}

// reach waits until a closed port refuses a connection: the kernel sets routes
// and carrier up in the background.
func reach(address string) error {
	for limit := time.Now().Add(10 * time.Second); ; {
		_, err := net.DialTimeout("tcp", address, 10*time.Second)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return nil
		}
		if time.Now().After(limit) {
			return fmt.Errorf("the cable is not ready: %w", err)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// enableIPv6 turns on for one interface what linktest.Namespace turned off.
func enableIPv6(name string) error {
	return os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6", []byte("0"), 0)
}

// watcher collects what crosses an interface.
type watcher struct {
	*tap.Recorder
	more chan struct{} // something has been recorded
	done chan struct{} // the reader has ended
}

// watch opens an interface and collects its frames until it is stopped.
func watch(t testing.TB, ns netns.NsHandle, name string) *watcher {
	t.Helper()
	link, err := tap.OpenEth(name, tap.EthConfig{Namespace: ns})
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{more: make(chan struct{}, 1), done: make(chan struct{})}
	w.Recorder = tap.Record(link)
	go func() {
		defer close(w.done)
		for buf := make([]byte, link.Info().MaxFrame); ; {
			_, _, err := w.ReadFrame(buf)
			if errors.Is(err, net.ErrClosed) || errors.Is(err, tap.ErrLinkDown) {
				return
			}
			select {
			case w.more <- struct{}{}:
			default:
			}
		}
	}()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *watcher) stop() []tap.Frame {
	w.Close()
	<-w.done
	return w.Recording().Frames
}

// until waits for a condition on what was recorded.
func (w *watcher) until(t testing.TB, what string, condition func([]tap.Frame) bool) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for !condition(w.Recording().Frames) {
		select {
		case <-w.more:
		case <-timeout:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// segment finds the transport segment of a frame of these tests, which have
// no options and no extension headers.
func segment(f []byte) (proto byte, pseudo, segment []byte) {
	at := 12
	for binary.BigEndian.Uint16(f[at:]) == 0x8100 {
		at += 4
	}
	ip := f[at+2:]
	switch binary.BigEndian.Uint16(f[at:]) {
	case 0x0800:
		total := int(binary.BigEndian.Uint16(ip[2:]))
		if total == 0 {
			total = len(ip)
		}
		return ip[9], ip[12:20], ip[20:total]
	case 0x86dd:
		return ip[6], ip[8:40], ip[40:]
	}
	return 0, nil, nil
}

// verified adds up a segment's checksum word by word, the long way.
func verified(proto byte, pseudo, seg []byte) bool {
	sum := uint64(proto) + uint64(len(seg))
	for _, p := range [][]byte{pseudo, append(bytes.Clone(seg), 0)[:(len(seg)+1)/2*2]} {
		for i := 0; i < len(p); i += 2 {
			sum += uint64(p[i])<<8 | uint64(p[i+1])
		}
	}
	return sum%0xffff == 0
}

// What the kernel sends over a veth with its default offloads has no
// checksums, and merges segments. On receipt the first is mended, both are
// marked, and the receiving host's own frames are not among them.
func TestEthCompletesWhatTheKernelLeft(t *testing.T) {
	for _, ip := range []string{"10.77.0.2", "fd77::2"} {
		t.Run(ip, func(t *testing.T) {
			c := newCable(t)
			w := watch(t, c.b, "veth-b")
			if !offloaded(w.Info()) {
				t.Errorf("tx-checksum-ip-generic is not on by default: %v", w.Info().Offloads)
			}
			transfer(t, c, ip, 4<<20)
			w.until(t, "the sender's FIN", closed) // what is still in the socket is lost with it
			completed, super := 0, 0
			for i, f := range w.stop() {
				if bytes.Equal(f.Data[6:12], c.macB) {
					t.Fatalf("frame %d was sent by this host", i)
				}
				proto, pseudo, seg := segment(f.Data)
				if proto != 6 {
					continue
				}
				if !verified(proto, pseudo, seg) {
					t.Fatalf("frame %d of %d bytes (flags %b) has a bad checksum", i, len(f.Data), f.Flags)
				}
				if f.Flags&tap.ChecksumCompleted != 0 {
					completed++
				}
				if marked := f.Flags&tap.SuperFrame != 0; marked != (len(f.Data) > 1514) {
					t.Fatalf("frame %d of %d bytes: marked as a super-frame: %v", i, len(f.Data), marked)
				} else if marked {
					super++
				}
			}
			if completed == 0 || super == 0 {
				t.Errorf("%d frames were completed and %d are super-frames", completed, super)
			}
		})
	}
}

// closed reports whether the sender of a transfer has sent its FIN.
func closed(frames []tap.Frame) bool {
	return slices.ContainsFunc(frames, func(f tap.Frame) bool {
		proto, _, seg := segment(f.Data)
		return proto == 6 && seg[13]&0x01 != 0
	})
}

func offloaded(info tap.Info) bool {
	for _, o := range info.Offloads {
		if o.Name == "tx-checksum-ip-generic" {
			return o.On
		}
	}
	return false
}

// transfer sends n bytes from a to b through the two kernels.
func transfer(t *testing.T, c *cable, ip string, n int64) {
	t.Helper()
	listener := listenIn(t, c.b, net.JoinHostPort(ip, "0"))
	received := make(chan int64, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			received <- 0
			return
		}
		defer conn.Close()
		n, _ := io.Copy(io.Discard, conn)
		received <- n
	}()
	linktest.In(t, c.a, func() error {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.Write(make([]byte, n))
		return err
	})
	if got := <-received; got != n {
		t.Fatalf("%d of %d bytes arrived", got, n)
	}
}

func listenIn(t testing.TB, ns netns.NsHandle, address string) (l net.Listener) {
	t.Helper()
	linktest.In(t, ns, func() (err error) {
		l, err = net.Listen("tcp", address)
		return err
	})
	t.Cleanup(func() { l.Close() })
	return l
}

// The kernel takes a VLAN tag out of the frame on receipt; it is put back, and
// the checksum behind it is completed.
func TestEthRestoresVLANTag(t *testing.T) {
	c := newCable(t)
	w := watch(t, c.b, "veth-b")
	frame := append(bytes.Clone(request[:12]), 0x81, 0x00, 0x60, 0x07)
	frame = append(frame, request[12:]...)
	copy(frame, c.macB)
	linktest.In(t, c.a, func() error { return sendUnsummed("veth-a", frame, 18+20, 6) })
	w.until(t, "a datagram behind a tag", func(frames []tap.Frame) bool {
		for _, f := range frames {
			if !bytes.HasSuffix(f.Data, []byte("hello")) {
				continue
			}
			if tag := binary.BigEndian.Uint32(f.Data[12:]); tag != 0x81006007 || len(f.Data) != len(frame) {
				t.Fatalf("the tag is %08x in a frame of %d bytes", tag, len(f.Data))
			}
			if want := tap.VLANRestored | tap.ChecksumCompleted; f.Flags != want {
				t.Errorf("flags %b, want %b", f.Flags, want)
			}
			if proto, pseudo, seg := segment(f.Data); proto != 17 || !verified(proto, pseudo, seg) {
				t.Errorf("protocol %d, checksum not right", proto)
			}
			return true
		}
		return false
	})
}

// sendUnsummed sends a frame whose transport segment begins at start and has
// its checksum offset bytes behind, and leaves that to hardware.
func sendUnsummed(name string, frame []byte, start, offset uint16) error {
	iface, err := net.InterfaceByName(name)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1); err != nil {
		return err
	}
	const needsChecksum = 1 // VIRTIO_NET_HDR_F_NEEDS_CSUM
	header := []byte{needsChecksum, 0, 0, 0, 0, 0}
	header = binary.NativeEndian.AppendUint16(header, start)
	header = binary.NativeEndian.AppendUint16(header, offset)
	return unix.Sendto(fd, append(header, frame...), 0, &unix.SockaddrLinklayer{Ifindex: iface.Index})
}

func TestProbeAddressFindsAKernel(t *testing.T) {
	c := newCable(t)
	link, err := tap.OpenEth("veth-a", tap.EthConfig{Namespace: c.a})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	for _, test := range []struct {
		addr string
		want error
	}{
		{"10.77.0.2", tap.ErrAddressTaken}, {"10.77.0.3", nil},
		{"fd77::2", tap.ErrAddressTaken}, {"fd77::3", nil},
	} {
		err := tap.ProbeAddress(context.Background(), link, link.Info().MAC, netip.MustParseAddr(test.addr), 200*time.Millisecond)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.addr, err, test.want)
		}
	}
}
