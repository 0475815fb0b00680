package recovery

import (
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// --- without SACK: RFC 5681 §3.2, RFC 3042, RFC 6582 ---

func TestLimitedTransmitAndFastRetransmit(t *testing.T) {
	r := established(t, false, 100*ms, Config{})
	holds(t, "3042:2:limited")
	holds(t, "5681:3.2:limited")
	const cwnd = 10 * mss
	r.send(10)
	r.wantNext(cwnd-r.b.Pipe(), true, Nothing)
	for range 2 {
		r.pass(ms)
		if !r.ack(0).Duplicate {
			t.Fatal("not a duplicate ACK")
		}
		r.wantNext(cwnd-r.b.Pipe(), true, NewData) // one more segment, cwnd as before
		r.send(1)
		r.wantNext(cwnd-r.b.Pipe(), true, Nothing)
	}
	holds(t, "5681:3.2:fr3")
	r.ack(0)
	if !r.last.Reduce || r.last.Flight != 10*mss {
		t.Fatalf("third duplicate ACK: %+v; want a reduction from 10 segments, without the two of Limited Transmit", r.last)
	}
	r.wantResent(-99*mss, 0)
	holds(t, "5681:3.2:inflate")
	// cwnd is ssthresh = 5 segments. Inflated by three it would be 8 with 12
	// outstanding, and one more for each duplicate: 5 duplicates for a new one.
	const ssthresh = 5 * mss
	for i := range 9 {
		if i < 5 {
			r.wantNext(ssthresh-r.b.Pipe(), true, Nothing)
		} else {
			r.wantNext(ssthresh-r.b.Pipe(), true, NewData)
			r.send(1)
			r.wantNext(ssthresh-r.b.Pipe(), true, Nothing)
		}
		r.ack(0)
		if r.last.Credit != 0 || r.last.Reduce {
			t.Fatalf("duplicate ACK in recovery: %+v", r.last)
		}
	}
	r.ack(12 * mss)
	if !r.last.Exited || r.last.Credit != 0 || r.b.Pipe() != r.b.Flight() {
		t.Fatalf("full ACK: %+v, pipe %d: the window is deflated at the end", r.last, r.b.Pipe())
	}
}

func TestNotDuplicate(t *testing.T) {
	r := established(t, false, 100*ms, Config{})
	for range 5 {
		if r.ack(0).Duplicate {
			t.Fatal("a duplicate ACK with nothing outstanding")
		}
	}
	r.send(5)
	for range 5 {
		if r.b.Acked(r.now, Ack{Ack: 0}).Duplicate {
			t.Fatal("an ACK with data or a new window counts as a duplicate")
		}
	}
	r.wantNext(0, true, Nothing)
}

func TestNewRenoPartialACK(t *testing.T) {
	holds(t, "6582:3.2:recover")
	r := established(t, false, 100*ms, Config{})
	r.send(10) // 0 and 4 are lost
	for range 8 {
		r.ack(0)
	}
	r.wantResent(0, 0)
	r.pass(100 * ms)
	before := r.b.Pipe()
	r.ack(4 * mss)
	if r.last.Exited || r.last.Reduce {
		t.Fatalf("partial ACK: %+v", r.last)
	}
	r.wantResent(-99*mss, 4) // the next hole, at once
	if got := r.b.Pipe(); got != before-mss {
		t.Fatalf("pipe %d after the partial ACK, %d before: want one segment less", got, before)
	}
	// Duplicates for the same flight do not start anything.
	for range 5 {
		if r.ack(4 * mss); r.last.Reduce {
			t.Fatal("a second reduction for the same flight")
		}
	}
	r.wantNext(mss, false, Nothing)
	r.ack(10 * mss)
	if !r.last.Exited {
		t.Fatalf("full ACK: %+v", r.last)
	}
	// Three duplicate ACKs of exactly recover: needless retransmissions arrived,
	// nothing was lost.
	r.send(5)
	for range 5 {
		if r.ack(10 * mss); r.last.Reduce {
			t.Fatal("fast retransmit although the ACK does not cover more than recover")
		}
	}
	if r.b.Pipe() < 3*mss {
		t.Fatalf("pipe %d: more than Limited Transmit's two segments", r.b.Pipe())
	}
	r.ack(11 * mss)
	for range 3 {
		r.ack(11 * mss)
	}
	if !r.last.Reduce {
		t.Fatal("no fast retransmit for the next flight")
	}
}

func TestNoFastRetransmitAfterTimeout(t *testing.T) {
	holds(t, "6582:3.2:recover")
	r := established(t, false, 100*ms, Config{})
	r.send(6)
	r.fire(RTOExpired)
	r.wantResent(0, 0)
	r.ack(2 * mss)
	for range 6 {
		if r.ack(2 * mss); r.last.Reduce {
			t.Fatal("fast retransmit below recover after a timeout")
		}
	}
}

// --- with SACK, RFC 6675 alone ---

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
	if c.Seq != 20*mss || !c.Probe {
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

// --- RACK-TLP, RFC 8985 ---

func TestNoSACKNoRACK(t *testing.T) {
	holds(t, "8985:4:sack-needed")
	r := established(t, false, 100*ms, Config{})
	r.send(3)
	r.deadline(time.Second) // the RTO, no probe
	r.fire(RTOExpired)
}

func TestRACKThirdDuplicate(t *testing.T) {
	holds(t, "5681:3.2:fr3")
	r := established(t, true, 100*ms, Config{})
	r.send(10)
	r.pass(100 * ms)
	r.ack(0, 1, 2)
	r.ack(0, 1, 3)
	if r.last.Reduce {
		t.Fatal("recovery before the third duplicate, without a reordering window")
	}
	if !r.ack(0, 1, 4).Reduce {
		t.Fatalf("third duplicate: %+v", r.last)
	}
	r.wantResent(-9*mss, 0)
}

func TestRACKReorderingWindow(t *testing.T) {
	holds(t, "8985:6.2:reo")
	r := established(t, true, 100*ms, Config{})
	r.send(2)
	r.pass(100 * ms)
	r.ack(0, 1, 2)
	// One segment SACKed: the front is lost min_RTT/4 after that.
	r.deadline(25 * ms)
	a := r.fire(ReorderExpired)
	if !a.Reduce || a.Flight != 2*mss {
		t.Fatalf("end of the reordering window: %+v", a)
	}
	r.wantResent(-9*mss, 0)
	r.pass(100 * ms)
	if !r.ack(2 * mss).Exited {
		t.Fatalf("%+v", r.last)
	}
	r.deadline(0)
}

func TestRACKSeesReordering(t *testing.T) {
	holds(t, "8985:6.2:reo")
	r := established(t, true, 100*ms, Config{})
	r.send(6)
	r.pass(100 * ms)
	r.ack(0, 1, 3)
	r.pass(10 * ms)
	r.ack(3 * mss) // 0 was late, not lost
	if r.last.Reduce || r.last.Lost != 0 {
		t.Fatalf("late segment: %+v", r.last)
	}
	r.ack(6 * mss)
	// From now on three duplicates are not enough: the window counts.
	r.send(4)
	r.pass(100 * ms)
	r.ack(6*mss, 7, 10)
	if r.last.Reduce {
		t.Fatal("a loss inside the reordering window after reordering was seen")
	}
	r.deadline(25 * ms)
	if a := r.fire(ReorderExpired); !a.Reduce {
		t.Fatalf("%+v", a)
	}
	r.wantResent(0, 6)
}

// TestRACKLostRetransmission: what was sent before a delivered segment and a
// round trip ago is lost, also if it was a retransmission.
func TestRACKLostRetransmission(t *testing.T) {
	r := established(t, true, 100*ms, Config{})
	r.send(10)
	r.pass(100 * ms)
	r.ack(0, 1, 8)
	r.wantResent(0, 0) // lost again
	r.pass(ms)
	r.send(1) // new data, delivered
	r.pass(100 * ms)
	r.ack(0, 1, 8, 10, 11)
	if r.last.Lost == 0 || r.last.Reduce {
		t.Fatalf("new data was delivered, the retransmission before it was not: %+v", r.last)
	}
	r.wantResent(9*mss, 0)
}

func TestRACKWindowGrowsWithDSACK(t *testing.T) {
	r := established(t, true, 100*ms, Config{})
	r.send(1)
	r.pass(100 * ms)
	r.ack(mss, 0, 1) // a duplicate was reported
	if !r.last.DSACK {
		t.Fatalf("%+v", r.last)
	}
	r.send(2)
	r.pass(100 * ms)
	r.ack(mss, 2, 3)
	r.deadline(50 * ms) // 2 * min_RTT/4
}

func TestProbeTimeout(t *testing.T) {
	holds(t, "8985:7.2:pto")
	r := established(t, true, 100*ms, Config{})
	r.send(1)
	r.deadline(400 * ms) // 2*SRTT + the peer's delayed ACK
	r.send(1)
	r.deadline(200 * ms)
	r.pass(100 * ms)
	r.deadline(100 * ms)
	r.ack(mss)
	r.deadline(400 * ms)

	// None while something is SACKed: then losses show without it.
	r = established(t, true, 100*ms, Config{})
	r.send(3)
	r.deadline(200 * ms)
	r.pass(199 * ms)
	r.ack(0, 1, 2)
	r.deadline(25 * ms) // the reordering window

	// Never beyond the RTO.
	r = established(t, true, 100*ms, Config{MinRTO: ms})
	r.send(1)
	r.deadline(300 * ms)

	// 1 s without a sample.
	r = newRig(t, Config{})
	r.b.Sent(r.now, iss, 1, SYN)
	r.fire(RTOExpired)
	r.b.Sent(r.now, iss, 1, SYN)
	r.ack(0)
	r.b.Negotiated(mss, true)
	r.send(1)
	r.deadline(time.Second)
}

func TestProbe(t *testing.T) {
	holds(t, "8985:7.3:probe")
	r := established(t, true, 100*ms, Config{})
	r.send(3)
	if a := r.fire(ProbeDue); a.Reduce {
		t.Fatalf("%+v", a)
	}
	if c := r.wantNext(-9*mss, true, NewData); !c.Probe {
		t.Fatalf("probe with new data: %+v", c)
	}
	c := r.wantNext(-9*mss, false, Retransmit)
	if !c.Probe || c.Seq != 2*mss || c.Len != mss {
		t.Fatalf("probe without new data: %+v, want the highest segment", c)
	}
	r.b.Sent(r.now, c.Seq, c.Len, 0)
	r.deadline(time.Second) // the RTO, and no second probe
	r.pass(100 * ms)
	// The probe was sent long after 0 and 1 and arrived before them.
	r.ack(0, 2, 3)
	if !r.last.Reduce || r.last.Lost != 2*mss {
		t.Fatalf("SACK of the probe: %+v", r.last)
	}
	r.wantResent(0, 0)
	r.wantResent(9*mss, 1)
}

func TestProbeRepairsTheLoss(t *testing.T) {
	r := established(t, true, 100*ms, Config{})
	r.send(3) // 2 is lost
	r.pass(100 * ms)
	r.ack(2 * mss)
	r.fire(ProbeDue)
	c := r.wantNext(0, false, Retransmit)
	r.b.Sent(r.now, c.Seq, c.Len, 0)
	r.pass(100 * ms)
	if r.ack(3 * mss); r.last.Reduce {
		t.Fatal("one ACK does not tell whether the probe or the original arrived")
	}
	r.send(1)
	r.pass(100 * ms)
	if r.ack(4 * mss); !r.last.Reduce {
		t.Fatalf("the probe repaired a loss, which counts: %+v", r.last)
	}
}

func TestNeedlessProbe(t *testing.T) {
	r := established(t, true, 100*ms, Config{})
	r.send(1)
	r.fire(ProbeDue)
	c := r.wantNext(0, false, Retransmit)
	r.b.Sent(r.now, c.Seq, c.Len, 0)
	r.ack(mss)
	r.ack(mss, 0, 1) // D-SACK: both came
	r.send(1)
	r.deadline(400 * ms) // probes again
	r.pass(100 * ms)
	if r.ack(2 * mss); r.last.Reduce {
		t.Fatal("a needless probe counts as a loss")
	}
}

func TestMinPTO(t *testing.T) {
	r := established(t, true, ms, Config{})
	r.send(2)
	r.deadline(10 * ms) // not 2 ms: the peer may only be busy
}

// --- needless retransmissions ---

func TestSpuriousByTimestamp(t *testing.T) {
	r := established(t, false, 100*ms, Config{})
	r.ts = true
	r.send(3)
	sent := r.now
	r.fire(RTOExpired)
	r.wantResent(0, 0)
	r.pass(10 * ms)
	r.ackTS(mss, sent)
	if !r.last.Spurious {
		t.Fatalf("the ACK echoes the first transmission: %+v", r.last)
	}
	r.wantNext(10*mss, false, Nothing) // the rest is still on its way
	r.wantPipe(2)
}

func TestSpuriousByDSACK(t *testing.T) {
	holds(t, "2883:4:dsack")
	r := established(t, true, 100*ms, Config{NoRACK: true})
	r.send(6)
	r.pass(100 * ms)
	r.ack(0, 1, 4) // more than two segments above the front
	r.wantResent(0, 0)
	r.pass(10 * ms)
	r.ack(6 * mss)
	if r.last.Spurious {
		t.Fatalf("%+v", r.last)
	}
	r.ack(6*mss, 0, 1)
	if !r.last.DSACK || !r.last.Spurious {
		t.Fatalf("every retransmission was reported as a duplicate: %+v", r.last)
	}
	if r.ack(6*mss, 0, 1); r.last.Spurious {
		t.Fatal("taken back twice")
	}
}

// --- ECN, MSS ---

func TestOneReductionAWindow(t *testing.T) {
	holds(t, "3168:6.1.2:cwr")
	r := established(t, true, 100*ms, Config{NoRACK: true})
	r.send(10)
	if n, ok := r.b.CongestionMark(); !ok || n != 10*mss {
		t.Fatalf("first mark: %d %v", n, ok)
	}
	r.ack(2 * mss)
	if _, ok := r.b.CongestionMark(); ok {
		t.Fatal("a second reduction in the same window")
	}
	// A loss in this window is repaired but does not reduce again.
	if r.ack(2*mss, 3, 9); r.last.Reduce {
		t.Fatal("a loss reduces a window that a mark has just reduced")
	}
	r.wantResent(0, 2)
	r.ack(10 * mss)
	if _, ok := r.b.CongestionMark(); ok {
		t.Fatal("a mark with nothing outstanding")
	}
	r.send(1)
	if _, ok := r.b.CongestionMark(); !ok {
		t.Fatal("no reduction in the next window")
	}
}

func TestSmallerMSS(t *testing.T) {
	r := established(t, true, 100*ms, Config{})
	r.send(2)
	r.b.Sent(r.now, 2*mss, mss+1, FIN)
	r.b.SetMSS(400)
	want := []struct {
		seq wire.Seq
		n   int
	}{{0, 400}, {400, 400}, {800, 200}, {1000, 400}, {1400, 400}, {1800, 200}, {2000, 400}, {2400, 400}, {2800, 201}}
	for _, w := range want {
		c := r.wantNext(400, false, Retransmit)
		if c.Seq != w.seq || c.Len != w.n {
			t.Fatalf("next is %+v, want %+v", c, w)
		}
		r.b.Sent(r.now, c.Seq, c.Len, 0)
		checkBook(t, r.b)
	}
	r.wantNext(9*mss, false, Nothing)
	r.pass(100 * ms)
	if r.ack(3*mss + 1); r.last.Reduce || r.last.Acked != 3*mss+1 {
		t.Fatalf("%+v: no congestion", r.last)
	}
}

func TestFINOfFullSegment(t *testing.T) {
	r := established(t, false, 100*ms, Config{})
	r.b.Sent(r.now, 0, mss+1, FIN)
	r.fire(RTOExpired)
	if c := r.wantNext(0, false, Retransmit); c.Len != mss+1 {
		t.Fatalf("%+v: the FIN needs no room", c)
	}
}

func TestPartialACKOfASegment(t *testing.T) {
	r := established(t, true, 100*ms, Config{})
	r.send(2)
	r.ack(300)
	if r.last.Acked != 300 || r.b.Flight() != 1700 || r.b.Pipe() != 1700 {
		t.Fatalf("%+v, flight %d", r.last, r.b.Flight())
	}
	r.fire(ProbeDue)
}
