package recovery

import (
	"testing"
	"time"
)

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
