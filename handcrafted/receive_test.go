package handcrafted

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"syscall"
	"testing"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// TestEveryDropIsCounted delivers frames that nobody can use.
func TestEveryDropIsCounted(t *testing.T) {
	from, to := netip.MustParseAddrPort("10.0.0.1:7"), netip.MustParseAddrPort("10.0.0.2:80")
	good := func() []byte { return segment(from, to, wire.Segment{Flags: wire.ACK}) }
	changed := func(at int, value byte) []byte { b := good(); b[at] = value; return b }
	ip := func(h wire.IP) []byte {
		if !h.Src.IsValid() {
			h.Src = peer4
		}
		if !h.Dst.IsValid() {
			h.Dst = our4
		}
		return append(packet(h, 20), make([]byte, 20)...)
	}
	for _, c := range []struct {
		name  string
		frame []byte
		want  Drop
	}{
		{"another station's", changed(5, 9), DropNotForUs},
		{"another host's", ip(wire.IP{Dst: far4}), DropNotForUs},
		{"a broadcast (MUST-57)", ip(wire.IP{Dst: netip.MustParseAddr("10.0.0.255"), Protocol: 6}), DropNotForUs},
		{"broadcast on the link (RFC 1122 §3.3.6)", append([]byte{255, 255, 255, 255, 255, 255}, good()[6:]...), DropNotForUs},
		{"our own", changed(11, 2), DropOwn},
		{"in a VLAN", append(append(good()[:12:12], 0x81, 0, 0, 5), good()[12:]...), DropTag},
		{"of another protocol", changed(13, 0xff), DropEtherType},
		{"too short", good()[:13], DropMalformed},
		{"cut in the IP header", good()[:30], DropMalformed},
		{"cut in the segment", good()[:50], DropMalformed},
		{"IP header damaged", changed(22, 7), DropChecksum},
		{"segment damaged (MUST-3)", changed(50, 7), DropChecksum},
		{"data offset of 4", tcpWithOffset(4), DropMalformed},
		{"first fragment", ip(wire.IP{Protocol: 6, MoreFragments: true}), DropFragment},
		{"later fragment", ip(wire.IP{Protocol: 6, FragmentStart: 8}), DropFragment},
		{"from a group (MUST-63)", ip(wire.IP{Src: netip.MustParseAddr("224.0.0.1"), Protocol: 6}), DropSource},
		{"from everybody in the subnet", ip(wire.IP{Src: netip.MustParseAddr("10.0.0.255"), Protocol: 6}), DropSource},
		{"from everybody", ip(wire.IP{Src: broadcast, Protocol: 6}), DropSource},
		{"from nobody", ip(wire.IP{Src: netip.IPv4Unspecified(), Protocol: 6}), DropSource},
		{"from ourselves", ip(wire.IP{Src: our4, Protocol: 6}), DropSource},
		{"UDP", ip(wire.IP{Protocol: 17}), DropProtocol},
		{"ICMPv6 over IPv4", ip(wire.IP{Protocol: 58}), DropProtocol},
		{"an ICMP timestamp", icmp(peer4, our4, wire.ICMP{Type: 13}), DropICMP},
		{"an ICMPv6 router advertisement", icmp(peer6, our6, wire.ICMP{Type: 134}), DropICMP},
		{"an ICMPv6 echo to a group", icmp(peer6, netip.MustParseAddr("ff02::1"), wire.ICMP{Type: 128}), DropNotForUs},
		{"ICMP damaged", append(icmp(peer4, our4, wire.ICMP{Type: 8})[:41], 1), DropChecksum},
		{"ICMPv6 damaged", append(icmp(peer6, our6, wire.ICMP{Type: 128})[:61], 1), DropChecksum},
		{"an ICMP error without a quotation", icmp(peer4, our4, wire.ICMP{Type: 3, Code: 3}), DropMalformed},
		{"an ICMP error about nobody's segment", icmp(peer4, our4, wire.ICMP{Type: 3, Code: 3, Body: segment(to, from, wire.Segment{})[14:]}), DropICMPUnknown},
		{"a solicitation from afar", icmp(peer6, our6, wire.ICMP{Type: 135, Body: make([]byte, 16)}), DropNeighbor},
		{"a RST for nobody", segment(from, to, wire.Segment{Flags: wire.RST}), DropNoFlow},
		{"an ARP packet cut short", append(arpReply(peer4)[:40:40], 0)[:40], DropMalformed},
	} {
		s := newStation(t, nil)
		s.receive(c.frame)
		s.want(c.name)
		for why, n := range s.Counters().Dropped {
			if want := uint64(0); Drop(why) == c.want && n != 1 || Drop(why) != c.want && n != want {
				t.Errorf("%s: %d dropped as %q, want 1 as %q", c.name, n, Drop(why), c.want)
			}
		}
	}
}

func tcpWithOffset(n byte) []byte {
	b := segment(netip.MustParseAddrPort("10.0.0.1:7"), netip.MustParseAddrPort("10.0.0.2:80"), wire.Segment{})
	b[14+20+12] = n << 4
	return b
}

func TestPriorityTagIsReadThrough(t *testing.T) {
	s := newStation(t, nil)
	echo := icmp(peer4, our4, wire.ICMP{Type: wire.ICMPv4Echo, Body: []byte("hi")})
	s.receive(append(append(echo[:12:12], 0x81, 0, 0xe0, 0), echo[12:]...))
	s.want("a tag with VLAN 0 only tells a priority", `them: 10.0.0.2>10.0.0.1 icmp 0 "hi"`)
}

func TestEcho(t *testing.T) {
	s := newStation(t, nil)
	s.receive(icmp(peer4, our4, wire.ICMP{Type: wire.ICMPv4Echo, Rest: 0x12340005, Body: []byte("four")}))
	frames := s.want("RFC 1122 §3.2.2.6", `them: 10.0.0.2>10.0.0.1 icmp 0 "four"`)
	if m, err := wire.ParseICMPv4(frames[0][34:]); err != nil || m.Rest != 0x12340005 {
		t.Errorf("identifier and sequence number %#x (%v)", m.Rest, err)
	}
	s.receive(icmp(far4, our4, wire.ICMP{Type: wire.ICMPv4Echo}))
	s.want("back through whoever delivered it", `them: 10.0.0.2>192.0.2.7 icmp 0 ""`)
	s.receive(icmp(peer6, our6, wire.ICMP{Type: wire.ICMPv6Echo, Body: []byte("six")}))
	s.want("RFC 4443 §4.2", `them: fd00::2>fd00::1 icmp 129 "six"`)
	if s.Counters().Echoes != 3 {
		t.Errorf("%d echoes counted", s.Counters().Echoes)
	}
}

func TestNeighborSolicitationIsAnswered(t *testing.T) {
	s := newStation(t, nil)
	to := wire.SolicitedNode(our6)
	m := wire.AppendNeighbor(nil, &wire.Neighbor{Target: our6, HasMAC: true, LinkMAC: them}, peer6, to)
	eth := wire.Ethernet{Dst: wire.MulticastMAC6(to), Src: them, Type: wire.TypeIPv6}
	frame := appendPacket(nil, &eth, &wire.IP{Src: peer6, Dst: to, Protocol: wire.ProtocolICMPv6, TTL: 255}, len(m))
	s.receive(append(frame, m...))
	frames := s.want("to who asked", "them: fd00::2>fd00::1 icmp 136 "+
		`"\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x02\x01\x02\x00\x00\x00\x00\x02"`)
	if hops := frames[0][14+7]; hops != 255 {
		t.Errorf("hop limit %d (RFC 4861 §4.4)", hops)
	}
}

// quoteOf is what a router quotes of a frame of ours.
func quoteOf(frame []byte) []byte { return frame[14:min(len(frame), 14+20+8)] }

func TestICMPErrorReachesItsConnection(t *testing.T) {
	s := newStation(t, nil)
	s.resolved(peer4)
	f := s.open("10.0.0.1:7")
	syn := s.want("the SYN", syn4)[0]
	wrong := append([]byte(nil), quoteOf(syn)...)
	wrong[27]++ // another sequence number
	s.receive(icmp(far4, our4, wire.ICMP{Type: 3, Code: 3, Body: wrong}))
	if f.State() != tcp.SynSent {
		t.Errorf("a number that is not in flight ended it (RFC 5927 §4.1): %v", f.Err())
	}
	s.receive(icmp(far4, our4, wire.ICMP{Type: 3, Code: 3, Body: quoteOf(syn)}))
	if f.State() != tcp.Closed || !errors.Is(f.Err(), syscall.ECONNREFUSED) {
		t.Errorf("state %v, error %v, want refused (RFC 9293 §3.9.2.2, SHLD-26)", f.State(), f.Err())
	}
}

func TestICMPv6ErrorReachesItsConnection(t *testing.T) {
	s := newStation(t, nil)
	s.resolved(peer6)
	f := s.open("[fd00::1]:7")
	syn := s.want("the SYN", `them: fd00::2:5000>fd00::1:7 SYN ""`)[0]
	s.receive(icmp(peer6, our6, wire.ICMP{Type: 1, Code: 4, Body: syn[14:]}))
	if f.State() != tcp.Closed || !errors.Is(f.Err(), syscall.ECONNREFUSED) {
		t.Errorf("state %v, error %v, want refused", f.State(), f.Err())
	}
}

// repair writes the checksums that a frame should have, so that what the
// fuzzer changed gets past them. It leaves alone what it does not understand.
func repair(frame []byte) {
	if len(frame) < 14+40 {
		return
	}
	var src, dst netip.Addr
	var protocol uint8
	p := frame[14:]
	switch p[0] >> 4 {
	case 4:
		total, header := int(binary.BigEndian.Uint16(p[2:])), int(p[0]&15)*4
		if header < 20 || total < header || total > len(p) {
			return
		}
		fill(p[:header], 10, 0)
		src, dst, protocol = netip.AddrFrom4([4]byte(p[12:16])), netip.AddrFrom4([4]byte(p[16:20])), p[9]
		p = p[header:total]
	case 6:
		total := 40 + int(binary.BigEndian.Uint16(p[4:]))
		if total > len(p) {
			return
		}
		src, dst, protocol = netip.AddrFrom16([16]byte(p[8:24])), netip.AddrFrom16([16]byte(p[24:40])), p[6]
		p = p[40:total]
	}
	switch {
	case protocol == wire.ProtocolTCP && len(p) >= 20:
		fill(p, 16, wire.PseudoHeader(src, dst, protocol, len(p)))
	case protocol == wire.ProtocolICMPv6 && len(p) >= 8:
		fill(p, 2, wire.PseudoHeader(src, dst, protocol, len(p)))
	case protocol == wire.ProtocolICMPv4 && len(p) >= 8:
		fill(p, 2, 0)
	}
}

// fill writes the checksum of b at an offset.
func fill(b []byte, at int, earlier uint16) {
	b[at], b[at+1] = 0, 0
	binary.BigEndian.PutUint16(b[at:], ^wire.Sum(b, earlier))
}

// FuzzReceive delivers any two frames to a host with open connections of both
// versions, and lets time pass.
func FuzzReceive(f *testing.F) {
	syn := wire.Segment{Seq: 1000, Ack: 1, Flags: wire.SYN | wire.ACK, Window: 1000}
	from4, from6 := netip.MustParseAddrPort("10.0.0.1:7"), netip.MustParseAddrPort("[fd00::1]:7")
	f.Add(segment(from4, netip.MustParseAddrPort("10.0.0.2:5000"), syn), arpReply(peer4))
	f.Add(segment(from6, netip.MustParseAddrPort("[fd00::2]:5000"), syn), icmp(peer6, our6, wire.ICMP{Type: 128}))
	f.Add(icmp(peer4, our4, wire.ICMP{Type: 3, Code: 4, Rest: 68, Body: segment(netip.MustParseAddrPort("10.0.0.2:5000"), from4, syn)[14:]}), []byte{})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		a, b = bytes.Clone(a), bytes.Clone(b)
		repair(a)
		repair(b)
		h, err := NewHost(Config{MAC: us[:], Addr4: netip.PrefixFrom(our4, 24), Addr6: netip.PrefixFrom(our6, 64), Rand: zeros{}})
		if err != nil {
			t.Fatal(err)
		}
		s := &station{TB: t, Host: h, now: launch}
		s.resolved(peer4)
		s.resolved(peer6)
		s.open("10.0.0.1:7")
		s.open("[fd00::1]:7")
		s.receive(a, b)
		s.wait(5e9)
		if len(s.out) > 40 {
			t.Errorf("%d frames after two", len(s.out))
		}
	})
}

func TestPacketTooBigMakesSegmentsSmaller(t *testing.T) {
	for _, c := range []struct {
		remote  string
		src     netip.Addr
		message func(frame []byte) wire.ICMP
		most    int // bytes of IP packet from then on
	}{
		{"10.0.0.1:7", far4, func(f []byte) wire.ICMP { return wire.ICMP{Type: 3, Code: 4, Rest: 1000, Body: quoteOf(f)} }, 1000},
		{"[fd00::1]:7", peer6, func(f []byte) wire.ICMP { return wire.ICMP{Type: 2, Rest: 1300, Body: f[14:1000]} }, 1300},
	} {
		s := newStation(t, func(cfg *Config) { cfg.TCP.Profile = tcp.RFC })
		f := s.established(c.remote)
		if _, err := f.Write(s.now, make([]byte, 3000), &s.e); err != nil {
			t.Fatal(err)
		}
		s.collect()
		full := s.raw[0]
		s.out, s.raw = nil, nil
		s.receive(icmp(c.src, f.tuple.Local.Addr(), c.message(full)))
		s.wait(3e9)
		if len(s.raw) == 0 {
			t.Fatalf("%s: nothing was sent again", c.remote)
		}
		for _, frame := range s.raw {
			if n := len(frame) - 14; n > c.most {
				t.Errorf("%s: a packet of %d bytes on a path of %d", c.remote, n, c.most)
			}
		}
		s.out, s.raw = nil, nil
	}
}

func TestNotices(t *testing.T) {
	var got []string
	s := newStation(t, func(cfg *Config) {
		cfg.Notify = func(_ wire.Tuple, n Notice) { got = append(got, n.String()) }
	})
	f := s.established("10.0.0.1:7")
	s.receive(segment(f.tuple.Remote, f.tuple.Local, wire.Segment{
		Seq: 1001, Ack: f.next4(s), Flags: wire.ACK | wire.URG, Urgent: 3, Window: 60000, Payload: []byte("abcd"),
	}))
	if len(got) != 1 || got[0] != "urgent data" || f.TCP().Urgent() != 3 {
		t.Errorf("notices %q, %d octets urgent, want 3 (MUST-32, MUST-33)", got, f.TCP().Urgent())
	}
	got = nil
	f.WriteUrgent(s.now, []byte("hurry"), &s.e)
	s.collect()
	if seg := f.segment(t, s.raw[len(s.raw)-1]); !seg.Flags.Has(wire.URG) || seg.Urgent != 5 {
		t.Errorf("flags %b, pointer %d, want URG and the octet after the last (MUST-62)", seg.Flags, seg.Urgent)
	}
	s.wait(20e9)
	if len(got) == 0 || got[0] != "no answer" {
		t.Errorf("notices %q after silence (SHLD-9)", got)
	}
	s.out, s.raw = nil, nil
}
