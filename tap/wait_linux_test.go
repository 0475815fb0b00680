package tap_test

import (
	"encoding/binary"
	"net"
	"os"
	"os/exec"
	"testing"

	"github.com/songgao/water"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// udpServer, in the environment, makes the test binary the peer in another
// process of BenchmarkWait.
const udpServer = "TAP_TEST_UDP_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(udpServer) == "" {
		os.Exit(m.Run())
	}
	conn, err := net.FilePacketConn(os.NewFile(3, "udp"))
	if err != nil {
		panic(err)
	}
	echoUDP(conn.(*net.UDPConn))
}

// BenchmarkWait compares two ways of waiting for an answer: parking in Go's
// poller, as the TAP link does, and ppoll on the thread.
func BenchmarkWait(b *testing.B) {
	for _, peer := range []string{"same process", "other process"} {
		b.Run("poller/"+peer, func(b *testing.B) {
			ns := linktest.Namespace(b)
			link, err := tap.OpenTAP(tap.TAPConfig{Name: "bench0", Namespace: ns})
			if err != nil {
				b.Fatal(err)
			}
			defer link.Close()
			read := func(p []byte) (int, error) { n, _, err := link.ReadFrame(p); return n, err }
			pingPong(b, ns, peer, read, link.WriteFrame)
		})
		b.Run("ppoll/"+peer, func(b *testing.B) {
			ns := linktest.Namespace(b)
			fd := rawTAP(b, ns, "bench0")
			defer unix.Close(fd)
			read := func(p []byte) (int, error) { return readPolling(fd, p) }
			write := func(p []byte) error { _, err := unix.Write(fd, p); return err }
			pingPong(b, ns, peer, read, write)
		})
	}
}

// rawTAP makes a TAP device whose descriptor Go's poller does not know.
func rawTAP(b *testing.B, ns netns.NsHandle, name string) (fd int) {
	linktest.In(b, ns, func() error {
		cfg := water.Config{DeviceType: water.TAP}
		cfg.Name = name
		dev, err := water.New(cfg)
		if err != nil {
			return err
		}
		defer dev.Close()
		raw, err := dev.ReadWriteCloser.(*os.File).SyscallConn()
		if err != nil {
			return err
		}
		return raw.Control(func(old uintptr) { fd, _ = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) })
	})
	return fd
}

func readPolling(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		if err != unix.EAGAIN && err != unix.EINTR {
			return n, err
		}
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if _, err := unix.Ppoll(fds, nil, nil); err != nil && err != unix.EINTR {
			return 0, err
		}
	}
}

// pingPong sends a datagram, waits for its echo, and so on.
func pingPong(b *testing.B, ns netns.NsHandle, peer string, read func([]byte) (int, error), write func([]byte) error) {
	frame := append([]byte{}, request...)
	var server *net.UDPConn
	linktest.In(b, ns, func() (err error) {
		if err := linktest.Up("bench0", "10.99.0.1/24"); err != nil {
			return err
		}
		dev, err := netlink.LinkByName("bench0")
		if err != nil {
			return err
		}
		copy(frame, dev.Attrs().HardwareAddr)
		neighbour := &netlink.Neigh{LinkIndex: dev.Attrs().Index, State: netlink.NUD_PERMANENT,
			IP: net.IPv4(10, 99, 0, 2), HardwareAddr: net.HardwareAddr{2, 0, 0, 0, 0, 2}}
		if err := netlink.NeighAdd(neighbour); err != nil {
			return err
		}
		server, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(10, 99, 0, 1), Port: 7})
		return err
	})
	serve(b, server, peer == "other process")
	buf := make([]byte, 2000)
	for b.Loop() {
		if err := write(frame); err != nil {
			b.Fatal(err)
		}
		for answered := false; !answered; {
			n, err := read(buf)
			if err != nil {
				b.Fatal(err)
			}
			answered = n > 42 && binary.BigEndian.Uint16(buf[36:]) == 4242
		}
	}
}

// serve answers datagrams until the benchmark ends.
func serve(b *testing.B, server *net.UDPConn, elsewhere bool) {
	if !elsewhere {
		go echoUDP(server)
		b.Cleanup(func() { server.Close() })
		return
	}
	file, err := server.File()
	if err != nil {
		b.Fatal(err)
	}
	server.Close()
	defer file.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), udpServer+"=1")
	cmd.ExtraFiles = []*os.File{file}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

func echoUDP(server *net.UDPConn) {
	var p [64]byte
	for {
		n, from, err := server.ReadFromUDPAddrPort(p[:])
		if err != nil {
			return
		}
		server.WriteToUDPAddrPort(p[:n], from)
	}
}

// request is a UDP datagram of five bytes from 10.99.0.2 port 4242 to
// 10.99.0.1 port 7, without a UDP checksum.
var request = []byte{
	0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 8, 0,
	0x45, 0, 0, 33, 0, 0, 0, 0, 64, 17, 0x66, 0x04, 10, 99, 0, 2, 10, 99, 0, 1,
	0x10, 0x92, 0, 7, 0, 13, 0, 0, 'h', 'e', 'l', 'l', 'o',
}
