package recovery

import (
	"testing"
	"time"
)

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
