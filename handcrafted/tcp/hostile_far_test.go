package tcp

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// TestHostileNumbersHalfTheSpaceAway uses numbers at and around the distances
// where before and after change places, in every field that has one.
func TestHostileNumbersHalfTheSpaceAway(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 17))
	far := func() int {
		return [...]int{0, 1 << 16, 1 << 28, 1 << 30, 1<<31 - 1<<16, 1 << 31, 1<<32 - 1<<16}[rng.IntN(7)] + rng.IntN(1<<17) - 1<<16
	}
	for round := range 40 {
		r := established(t, Config{}, full)
		data := make([]byte, 100_000)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		r.write(string(data))
		got, have := make([]byte, len(data)), 0
		known := make([]bool, len(data))
		take := func(arrives bool) {
			for _, g := range r.out {
				if at := g.Seq.Sub(testISS) - 1; arrives {
					copy(got[at:], g.Payload)
					for i := range g.Payload {
						known[at+i] = true
					}
				}
			}
			r.drop(len(r.out))
			for have < len(known) && known[have] {
				have++
			}
		}
		take(round%2 == 0)
		for range 500 {
			g := r.build(seg(".", 1, 1+have))
			switch rng.IntN(5) {
			case 0:
				g.Seq, g.Payload = g.Seq.Add(far()), data[:rng.IntN(2000)]
				if g.Seq.Add(len(g.Payload)).Sub(r.c.rcvNxt) > 0 && g.Seq.Sub(r.c.rcvNxt) < 1<<24 && g.Seq.Sub(r.c.rcvNxt) > -1<<24 {
					continue // that would be text
				}
			case 1:
				g.Ack = g.Ack.Add(far())
				if !g.Ack.After(r.c.sndNxt) && g.Ack.After(wire.Seq(testISS).Add(1+have)) {
					continue // that would acknowledge what did not arrive
				}
			case 2, 3:
				g.Options.SACKCount = 1 + rng.IntN(4)
				for i := range g.Options.SACKCount {
					left := r.c.sndUna.Add(far())
					g.Options.SACK[i] = wire.SACKBlock{Left: left, Right: left.Add(far())}
				}
			case 4:
				g.Flags |= wire.URG
				g.Seq = g.Seq.Add(far())
				g.Urgent = uint16(rng.Uint32())
				g.Options.TSEcr += uint32(far())
			}
			r.took(r.c.Arrive(r.now, []wire.Segment{g}))
			take(rng.IntN(3) > 0)
			r.advance(time.Duration(rng.IntN(20)) * time.Millisecond)
			take(rng.IntN(3) > 0)
			if r.c.State() != Established {
				t.Fatalf("round %d: %v, %v", round, r.c.State(), r.c.Err())
			}
		}
		for n := 0; have < len(data) && n < 2000; n++ {
			r.in(seg(".", 1, 1+have))
			take(true)
			r.advance(time.Second)
			take(true)
		}
		if !bytes.Equal(got, data) {
			t.Fatalf("round %d: %d of %d octets arrive", round, have, len(data))
		}
		if r.c.Readable() {
			t.Fatalf("round %d: forged text was taken", round)
		}
	}
}
