package tap

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// build has gopacket, which shares no code with this package, make the frame
// and its checksums.
func build(t testing.TB, all ...gopacket.SerializableLayer) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	var network gopacket.NetworkLayer
	for _, l := range all {
		switch l := l.(type) {
		case *layers.IPv4:
			network = l
		case *layers.IPv6:
			network = l
		case *layers.TCP:
			l.SetNetworkLayerForChecksum(network)
		case *layers.UDP:
			l.SetNetworkLayerForChecksum(network)
		case *layers.ICMPv6:
			l.SetNetworkLayerForChecksum(network)
		}
	}
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, all...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(buf.Bytes())
}

var (
	macA = net.HardwareAddr{2, 0, 0, 0, 0, 1}
	macB = net.HardwareAddr{2, 0, 0, 0, 0, 2}
)

func ether(t layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: macA, DstMAC: macB, EthernetType: t}
}

func ip4(p layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: p, SrcIP: net.IPv4(10, 0, 0, 1), DstIP: net.IPv4(10, 0, 0, 2)}
}

func ip6(p layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: p, SrcIP: net.ParseIP("fd00::1"), DstIP: net.ParseIP("fd00::2")}
}

func tcp() *layers.TCP {
	return &layers.TCP{SrcPort: 40000, DstPort: 7, Seq: 0xfffffff0, Ack: 77, PSH: true, ACK: true, Window: 65535}
}

// sample is a frame with a right checksum, and where that stands.
type sample struct {
	name  string
	frame []byte
	at    int
}

func samples(t testing.TB) []sample {
	odd := gopacket.Payload("an odd number of bytes, it is")
	udp := func() *layers.UDP { return &layers.UDP{SrcPort: 5000, DstPort: 7} }
	echo := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(128, 0)}
	tag := &layers.Dot1Q{VLANIdentifier: 7, Type: layers.EthernetTypeIPv4}
	outer := &layers.Dot1Q{VLANIdentifier: 8, Type: layers.EthernetTypeDot1Q}
	options := ip4(layers.IPProtocolTCP)
	options.Options = []layers.IPv4Option{{OptionType: 1}, {OptionType: 1}, {OptionType: 1}, {OptionType: 0}}
	padded := append(build(t, ether(layers.EthernetTypeIPv4), ip4(layers.IPProtocolTCP), tcp()), 9, 9, 9, 9, 9, 9)
	return []sample{
		{"TCP over IPv4", build(t, ether(layers.EthernetTypeIPv4), ip4(layers.IPProtocolTCP), tcp(), odd), 14 + 20 + 16},
		{"TCP over IPv4 with options", build(t, ether(layers.EthernetTypeIPv4), options, tcp(), odd), 14 + 24 + 16},
		{"TCP over IPv4 with link padding", padded, 14 + 20 + 16},
		{"UDP over IPv4", build(t, ether(layers.EthernetTypeIPv4), ip4(layers.IPProtocolUDP), udp(), odd), 14 + 20 + 6},
		{"TCP over IPv6", build(t, ether(layers.EthernetTypeIPv6), ip6(layers.IPProtocolTCP), tcp(), odd), 14 + 40 + 16},
		{"UDP over IPv6", build(t, ether(layers.EthernetTypeIPv6), ip6(layers.IPProtocolUDP), udp(), odd), 14 + 40 + 6},
		{"ICMPv6", build(t, ether(layers.EthernetTypeIPv6), ip6(layers.IPProtocolICMPv6), echo, odd), 14 + 40 + 2},
		{"TCP behind a VLAN tag", build(t, ether(layers.EthernetTypeDot1Q), tag, ip4(layers.IPProtocolTCP), tcp(), odd), 18 + 20 + 16},
		{"TCP behind two VLAN tags", build(t, ether(layers.EthernetTypeQinQ), outer, tag, ip4(layers.IPProtocolTCP), tcp(), odd), 22 + 20 + 16},
	}
}

func TestCompleteChecksum(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			frame := bytes.Clone(s.frame)
			frame[s.at] ^= 0x5a // as if it were a pseudo-header's sum
			if !completeChecksum(frame) || !bytes.Equal(frame, s.frame) {
				t.Errorf("completed to % x, want % x", frame[s.at:s.at+2], s.frame[s.at:s.at+2])
			}
			// A right one stays.
			if !completeChecksum(frame) || !bytes.Equal(frame, s.frame) {
				t.Error("a second time gave another result")
			}
		})
	}
}

func TestCompleteChecksumLeavesWhatItCannot(t *testing.T) {
	tcp4 := build(t, ether(layers.EthernetTypeIPv4), ip4(layers.IPProtocolTCP), tcp())
	change := func(at int, value byte) []byte {
		f := bytes.Clone(tcp4)
		f[at] = value
		return f
	}
	for name, frame := range map[string][]byte{
		"ARP":                       arpProbe(macA, mustAddr("10.0.0.1")),
		"a fragment":                change(21, 1),
		"more fragments":            change(20, 0x20),
		"version 5":                 change(14, 0x55),
		"a header of 16 bytes":      change(14, 0x44),
		"a total length too long":   change(16, 0xff),
		"a total length too short":  change(17, 19),
		"a segment without a field": change(17, 37),
		"GRE":                       change(23, 47),
		"three VLAN tags":           append(unhex(t, "020000000002 020000000001 8100 0001 8100 0002 8100 0003 0800"), tcp4[14:]...),
		"an IPv6 fragment":          build(t, ether(layers.EthernetTypeIPv6), ip6(44), gopacket.Payload(make([]byte, 40))),
		"an empty frame":            nil,
	} {
		before := bytes.Clone(frame)
		if completeChecksum(frame) || !bytes.Equal(frame, before) {
			t.Errorf("%s: was changed", name)
		}
	}
}

func TestCompleteChecksumEveryTruncation(t *testing.T) {
	for _, s := range samples(t) {
		if strings.Contains(s.name, "padding") {
			continue // less padding is no less of a packet
		}
		for n := range len(s.frame) {
			frame := bytes.Clone(s.frame[:n])
			if completeChecksum(frame) || !bytes.Equal(frame, s.frame[:n]) {
				t.Errorf("%s cut to %d bytes was changed", s.name, n)
			}
		}
	}
}

// The pseudo-header's destination is the end of the route, not the next stop
// (RFC 8200 §8.1).
func TestCompleteChecksumRoutingHeader(t *testing.T) {
	direct := build(t, ether(layers.EthernetTypeIPv6), ip6(layers.IPProtocolTCP), tcp())
	routing := append([]byte{6, 2, 2, 1, 0, 0, 0, 0}, net.ParseIP("fd00::2")...)
	frame := append(bytes.Clone(direct[:54]), routing...)
	frame = append(frame, direct[54:]...)
	frame[20] = extRouting
	frame[19] += byte(len(routing))
	copy(frame[38:54], net.ParseIP("fd00::99"))
	at := 54 + len(routing) + 16
	want := bytes.Clone(frame[at : at+2])
	frame[at] ^= 0x5a
	if !completeChecksum(frame) || !bytes.Equal(frame[at:at+2], want) {
		t.Errorf("completed to % x, want % x", frame[at:at+2], want)
	}
}

// A sum of zero is sent as all ones in UDP, where zero says that there is
// none (RFC 768, RFC 8200 §8.1).
func TestCompleteChecksumUDPZero(t *testing.T) {
	frame := build(t, ether(layers.EthernetTypeIPv4), ip4(layers.IPProtocolUDP), &layers.UDP{SrcPort: 5000, DstPort: 7}, gopacket.Payload("ab"))
	sum := binary.BigEndian.Uint16(frame[40:])
	// Adding the checksum itself to the payload makes the sum all ones.
	binary.BigEndian.PutUint16(frame[42:], fold(uint64(binary.BigEndian.Uint16(frame[42:]))+uint64(sum)))
	if !completeChecksum(frame) || binary.BigEndian.Uint16(frame[40:]) != 0xffff {
		t.Errorf("completed to % x", frame[40:42])
	}
}

func TestRestoreTag(t *testing.T) {
	plain := build(t, ether(layers.EthernetTypeIPv4), ip4(layers.IPProtocolTCP), tcp())
	want := append(append(bytes.Clone(plain[:12]), 0x88, 0xa8, 0x60, 0x07), plain[12:]...)
	buf := make([]byte, len(want))
	copy(buf, plain)
	if !restoreTag(buf, len(plain), typeSVLAN, 0x6007) || !bytes.Equal(buf, want) {
		t.Errorf("got % x", buf)
	}
	if restoreTag(buf[:len(want)-1], len(plain), typeVLAN, 1) {
		t.Error("a tag was put where there is no room")
	}
	if restoreTag(buf, 11, typeVLAN, 1) {
		t.Error("a tag was put behind addresses that are not there")
	}
}

func TestTooLong(t *testing.T) {
	for _, test := range []struct {
		head string
		size int
		want bool
	}{
		{"0800", 1514, false}, {"0800", 1515, true},
		{"8100 0001 0800", 1518, false}, {"8100 0001 0800", 1519, true},
		{"88a8 0001 8100 0002 0800", 1522, false}, {"88a8 0001 8100 0002 0800", 1523, true},
	} {
		frame := make([]byte, test.size)
		copy(frame[12:], unhex(t, test.head))
		if tooLong(frame, 1500) != test.want {
			t.Errorf("%s with %d bytes: want %v", test.head, test.size, test.want)
		}
	}
}

func FuzzCompleteChecksum(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.frame, uint16(0x8100), uint16(7))
	}
	f.Fuzz(func(t *testing.T, frame []byte, tpid, tci uint16) {
		buf := make([]byte, len(frame)+tagLen)
		copy(buf, frame)
		if restoreTag(buf, len(frame), tpid, tci) {
			if !bytes.Equal(buf[:12], frame[:12]) || !bytes.Equal(buf[16:], frame[12:]) {
				t.Fatal("restoring a tag changed the frame around it")
			}
		} else if len(frame) >= 12 {
			t.Fatal("the tag did not fit")
		}
		tooLong(buf, 1500)
		before := bytes.Clone(buf)
		if !completeChecksum(buf) {
			if !bytes.Equal(buf, before) {
				t.Fatal("a frame that was not completed was changed")
			}
			return
		}
		changed := 0
		for i := range buf {
			if buf[i] != before[i] {
				changed++
			}
		}
		if changed > 2 {
			t.Fatalf("%d bytes changed", changed)
		}
		once := bytes.Clone(buf)
		if !completeChecksum(buf) || !bytes.Equal(buf, once) {
			t.Fatal("completing twice is not completing once")
		}
	})
}
