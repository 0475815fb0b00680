package recovery

import (
	"testing"
)

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
