package handcrafted

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// liar is a peer that a script drives: it loses, repeats, invents and lies, but
// never acknowledges what it has not got, and never says a different octet at
// the same place. Then it becomes honest, and everything has to arrive. Octet n
// of either stream is octetAt(n).
type liar struct {
	s      *station
	flow   *Flow
	script []byte
	sent   sender
	iss    uint32 // of our host
	err    error

	six, deaf bool
	stamps    bool
	tsEcr     uint32

	// Our host's stream, as the peer has it.
	got     []bool
	have    int // in order
	written int
	finAt   int // where our host's FIN stands, once it was heard; -1 before
	closed  bool

	// The peer's own.
	said  []bool
	acked int // what our host has acknowledged
	read  int
	end   int // where its FIN stands; -1 as long as it has none
}

const liarISS, liarMost = 1000, 1 << 18

func octetAt(n int) byte { return byte(n*131 + n>>8) }

func octetsAt(from, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = octetAt(from + i)
	}
	return p
}

func (l *liar) bad(format string, args ...any) {
	if l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
}

// byte takes a decision from the script.
func (l *liar) byte() int {
	if len(l.script) == 0 {
		return 0
	}
	b := l.script[0]
	l.script = l.script[1:]
	return int(b)
}

func (l *liar) word() int { return l.byte()<<8 | l.byte() }

func newLiar(t testing.TB, script []byte) *liar {
	l := &liar{script: script, finAt: -1, end: -1}
	cfg := tcp.Config{R2: 240 * time.Hour, SynR2: 240 * time.Hour, Profile: tcp.RFC}
	b := l.byte()
	cfg.NoDelay, cfg.ECN, l.six = b&1 != 0, b&2 != 0, b&4 != 0
	cfg.Profile.Timestamps, cfg.Profile.SACK, cfg.Profile.WindowScale = b&8 == 0, b&16 == 0, b&32 == 0
	if b&64 != 0 {
		cfg.Congestion = "cubic"
	}
	if b&128 != 0 {
		cfg.RecvBuffer = 1 + l.word()
		cfg.MaxRecvBuffer, cfg.SendBuffer = cfg.RecvBuffer+l.word(), 1+l.word()
	}
	h, err := NewHost(Config{
		MAC: us[:], Addr4: netip.PrefixFrom(our4, 24), Addr6: netip.PrefixFrom(our6, 64), Rand: zeros{}, TCP: cfg,
	})
	if err != nil {
		t.Fatal(err)
	}
	l.s = &station{TB: t, Host: h, now: launch}
	l.s.resolved(peer4)
	l.s.resolved(peer6)
	remote := "10.0.0.1:7"
	if l.six {
		remote = "[fd00::1]:7"
	}
	if l.flow, err = h.Open(l.s.now, netip.AddrPortFrom(netip.Addr{}, 5000), netip.MustParseAddrPort(remote), &l.s.e); err != nil {
		t.Fatal(err)
	}
	l.collect()
	l.iss = l.sent.iss
	l.synAck(&cfg)
	return l
}

// synAck opens the connection with options that the script chooses.
func (l *liar) synAck(cfg *tcp.Config) {
	b := l.byte()
	g := wire.Segment{Seq: liarISS, Ack: wire.Seq(l.iss + 1), Flags: wire.SYN | wire.ACK, Window: uint16(l.word())}
	o := &g.Options
	o.HasMSS, o.MSS = b&1 == 0, uint16(60+l.word()%3000)
	o.SACKPermitted, o.HasWindowScale, o.WindowScale = b&2 == 0, b&4 == 0, uint8(b>>4)
	if o.HasTimestamps = b&8 == 0; o.HasTimestamps {
		o.TSVal, o.TSEcr = l.clock(), l.tsEcr
	}
	l.stamps = o.HasTimestamps && cfg.Profile.Timestamps
	l.deliver(g)
}

// clock is the peer's timestamp clock.
func (l *liar) clock() uint32 { return 7000 + uint32(l.s.now.Sub(launch).Milliseconds()) }

// deliver gives our host a segment and looks at the answer.
func (l *liar) deliver(g wire.Segment) {
	if g.Flags.Has(wire.SYN) && !g.Flags.Has(wire.RST) {
		l.sent.heard(&sent{flags: byte(g.Flags), scale: map[bool]int{true: int(g.Options.WindowScale), false: -1}[g.Options.HasWindowScale]})
	}
	l.s.Host.Receive(l.s.now, [][]byte{segment(l.flow.tuple.Remote, l.flow.tuple.Local, g)}, &l.s.e)
	l.collect()
}

// collect looks at what our host sent.
func (l *liar) collect() {
	e := &l.s.e
	if e.Len() > 2000 {
		l.bad("%d frames at once", e.Len())
	}
	asked := false
	for i := range e.Len() {
		s, err := readSent(e.Frame(i))
		if errors.Is(err, errNotTCP) {
			asked = true
			continue
		}
		if err == nil && (l.flow == nil || !l.flow.dead || s.flags&rst == 0) {
			l.sent.gaps = l.s.counters.Dropped[DropUnresolved] > 0
			err = l.sent.check(&s)
		}
		if err != nil {
			l.bad("frame %x: %v", e.Frame(i), err)
		}
		l.hear(&s)
	}
	e.Reset()
	if asked { // who has the peer's address
		l.s.Host.Receive(l.s.now, [][]byte{arpReply(peer4), advert()}, e)
		l.collect()
	}
}

// advert is the peer's answer over IPv6.
func advert() []byte {
	n := wire.Neighbor{Advert: true, Target: peer6, HasMAC: true, LinkMAC: them, Solicited: true}
	b := wire.AppendNeighbor(nil, &n, peer6, our6)
	return append(packet(wire.IP{Src: peer6, Dst: our6, Protocol: wire.ProtocolICMPv6, TTL: 255}, len(b)), b...)
}

// hear takes a segment of our host.
func (l *liar) hear(s *sent) {
	if s.hasTS {
		l.tsEcr = s.tsval
	}
	if s.flags&(syn|rst) != 0 {
		return
	}
	at := int(int32(s.seq - l.iss - 1))
	for i, b := range s.payload {
		if n := at + i; n < 0 || n >= l.written || b != octetAt(n) {
			l.bad("octet %d of %d written is sent as %#x", n, l.written, b)
			return
		}
	}
	if s.flags&fin != 0 && (!l.closed || at+len(s.payload) != l.written) {
		l.bad("a FIN at %d, %d octets were written, closed %v", at+len(s.payload), l.written, l.closed)
	}
	l.hearAck(int(int32(s.ack - liarISS - 1)))
	if l.deaf || at < 0 {
		return
	}
	for n := at; n < at+len(s.payload); n++ {
		l.got[n] = true
	}
	for l.have < len(l.got) && l.got[l.have] {
		l.have++
	}
	if s.flags&fin != 0 && l.finAt < 0 {
		l.finAt = at + len(s.payload)
	}
}

// hearAck holds that nothing is acknowledged that was not sent.
func (l *liar) hearAck(ack int) {
	said := 0
	for said < len(l.said) && l.said[said] {
		said++
	}
	if said == l.end {
		said++
	}
	if ack > said {
		l.bad("%d octets are acknowledged, %d were sent in one piece", ack, said)
	}
	l.acked = max(l.acked, ack)
}

// segment begins one at a place in the peer's stream.
func (l *liar) segment(at int, flags wire.Flags, text []byte) wire.Segment {
	ack := l.have
	if l.finAt >= 0 && l.have == l.finAt {
		ack++
	}
	g := wire.Segment{Seq: liarISS + 1 + wire.Seq(at), Ack: wire.Seq(l.iss) + 1 + wire.Seq(ack), Flags: flags, Window: 60000, Payload: text}
	if l.stamps {
		g.Options.HasTimestamps, g.Options.TSVal, g.Options.TSEcr = true, l.clock(), l.tsEcr
	}
	return g
}

// say sends text at a place, and remembers that it did.
func (l *liar) say(at, n int, odd func(*wire.Segment)) {
	if l.end >= 0 {
		n = min(n, l.end-at)
	}
	if n = min(n, liarMost-at); at < 0 || n <= 0 || l.flow.dead {
		return
	}
	for len(l.said) < at+n {
		l.said = append(l.said, false)
	}
	for i := at; i < at+n; i++ {
		l.said[i] = true
	}
	g := l.segment(at, wire.ACK, octetsAt(at, n))
	if odd != nil {
		odd(&g)
	}
	l.deliver(g)
}

// twist makes a segment odd without making it a lie about the stream.
func (l *liar) twist(g *wire.Segment) {
	b := l.byte()
	g.Flags |= [...]wire.Flags{0, 0, wire.PSH, wire.URG, wire.ECE, wire.CWR, 0xf00, wire.URG | wire.PSH}[b%8]
	g.Urgent = uint16(l.word())
	g.ECN = uint8(b >> 6)
	if b&8 != 0 {
		g.Window = uint16(l.word())
	}
	o := &g.Options
	if b&16 != 0 && l.stamps {
		o.TSVal -= uint32(l.byte())
		o.TSEcr += uint32(l.byte()) - 128
	}
	if b&32 != 0 {
		o.SACKCount = 1 + l.byte()%3
		for i := range o.SACKCount {
			left := wire.Seq(l.iss).Add(l.word() - 5000)
			o.SACK[i] = wire.SACKBlock{Left: left, Right: left.Add(l.word() - 3000)}
		}
	}
}

// step does one thing.
func (l *liar) step() {
	switch op := l.byte() % 16; op {
	case 0, 1:
		l.say(len(l.said), 1+l.word()%3000, l.twist)
	case 2:
		l.say(l.acked+l.byte()*16-256, 1+l.word()%1460, l.twist)
	case 3, 4:
		g := l.segment(l.acked, wire.ACK, nil)
		l.twist(&g)
		l.deliver(g)
	case 5:
		l.nonsense()
	case 6:
		if l.byte()%4 == 0 && l.end < 0 {
			l.end = len(l.said)
		}
		if l.end >= 0 {
			l.deliver(l.segment(l.end, wire.FIN|wire.ACK, nil))
		}
	case 7, 8, 9:
		l.write(l.word() % 6000)
	case 10, 11:
		l.readSome(1 + l.word()%9000)
	case 12:
		l.wait(time.Duration(l.word()) * 100 * time.Microsecond)
	case 13:
		l.wait(time.Duration(l.byte()) * time.Second)
	case 14:
		l.deaf = l.byte()%2 == 0
	case 15:
		l.control()
	}
}

// nonsense are segments that must change nothing.
func (l *liar) nonsense() {
	g := l.segment(l.acked, wire.ACK, nil)
	switch b := l.byte(); b % 6 {
	case 0: // an acknowledgement of the future, with text
		g.Ack, g.Payload = wire.Seq(l.sent.top).Add(1+l.word()), []byte("forged")
	case 1: // of the far past
		g.Ack, g.Payload = wire.Seq(l.iss)-1<<30, []byte("forged")
	case 2: // far from the window
		g.Seq, g.Payload = g.Seq.Add(1<<30+l.word()), []byte("forged")
	case 3: // a RST in the window, but not at its beginning
		g.Flags, g.Seq = wire.RST, g.Seq.Add(3+l.byte())
	case 4:
		g.Flags, g.Seq = wire.SYN, g.Seq.Add(l.word()-1<<15)
	case 5:
		g.Flags, g.Payload = 0, []byte("no ACK")
	}
	if g.Flags.Has(wire.RST) && l.flow.TCP().State() == tcp.TimeWait {
		return
	}
	l.deliver(g)
}

func (l *liar) write(n int) {
	if l.closed || l.flow.dead {
		return
	}
	n = min(n, liarMost-l.written)
	l.written += n // before the call: what it sends is checked at once
	l.got = append(l.got, make([]bool, n)...)
	took, err := l.flow.Write(l.s.now, octetsAt(l.written-n, n), &l.s.e)
	if err != nil {
		l.bad("Write: %v", err)
	}
	l.collect()
	l.written -= n - took
	l.got = l.got[:l.written]
}

func (l *liar) readSome(n int) {
	p := make([]byte, n)
	n, err := l.flow.Read(l.s.now, p, &l.s.e)
	if err != nil && err != io.EOF {
		l.bad("Read: %v", err)
	}
	for i, b := range p[:n] {
		if b != octetAt(l.read+i) {
			l.bad("octet %d is read as %#x", l.read+i, b)
			return
		}
	}
	l.read += n
	if err == io.EOF && l.read != l.end {
		l.bad("EOF after %d octets, the FIN is at %d", l.read, l.end)
	}
	l.collect()
}

func (l *liar) wait(d time.Duration) {
	end := l.s.now.Add(d)
	for n := 0; ; n++ {
		next := l.s.Next()
		if next.IsZero() || next.After(end) {
			break
		}
		if n > 20_000 {
			l.bad("the timers spin")
			return
		}
		l.s.now = next
		l.s.Tick(next, &l.s.e)
		l.collect()
	}
	l.s.now = end
}

// control is what the user may do, and what routers may say.
func (l *liar) control() {
	switch b := l.byte(); b % 5 {
	case 0:
		l.closeWrite()
	case 1:
		l.flow.Do(l.s.now, &l.s.e, func(c *tcp.Conn) tcp.Effects { return c.SetNoDelay(l.s.now, b > 127) })
	case 2:
		l.flow.Do(l.s.now, &l.s.e, func(c *tcp.Conn) tcp.Effects {
			return c.SetKeepAlive(l.s.now, b > 127, time.Duration(1+l.byte())*time.Second, time.Second, 1000)
		})
	case 3:
		l.router(0, uint32(l.word()))
	case 4:
		l.router(1, 0)
	}
	l.collect()
}

// router sends an ICMP error about the oldest octet in flight: packet too big
// (0) or no route (1).
func (l *liar) router(what int, mtu uint32) {
	t := l.flow.tuple
	quote := segment(t.Local, t.Remote, wire.Segment{Seq: wire.Seq(l.iss) + 1 + wire.Seq(l.have), Flags: wire.ACK})[14:]
	m := wire.ICMP{Type: 3, Code: 4, Rest: mtu, Body: quote}
	src := peer4
	if what == 1 {
		m = wire.ICMP{Type: 11, Body: quote}
	}
	if l.six {
		m.Type, m.Code, src = [...]uint8{2, 1}[what], 0, peer6
	}
	l.s.Host.Receive(l.s.now, [][]byte{icmp(src, t.Local.Addr(), m)}, &l.s.e)
}

func (l *liar) closeWrite() {
	if l.closed || l.flow.dead {
		return
	}
	l.closed = true
	if err := l.flow.CloseWrite(l.s.now, &l.s.e); err != nil {
		l.bad("CloseWrite: %v", err)
	}
	l.collect()
}

// honest lets the peer do all that it should, until both streams are over.
func (l *liar) honest() {
	l.deaf = false
	if l.end < 0 {
		l.end = len(l.said)
	}
	for round := 0; l.err == nil && !l.flow.dead; round++ {
		if round > 3000 {
			l.bad("the streams do not end: %v, %d of %d octets got, %d of %d acknowledged, %d read", l.flow.State(), l.have, l.written, l.acked, l.end, l.read)
			return
		}
		l.closeWrite()
		l.readSome(1 << 16)
		for at := l.acked; at < l.end && at < l.acked+8*1000; at += 1000 {
			l.say(at, 1000, nil)
		}
		if l.acked <= l.end {
			l.deliver(l.segment(l.end, wire.FIN|wire.ACK, nil))
		}
		if !l.flow.dead {
			l.deliver(l.segment(min(l.acked, l.end+1), wire.ACK, nil))
		}
		l.wait(time.Duration(1<<min(round, 6)) * 100 * time.Millisecond)
	}
	l.readSome(1 << 18)
	if l.flow.Err() != nil || l.have != l.written || l.finAt != l.written || l.read != l.end {
		l.bad("%v: the peer has %d of %d octets, FIN at %d; %d of %d were read; error %v", l.flow.State(), l.have, l.written, l.finAt, l.read, l.end, l.flow.Err())
	}
}

// FuzzHost drives the whole host, down to the frames: what leaves is well
// formed and true whatever arrives, and nothing that was accepted is lost.
func FuzzHost(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(scriptOf(seed))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 3000 {
			return
		}
		if err := play(t, script); err != nil {
			t.Fatal(err)
		}
	})
}

// play runs one script to its end, and beyond.
func play(t testing.TB, script []byte) error {
	l := newLiar(t, script)
	for len(l.script) > 0 && l.err == nil && !l.flow.dead {
		l.step()
	}
	l.honest()
	return l.err
}

var (
	scripts     = flag.Int("scripts", 100, "how many random scripts TestRandomScripts plays")
	firstScript = flag.Uint64("scripts.first", 1000, "the first of them")
)

// TestRandomScripts plays more of them than a fuzzer gets to.
func TestRandomScripts(t *testing.T) {
	for seed := *firstScript; seed < *firstScript+uint64(*scripts); seed++ {
		if err := play(t, scriptOf(seed)); err != nil {
			t.Errorf("script %d: %v\nreplay: go test ./handcrafted -run TestRandomScripts -scripts 1 -scripts.first %d", seed, err, seed)
		}
	}
}

// scriptOf is a script of random length.
func scriptOf(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 5))
	b := make([]byte, 0, 2000)
	for range 20 + r.IntN(230) {
		b = binary.BigEndian.AppendUint64(b, r.Uint64())
	}
	return b
}
