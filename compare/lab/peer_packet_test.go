package lab

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcping-cmp/compare/scenario"
)

// injected is the frame that the first packet of a script becomes.
func injected(t testing.TB, options, line string) []byte {
	t.Helper()
	p := scripted(t, options, "0 "+line)
	return p.inject(p.script.Steps[0].Packet)
}

// scripted is a player that has not begun.
func scripted(t testing.TB, options, lines string) *player {
	t.Helper()
	s, err := scenario.Read("test.pkt", []byte(options+"\n"+lines+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return newPlayer(&fakeStack{}, s, PlayOptions{})
}

// A line becomes the bytes that gopacket reads again, field by field.
func TestInjectedSegmentIsReadByGopacket(t *testing.T) {
	const line = `< [ect0, ttl 17] SP. 100:110(10) ack 5! win 1234 urg 7 <mss 1460, sackOK, TS val 8 ecr 9, nop, wscale 3>`
	for _, options := range []string{"", "--ip_version=ipv6"} {
		frame := injected(t, options, line)
		packet := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
		if e := packet.ErrorLayer(); e != nil {
			t.Fatalf("%q: %v", options, e.Error())
		}
		tcp := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
		got := fmt.Sprintf("%d>%d %d %d %v%v%v %d %d %d %s", tcp.SrcPort, tcp.DstPort, tcp.Seq, tcp.Ack, tcp.SYN, tcp.PSH, tcp.ACK, tcp.Window, tcp.Urgent, len(tcp.Options), tcp.Payload)
		if want := "8080>8080 100 5 truetruetrue 1234 7 5 abcdefghij"; got != want {
			t.Errorf("%q: %s, want %s", options, got, want)
		}
		if ip, ok := packet.NetworkLayer().(*layers.IPv4); ok && (ip.TTL != 17 || ip.TOS != 2 || ip.SrcIP.String() != "192.0.2.1") {
			t.Errorf("IPv4 %+v", ip)
		}
		if s, ok := readFrame(frame); !ok || len(s.problems) > 0 || !s.tcp {
			t.Errorf("%q: the peer's own reader: %+v", options, s)
		}
	}
}

// Golden bytes of one segment.
func TestInjectedSegmentBytes(t *testing.T) {
	frame := injected(t, "", "< S 0:0(0) win 65535 <mss 1460>")
	const want = "020000000002" + "020000000001" + "0800" +
		"4500002c000100004006f6c7c0000201c0000202" +
		"1f901f9000000000000000006002ffff"
	if got := hex.EncodeToString(frame); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "0000020405b4") || len(frame) != 58 {
		t.Errorf("%s\nwant %s…", got, want)
	}
}

// Each fault is what it says, and the checksums are right but where they are
// said to be bad.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ fault, problem string }{
		{"bad checksum", "the TCP checksum is wrong"},
		{"bad ip checksum", "the IPv4 header checksum is wrong"},
		{"data offset 4", "the TCP header does not fit into its packet"},
		{"data offset 15", "the TCP header does not fit into its packet"},
		{"reserved bits 5", "reserved bits of the TCP header are set (5)"},
		{"ip length 39", "1 bytes follow the IP packet; the TCP checksum is wrong; the TCP header does not fit into its packet"},
		{"ip length 60", "IPv4 lengths: header 20, total 60, frame 40 bytes"},
		{"ip header length 4", "IPv4 lengths: header 16, total 40, frame 40 bytes"},
		{"ip version 5", "the IPv4 header is not one"},
		{"truncated to 30", "IPv4 lengths: header 20, total 40, frame 30 bytes"},
		{"padding 6", "6 bytes follow the IP packet"},
	} {
		s, _ := readFrame(injected(t, "", "< . 1:1(0) ack 1 win 100 with "+c.fault))
		if got := strings.Join(s.problems, "; "); got != c.problem {
			t.Errorf("%s: %q, want %q", c.fault, got, c.problem)
		}
	}
	if s, _ := readFrame(injected(t, "", "< . 1:1(0) ack 1 win 100 with ip protocol 17")); s.protocol != 17 || len(s.problems) > 0 {
		t.Errorf("protocol %d, %v", s.protocol, s.problems)
	}
	if frame := injected(t, "", `< raw "4500001400000000ff06"`); hex.EncodeToString(frame[14:]) != "4500001400000000ff06" {
		t.Errorf("raw: %x", frame)
	}
}

// Options that lie go on the wire as they are written.
func TestMalformedOptions(t *testing.T) {
	for _, c := range []struct{ options, want string }{
		{"opt 3 len 0", "03000000"},
		{"opt 254 len 40 aabb", "fe28aabb"},
		{"opt 99 010203, eol", "63050102" + "03000000"},
		{"raw 0204", "02040000"},
		{"sack 1:101 201:301", "05120000000100000065000000c90000012d" + "0000"},
	} {
		frame := injected(t, "", "< . 1:1(0) ack 1 win 100 <"+c.options+">")
		if got := hex.EncodeToString(frame[54:]); got != c.want {
			t.Errorf("<%s>: %s, want %s", c.options, got, c.want)
		}
	}
}

// An ICMP error quotes the packet that the script names, with a right
// checksum.
func TestICMP(t *testing.T) {
	frame := injected(t, "", "< icmp unreachable frag_needed mtu 1200 [1:1001(1000)]")
	packet := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
	icmp := packet.Layer(layers.LayerTypeICMPv4).(*layers.ICMPv4)
	if icmp.TypeCode != layers.CreateICMPv4TypeCode(3, 4) || icmp.Seq != 1200 {
		t.Errorf("%v, MTU %d", icmp.TypeCode, icmp.Seq)
	}
	quoted := gopacket.NewPacket(icmp.Payload, layers.LayerTypeIPv4, gopacket.Default)
	ip, tcp := quoted.Layer(layers.LayerTypeIPv4).(*layers.IPv4), quoted.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if ip.SrcIP.String() != "192.0.2.2" || tcp.Seq != 1 || ip.Length != 1040 {
		t.Errorf("quoted %v, seq %d, %d bytes", ip.SrcIP, tcp.Seq, ip.Length)
	}
	for _, options := range []string{"", "--ip_version=ipv6"} {
		if s, ok := readFrame(injected(t, options, "< icmp unreachable port_unreachable [1:1(0)]")); !ok || len(s.problems) > 0 || !s.icmp {
			t.Errorf("%q: %+v", options, s)
		}
	}
}

// What is not known for a version of IP is said, and not sent as something
// else.
func TestUnknownICMPIsNotPlayed(t *testing.T) {
	p := scripted(t, "--ip_version=ipv6", "0 < icmp source_quench [1:1(0)]")
	if why := p.unplayable(); !strings.Contains(why, "source_quench") {
		t.Errorf("%q", why)
	}
}

// The peer answers for every address but the stack's.
func TestNeighborReplies(t *testing.T) {
	own := func(a netip.Addr) bool { return a == labClient4.Addr() || a == labClient6.Addr() }
	request := append(appendEther(nil, []byte{255, 255, 255, 255, 255, 255}, labClientMAC, etherARP),
		0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 2, 192, 0, 2, 2, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1)
	reply := gopacket.NewPacket(neighborReply(request, labServerMAC, own), layers.LayerTypeEthernet, gopacket.Default)
	arp, ok := reply.Layer(layers.LayerTypeARP).(*layers.ARP)
	if !ok || arp.Operation != layers.ARPReply || netip.AddrFrom4([4]byte(arp.SourceProtAddress)) != labServer4.Addr() {
		t.Errorf("%v", reply)
	}
	request[len(request)-1] = 2 // the stack's own address: a probe
	if got := neighborReply(request, labServerMAC, own); got != nil {
		t.Errorf("an answer to a question for the stack's own address: %x", got)
	}
	h := header{src: labClient6.Addr(), dst: netip.MustParseAddr("ff02::1:ff00:1"), protocol: protocolICMP6, ttl: 255}
	body := append([]byte{solicitation, 0, 0, 0, 0, 0, 0, 0}, labServer6.Addr().AsSlice()...)
	ask := append(appendIP(appendEther(nil, labServerMAC, labClientMAC, etherIPv6), h, len(body)), body...)
	answer := neighborReply(ask, labServerMAC, own)
	if s, ok := readFrame(answer); !ok || len(s.problems) > 0 || s.payload[0] != advertisement {
		t.Errorf("%x: %+v", answer, s)
	}
	for n := range ask { // every truncation: no answer, no panic
		if got := neighborReply(ask[:n], labServerMAC, own); got != nil {
			t.Errorf("an answer to the first %d bytes", n)
		}
	}
}

// FuzzReadFrame: what a stack sends may be anything.
func FuzzReadFrame(f *testing.F) {
	f.Add(injected(f, "", "< S 0:0(0) win 65535 <mss 1460, TS val 1 ecr 2, sackOK>"))
	f.Add(injected(f, "--ip_version=ipv6", "< P. 1:11(10) ack 1 win 65535"))
	f.Add(injected(f, "", "< icmp unreachable port_unreachable [1:1(0)]"))
	f.Fuzz(func(t *testing.T, frame []byte) {
		s, ok := readFrame(frame)
		if !ok {
			return
		}
		p := scripted(t, "", "0 < . 1:1(0) ack 1 win 100")
		s.timestamps()
		p.describe(s)
		p.shape(&scenario.Packet{TCP: &scenario.TCP{}}, s)
		p.strictly(&scenario.Packet{TCP: &scenario.TCP{Options: &scenario.Options{List: []scenario.TCPOption{{Kind: scenario.OptTimestamps}, {Kind: scenario.OptSACK}}}}}, s)
		neighborReply(frame, labServerMAC, func(netip.Addr) bool { return false })
	})
}
