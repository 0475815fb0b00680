package recovery

import (
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// TestSACKLies: blocks that cannot be true change nothing.
func TestSACKLies(t *testing.T) {
	r := established(t, true, 100*ms, Config{})
	r.send(10)
	r.ack(2 * mss)
	lies := []wire.SACKBlock{
		{Left: 5 * mss, Right: 5 * mss},                 // empty
		{Left: 6 * mss, Right: 4 * mss},                 // backwards
		{Left: 9 * mss, Right: 11 * mss},                // beyond what was sent
		{Left: 11 * mss, Right: 12 * mss},               // never sent
		{Left: 2 * mss, Right: 4 * mss},                 // the octet that the ACK asks for
		{Left: 1 * mss, Right: 4 * mss},                 // below the ACK, not wholly
		{Left: 1 << 31, Right: 4 * mss},                 // from the other side
		{Left: 4 * mss, Right: 1<<31 + 4*mss},           //
		{Left: 4*mss + 1, Right: 5 * mss},               // part of a segment
		{Left: 4 * mss, Right: 5*mss - 1},               //
		{Left: wire.Seq(1<<32 - 1), Right: wire.Seq(0)}, // the SYN
	}
	for _, l := range lies {
		for _, l2 := range lies {
			res := r.b.Acked(r.now, Ack{Ack: 2 * mss, Pure: true, SACK: []wire.SACKBlock{l, l2}})
			checkBook(t, r.b)
			if res.Sacked != 0 || res.Lost != 0 || res.Duplicate || res.Reneged || r.b.Pipe() != 8*mss {
				t.Fatalf("blocks %v %v: %+v", l, l2, res)
			}
		}
	}
}

// TestOptimisticACK: an ACK of what was never sent changes nothing.
func TestOptimisticACK(t *testing.T) {
	r := established(t, true, 100*ms, Config{})
	r.send(2)
	for _, a := range []wire.Seq{2*mss + 1, 1 << 30, 1<<31 - 1} {
		if res := r.ack(a); res.Acked != 0 || r.b.Una() != 0 || r.b.Flight() != 2*mss {
			t.Fatalf("ACK %d: %+v", a, res)
		}
	}
}

// TestACKDivision: a thousand ACKs of one octet each count as one segment.
func TestACKDivision(t *testing.T) {
	r := established(t, false, 100*ms, Config{})
	r.send(2)
	credit := 0
	for i := 1; i <= mss; i++ {
		credit += r.ack(wire.Seq(i)).Credit
	}
	if credit != mss || r.b.Flight() != mss {
		t.Fatalf("credit %d, flight %d", credit, r.b.Flight())
	}
}

// TestDuplicateACKFlood: a peer that repeats an ACK without end gets the two
// segments of Limited Transmit, the retransmission, and no more than one new
// segment for each that could have left.
func TestDuplicateACKFlood(t *testing.T) {
	r := established(t, false, 100*ms, Config{})
	r.send(10)
	sent := 0
	for range 10_000 {
		res := r.ack(0)
		_ = res
		for {
			c := r.b.Next(5*mss-r.b.Pipe(), true)
			if c.Kind == Nothing {
				break
			}
			if c.Kind == NewData && 5*mss-r.b.Pipe() < mss {
				break
			}
			seq, n := c.Seq, c.Len
			if c.Kind == NewData {
				seq, n = r.b.Nxt(), mss
			}
			r.b.Sent(r.now, seq, n, 0)
			if sent++; sent > 10_005 {
				t.Fatal("more segments than duplicate ACKs")
			}
		}
		if r.b.Full() {
			break
		}
	}
	if r.b.Pipe() < mss {
		t.Fatalf("pipe %d: the flood emptied it", r.b.Pipe())
	}
}

// TestBookIsBounded: neither new data nor pieces of it grow the book beyond its
// bound.
func TestBookIsBounded(t *testing.T) {
	r := newRig(t, Config{MaxSegments: 64})
	r.b.Sent(r.now, iss, 1, SYN)
	r.ack(0)
	r.b.Negotiated(mss, true)
	for !r.b.Full() {
		r.send(1)
	}
	r.b.SetMSS(1)
	for range 1000 {
		c := r.b.Next(1, false)
		if c.Kind == Nothing {
			break
		}
		r.b.Sent(r.now, c.Seq, c.Len, 0)
		checkBook(t, r.b)
	}
	if r.b.ring.n > 128 || len(r.b.ring.e) > 256 {
		t.Fatalf("%d entries, room for %d", r.b.ring.n, len(r.b.ring.e))
	}
}

// TestRenegingPeer: a peer that reports everything and asks for it again one by
// one is served within the window and does not hang the sender.
func TestRenegingPeer(t *testing.T) {
	r := established(t, true, 100*ms, Config{})
	r.send(20)
	for i := range 20 {
		r.pass(100 * ms)
		r.ack(wire.Seq(i*mss), min(i+1, 19), 20)
		c := r.b.Next(mss, false)
		if c.Kind == Retransmit {
			r.b.Sent(r.now, c.Seq, c.Len, 0)
		}
		checkBook(t, r.b)
	}
	r.ack(20 * mss)
	if r.b.Flight() != 0 || r.b.Pipe() != 0 {
		t.Fatalf("flight %d, pipe %d", r.b.Flight(), r.b.Pipe())
	}
}

// TestLongConnection: numbers remembered from the beginning do not come into
// the way after 2 GiB without a loss.
func TestLongConnection(t *testing.T) {
	for _, sack := range []bool{false, true} {
		r := established(t, sack, 100*ms, Config{})
		for range 80 { // 5 GiB
			for range 64 {
				r.b.Sent(r.now, r.b.Nxt(), 1<<20, 0)
			}
			r.pass(100 * ms)
			if res := r.ack(r.b.Nxt()); res.RTT != 100*ms || res.Credit == 0 {
				t.Fatalf("%+v", res)
			}
			una := r.b.Una()
			r.send(5)
			r.pass(100 * ms)
			for i := range 3 {
				a := Ack{Ack: una, Pure: true}
				if sack {
					a.SACK = []wire.SACKBlock{{Left: una.Add(mss), Right: una.Add((i + 2) * mss)}}
				}
				r.last = r.b.Acked(r.now, a)
			}
			if !r.last.Reduce {
				t.Fatalf("no fast retransmit at %d: %+v", una, r.last)
			}
			c := r.b.Next(0, false)
			r.b.Sent(r.now, c.Seq, c.Len, 0)
			r.pass(100 * ms)
			if res := r.ack(r.b.Nxt()); !res.Exited {
				t.Fatalf("no end of recovery at %d: %+v", una, res)
			}
			// One segment more, so that the ACK covers more than recover.
			r.send(1)
			r.pass(100 * ms)
			r.ack(r.b.Nxt())
		}
	}
}

// FuzzBook: whatever segments, ACKs, blocks and times come, the sums are right,
// what Next asks for is in flight, and no timer spins.
func FuzzBook(f *testing.F) {
	f.Add([]byte{3, 0, 0, 0, 10, 2, 4, 0, 2, 1, 1, 0, 20, 2, 3, 3, 5, 200})
	f.Add([]byte{0x80, 4, 0, 0, 0, 0, 1, 9, 2, 2, 2, 6, 7, 1, 0, 5, 255, 2, 0})
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) == 0 {
			return
		}
		mode := ops[0]
		now := epoch
		b := New(iss, Config{MSS: mss, NoRACK: mode&2 != 0, MaxSegments: 40})
		b.Sent(now, iss, 1, SYN)
		now = now.Add(time.Duration(mode) * ms)
		b.Acked(now, Ack{Ack: 0})
		b.Negotiated(mss, mode&1 != 0)
		for ops = ops[1:]; len(ops) >= 4; ops = ops[4:] {
			x, y, z := int(ops[1]), int(ops[2]), int(ops[3])
			switch ops[0] % 8 {
			case 0, 1:
				if !b.Full() {
					b.Sent(now, b.Nxt(), 1+(x*y)%mss, 0)
				}
			case 2, 3, 4:
				a := Ack{Ack: b.Una().Add(x * 50 * int(ops[0]>>7)), Pure: z&1 == 0, HasTS: z&2 != 0, TSNow: uint32(z), TSEcr: uint32(y)}
				a.SACK = []wire.SACKBlock{
					{Left: b.Una().Add(y*100 - 1000), Right: b.Una().Add(y*100 + z*50)},
					{Left: b.Una().Add(z * 100), Right: b.Nxt().Add(-x)},
				}
				una := b.Una()
				r := b.Acked(now, a)
				if b.Una().Before(una) || r.Credit > r.Acked || r.Acked < 0 || r.Lost < 0 {
					t.Fatalf("%+v", r)
				}
			case 5:
				now = now.Add(time.Duration(x*y) * ms)
				for n := 0; b.Expired(now).Expiry != NotDue; n++ {
					if n > 3 {
						t.Fatal("a timer spins")
					}
					fuzzNext(t, b, now, z)
				}
			case 6:
				fuzzNext(t, b, now, x*100)
			case 7:
				b.SetMSS(100 + x*y)
				b.CongestionMark()
			}
			checkBook(t, b)
		}
	})
}

func fuzzNext(t *testing.T, b *Book, now time.Time, room int) {
	for range 5 {
		c := b.Next(room, false)
		if c.Kind != Retransmit {
			return
		}
		if c.Len <= 0 || c.Seq.Before(b.Una()) || c.Seq.Add(c.Len).After(b.Nxt()) {
			t.Fatalf("%+v is not in flight", c)
		}
		b.Sent(now, c.Seq, c.Len, 0)
		room -= c.Len
	}
}
