package recovery

import (
	"testing"
	"time"
)

func TestInitialRTO(t *testing.T) {
	holds(t, "6298:2.1:init")
	r := newRig(t, Config{})
	r.b.Sent(r.now, iss, 1, SYN)
	r.deadline(time.Second)
}

// TestEstimator follows RFC 6298 §2 with the numbers worked out by hand, on a
// host whose least RTO is lower than the RFC's.
func TestEstimator(t *testing.T) {
	holds(t, "6298:2.2:first")
	holds(t, "6298:2.3:update")
	holds(t, "MUST-18")
	r := established(t, false, 100*ms, Config{MinRTO: ms})
	// SRTT 100, RTTVAR 50: 100 + 4*50.
	if r.b.RTO() != 300*ms || r.b.SRTT() != 100*ms {
		t.Fatalf("first sample 100 ms: SRTT %v, RTO %v; want 100 and 300 ms", r.b.SRTT(), r.b.RTO())
	}
	r.send(1)
	r.deadline(300 * ms)
	r.pass(180 * ms)
	r.ack(mss)
	// RTTVAR 50 + (80-50)/4 = 57.5, SRTT 100 + 80/8 = 110, RTO 110 + 230.
	if r.b.RTO() != 340*ms || r.b.SRTT() != 110*ms {
		t.Fatalf("second sample 180 ms: SRTT %v, RTO %v; want 110 and 340 ms", r.b.SRTT(), r.b.RTO())
	}
}

func TestGranularity(t *testing.T) {
	r := established(t, false, 100*ms, Config{MinRTO: ms, Granularity: 50 * ms})
	for range 60 { // the variance dies away
		r.send(1)
		r.pass(100 * ms)
		r.ack(r.b.Nxt())
	}
	if got := r.b.RTO(); got != 150*ms {
		t.Fatalf("RTO %v, want SRTT + G = 150 ms", got)
	}
}

func TestRTOBounds(t *testing.T) {
	holds(t, "6298:2.4:min")
	r := established(t, false, ms, Config{})
	if r.b.RTO() != time.Second {
		t.Fatalf("RTO %v after a sample of 1 ms, want 1 s", r.b.RTO())
	}
	holds(t, "6298:2.5:max")
	holds(t, "6298:5.5:double")
	r.send(1)
	want := time.Second
	for range 9 {
		r.deadline(want)
		r.fire(RTOExpired)
		r.wantResent(0, 0)
		want = min(2*want, 60*time.Second)
		if r.b.RTO() != want {
			t.Fatalf("RTO %v, want %v", r.b.RTO(), want)
		}
	}
}

func TestKarn(t *testing.T) {
	holds(t, "6298:3:karn")
	holds(t, "R9293:3.8.2:backoff-keep")
	r := established(t, false, 100*ms, Config{})
	r.send(1)
	r.fire(RTOExpired)
	r.wantResent(0, 0)
	srtt := r.b.SRTT()
	r.pass(300 * ms)
	r.ack(mss)
	if r.last.RTT != 0 || r.b.SRTT() != srtt {
		t.Fatalf("a sample of %v was taken from retransmitted data", r.last.RTT)
	}
	if r.b.RTO() != 2*time.Second {
		t.Fatalf("RTO %v, want the backed-off 2 s until data sent once is acknowledged", r.b.RTO())
	}
	r.send(1)
	r.deadline(2 * time.Second)
	r.pass(100 * ms)
	r.ack(2 * mss)
	if r.b.RTO() != time.Second {
		t.Fatalf("RTO %v after a good sample, want 1 s", r.b.RTO())
	}
}

func TestTimestampsMeasureRetransmissions(t *testing.T) {
	holds(t, "7323:4.1:rttm")
	holds(t, "6298:3:karn")
	r := established(t, false, 100*ms, Config{})
	r.ts = true
	r.send(2)
	r.fire(RTOExpired)
	r.wantResent(0, 0)
	resent := r.now
	r.pass(120 * ms)
	r.ackTS(mss, resent)
	if r.last.RTT != 120*ms || r.b.RTO() != time.Second {
		t.Fatalf("sample %v, RTO %v; want 120 ms and 1 s", r.last.RTT, r.b.RTO())
	}
	// No sample from an ACK that acknowledges nothing, and none from a lie.
	if res := r.ackTS(mss, r.now.Add(-50*ms)); res.RTT != 0 {
		t.Fatalf("an ACK of nothing new gave a sample of %v", res.RTT)
	}
	r.wantResent(10*mss, 1)
	r.pass(10 * ms)
	if res := r.ackTS(2*mss, r.now.Add(-time.Hour)); res.RTT != 0 {
		t.Fatalf("a timestamp from an hour ago gave a sample of %v", res.RTT)
	}
}

func TestOneSampleARoundTrip(t *testing.T) {
	holds(t, "6298:3:rate")
	r := established(t, false, 100*ms, Config{MinRTO: ms})
	r.send(10)
	r.pass(180 * ms)
	for i := 1; i <= 10; i++ {
		r.ack(r.b.Una().Add(mss))
		if r.last.RTT != 180*ms {
			t.Fatalf("ACK %d measured %v", i, r.last.RTT)
		}
	}
	if r.b.SRTT() != 110*ms {
		t.Fatalf("SRTT %v after one window, want 110 ms: one sample of weight 1/8", r.b.SRTT())
	}
}

func TestTimerStopsAndRestarts(t *testing.T) {
	holds(t, "6298:5.2/5.3:stop,restart")
	r := established(t, false, 100*ms, Config{})
	r.deadline(0)
	r.send(2)
	r.pass(400 * ms)
	r.deadline(600 * ms)
	r.ack(mss)
	r.deadline(time.Second)
	r.pass(400 * ms)
	r.ack(mss) // nothing new: no restart
	r.deadline(600 * ms)
	r.ack(2 * mss)
	r.deadline(0)
}

func TestTimeoutResendsTheFront(t *testing.T) {
	holds(t, "6298:5.4:front")
	holds(t, "R9293:3.10.8:rto-front")
	for _, sack := range []bool{false, true} {
		r := established(t, sack, 100*ms, Config{NoRACK: true})
		r.send(4)
		a := r.fire(RTOExpired)
		if a.Repeated || a.Flight != 4*mss || a.SYN {
			t.Fatalf("first timeout: %+v", a)
		}
		r.wantResent(-10*mss, 0) // whatever the window says
		r.wantNext(0, true, Nothing)
		if a = r.fire(RTOExpired); !a.Repeated {
			t.Fatalf("second timeout of the same segment: %+v", a)
		}
		r.wantResent(0, 0)
		r.pass(100 * ms)
		// The rest of the flight follows in slow start, lost before new.
		r.ack(mss)
		if r.last.Credit != mss || r.last.Reduce {
			t.Fatalf("ACK after a timeout: %+v", r.last)
		}
		r.wantResent(2*mss, 1)
		r.wantResent(mss, 2)
		r.wantNext(0, true, Nothing)
	}
}

func TestNeverTooEarly(t *testing.T) {
	holds(t, "6298:5:early")
	r := established(t, false, 100*ms, Config{})
	r.send(5)
	r.pass(900 * ms)
	for range 3 {
		r.ack(0)
	}
	r.wantResent(0, 0) // fast retransmit, 100 ms before the timer would fire
	r.deadline(time.Second)
}

func TestLostSYN(t *testing.T) {
	holds(t, "6298:5.7:syn3s")
	r := newRig(t, Config{})
	r.b.Sent(r.now, iss, 1, SYN)
	a := r.fire(RTOExpired)
	if !a.SYN {
		t.Fatalf("timeout of the SYN: %+v", a)
	}
	c := r.wantNext(0, false, Retransmit)
	if c.Seq != iss || c.Len != 1 {
		t.Fatalf("the SYN is sent again as %+v", c)
	}
	r.b.Sent(r.now, iss, 1, SYN)
	r.deadline(2 * time.Second)
	r.pass(100 * ms)
	r.ack(0)
	r.b.Negotiated(mss, false)
	if r.last.Acked != 1 || r.last.Credit != 0 {
		t.Fatalf("ACK of the SYN: %+v", r.last)
	}
	r.send(1)
	r.deadline(3 * time.Second)

	// With timestamps the handshake is measured, and the measure counts.
	r = newRig(t, Config{})
	r.ts = true
	r.b.Sent(r.now, iss, 1, SYN)
	r.fire(RTOExpired)
	r.b.Sent(r.now, iss, 1, SYN)
	sent := r.now
	r.pass(400 * ms)
	r.ackTS(0, sent)
	if r.b.SRTT() != 400*ms || r.b.RTO() != 1200*ms {
		t.Fatalf("SRTT %v, RTO %v; want 400 ms and 1.2 s", r.b.SRTT(), r.b.RTO())
	}
}
