package handcrafted

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// Tests with a link full of people who mean harm.

// bounded runs f and says how much longer-lived memory it left.
func bounded(t *testing.T, why string, most int, f func()) {
	t.Helper()
	before := inUse()
	f()
	if grown := int(inUse()) - int(before); grown > most {
		t.Errorf("%s: %d bytes are kept, at most %d were expected", why, grown, most)
	} else {
		t.Logf("%s: %d bytes are kept", why, grown)
	}
}

// TestHostileOptionLengths gives SYN,ACK and data every option kind with every
// length, and garbage.
func TestHostileOptionLengths(t *testing.T) {
	holds(t, "MUST-7")
	rng := rand.New(rand.NewPCG(11, 11))
	p := synSent(t, "10.0.0.1:7", nil)
	p.open(2, 4, 5, 0xb4, 4, 2)
	for kind := range 256 {
		for length := range 45 {
			options := make([]byte, 4*(1+rng.IntN(10)))
			for i := range options {
				options[i] = byte(rng.Uint32())
			}
			options[0], options[1] = byte(kind), byte(length)
			p.send(wire.ACK|wire.PSH, "x", options...)
			if got := p.text(); got != "x" {
				t.Fatalf("options %x: read %q", options, got)
			}
			p.read()
		}
	}
	for range 3000 { // in the handshake they may mean something, but do no harm
		options := make([]byte, 4*rng.IntN(11))
		for i := range options {
			options[i] = byte(rng.IntN(12))
		}
		p := synSent(t, "10.0.0.1:7", nil)
		p.open(options...)
		p.write("hello")
		if s := p.read(); len(s) == 0 {
			t.Fatalf("options %x: nothing is sent", options)
		}
		p.flow.Abort(p.now, &p.e)
		p.collect()
		p.read()
	}
}

// TestHostileStrangersAreForgotten: what belongs to no connection is answered
// at most once and leaves nothing.
func TestHostileStrangersAreForgotten(t *testing.T) {
	s := newStation(t, nil)
	s.resolved(peer4)
	f := s.established("10.0.0.1:7")
	rng := rand.New(rand.NewPCG(12, 12))
	anybody := func() netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{byte(1 + rng.IntN(200)), byte(rng.Uint32()), byte(rng.Uint32()), byte(1 + rng.IntN(200))}), uint16(rng.Uint32()))
	}
	here := func() netip.AddrPort { return netip.AddrPortFrom(our4, uint16(rng.Uint32())) }
	answers, frames := 0, 30_000
	if testing.Short() {
		frames = 5000
	}
	flood := func(why string, frame func() []byte) {
		t.Helper()
		bounded(t, why, 256<<10, func() {
			for range frames {
				s.Host.Receive(s.now, [][]byte{frame()}, &s.e)
				if n := s.e.Len(); n > 1 {
					t.Fatalf("%s: %d frames for one", why, n)
				}
				answers += s.e.Len()
				s.e.Reset()
				s.now = s.now.Add(time.Microsecond)
			}
		})
	}
	flood("SYNs from everywhere", func() []byte {
		return segment(anybody(), here(), wire.Segment{Seq: wire.Seq(rng.Uint32()), Flags: wire.SYN})
	})
	flood("RSTs from everywhere", func() []byte {
		return segment(anybody(), here(), wire.Segment{Seq: wire.Seq(rng.Uint32()), Flags: wire.RST | wire.ACK})
	})
	flood("ARP questions from everywhere", func() []byte {
		b := wire.AppendEthernet(nil, &wire.Ethernet{Dst: wire.Broadcast, Src: them, Type: wire.TypeARP})
		return wire.AppendARP(b, &wire.ARP{Op: wire.ARPRequest, SenderMAC: wire.MAC{2, 9, 9, 9, 9, byte(rng.Uint32())}, SenderIP: anybody().Addr(), TargetIP: our4})
	})
	flood("ARP answers that nobody asked for", func() []byte {
		b := wire.AppendEthernet(nil, &wire.Ethernet{Dst: us, Src: them, Type: wire.TypeARP})
		return wire.AppendARP(b, &wire.ARP{Op: wire.ARPReply, SenderMAC: wire.MAC{2, 9, 9, 9, 9, byte(rng.Uint32())}, SenderIP: anybody().Addr(), TargetMAC: us, TargetIP: our4})
	})
	flood("neighbours over IPv6", func() []byte {
		src := netip.AddrFrom16([16]byte{0: 0xfd, 8: byte(rng.Uint32()), 9: byte(rng.Uint32()), 15: 9})
		n := wire.Neighbor{Target: our6, HasMAC: true, LinkMAC: wire.MAC{2, 9, 9, 9, 9, 1}}
		b := wire.AppendNeighbor(nil, &n, src, our6)
		return append(packet(wire.IP{Src: src, Dst: our6, Protocol: wire.ProtocolICMPv6, TTL: 255}, len(b)), b...)
	})
	flood("pings", func() []byte { return icmp(anybody().Addr(), our4, wire.ICMP{Type: 8, Body: make([]byte, 1000)}) })
	flood("ICMP errors about nothing", func() []byte {
		quote := segment(here(), anybody(), wire.Segment{Seq: wire.Seq(rng.Uint32())})[14:]
		return icmp(anybody().Addr(), our4, wire.ICMP{Type: 3, Code: byte(rng.IntN(16)), Rest: rng.Uint32N(1500), Body: quote})
	})
	flood("fragments", func() []byte {
		b := segment(anybody(), here(), wire.Segment{Payload: make([]byte, 600)})
		binary.BigEndian.PutUint16(b[20:], uint16(rng.IntN(1<<13))|0x2000)
		b[24], b[25] = 0, 0
		binary.BigEndian.PutUint16(b[24:], ^uint16(onesSum(b[14:34])))
		return b
	})
	t.Logf("%d answers", answers)
	if len(s.flows) != 1 || f.State() != tcp.Established {
		t.Fatalf("%d connections, ours is %v", len(s.flows), f.State())
	}
	p := &peer{station: s, flow: f, seq: 1001, ack: uint32(f.next4(s))}
	p.send(wire.ACK|wire.PSH, "still here")
	if got := p.text(); got != "still here" {
		t.Fatalf("read %q", got)
	}
	s.wait(time.Second)
	s.read()
}

// TestHostileBlindAttackOnTheWire sends what an attacker off the path can: the
// addresses and ports are right, the numbers guessed.
func TestHostileBlindAttackOnTheWire(t *testing.T) {
	holds(t, "5961:3.2:rst", "5961:4.2:syn", "5961:5.2:ack", "5927:4.1:seqcheck")
	overBoth(t, func(t *testing.T, remote string) {
		p := synSent(t, remote, nil)
		p.open(2, 4, 5, 0xb4)
		rng := rand.New(rand.NewPCG(13, 13))
		frames := 100_000
		if testing.Short() {
			frames = 20_000
		}
		quote := func() []byte {
			return segment(p.flow.tuple.Local, p.flow.tuple.Remote, wire.Segment{Seq: wire.Seq(rng.Uint32())})[14:]
		}
		for range frames {
			seg := wire.Segment{Seq: wire.Seq(rng.Uint32()), Ack: wire.Seq(rng.Uint32()), Window: uint16(rng.Uint32())}
			seg.Flags = [...]wire.Flags{wire.RST, wire.SYN, wire.SYN | wire.ACK, wire.FIN | wire.ACK, wire.ACK | wire.PSH, wire.RST | wire.ACK}[rng.IntN(6)]
			if !seg.Flags.Any(wire.RST | wire.SYN) {
				seg.Payload = []byte("forged")
			}
			frame := segment(p.flow.tuple.Remote, p.flow.tuple.Local, seg)
			if rng.IntN(4) == 0 {
				m := wire.ICMP{Type: 3, Code: byte(rng.IntN(5)), Rest: 100, Body: quote()}
				if p.flow.ip.Dst.Is6() {
					m.Type = byte(1 + rng.IntN(4))
				}
				frame = icmp(p.flow.ip.Dst, p.flow.ip.Src, m)
			}
			p.Host.Receive(p.now, [][]byte{frame}, &p.e)
			p.e.Reset()
			p.now = p.now.Add(10 * time.Microsecond)
		}
		if p.flow.State() != tcp.Established {
			t.Fatalf("state %v, %v", p.flow.State(), p.flow.Err())
		}
		p.send(wire.ACK|wire.PSH, "true")
		if got := p.text(); got != "true" {
			t.Fatalf("read %q", got)
		}
		full := 1460
		if p.flow.ip.Dst.Is6() {
			full = 1440
		}
		p.write(string(make([]byte, full)))
		all := p.read()
		if last := all[len(all)-1]; len(last.payload) != full {
			t.Fatalf("%d octets leave: the forged MTU was believed", len(last.payload))
		}
	})
}
