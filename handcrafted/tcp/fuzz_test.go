package tcp

import (
	"fmt"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// script hands out the bytes of a fuzz input as small decisions.
type script struct{ b []byte }

func (s *script) byte() int {
	if len(s.b) == 0 {
		return 0
	}
	v := s.b[0]
	s.b = s.b[1:]
	return int(v)
}

func (s *script) word() int { return s.byte()<<8 | s.byte() }

// fuzzed is a connection driven by a script, and what it must keep true. Octet
// n of either stream is pattern(n), so each payload can be checked where it
// stands.
type fuzzed struct {
	s       *script
	c       *Conn
	now     time.Time
	next    time.Time
	written int // octets that the connection took
	read    int // octets that it gave
	end     end // the window's edge it advertised
	err     error
	several bool // segments arrived together: an ACK may lie between them
}

func pattern(n int) byte { return byte(n*31 + n>>8) }

func fill(p []byte, from int) []byte {
	for i := range p {
		p[i] = pattern(from + i)
	}
	return p
}

func (f *fuzzed) bad(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(format, args...)
	}
}

// took checks what left.
func (f *fuzzed) took(e Effects) {
	f.next = e.Next
	f.end.c = f.c
	for i := range e.Out {
		g := &e.Out[i]
		if f.c.State() == Closed && g.Flags.Has(wire.RST) {
			continue
		}
		if err := f.invariants(g); err != nil {
			f.bad("%v", err)
		}
		if g.Flags.Has(wire.ACK) && g.Ack != f.c.rcvNxt && !f.several && f.c.State() != Closed {
			f.bad("ACK %d, RCV.NXT is %d", g.Ack, f.c.rcvNxt)
		}
		for k, b := range g.Payload {
			if n := g.Seq.Sub(f.c.iss) - 1 + k; b != pattern(n) || n >= f.written {
				f.bad("octet %d of %d written is sent as %#x, not %#x", n, f.written, b, pattern(n))
				return
			}
		}
	}
	if len(e.Out) > 3000 {
		f.bad("%d segments at once", len(e.Out))
	}
}

// invariants are those of the simulation; a segment that left before the last
// transition of a call is judged by the state after it.
func (f *fuzzed) invariants(g *wire.Segment) error {
	if f.c.State() == Closed {
		return nil
	}
	return f.end.invariants(g)
}

// segment makes an arriving segment: mostly near what fits, sometimes far off.
func (f *fuzzed) segment() wire.Segment {
	s, c := f.s, f.c
	g := wire.Segment{Flags: wire.Flags(s.byte())}
	if kind := s.byte(); kind < 160 {
		g.Flags = [...]wire.Flags{wire.ACK, wire.ACK, wire.PSH | wire.ACK, wire.SYN | wire.ACK, wire.FIN | wire.ACK, wire.SYN, wire.RST, wire.URG | wire.ACK}[kind%8]
	}
	g.Seq = c.rcvNxt.Add(s.byte()*8 - 512)
	switch s.byte() % 8 {
	case 0:
		g.Seq = c.rcvNxt.Add(s.word()<<16 | s.word())
	case 1, 2, 3, 4:
		g.Seq = c.rcvNxt
	}
	if c.State() == SynSent {
		g.Seq = wire.Seq(s.word())
	}
	g.Ack = c.sndUna.Add(s.word() % (c.flight() + 2))
	if s.byte()%16 == 0 {
		g.Ack = c.sndNxt.Add(s.word() - 32768)
	}
	g.Window, g.Urgent = uint16(s.word()), uint16(s.word())
	g.ECN = uint8(s.byte()) & 3
	f.options(&g.Options)
	if n := s.byte(); n > 100 && c.in != nil {
		from := g.Seq.Sub(c.irs) - 1
		if g.Flags.Has(wire.SYN) {
			from++
		}
		if from > -1<<20 && from < 1<<30 {
			g.Payload = fill(make([]byte, (n-100)*8), from)
		}
	}
	return g
}

func (f *fuzzed) options(o *wire.Options) {
	s, c := f.s, f.c
	b := s.byte()
	if b&1 != 0 || c.opts.timestamps && b&2 == 0 {
		o.HasTimestamps, o.TSVal, o.TSEcr = true, c.ts.recent+uint32(s.byte())-8, c.tsval()-uint32(s.byte())
	}
	if c.State() == SynSent || b&0x30 == 0x30 {
		o.HasMSS, o.MSS = b&4 == 0, uint16(s.word())
		o.HasWindowScale, o.WindowScale = b&8 == 0, uint8(s.byte()%18)
		o.SACKPermitted = b&0x40 == 0
	}
	if b&0x80 != 0 {
		o.SACKCount = s.byte() % 5
		for i := range o.SACKCount {
			l := c.sndUna.Add(s.word() - 1000)
			o.SACK[i] = wire.SACKBlock{Left: l, Right: l.Add(s.word() - 2000)}
		}
	}
	o.Malformed = b == 0x13
}

// step does one thing.
func (f *fuzzed) step() {
	s, c := f.s, f.c
	switch op := s.byte() % 16; op {
	case 0, 1, 2, 3, 4, 5:
		segs := make([]wire.Segment, 1+s.byte()%3)
		for i := range segs {
			segs[i] = f.segment()
		}
		f.several = len(segs) > 1
		f.took(c.Arrive(f.now, segs))
		f.several = false
	case 6, 7:
		n, e, _ := c.Write(f.now, fill(make([]byte, s.word()%9000), f.written))
		f.written += n
		f.took(e)
	case 8:
		n, e, _ := c.WriteUrgent(f.now, fill(make([]byte, s.byte()), f.written))
		f.written += n
		f.took(e)
	case 9, 10:
		p := make([]byte, s.word()%9000)
		n, e, _ := c.Read(f.now, p)
		for i, b := range p[:n] {
			if b != pattern(f.read+i) {
				f.bad("octet %d is read as %#x, not %#x", f.read+i, b, pattern(f.read+i))
				return
			}
		}
		f.read += n
		f.took(e)
	case 11:
		f.advance(time.Duration(s.word()) * time.Millisecond)
	case 12:
		f.advance(time.Duration(s.byte()) * time.Second)
	case 13:
		f.took(c.ICMP(f.now, ICMPError{Type: uint8(s.byte()) % 16, Code: uint8(s.byte()) % 8, Seq: c.sndUna.Add(s.byte() - 2), MTU: s.word()}))
	case 14:
		f.setting()
	case 15:
		f.closing()
	}
}

func (f *fuzzed) setting() {
	s, c := f.s, f.c
	switch s.byte() % 4 {
	case 0:
		f.took(c.SetNoDelay(f.now, s.byte()%2 == 0))
	case 1:
		f.took(c.SetKeepAlive(f.now, s.byte()%2 == 0, time.Duration(s.byte())*time.Second, time.Second, 3))
	case 2:
		f.took(c.SetUserTimeout(f.now, time.Duration(s.byte())*time.Second))
	case 3:
		c.SetAbortOnClose(s.byte()%2 == 0)
	}
}

func (f *fuzzed) closing() {
	var e Effects
	switch f.s.byte() % 16 {
	case 0:
		e = f.c.Abort(f.now)
	case 1, 2:
		e, _ = f.c.Close(f.now)
	case 3, 4, 5:
		e, _ = f.c.CloseWrite(f.now)
	default:
		return
	}
	f.took(e)
}

// advance runs the timers, which have to come to rest.
func (f *fuzzed) advance(d time.Duration) {
	end := f.now.Add(d)
	for n := 0; !f.next.IsZero() && !f.next.After(end); n++ {
		if n > 3000 {
			f.bad("the timers spin in %v: next %v, now %v, %v", f.c.State(), f.next, f.now, f.c.timers)
			return
		}
		if f.next.After(f.now) {
			f.now = f.next
		}
		f.took(f.c.Tick(f.now))
	}
	f.now = end
}

// FuzzConn: any sequence of segments, calls and steps of the clock never
// panics, never sends a segment that breaks an invariant, never loses or
// changes an octet that it accepted.
func FuzzConn(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x00\x01\x03\x03\x40\x01\x00\x00\x01\xff\xff\x00\x00\x00\x00\x00\x05\xb4\x07 and then some more bytes to act on"))
	for seed := range 20 {
		b := make([]byte, 400)
		for i := range b {
			b[i] = byte((i + 7) * (seed*17 + 3) >> 2)
		}
		f.Add(b)
	}
	f.Fuzz(fuzzOnce)
}

// listen has the peer open the connection, with text in its SYN at times.
func (f *fuzzed) listen(cfg Config) {
	f.c = &Conn{state: SynSent}
	g := wire.Segment{Flags: wire.SYN | wire.Flags(f.s.byte())&^(wire.ACK|wire.RST), Seq: wire.Seq(f.s.word() << 16), Window: uint16(f.s.word())}
	f.options(&g.Options)
	g.Payload = fill(make([]byte, f.s.word()%2000), 0)
	var e Effects
	f.c, e = Accept(f.now, cfg, &g)
	f.took(e)
	clear(g.Payload)
}

// fuzzOnce runs one script.
func fuzzOnce(t *testing.T, b []byte) {
	if len(b) > 4000 {
		return
	}
	s := &script{b}
	cfg := Config{
		Tuple: testTuple, ISS: wire.Seq(s.word() << 16), NoDelay: s.byte()%2 == 0, ECN: s.byte()%2 == 0,
		RecvBuffer: 1 + s.word(), SendBuffer: 1 + s.word(), MTU: 68 + s.word()%9000,
	}
	cfg.MaxRecvBuffer = cfg.RecvBuffer + s.word()*s.byte()
	if s.byte()%8 == 0 {
		cfg.Profile = TcpingPy
	}
	if s.byte()%2 == 0 {
		cfg.Congestion = "cubic"
	}
	run := &fuzzed{s: s, now: time.Unix(1e9, 0)}
	var e Effects
	shake := s.byte() % 8
	if shake == 4 {
		run.listen(cfg)
	} else {
		run.c, e = Open(run.now, cfg)
		run.took(e)
	}
	if shake%4 != 0 { // usually the handshake succeeds
		g := wire.Segment{Flags: wire.SYN | wire.ACK, Seq: wire.Seq(s.word() << 16), Ack: run.c.iss + 1, Window: uint16(s.word())}
		run.options(&g.Options)
		run.took(run.c.Arrive(run.now, []wire.Segment{g}))
	}
	for len(s.b) > 0 && run.err == nil {
		run.step()
	}
	if run.err != nil {
		t.Fatal(run.err)
	}
}
