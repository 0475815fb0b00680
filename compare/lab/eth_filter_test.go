package lab

import (
	"net/netip"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"golang.org/x/net/bpf"
)

// passes runs the filter as the kernel would.
func passes(t *testing.T, filter []bpf.RawInstruction, frame []byte) bool {
	t.Helper()
	code, ok := bpf.Disassemble(filter)
	if !ok {
		t.Fatal("the filter has instructions that nobody knows")
	}
	vm, err := bpf.NewVM(code)
	if err != nil {
		t.Fatal(err)
	}
	n, err := vm.Run(frame)
	if err != nil {
		t.Fatal(err)
	}
	return n != 0
}

// build serialises layers under an Ethernet header.
func build(t *testing.T, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	types := map[gopacket.LayerType]layers.EthernetType{
		layers.LayerTypeIPv4: layers.EthernetTypeIPv4, layers.LayerTypeIPv6: layers.EthernetTypeIPv6, layers.LayerTypeARP: layers.EthernetTypeARP,
	}
	eth := &layers.Ethernet{SrcMAC: labServerMAC, DstMAC: labClientMAC, EthernetType: types[ls[0].LayerType()]}
	buf := gopacket.NewSerializeBuffer()
	all := append([]gopacket.SerializableLayer{eth}, ls...)
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, all...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func ip4(src, dst string, proto layers.IPProtocol, edit ...func(*layers.IPv4)) *layers.IPv4 {
	p := &layers.IPv4{Version: 4, TTL: 64, Protocol: proto, SrcIP: netip.MustParseAddr(src).AsSlice(), DstIP: netip.MustParseAddr(dst).AsSlice()}
	for _, e := range edit {
		e(p)
	}
	return p
}

func ip6(src, dst string, next layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: next, SrcIP: netip.MustParseAddr(src).AsSlice(), DstIP: netip.MustParseAddr(dst).AsSlice()}
}

func tcp(src, dst layers.TCPPort) *layers.TCP {
	return &layers.TCP{SrcPort: src, DstPort: dst, ACK: true}
}

func icmp4(kind uint8) *layers.ICMPv4 {
	return &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(kind, 0)}
}

func icmp6(kind uint8) *layers.ICMPv6 {
	return &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(kind, 0)}
}

func arp() *layers.ARP {
	return &layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4, Operation: 1,
		SourceHwAddress: labServerMAC, SourceProtAddress: []byte{192, 0, 2, 1}, DstHwAddress: make([]byte, 6), DstProtAddress: []byte{192, 0, 2, 2}}
}

// fragment makes it a later fragment, which has no ports.
func fragment(p *layers.IPv4) { p.FragOffset = 10 }

// options make the IP header longer than 20 bytes.
func options(p *layers.IPv4) {
	p.Options = []layers.IPv4Option{{OptionType: 1, OptionLength: 1}, {OptionType: 1, OptionLength: 1}, {OptionType: 1, OptionLength: 1}, {OptionType: 1, OptionLength: 1}}
}

func TestConnectionFilter(t *testing.T) {
	filter, err := connectionFilter(netip.MustParseAddrPort("192.0.2.2:40000"), netip.MustParseAddrPort("192.0.2.1:7"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what  string
		frame []byte
		want  bool
	}{
		{"the connection", build(t, ip4("192.0.2.1", "192.0.2.2", 6), tcp(7, 40000)), true},
		{"the connection, with IP options", build(t, ip4("192.0.2.1", "192.0.2.2", 6, options), tcp(7, 40000)), true},
		{"ARP", build(t, arp()), true},
		{"destination unreachable, from a router", build(t, ip4("192.0.2.254", "192.0.2.2", 1), icmp4(3)), true},
		{"time exceeded", build(t, ip4("192.0.2.254", "192.0.2.2", 1), icmp4(11)), true},
		{"an echo request, which the kernel answers", build(t, ip4("192.0.2.1", "192.0.2.2", 1), icmp4(8)), false},
		{"another connection of the host to the target", build(t, ip4("192.0.2.1", "192.0.2.2", 6), tcp(22, 40000)), false},
		{"another port of the host", build(t, ip4("192.0.2.1", "192.0.2.2", 6), tcp(7, 40001)), false},
		{"another host", build(t, ip4("192.0.2.3", "192.0.2.2", 6), tcp(7, 40000)), false},
		{"another address of this host", build(t, ip4("192.0.2.1", "192.0.2.9", 6), tcp(7, 40000)), false},
		{"a later fragment", build(t, ip4("192.0.2.1", "192.0.2.2", 6, fragment), tcp(7, 40000)), false},
		{"UDP", build(t, ip4("192.0.2.1", "192.0.2.2", 17), tcp(7, 40000)), false},
		{"IPv6", build(t, ip6("2001:db8::1", "2001:db8::2", 6), tcp(7, 40000)), false},
		{"a frame that ends early", build(t, ip4("192.0.2.1", "192.0.2.2", 6), tcp(7, 40000))[:34], false},
	} {
		if got := passes(t, filter, c.frame); got != c.want {
			t.Errorf("%s: passes %v, want %v", c.what, got, c.want)
		}
	}
}

func TestConnectionFilter6(t *testing.T) {
	filter, err := connectionFilter(netip.MustParseAddrPort("[2001:db8::2]:40000"), netip.MustParseAddrPort("[2001:db8::1]:7"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what  string
		frame []byte
		want  bool
	}{
		{"the connection", build(t, ip6("2001:db8::1", "2001:db8::2", 6), tcp(7, 40000)), true},
		{"packet too big", build(t, ip6("2001:db8::fe", "2001:db8::2", 58), icmp6(2)), true},
		{"a neighbour solicitation", build(t, ip6("2001:db8::1", "ff02::1:ff00:2", 58), icmp6(135)), true},
		{"a neighbour advertisement", build(t, ip6("2001:db8::1", "2001:db8::2", 58), icmp6(136)), true},
		{"an echo request, which the kernel answers", build(t, ip6("2001:db8::1", "2001:db8::2", 58), icmp6(128)), false},
		{"a multicast report", build(t, ip6("2001:db8::1", "ff02::16", 58), icmp6(143)), false},
		{"another connection", build(t, ip6("2001:db8::1", "2001:db8::2", 6), tcp(22, 40000)), false},
		{"another host", build(t, ip6("2001:db8::3", "2001:db8::2", 6), tcp(7, 40000)), false},
		{"IPv4", build(t, ip4("192.0.2.1", "192.0.2.2", 6), tcp(7, 40000)), false},
	} {
		if got := passes(t, filter, c.frame); got != c.want {
			t.Errorf("%s: passes %v, want %v", c.what, got, c.want)
		}
	}
}

func TestAddressFilter(t *testing.T) {
	four, err := addressFilter(netip.MustParseAddr("192.0.2.2"))
	if err != nil {
		t.Fatal(err)
	}
	six, err := addressFilter(netip.MustParseAddr("2001:db8::2"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		filter []bpf.RawInstruction
		frame  []byte
		want   bool
	}{
		{"any TCP for it", four, build(t, ip4("192.0.2.1", "192.0.2.2", 6), tcp(1, 2)), true},
		{"an echo request for it", four, build(t, ip4("192.0.2.1", "192.0.2.2", 1), icmp4(8)), true},
		{"ARP", four, build(t, arp()), true},
		{"what is for the host", four, build(t, ip4("192.0.2.1", "192.0.2.9", 6), tcp(1, 2)), false},
		{"any TCP for it", six, build(t, ip6("2001:db8::1", "2001:db8::2", 6), tcp(1, 2)), true},
		{"a solicitation of its group", six, build(t, ip6("2001:db8::1", "ff02::1:ff00:2", 58), icmp6(135)), true},
		{"what is for the host", six, build(t, ip6("2001:db8::1", "2001:db8::9", 6), tcp(1, 2)), false},
	} {
		if got := passes(t, c.filter, c.frame); got != c.want {
			t.Errorf("%s: passes %v, want %v", c.what, got, c.want)
		}
	}
}
