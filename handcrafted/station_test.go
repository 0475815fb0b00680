package handcrafted

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// A station is our host in virtual time, and the means to play everybody else
// on the link. What the host sends and nobody claims with want fails the test.
type station struct {
	testing.TB
	*Host
	now time.Time
	e   Effects
	out []string // one line a frame
	raw [][]byte // the frames themselves
}

var (
	us     = wire.MAC{2, 0, 0, 0, 0, 2}
	them   = wire.MAC{2, 0, 0, 0, 0, 1}
	our4   = netip.MustParseAddr("10.0.0.2")
	peer4  = netip.MustParseAddr("10.0.0.1")
	our6   = netip.MustParseAddr("fd00::2")
	peer6  = netip.MustParseAddr("fd00::1")
	far4   = netip.MustParseAddr("192.0.2.7")
	launch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// zeros is a source of randomness without any.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

var _ io.Reader = zeros{}

func newStation(t testing.TB, change func(*Config)) *station {
	t.Helper()
	cfg := Config{
		MAC: us[:], Addr4: netip.PrefixFrom(our4, 24), Addr6: netip.PrefixFrom(our6, 64), Rand: zeros{},
	}
	if change != nil {
		change(&cfg)
	}
	h, err := NewHost(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := &station{TB: t, Host: h, now: launch}
	t.Cleanup(func() { s.want("nothing more") })
	return s
}

// collect writes down what the last call sent.
func (s *station) collect() {
	s.Helper()
	for i := range s.e.Len() {
		s.out = append(s.out, describe(s, s.e.Frame(i)))
		s.raw = append(s.raw, append([]byte(nil), s.e.Frame(i)...))
	}
	s.e.Reset()
}

// want claims everything that was sent since the last time, and returns the
// frames.
func (s *station) want(reason string, lines ...string) [][]byte {
	s.Helper()
	if strings.Join(s.out, "\n") != strings.Join(lines, "\n") {
		s.Errorf("%s:\n got %q\nwant %q", reason, s.out, lines)
	}
	raw := s.raw
	s.out, s.raw = nil, nil
	return raw
}

// receive delivers frames that were waiting together.
func (s *station) receive(frames ...[]byte) {
	s.Helper()
	s.Host.Receive(s.now, frames, &s.e)
	s.collect()
}

// wait lets the time pass, stopping at each deadline on the way.
func (s *station) wait(d time.Duration) {
	s.Helper()
	end := s.now.Add(d)
	for next := s.Next(); !next.IsZero() && !next.After(end); next = s.Next() {
		s.now = next
		s.Tick(s.now, &s.e)
		s.collect()
	}
	s.now = end
}

// open dials from port 5000.
func (s *station) open(remote string) *Flow {
	s.Helper()
	f, err := s.Host.Open(s.now, netip.AddrPortFrom(netip.Addr{}, 5000), netip.MustParseAddrPort(remote), &s.e)
	if err != nil {
		s.Fatal(err)
	}
	s.collect()
	return f
}

// resolved makes the host know a neighbour, by the neighbour's asking.
func (s *station) resolved(a netip.Addr) {
	s.table.Neighbor(a)
	s.table.Send(s.now, s.table.Neighbor(a), make([]byte, 60))
	if a.Is4() {
		s.table.ReceiveARP(s.now, &wire.ARP{Op: wire.ARPReply, SenderMAC: them, SenderIP: a, TargetIP: our4})
		return
	}
	m := wire.AppendNeighbor(nil, &wire.Neighbor{Advert: true, Target: a, HasMAC: true, LinkMAC: them, Solicited: true}, a, our6)
	msg, err := wire.ParseICMPv6(m, a, our6)
	if err != nil {
		s.Fatal(err)
	}
	s.table.ReceiveNDP(s.now, them, &wire.IP{Src: a, Dst: our6, TTL: 255}, &msg)
}

// established opens a connection from port 5000 and completes its handshake
// with a peer whose first number is 1000.
func (s *station) established(remote string) *Flow {
	s.Helper()
	to := netip.MustParseAddrPort(remote)
	s.resolved(to.Addr())
	f := s.open(remote)
	syn := f.segment(s, s.raw[0])
	s.receive(segment(to, f.tuple.Local, wire.Segment{Seq: 1000, Ack: syn.Seq + 1, Flags: wire.SYN | wire.ACK, Window: 60000}))
	s.out, s.raw = nil, nil
	if f.State().String() != "ESTABLISHED" {
		s.Fatalf("state %v after the handshake", f.State())
	}
	return f
}

// segment reads one of the host's frames.
func (f *Flow) segment(t testing.TB, frame []byte) wire.Segment {
	_, p, err := wire.ParseEthernet(frame)
	if err != nil {
		t.Fatal(err)
	}
	parse := wire.ParseIPv6
	if f.ip.Dst.Is4() {
		parse = wire.ParseIPv4
	}
	ip, p, err := parse(p)
	if err != nil {
		t.Fatal(err)
	}
	var seg wire.Segment
	if err := wire.ParseTCP(&seg, p, &ip); err != nil {
		t.Fatal(err)
	}
	return seg
}

// segment is a frame from a peer to us.
func segment(from, to netip.AddrPort, seg wire.Segment) []byte {
	seg.SrcPort, seg.DstPort = from.Port(), to.Port()
	ip := wire.IP{Src: from.Addr(), Dst: to.Addr(), Protocol: wire.ProtocolTCP, TTL: 64}
	return wire.AppendTCP(packet(ip, seg.WireLen()), &seg, ip.Src, ip.Dst)
}

// packet is the beginning of a frame to us.
func packet(ip wire.IP, payload int) []byte {
	eth := wire.Ethernet{Dst: us, Src: them, Type: wire.TypeIPv6}
	if ip.Dst.Is4() {
		eth.Type = wire.TypeIPv4
	}
	return appendPacket(nil, &eth, &ip, payload)
}

// icmp is a frame with an ICMP message to us.
func icmp(src, dst netip.Addr, m wire.ICMP) []byte {
	length := wire.ICMPLen + len(m.Body)
	if dst.Is4() {
		return wire.AppendICMPv4(packet(wire.IP{Src: src, Dst: dst, Protocol: wire.ProtocolICMPv4, TTL: 64}, length), &m)
	}
	return wire.AppendICMPv6(packet(wire.IP{Src: src, Dst: dst, Protocol: wire.ProtocolICMPv6, TTL: 64}, length), &m, src, dst)
}

var flagNames = []string{"FIN", "SYN", "RST", "PSH", "ACK"}

// describe tells a frame in one line.
func describe(t testing.TB, frame []byte) string {
	t.Helper()
	eth, p, err := wire.ParseEthernet(frame)
	if err != nil || eth.Src != us {
		t.Errorf("frame %x: %v", frame, err)
	}
	to := map[wire.MAC]string{them: "them", wire.Broadcast: "all"}[eth.Dst]
	if to == "" {
		to = eth.Dst.String()
	}
	var ip wire.IP
	switch eth.Type {
	case wire.TypeARP:
		a, err := wire.ParseARP(p)
		if err != nil {
			t.Error(err)
		}
		return fmt.Sprintf("%s: arp %d %v asks/tells %v", to, a.Op, a.SenderIP, a.TargetIP)
	case wire.TypeIPv4:
		ip, p, err = wire.ParseIPv4(p)
	case wire.TypeIPv6:
		ip, p, err = wire.ParseIPv6(p)
	}
	if err != nil {
		t.Error(err)
	}
	if ip.Protocol != wire.ProtocolTCP {
		return fmt.Sprintf("%s: %v>%v icmp %d %q", to, ip.Src, ip.Dst, p[0], p[8:])
	}
	var seg wire.Segment
	if err := wire.ParseTCP(&seg, p, &ip); err != nil {
		t.Error(err)
	}
	var flags []string
	for i, name := range flagNames {
		if seg.Flags&(1<<i) != 0 {
			flags = append(flags, name)
		}
	}
	return fmt.Sprintf("%s: %v:%d>%v:%d %s %q", to, ip.Src, seg.SrcPort, ip.Dst, seg.DstPort, strings.Join(flags, ","), seg.Payload)
}
