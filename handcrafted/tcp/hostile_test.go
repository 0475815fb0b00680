package tcp

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// Tests with a peer that means harm.

func TestHostileSingleOctetFlood(t *testing.T) {
	r := established(t, Config{}, full)
	for at := 3; at < 60_000; at += 2 { // every octet a range of its own
		r.in(seg(".", at, 1, text("x")))
		if len(r.out) != 1 {
			t.Fatalf("%d segments for one", len(r.out))
		}
		r.drop(1)
	}
	whole := bytes.Repeat([]byte("xy"), 600)
	for at := 1; at < 60_000; at += len(whole) {
		r.in(seg(".", at, 1, text(string(whole))))
		r.read(2000)
	}
	r.drop(len(r.out))
	r.advance(time.Second)
	r.drop(len(r.out))
	r.state(Established)
}

func TestHostileSACKLies(t *testing.T) {
	r := established(t, Config{}, full)
	data := make([]byte, 30_000)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	r.write(string(data))
	got, have := make([]byte, len(data)), make([]bool, len(data))
	take := func() {
		for _, g := range r.out {
			at := g.Seq.Sub(testISS) - 1
			copy(got[at:], g.Payload)
			for i := range g.Payload {
				have[at+i] = true
			}
		}
		r.drop(len(r.out))
	}
	for round := range 3000 {
		r.drop(len(r.out)) // the wire loses all of it
		var lies []int
		for range rng.IntN(4) {
			a := rng.IntN(40_000) - 5000
			lies = append(lies, a, a+rng.IntN(5000)-1000)
		}
		r.in(seg(".", 1, 1, sack(lies...)))
		if len(r.out) > 40 {
			t.Fatalf("round %d: a lie draws %d segments", round, len(r.out))
		}
	}
	for range 1000 { // the truth from now on
		r.in(seg(".", 1, 1+max(0, slices.Index(have, false))))
		take()
		r.advance(10 * time.Millisecond)
		take()
		if !slices.Contains(have, false) {
			break
		}
		r.advance(2 * time.Second)
		take()
	}
	if !bytes.Equal(got, data) {
		t.Fatal("SACK lies changed the stream")
	}
	r.in(seg(".", 1, 30_001))
	r.advance(time.Hour)
	r.quiet("all is there")
}

func TestHostileAckDivision(t *testing.T) {
	holds(t, "5681:3.1:ss")
	r := established(t, Config{}, plain)
	r.writeBulk(200_000)
	r.drop(10)
	before := r.c.cc.Window()
	for at := 2; at <= 10_001; at += 10 {
		r.in(seg(".", 1, at))
		r.drop(len(r.out))
	}
	if got := r.c.cc.Window(); got > before+10_000 {
		t.Fatalf("1000 ACKs of ten octets each grew cwnd from %d to %d", before, got)
	}
}

func TestHostileDuplicateAcks(t *testing.T) {
	r := established(t, Config{}, plain)
	r.writeBulk(200_000)
	r.drop(10)
	sent := 0
	for range 100_000 {
		r.in(seg(".", 1, 1))
		sent += len(r.out)
		r.drop(len(r.out))
	}
	if sent > 66 { // inflation ends at the peer's window (RFC 5681 §3.2)
		t.Fatalf("duplicate ACKs alone drew %d segments", sent)
	}
}

func TestHostileOptimisticAcks(t *testing.T) {
	r := established(t, Config{}, plain)
	r.writeBulk(200_000)
	r.drop(10)
	for at := 10_002; at < 100_000; at += 1000 {
		r.in(seg(".", 1, at))
	}
	if len(r.out) != 10 {
		t.Fatalf("%d answers to ACKs of what was never sent, want ten challenges", len(r.out))
	}
	r.drop(10)
	if r.c.flight() != 10_000 {
		t.Fatal("something was taken for acknowledged")
	}
}

func TestHostileWindowFlapping(t *testing.T) {
	r := established(t, Config{}, plain)
	r.writeBulk(100_000)
	rng := rand.New(rand.NewPCG(2, 2))
	sent := 0
	for range 5000 {
		r.in(seg(".", 1, 1, win(uint16(rng.IntN(3)*rng.IntN(3000)))))
		r.advance(time.Duration(rng.IntN(100)) * time.Millisecond)
		sent += len(r.out)
		r.drop(len(r.out))
	}
	if sent > 5000 {
		t.Fatalf("%d segments", sent)
	}
	r.state(Established)
}

// A peer that answers each of our ACKs, as a mirror does.
func TestHostileAckWar(t *testing.T) {
	r := established(t, Config{}, plain)
	r.in(seg(".", 500_000, 1))
	n := 0
	for len(r.out) > 0 && n < 1000 {
		r.drop(1)
		n++
		r.in(seg(".", 500_000, 1))
	}
	if n > 10 {
		t.Fatalf("%d ACKs for ACKs", n)
	}
}

func TestHostileTinyMSSIsBounded(t *testing.T) {
	r := established(t, Config{}, mss(1))
	r.writeBulk(1 << 17)
	for at := 2; at < 5000; at++ {
		r.in(seg(".", 1, at))
		if len(r.out) > 100 {
			t.Fatalf("%d segments at once", len(r.out))
		}
		r.drop(len(r.out))
	}
}

func TestHostileGarbageHandshake(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		r := synSent(t, Config{ECN: rng.IntN(2) == 0})
		for range 10 {
			g := r.build(seg(".", rng.IntN(5)-2, rng.IntN(5)-2, octets(rng.IntN(20))))
			g.Flags = wire.Flags(rng.IntN(1 << 12))
			g.Options = wire.Options{
				HasMSS: rng.IntN(2) == 0, MSS: uint16(rng.Uint32()),
				HasWindowScale: rng.IntN(2) == 0, WindowScale: uint8(rng.Uint32()),
				SACKPermitted: rng.IntN(2) == 0, Malformed: rng.IntN(2) == 0,
				HasTimestamps: rng.IntN(2) == 0, TSVal: rng.Uint32(), TSEcr: rng.Uint32(),
			}
			r.took(r.c.Arrive(r.now, []wire.Segment{g}))
			r.advance(time.Duration(rng.IntN(3000)) * time.Millisecond)
		}
		r.drop(len(r.out))
	}
}
