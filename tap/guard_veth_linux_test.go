package tap_test

import (
	"bytes"
	"net"
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

const (
	syn = 0x02
	rst = 0x04
	ack = 0x10
)

// A SYN goes out by hand from an address of the host, and a real listener at
// the other end answers. Without the guard the host's kernel, which knows of
// no connection, resets it at once; with the guard no RST ever leaves, so the
// listener's kernel has to repeat its SYN,ACK.
func TestGuardKeepsTheKernelQuiet(t *testing.T) {
	for _, test := range []struct {
		name, from, to string
		guarded        bool
	}{
		{"without", "10.77.0.1", "10.77.0.2", false},
		{"with", "10.77.0.1", "10.77.0.2", true},
		{"without, IPv6", "fd77::1", "fd77::2", false},
		{"with, IPv6", "fd77::1", "fd77::2", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCable(t)
			listener := listenIn(t, c.b, net.JoinHostPort(test.to, "0"))
			local := hold(t, c, test.from, test.guarded)
			near := watch(t, c.a, "veth-a")
			far := watch(t, c.b, "veth-b")
			frame := handmadeSYN(t, near.Info().MAC, c.macB, local, listener.Addr().(*net.TCPAddr).AddrPort())
			if err := near.WriteFrame(frame); err != nil {
				t.Fatal(err)
			}
			if !test.guarded {
				far.until(t, "a RST", func(f []tap.Frame) bool { return tcpFrames(f, local.Port(), rst) > 0 })
				return
			}
			// The listener repeats its SYN,ACK after a second only if nobody
			// has reset it.
			near.until(t, "a second SYN,ACK", func(f []tap.Frame) bool { return tcpFrames(f, 0, syn|ack) == 2 })
			if n := tcpFrames(far.Recording().Frames, local.Port(), rst); n != 0 {
				t.Errorf("%d RSTs left the host", n)
			}
		})
	}
}

// hold chooses a port, and gives it back at once if the test is to do without.
func hold(t *testing.T, c *cable, from string, keep bool) netip.AddrPort {
	t.Helper()
	var guard *tap.Guard
	linktest.In(t, c.a, func() (err error) {
		guard, err = tap.HoldPort(netip.AddrPortFrom(netip.MustParseAddr(from), 0))
		return err
	})
	if keep {
		t.Cleanup(func() { guard.Close() })
	} else {
		guard.Close()
	}
	return guard.Addr()
}

func handmadeSYN(t *testing.T, src, dst net.HardwareAddr, local, remote netip.AddrPort) []byte {
	t.Helper()
	ether := &layers.Ethernet{SrcMAC: src, DstMAC: dst, EthernetType: layers.EthernetTypeIPv4}
	tcp := &layers.TCP{SrcPort: layers.TCPPort(local.Port()), DstPort: layers.TCPPort(remote.Port()), Seq: 1000, SYN: true, Window: 65535}
	from, to := net.IP(local.Addr().AsSlice()), net.IP(remote.Addr().Unmap().AsSlice())
	var ip gopacket.SerializableLayer
	if local.Addr().Is4() {
		v4 := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: from, DstIP: to}
		tcp.SetNetworkLayerForChecksum(v4)
		ip = v4
	} else {
		ether.EthernetType = layers.EthernetTypeIPv6
		v6 := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP, SrcIP: from, DstIP: to}
		tcp.SetNetworkLayerForChecksum(v6)
		ip = v6
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ether, ip, tcp); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(buf.Bytes())
}

// tcpFrames counts the received TCP frames with all of the flags, from the
// port unless that is 0.
func tcpFrames(frames []tap.Frame, port uint16, flags byte) (n int) {
	for _, f := range frames {
		proto, _, seg := segment(f.Data)
		if f.Dir != tap.In || proto != 6 || seg[13]&flags != flags {
			continue
		}
		if port == 0 || uint16(seg[0])<<8|uint16(seg[1]) == port {
			n++
		}
	}
	return n
}
