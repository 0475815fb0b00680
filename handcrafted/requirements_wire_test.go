package handcrafted

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// Tests of requirements that need whole frames: checksums, the bytes of
// options, addresses, the marks of the IP header.

// peer is who a station talks to: its end of a connection, with numbers as they
// stand on the wire.
type peer struct {
	*station
	flow     *Flow
	seq, ack uint32 // SND.NXT and RCV.NXT of the peer
}

// read takes the segments that our host sent apart, with code of its own, and
// claims them.
func (s *station) read() (all []sent) {
	s.Helper()
	for _, frame := range s.raw {
		one, err := readSent(frame)
		if errors.Is(err, errNotTCP) {
			continue
		}
		if err != nil {
			s.Fatalf("%x: %v", frame, err)
		}
		all = append(all, one)
	}
	s.out, s.raw = nil, nil
	return all
}

// one is read when there has to be one segment.
func (s *station) one(why string) sent {
	s.Helper()
	all := s.read()
	if len(all) != 1 {
		s.Fatalf("%s: %d segments, want one", why, len(all))
	}
	return all[0]
}

// syn opens a connection, whose SYN is not answered yet.
func synSent(t *testing.T, remote string, change func(*Config)) *peer {
	t.Helper()
	s := newStation(t, change)
	s.resolved(netip.MustParseAddrPort(remote).Addr())
	p := &peer{station: s, flow: s.open(remote), seq: 1000}
	p.ack = p.one("the SYN").seq + 1
	return p
}

// send delivers a segment whose options stand as they are.
func (p *peer) send(flags wire.Flags, text string, options ...byte) {
	p.Helper()
	p.receive(p.frame(flags, text, options...))
	if flags&(wire.SYN|wire.FIN) != 0 {
		p.seq++
	}
	p.seq += uint32(len(text))
}

// frame makes one, at SND.NXT of the peer. Options are padded with zeros to a
// whole number of words.
func (p *peer) frame(flags wire.Flags, text string, options ...byte) []byte {
	from, to := p.flow.tuple.Remote, p.flow.tuple.Local
	seg := wire.Segment{Seq: wire.Seq(p.seq), Ack: wire.Seq(p.ack), Flags: flags, Window: 60000}
	seg.SrcPort, seg.DstPort = from.Port(), to.Port()
	b := wire.AppendTCP(nil, &seg, from.Addr(), to.Addr())
	for len(options)%4 != 0 {
		options = append(options, 0)
	}
	b = append(append(b, options...), text...)
	b[12] = byte(20+len(options)) << 2
	frame := packet(wire.IP{Src: from.Addr(), Dst: to.Addr(), Protocol: wire.ProtocolTCP, TTL: 64}, len(b))
	return append(frame, seal(b, from.Addr(), to.Addr())...)
}

// seal puts the right checksum into a segment.
func seal(b []byte, src, dst netip.Addr) []byte {
	b[16], b[17] = 0, 0
	pseudo := append(src.AsSlice(), dst.AsSlice()...)
	pseudo = append(binary.BigEndian.AppendUint32(pseudo, uint32(len(b))), 0, 0, 0, 6)
	binary.BigEndian.PutUint16(b[16:], ^uint16(onesSum(append(pseudo, b...))))
	return b
}

// open answers the SYN with options.
func (p *peer) open(options ...byte) {
	p.Helper()
	p.send(wire.SYN|wire.ACK, "", options...)
	if s := p.one("the third ACK"); s.ack != p.seq || s.seq != p.ack {
		p.Fatalf("the third ACK is %+v", s)
	}
}

func (p *peer) write(text string) {
	p.Helper()
	if n, err := p.flow.Write(p.now, []byte(text), &p.e); n != len(text) || err != nil {
		p.Fatal(n, err)
	}
	p.collect()
}

// text reads all that there is.
func (p *peer) text() string {
	p.Helper()
	buf := make([]byte, 1<<16)
	n, err := p.flow.Read(p.now, buf, &p.e)
	if err != nil && err != io.EOF {
		p.Fatal(err)
	}
	p.collect()
	return string(buf[:n])
}

// both runs a test over IPv4 and over IPv6.
func overBoth(t *testing.T, f func(t *testing.T, remote string)) {
	t.Run("ipv4", func(t *testing.T) { f(t, "10.0.0.1:7") })
	t.Run("ipv6", func(t *testing.T) { f(t, "[fd00::1]:7") })
}

// TestWholeConversationOnTheWire has every frame of a conversation taken apart
// by a reader of its own.
func TestWholeConversationOnTheWire(t *testing.T) {
	holds(t, "MUST-2", "768/1071:csum", "MUST-45", "MUST-65", "MUST-68", "MUST-69", "R9293:3.1:reserved", "R9293:3.1:ack-always", "6864:4.1:atomic", "6864:4.3:nonatomic", "1191:2:df")
	overBoth(t, func(t *testing.T, remote string) {
		s := newStation(t, nil)
		s.resolved(netip.MustParseAddrPort(remote).Addr())
		p := &peer{station: s, flow: s.open(remote), seq: 1000}
		own := p.flow.tuple.Local.Addr().AsSlice()
		first := p.raw[0]
		var frames [][]byte
		check := func() {
			t.Helper()
			frames = append(frames, p.raw...)
			for _, one := range p.read() {
				p.ack = max(p.ack, one.seq+one.seqLen())
				if one.flags&syn == 0 && one.flags&ack == 0 {
					t.Errorf("no ACK on %+v", one)
				}
				if !one.six && !one.dontFrag {
					t.Error("DF is clear: the IP ID would have to be unique, and path MTU discovery fails")
				}
			}
		}
		check()
		step := func(flags wire.Flags, text string, options ...byte) { p.send(flags, text, options...); check() }
		step(wire.SYN|wire.ACK, "", 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 3, 3, 7)
		stamps := func(v byte) []byte { return []byte{1, 1, 8, 10, 0, 0, 0, v, 0, 0, 0, 0} }
		for _, n := range []int{1, 2, 3, 700, 1428} { // odd and even
			p.write(string(bytes.Repeat([]byte{0xa5}, n)))
			check()
			step(wire.ACK|wire.PSH, string(make([]byte, n)), stamps(10)...)
			p.seq++ // a hole: SACK blocks come
			step(wire.ACK, "out of order", stamps(11)...)
			p.seq -= 13
			step(wire.ACK, "x", stamps(12)...)
			p.seq += 12
			p.text()
			check()
		}
		p.wait(5 * time.Second) // retransmissions
		check()
		if err := p.flow.CloseWrite(p.now, &p.e); err != nil {
			t.Fatal(err)
		}
		p.collect()
		check()
		step(wire.ACK|wire.FIN, "", stamps(13)...)
		if len(frames) < 15 {
			t.Fatalf("only %d frames", len(frames))
		}
		for _, frame := range frames {
			src := frame[26:30]
			if len(own) == 16 {
				src = frame[22:38]
			}
			if !bytes.Equal(src, own) || !bytes.Equal(frame[:14], first[:14]) {
				t.Fatalf("the source changed: %x", frame)
			}
		}
		p.AbortAll(p.now, &p.e)
		p.collect()
		check()
	})
}

func TestBadChecksumIsDropped(t *testing.T) {
	holds(t, "MUST-3")
	overBoth(t, func(t *testing.T, remote string) {
		p := synSent(t, remote, nil)
		p.open(2, 4, 5, 0xb4)
		good := p.frame(wire.ACK|wire.PSH, "hello")
		for bit := range 8 * (len(good) - 14) {
			at := 14 + bit/8
			if good[14]>>4 == 6 && (at < 18 || at == 21) {
				continue // traffic class, flow label and hop limit are under no checksum
			}
			bad := bytes.Clone(good)
			bad[at] ^= 0x80 >> (bit % 8)
			p.receive(bad)
			if p.flow.TCP().Readable() {
				t.Fatalf("bit %d of byte %d is wrong and the text was taken", bit%8, at)
			}
		}
		p.read()
		if got := p.Counters().Dropped[DropChecksum]; got == 0 {
			t.Error("nothing was counted")
		}
	})
}

// TestIPv6FieldsUnderNoChecksum: what a router may change, or what no checksum
// covers, does not matter.
func TestIPv6FieldsUnderNoChecksum(t *testing.T) {
	p := synSent(t, "[fd00::1]:7", nil)
	p.open(2, 4, 5, 0xb4)
	frame := p.frame(wire.ACK|wire.PSH, "hello")
	frame[15] ^= 0x0f // flow label
	frame[21] = 1     // hop limit
	p.receive(frame)
	if got := p.text(); got != "hello" {
		t.Fatalf("read %q", got)
	}
	p.wait(time.Second)
	p.one("the ACK")
}

func TestOptionsOfTheSYNACKAsBytes(t *testing.T) {
	holds(t, "MUST-4", "MUST-6", "MUST-7", "MUST-64", "MUST-14")
	for _, c := range []struct {
		why     string
		options []byte
		size    int // of a full segment afterwards
	}{
		{"MSS alone", []byte{2, 4, 2, 0x58}, 600},
		{"NOPs before it", []byte{1, 1, 1, 2, 4, 2, 0x58}, 600},
		{"on an odd byte, with EOL behind it", []byte{1, 2, 4, 2, 0x58, 0, 0, 0}, 600},
		{"garbage behind EOL", []byte{2, 4, 2, 0x58, 0, 2, 4, 9}, 600},
		{"behind EOL it does not count", []byte{0, 2, 4, 2, 0x58}, 536},
		{"an unknown kind before it", []byte{253, 5, 9, 9, 9, 2, 4, 2, 0x58}, 600},
		{"an unknown kind without a value", []byte{77, 2, 2, 4, 2, 0x58}, 600},
		{"all of the room, unknown", append(append([]byte{200, 36}, make([]byte, 34)...), 2, 4, 2, 0x58), 600},
		{"a length of zero behind it", []byte{2, 4, 2, 0x58, 99, 0, 1, 1}, 600},
		{"a length of zero before it", []byte{99, 0, 1, 1, 2, 4, 2, 0x58}, 536},
		{"a length of one", []byte{99, 1, 1, 1, 2, 4, 2, 0x58}, 536},
		{"a length beyond the header", []byte{2, 4, 2, 0x58, 99, 40, 1, 1}, 600},
		{"an MSS of three bytes", []byte{2, 3, 2, 1}, 536},
		{"a kind at the very end", []byte{2, 4, 2, 0x58, 1, 1, 1, 8}, 600},
		{"window scale on an odd byte", []byte{3, 3, 0, 2, 4, 2, 0x58}, 600},
	} {
		p := synSent(t, "10.0.0.1:7", nil)
		p.open(c.options...)
		p.write(string(make([]byte, 3000)))
		all := p.read()
		if len(all) == 0 || len(all[0].payload) != c.size {
			t.Errorf("%s (%x): %d segments, the first of %d octets, want %d", c.why, c.options, len(all), len(all[0].payload), c.size)
		}
	}
}

func TestOptionsOnDataAsBytes(t *testing.T) {
	holds(t, "MUST-5", "MUST-6", "MUST-7", "MUST-64")
	for _, options := range [][]byte{
		{1, 1, 1, 1}, {0, 0, 0, 0}, {253, 4, 1, 2}, {1, 253, 3, 9}, {2, 4, 0, 1}, {3, 3, 14}, {4, 2}, {99, 0}, {99, 1}, {99, 255}, {5, 10, 0}, {8, 2},
		bytes.Repeat([]byte{1}, 40), bytes.Repeat([]byte{5}, 40), bytes.Repeat([]byte{254, 2}, 20),
	} {
		p := synSent(t, "10.0.0.1:7", nil)
		p.open(2, 4, 5, 0xb4)
		p.send(wire.ACK|wire.PSH, "hello", options...)
		if got := p.text(); got != "hello" {
			t.Errorf("options %x: read %q", options, got)
		}
		p.wait(time.Second)
		if s := p.one("the ACK"); s.ack != p.seq {
			t.Errorf("options %x: acknowledges %d, want %d", options, s.ack, p.seq)
		}
	}
}

func TestIPOptionsAreIgnored(t *testing.T) {
	holds(t, "MUST-50")
	for _, options := range [][]byte{
		{1, 1, 1, 0}, {148, 4, 0, 0}, // router alert
		{7, 7, 4, 10, 0, 0, 1, 0},                   // record route
		{68, 8, 5, 0, 0, 0, 0, 0},                   // timestamp
		{131, 7, 4, 10, 0, 0, 9, 0},                 // loose source route
		{137, 7, 8, 10, 0, 0, 9, 0},                 // strict source route, completed
		{222, 4, 1, 2}, bytes.Repeat([]byte{1}, 40), // unknown; as many as fit
		{99, 0, 0, 0}, // no length
	} {
		p := synSent(t, "10.0.0.1:7", nil)
		p.open(2, 4, 5, 0xb4)
		frame := p.frame(wire.ACK|wire.PSH, "hello")
		frame = append(append(bytes.Clone(frame[:34]), options...), frame[34:]...)
		frame[14] += byte(len(options) / 4)
		binary.BigEndian.PutUint16(frame[16:], uint16(len(frame)-14))
		frame[24], frame[25] = 0, 0
		binary.BigEndian.PutUint16(frame[24:], ^uint16(onesSum(frame[14:34+len(options)])))
		p.receive(frame)
		p.seq += 5
		if got := p.text(); got != "hello" {
			t.Errorf("IP options %x: read %q", options, got)
		}
		p.wait(time.Second)
		// readSent wants 20 bytes of IP header: no received route is turned round.
		if s := p.one("the ACK"); s.ack != p.seq {
			t.Errorf("IP options %x: acknowledges %d, want %d", options, s.ack, p.seq)
		}
	}
}

func TestSourceAddress(t *testing.T) {
	holds(t, "MUST-43", "MUST-44", "MUST-46")
	s := newStation(t, nil)
	s.resolved(peer4)
	from := func(local, remote string) error {
		_, err := s.Host.Open(s.now, netip.MustParseAddrPort(local), netip.MustParseAddrPort(remote), &s.e)
		s.collect()
		return err
	}
	for i, local := range []string{"10.0.0.2:5000", "0.0.0.0:5001"} {
		if err := from(local, "10.0.0.1:7"); err != nil {
			t.Fatal(err)
		}
		if frame := s.raw[len(s.raw)-1]; !bytes.Equal(frame[26:30], []byte{10, 0, 0, 2}) {
			t.Errorf("%d: the SYN comes from %v", i, frame[26:30])
		}
		s.read()
	}
	if err := from("10.0.0.9:5002", "10.0.0.1:7"); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("an address that is not ours: %v", err)
	}
	for _, remote := range []string{"224.0.0.1:7", "255.255.255.255:7", "0.0.0.0:7", "10.0.0.255:7", "[ff02::1]:7", "[::]:7"} {
		local := netip.AddrPortFrom(netip.Addr{}, 5003)
		if _, err := s.Host.Open(s.now, local, netip.MustParseAddrPort(remote), &s.e); err == nil {
			t.Errorf("a connection to %s was opened", remote)
		}
		s.collect()
		s.want("no SYN leaves")
	}
}

func TestSegmentsFromOrToNobody(t *testing.T) {
	holds(t, "MUST-57", "MUST-63")
	s := newStation(t, nil)
	here := netip.AddrPortFrom(our4, 5000)
	syn := wire.Segment{Seq: 5, Flags: wire.SYN, Window: 100}
	at := netip.MustParseAddrPort
	for _, from := range []string{"255.255.255.255:7", "224.0.0.1:7", "0.0.0.0:7", "10.0.0.2:7"} {
		s.receive(segment(at(from), here, syn))
		s.want("a SYN from " + from + " draws nothing")
	}
	for _, to := range []string{"255.255.255.255:5000", "224.0.0.1:5000", "10.0.0.255:5000"} {
		s.receive(segment(at("10.0.0.1:7"), at(to), syn))
		s.want("a SYN to " + to + " draws nothing")
	}
	s.receive(segment(at("[ff02::1]:7"), netip.AddrPortFrom(our6, 5000), syn), segment(at("[fd00::1]:7"), at("[ff02::1]:5000"), syn))
	s.want("the same over IPv6")

	// In SYN-SENT a SYN from a group is no simultaneous open either.
	p := synSent(t, "10.0.0.1:7", nil)
	frame := p.frame(wire.SYN, "")
	frame[0] = 0xff // to all stations of the link
	copy(frame[:6], []byte{255, 255, 255, 255, 255, 255})
	p.receive(frame)
	p.want("a SYN that came as a broadcast")
	if p.flow.State() != tcp.SynSent {
		t.Errorf("state %v", p.flow.State())
	}
}

func TestPaddingIsNeverText(t *testing.T) {
	holds(t, "894:pad")
	overBoth(t, func(t *testing.T, remote string) {
		p := synSent(t, remote, nil)
		p.receive(append(p.frame(wire.SYN|wire.ACK, "", 2, 4, 5, 0xb4), 1, 2, 3))
		p.seq++
		p.one("the third ACK")
		for _, text := range []string{"", "a", "ab", "hello"} {
			p.receive(append(p.frame(wire.ACK|wire.PSH, text), bytes.Repeat([]byte{0xee}, 46)...))
			p.seq += uint32(len(text))
			if got := p.text(); got != text {
				t.Errorf("read %q, want %q", got, text)
			}
		}
		p.wait(time.Second)
		if s := p.read(); len(s) == 0 || s[len(s)-1].ack != p.seq {
			t.Errorf("acknowledged %+v, want %d", s, p.seq)
		}
	})
}

func TestMarksOfTheIPHeader(t *testing.T) {
	holds(t, "MUST-48", "MUST-49", "SHLD-21", "SHLD-22", "SHLD-23", "1122:3.2.1.7:ttl", "3168:6.1.1:noect-unless", "3168:6.1.1:syn-noect")
	overBoth(t, func(t *testing.T, remote string) {
		s := newStation(t, func(cfg *Config) { cfg.TCP.DSCP, cfg.TCP.TTL = 46, 7 })
		s.resolved(netip.MustParseAddrPort(remote).Addr())
		p := &peer{station: s, flow: s.open(remote), seq: 1000}
		marks := func(why string, tos, ttl byte) {
			t.Helper()
			s := p.one(why)
			if s.tos != tos || s.ttl != ttl {
				t.Errorf("%s: TOS %#x and TTL %d, want %#x and %d", why, s.tos, s.ttl, tos, ttl)
			}
			p.ack = max(p.ack, s.seq+s.seqLen())
		}
		marks("the SYN", 46<<2, 7)
		p.send(wire.SYN|wire.ACK, "", 2, 4, 5, 0xb4)
		marks("the third ACK", 46<<2, 7)
		p.write("x")
		marks("data", 46<<2, 7)
		p.flow.TCP().SetDSCP(8)
		p.flow.TCP().SetTTL(255)
		p.wait(time.Second)
		marks("its repetition", 8<<2, 255)
	})
}

// The two bits of ECN in the IP header are what the connection means them to be.
func TestECNBitsOfTheIPHeader(t *testing.T) {
	holds(t, "3168:6.1.1:setup", "3168:6.1.1:syn-noect", "3168:6.1.1:noect-unless", "3168:6.1.3:ece", "3168:6.1.4:pure-ack", "3168:6.1.5:retx", "SHLD-8")
	overBoth(t, func(t *testing.T, remote string) {
		const ece, cwr = 64, 128
		for _, agreed := range []bool{true, false} {
			s := newStation(t, func(cfg *Config) { cfg.TCP.ECN, cfg.TCP.DSCP = true, 10 })
			s.resolved(netip.MustParseAddrPort(remote).Addr())
			p := &peer{station: s, flow: s.open(remote), seq: 1000}
			want := func(why string, tos, flags byte) {
				t.Helper()
				one := p.one(why)
				if one.tos != 10<<2|tos || one.flags&(ece|cwr) != flags {
					t.Errorf("%s (agreed %v): TOS %#x, flags %#x", why, agreed, one.tos, one.flags)
				}
				p.ack = max(p.ack, one.seq+one.seqLen())
			}
			want("the SYN asks, and is not ECN-capable itself", 0, ece|cwr)
			var ect, echo byte
			answer := wire.SYN | wire.ACK
			if agreed {
				answer, ect, echo = answer|wire.ECE, 2, ece
			}
			p.send(answer, "", 2, 4, 5, 0xb4)
			want("the third ACK", 0, 0)
			p.write("x")
			want("data", ect, 0)
			p.wait(time.Second)
			want("the same again", 0, 0)
			marked := p.frame(wire.ACK|wire.PSH, "y")
			mark(marked)
			p.receive(marked)
			p.seq++
			p.wait(time.Second / 2)
			want("the ACK of a marked segment", 0, echo)
		}
	})
}

// mark sets congestion experienced, as a router does.
func mark(frame []byte) {
	if frame[14]>>4 == 6 {
		frame[15] |= 0x30
		return
	}
	frame[15] |= 3
	frame[24], frame[25] = 0, 0
	binary.BigEndian.PutUint16(frame[24:], ^uint16(onesSum(frame[14:34])))
}

func TestICMPReachesItsOwnConnectionAlone(t *testing.T) {
	holds(t, "MUST-54")
	overBoth(t, func(t *testing.T, remote string) {
		s := newStation(t, nil)
		to := netip.MustParseAddrPort(remote)
		s.resolved(to.Addr())
		var flows []*Flow
		for port := range uint16(3) {
			f, err := s.Host.Open(s.now, netip.AddrPortFrom(netip.Addr{}, 5000+port), to, &s.e)
			if err != nil {
				t.Fatal(err)
			}
			flows = append(flows, f)
		}
		s.collect()
		quoted := s.raw[1][14:]
		s.read()
		m := wire.ICMP{Type: 3, Code: 3, Body: quoted}
		if to.Addr().Is6() {
			m.Type, m.Code = 1, 4
		}
		protocol := 9
		if to.Addr().Is6() {
			protocol = 6
		}
		udp := m
		udp.Body = bytes.Clone(quoted)
		udp.Body[protocol] = 17
		s.receive(icmp(to.Addr(), flows[1].tuple.Local.Addr(), udp))
		if flows[1].Err() != nil {
			t.Error("an error about a datagram with the same ports ended a connection")
		}
		s.receive(icmp(to.Addr(), flows[1].tuple.Local.Addr(), m))
		s.want("it ends in silence")
		for i, f := range flows {
			if ended := errors.Is(f.Err(), syscall.ECONNREFUSED); ended != (i == 1) {
				t.Errorf("connection %d: %v, %v", i, f.State(), f.Err())
			}
		}
	})
}

func TestMSSFitsTheLink(t *testing.T) {
	holds(t, "MUST-14", "MUST-16", "MUST-67", "SHLD-28")
	for _, c := range []struct {
		remote string
		mtu    int
		want   int
	}{{"10.0.0.1:7", 1500, 1460}, {"10.0.0.1:7", 1280, 1240}, {"[fd00::1]:7", 1500, 1440}, {"[fd00::1]:7", 1280, 1220}, {"[fd00::1]:7", 9000, 8940}} {
		s := newStation(t, func(cfg *Config) { cfg.MTU = c.mtu })
		s.resolved(netip.MustParseAddrPort(c.remote).Addr())
		p := &peer{station: s, flow: s.open(c.remote), seq: 1000}
		first := p.one("the SYN")
		if p.ack = first.seq + 1; first.mss != c.want {
			t.Errorf("%s at %d: MSS %d, want %d", c.remote, c.mtu, first.mss, c.want)
		}
		p.open(2, 4, 0xff, 0xff)
		p.write(string(make([]byte, 40_000)))
		for _, frame := range p.raw[:1] {
			if len(frame) != 14+c.mtu {
				t.Errorf("%s at %d: a full frame has %d bytes", c.remote, c.mtu, len(frame))
			}
		}
		p.read()
	}
}
