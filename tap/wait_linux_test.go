package tap_test

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"testing"

	"github.com/songgao/water"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// BenchmarkWait compares the two ways of waiting for a frame: ppoll on the
// thread, as the TAP link does, and parking in Go's poller. A UDP server of
// the kernel's answers each datagram.
func BenchmarkWait(b *testing.B) {
	b.Run("ppoll", func(b *testing.B) {
		ns := linktest.Namespace(b)
		link, err := tap.OpenTAP(tap.TAPConfig{Name: "bench0", Namespace: ns})
		if err != nil {
			b.Fatal(err)
		}
		defer link.Close()
		pingPong(b, ns, func(p []byte) (int, error) { n, _, err := link.ReadFrame(p); return n, err },
			func(p []byte) (int, error) { return len(p), link.WriteFrame(p) })
	})
	b.Run("netpoll", func(b *testing.B) {
		ns := linktest.Namespace(b)
		var dev *water.Interface
		linktest.In(b, ns, func() (err error) {
			cfg := water.Config{DeviceType: water.TAP}
			cfg.Name = "bench0"
			dev, err = water.New(cfg)
			return err
		})
		defer dev.Close()
		file := dev.ReadWriteCloser.(*os.File)
		pingPong(b, ns, file.Read, file.Write)
	})
}

func pingPong(b *testing.B, ns netns.NsHandle, read, write func([]byte) (int, error)) {
	peer := netip.MustParseAddr("10.99.0.2")
	var server *net.UDPConn
	linktest.In(b, ns, func() (err error) {
		if err = linktest.Up("bench0", "10.99.0.1/24"); err != nil {
			return err
		}
		dev, err := netlink.LinkByName("bench0")
		if err != nil {
			return err
		}
		err = netlink.NeighAdd(&netlink.Neigh{LinkIndex: dev.Attrs().Index, State: netlink.NUD_PERMANENT,
			IP: peer.AsSlice(), HardwareAddr: net.HardwareAddr{2, 0, 0, 0, 0, 2}})
		if err != nil {
			return err
		}
		if server, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(10, 99, 0, 1), Port: 7}); err != nil {
			return err
		}
		copy(request[:6], dev.Attrs().HardwareAddr)
		return nil
	})
	if os.Getenv("EXT") == "1" {
		f, _ := server.File()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "TAP_TEST_UDP_SERVER=1")
		cmd.ExtraFiles = []*os.File{f}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		f.Close()
		server.Close()
		defer cmd.Wait()
		defer cmd.Process.Kill()
	} else {
		defer server.Close()
		go echoUDP(server)
	}
	buf := make([]byte, 2000)
	for b.Loop() {
		if _, err := write(request); err != nil {
			b.Fatal(err)
		}
		for {
			n, err := read(buf)
			if err != nil {
				b.Fatal(err)
			}
			if n > 42 && binary.BigEndian.Uint16(buf[36:]) == 4242 {
				break
			}
		}
	}
}

// request is a UDP datagram of five bytes from 10.99.0.2 port 4242 to
// 10.99.0.1 port 7, without a UDP checksum.
var request = []byte{
	0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 8, 0,
	0x45, 0, 0, 33, 0, 0, 0, 0, 64, 17, 0x66, 0x04, 10, 99, 0, 2, 10, 99, 0, 1,
	0x10, 0x92, 0, 7, 0, 13, 0, 0, 'h', 'e', 'l', 'l', 'o',
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

func TestMain(m *testing.M) {
	if os.Getenv("TAP_TEST_UDP_SERVER") == "1" {
		c, err := net.FilePacketConn(os.NewFile(3, "udp"))
		if err != nil {
			panic(err)
		}
		echoUDP(c.(*net.UDPConn))
		return
	}
	os.Exit(m.Run())
}
