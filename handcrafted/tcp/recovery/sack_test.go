package recovery

import (
	"testing"

	"tcping-cmp/handcrafted/wire"
)

func TestSACKRecovery(t *testing.T) {
	holds(t, "6675:5:enter")
	holds(t, "5681:3.2:fr3")
	r := established(t, true, 100*ms, Config{NoRACK: true})
	r.send(10) // 0 is lost
	const cwnd = 10 * mss
	for i := 2; i <= 3; i++ {
		if res := r.ack(0, 1, i); !res.Duplicate || res.Sacked != mss || res.Reduce {
			t.Fatalf("SACK %d: %+v", i, res)
		}
		r.wantNext(cwnd-r.b.Pipe(), true, NewData)
		r.send(1)
	}
	// The same again reports nothing new: no duplicate, no new segment.
	if res := r.ack(0, 1, 3); res.Duplicate || res.Sacked != 0 {
		t.Fatalf("a repeated SACK: %+v", res)
	}
	r.wantNext(cwnd-r.b.Pipe(), true, Nothing)
	r.ack(0, 1, 4)
	if !r.last.Reduce || r.last.Flight != 10*mss || r.last.Lost != mss {
		t.Fatalf("third duplicate: %+v", r.last)
	}
	r.wantResent(-99*mss, 0)
	r.wantPipe(12 - 3)
	r.pass(100 * ms)
	r.ack(12 * mss)
	if !r.last.Exited || r.b.Pipe() != 0 {
		t.Fatalf("full ACK: %+v", r.last)
	}
}

// TestNextSeg walks through the rules of RFC 6675 §4 in their order.
func TestNextSeg(t *testing.T) {
	holds(t, "6675:4:nextseg")
	r := established(t, true, 100*ms, Config{NoRACK: true})
	r.send(20)
	// 0, 2, 5 and 17 are lost.
	r.ack(0, 1, 2)
	r.ack(0, 3, 5, 1, 2)
	r.ack(0, 6, 9, 3, 5, 1, 2)
	// Three ranges and more above 0, and more than two segments above 2: lost.
	// 5 has three segments above it: lost too.
	r.wantPipe(20 - 6 - 3)
	r.wantResent(-99*mss, 0) // (1), and the first whatever the window says
	r.wantResent(mss, 2)
	r.wantResent(mss, 5)
	r.wantNext(mss, true, NewData) // (2)
	r.send(1)
	r.ack(0, 18, 20, 6, 17, 3, 5)
	// 17 has two segments above it, the last of new data is not there: a hole
	// that is not lost yet comes only when there is nothing new (3).
	r.wantNext(mss, true, NewData)
	r.wantNext(mss-1, false, Nothing)
	r.wantResentNoFresh(mss, 17)
	// (4) once, the highest.
	c := r.wantNext(mss, false, Retransmit)
	if c.Seq != 20*mss || c.Probe {
		t.Fatalf("rescue of %+v, want segment 20", c)
	}
	r.b.Sent(r.now, c.Seq, c.Len, 0)
	r.wantNext(20*mss, false, Nothing)
	r.ack(21 * mss)
	if !r.last.Exited {
		t.Fatalf("full ACK: %+v", r.last)
	}
}

func (r *rig) wantResentNoFresh(room, n int) {
	r.t.Helper()
	c := r.b.Next(room, false)
	if c.Kind != Retransmit || c.Seq != wire.Seq(n*mss) {
		r.t.Fatalf("next is %+v, want a retransmission of segment %d", c, n)
	}
	r.b.Sent(r.now, c.Seq, c.Len, 0)
}

// TestThreeSmallDuplicates: three duplicate ACKs mean a loss although they
// report less than two segments (RFC 6675 §5 step 1).
func TestThreeSmallDuplicates(t *testing.T) {
	r := established(t, true, 100*ms, Config{NoRACK: true})
	r.send(1)
	for range 3 {
		r.b.Sent(r.now, r.b.Nxt(), 10, 0)
	}
	for i := 1; i <= 3; i++ {
		r.last = r.b.Acked(r.now, Ack{Ack: 0, Pure: true, SACK: []wire.SACKBlock{{Left: mss, Right: mss + wire.Seq(10*i)}}})
		checkBook(t, r.b)
	}
	if !r.last.Reduce {
		t.Fatalf("third duplicate: %+v", r.last)
	}
	r.wantResent(0, 0)
}

func TestSACKIsKeptAfterTimeout(t *testing.T) {
	holds(t, "2018:5.1:rto-ignore")
	r := established(t, true, 100*ms, Config{NoRACK: true})
	r.send(6)
	r.ack(0, 2, 4)
	r.fire(RTOExpired)
	r.wantResent(0, 0)
	r.wantResent(mss, 1)
	r.wantResent(mss, 4) // 2 and 3 are with the peer
}

func TestReneging(t *testing.T) {
	for _, noRACK := range []bool{true, false} {
		r := established(t, true, 100*ms, Config{NoRACK: noRACK})
		r.send(6)
		r.ack(0, 1, 3)
		r.pass(100 * ms)
		// The peer has thrown 1 and 2 away: it asks for 1.
		res := r.ack(mss)
		if !res.Reneged || res.Lost != 2*mss {
			t.Fatalf("ACK of an octet that was SACKed: %+v", res)
		}
		r.wantResent(10*mss, 1)
		r.wantResent(10*mss, 2)
		r.pass(100 * ms)
		r.ack(6 * mss)
		if r.b.Pipe() != 0 || r.b.Flight() != 0 {
			t.Fatalf("pipe %d at the end", r.b.Pipe())
		}
	}
}
