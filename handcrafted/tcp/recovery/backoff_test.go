package recovery

import "testing"

// A back-off ends with the first good sample, also with one of a round trip that
// had its sample before the timeout.
func TestBackOffEndsWithinARoundTrip(t *testing.T) {
	holds(t, "R9293:3.8.2:backoff-keep")
	r := established(t, false, 100*ms, Config{MinRTO: ms})
	r.send(4)
	r.pass(100 * ms)
	r.ack(mss) // the sample of this round trip
	before := r.b.RTO()
	r.fire(RTOExpired)
	r.wantResent(0, 1)
	backed := r.b.RTO()
	if backed != 2*before {
		t.Fatalf("RTO %v after a timeout of %v", backed, before)
	}
	r.pass(10 * ms)
	r.ack(2 * mss)
	if r.last.RTT != 0 || r.b.RTO() != backed {
		t.Fatalf("RTO %v: the ACK of a retransmission measures nothing", r.b.RTO())
	}
	r.ack(3 * mss) // sent once
	if r.last.RTT == 0 || r.b.RTO() == backed {
		t.Fatalf("RTO %v after a sample of %v, still backed off", r.b.RTO(), r.last.RTT)
	}
}
