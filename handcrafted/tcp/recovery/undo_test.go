package recovery

import (
	"testing"
)

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
