package tcp

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// held returns how many bytes the heap keeps on behalf of what f leaves behind.
func held(f func() any) int {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	kept := f()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(kept)
	return int(after.HeapAlloc) - int(before.HeapAlloc)
}

// flood gives a connection n segments and forgets what it answers.
func flood(c *Conn, now time.Time, n int, next func(i int, g *wire.Segment)) time.Time {
	var batch [1]wire.Segment
	for i := range n {
		batch[0] = wire.Segment{Flags: wire.ACK, Ack: c.sndNxt, Seq: c.rcvNxt, Window: 60000}
		next(i, &batch[0])
		now = now.Add(10 * time.Microsecond)
		c.Arrive(now, batch[:])
	}
	return now
}

// TestHostileMemoryIsBounded measures what a peer can make a connection hold:
// its buffers, and little more.
func TestHostileMemoryIsBounded(t *testing.T) {
	const buffer = 64 << 10
	segments := 100_000
	if testing.Short() {
		segments = 10_000
	}
	rng := rand.New(rand.NewPCG(7, 7))
	one, some := []byte{'x'}, make([]byte, 1400)
	for _, c := range []struct {
		why  string
		next func(c *Conn, i int, g *wire.Segment)
	}{
		{"single octets, every other one", func(c *Conn, i int, g *wire.Segment) {
			g.Seq, g.Payload = g.Seq.Add(1+2*(i%(buffer/2-1))), one
		}},
		{"single octets, backwards", func(c *Conn, i int, g *wire.Segment) {
			g.Seq, g.Payload = g.Seq.Add(buffer-2-2*(i%(buffer/2-2))), one
		}},
		{"full segments behind a gap, anywhere", func(c *Conn, i int, g *wire.Segment) {
			g.Seq, g.Payload = g.Seq.Add(1+rng.IntN(2*buffer)), some
		}},
		{"in order, and nobody reads", func(c *Conn, i int, g *wire.Segment) { g.Payload = some }},
		{"FINs behind gaps", func(c *Conn, i int, g *wire.Segment) {
			g.Flags |= wire.FIN
			g.Seq = g.Seq.Add(1 + rng.IntN(buffer))
		}},
		{"SACK lies", func(c *Conn, i int, g *wire.Segment) {
			g.Ack = c.sndUna
			g.Options.SACKCount = 4
			for k := range 4 {
				l := c.sndUna.Add(rng.IntN(buffer))
				g.Options.SACK[k] = wire.SACKBlock{Left: l, Right: l.Add(1 + rng.IntN(3))}
			}
		}},
		{"acknowledgements of one octet each", func(c *Conn, i int, g *wire.Segment) { g.Ack = c.sndUna.Add(min(1, c.flight())) }},
		{"urgent pointers", func(c *Conn, i int, g *wire.Segment) {
			g.Flags |= wire.URG
			g.Urgent = uint16(rng.Uint32())
		}},
		{"anything", func(c *Conn, i int, g *wire.Segment) {
			g.Flags = wire.Flags(rng.Uint32()) &^ wire.RST & 0xfff
			g.Seq, g.Ack, g.Window = g.Seq.Add(rng.IntN(2*buffer)-buffer), g.Ack.Add(rng.IntN(buffer)-buffer/2), uint16(rng.Uint32())
			g.Payload = some[:rng.IntN(len(some))]
		}},
	} {
		got := held(func() any {
			r := established(t, Config{RecvBuffer: buffer, MaxRecvBuffer: buffer, SendBuffer: buffer}, all(mss(1400), sackOK(true), wscale(2)))
			r.writeBulk(buffer)
			r.drop(len(r.out))
			flood(r.c, r.now, segments, func(i int, g *wire.Segment) { c.next(r.c, i, g) })
			return r.c
		})
		t.Logf("%s: %d bytes", c.why, got)
		if most := 6 * buffer; got > most {
			t.Errorf("%s: a connection with buffers of %d holds %d bytes", c.why, buffer, got)
		}
	}
}

// TestHostileSequenceSweep sends RSTs, SYNs, FINs and text over the whole
// sequence space, as an attacker does who does not know the numbers.
func TestHostileSequenceSweep(t *testing.T) {
	holds(t, "R9293:3.10.7.4:rst5961", "R9293:3.10.7.4:syn5961", "5961:3.2:rst", "5961:5.2:ack")
	r := established(t, Config{RecvBuffer: 64 << 10, MaxRecvBuffer: 64 << 10}, plain)
	r.write("kept")
	r.drop(1)
	step := int64(1 << 15) // two in each window
	if testing.Short() {
		step = 1<<19 - 7
	}
	sent := 0
	for _, flags := range []string{"R", "R.", "S", "S.", "F.", "P."} {
		for at := int64(1 << 14); at < 1<<32; at += step {
			g := r.build(seg(flags, 0, 0, text("forged")))
			g.Seq, g.Ack = r.c.rcvNxt.Add(int(at)), wire.Seq(uint32(at)*2654435761)
			if g.Flags.Has(wire.ACK) && !g.Ack.Before(r.c.sndUna.Add(-r.c.peer.max)) && !g.Ack.After(r.c.sndNxt) {
				continue // guessed
			}
			e := r.c.Arrive(r.now, []wire.Segment{g})
			sent += len(e.Out)
			r.now = r.now.Add(10 * time.Microsecond)
			r.fx = e
			if r.c.State() != Established {
				t.Fatalf("%s at %d ended the connection", flags, at)
			}
		}
	}
	t.Logf("%d answers to %d forged segments", sent, 6*(1<<32/step))
	if r.c.Readable() || r.c.in.Holes() {
		t.Fatal("forged text was kept")
	}
	r.in(seg("P.", 1, 5, text("true")))
	r.wantRead("true")
	r.advance(time.Second)
	r.drop(len(r.out))
	if !r.c.SendQueueEmpty() {
		t.Fatal("the true acknowledgement did not count")
	}
}

// TestHostileBlindICMP tries every type and code with numbers that are not in
// flight, and then soft ones with numbers that are.
func TestHostileBlindICMP(t *testing.T) {
	holds(t, "5927:4.1:seqcheck", "MUST-55", "MUST-56")
	for _, tuple := range []wire.Tuple{testTuple, testTuple6} {
		r := established(t, Config{Tuple: tuple}, mss(1400))
		r.write("hello")
		r.drop(1)
		for typ := range 256 {
			for code := range 20 {
				for _, at := range []int{0, 6, -1 << 30, 1 << 30} {
					r.icmp(uint8(typ), uint8(code), at, 68)
				}
			}
		}
		r.state(Established)
		if r.c.pathMTU() != 1500 || r.c.SoftError() != nil {
			t.Fatalf("MTU %d, soft error %v", r.c.pathMTU(), r.c.SoftError())
		}
		r.quiet("nothing was believed")
	}
	// Who sees the traffic can shrink packets, but not to nothing, and not for
	// ever; and each message costs us one retransmission at most.
	r := established(t, Config{}, mss(1400))
	r.writeBulk(10_000)
	r.drop(len(r.out))
	for i := range 10_000 {
		r.icmp(3, 4, 1, i%70)
	}
	if got := r.c.pathMTU(); got != 68 {
		t.Fatalf("MTU %d", got)
	}
	if len(r.out) > 2000 {
		t.Fatalf("10000 messages drew %d segments", len(r.out))
	}
	r.drop(len(r.out))
	for r.c.flight() > 0 {
		r.in(seg(".", 1, r.c.sndNxt.Sub(testISS)))
		r.drop(len(r.out))
	}
	r.advance(10 * time.Minute)
	r.writeBulk(1400)
	r.want("ten minutes later", seg("P.", 10_001, 1, octets(1400)))
}

// TestHostileWindowShrunkToNothing takes every window back as soon as it was
// given, and makes the connection neither spin nor lose what was written.
func TestHostileWindowShrunkToNothing(t *testing.T) {
	holds(t, "MUST-34", "MUST-35", "MUST-37", "SHLD-17")
	r := established(t, Config{}, plain)
	want := bytes.Repeat([]byte("window"), 1000)
	r.write(string(want))
	got := make([]byte, len(want))
	sent, have := 0, 0
	take := func() {
		for _, g := range r.out {
			at := g.Seq.Sub(testISS) - 1
			copy(got[at:], g.Payload)
			if at <= have {
				have = max(have, at+len(g.Payload))
			}
		}
		sent += len(r.out)
		r.drop(len(r.out))
	}
	take()
	for range 3000 {
		r.in(seg(".", 1, 1, win(3)))
		r.in(seg(".", 1, 1, win(0)))
		r.advance(time.Second)
	}
	take()
	if sent > 4000 {
		t.Fatalf("%d segments in 3000 seconds", sent)
	}
	for n := 0; have < len(want) && n < 10_000; n++ {
		r.in(seg(".", 1, 1+have, win(7)))
		take()
		r.advance(time.Second)
		take()
	}
	if !bytes.Equal(got, want) {
		t.Fatal("the stream has changed")
	}
	r.in(seg(".", 1, 1+len(want), win(0)))
	r.advance(time.Hour)
	r.quiet("all is there")
	r.state(Established)
}

// TestHostileOptionsNeverSpin gives every option that can be said in numbers
// its worst values at once.
func TestHostileOptionsNeverSpin(t *testing.T) {
	for _, o := range []wire.Options{
		{HasMSS: true}, {HasMSS: true, MSS: 1}, {HasMSS: true, MSS: 65535},
		{HasMSS: true, MSS: 1, HasTimestamps: true, SACKPermitted: true},
		{HasWindowScale: true, WindowScale: 255}, {HasTimestamps: true, TSVal: 1 << 31, TSEcr: 1 << 31},
		{Malformed: true}, {SACKCount: 4},
	} {
		for _, mtu := range []int{68, 576, 1500, 65535} {
			r := synSent(t, Config{MTU: mtu})
			g := r.build(seg("S.", 0, 1, win(65535)))
			g.Options = o
			r.took(r.c.Arrive(r.now, []wire.Segment{g}))
			r.state(Established)
			r.drop(len(r.out))
			r.writeBulk(5000)
			r.advance(time.Minute)
			if len(r.out) > 500 {
				t.Errorf("%+v at an MTU of %d: %d segments for 5000 octets in a minute without an answer", o, mtu, len(r.out))
			}
			for _, g := range r.out {
				if n := 40 + g.Options.WireLen() + len(g.Payload); n > mtu {
					t.Fatalf("%+v: %d octets in an MTU of %d", o, n, mtu)
				}
			}
			r.drop(len(r.out))
		}
	}
}
