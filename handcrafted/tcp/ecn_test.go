package tcp

import (
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// ecnOpen is a connection that has agreed on ECN.
func ecnOpen(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, Config{ECN: true})
	r.want("ECN-setup SYN, itself not ECN-capable", seg("SEW", 0, 0, ecn(0)))
	r.in(seg("S.E", 0, 1, plain))
	r.want("ACK", seg(".", 1, 1, ecn(0)))
	return r
}

func TestECNOffered(t *testing.T) {
	holds(t, "SHLD-8", "3168:6.1.1:setup", "3168:6.1.1:syn-noect", "3168:6.1.1:noect-unless", "3168:6.1.4:pure-ack")
	r := ecnOpen(t)
	r.write("x")
	r.want("data is ECN-capable", seg("P.", 1, 1, text("x"), ecn(0b10)))

	for _, answer := range []string{"S.", "S.EW", "S.W"} {
		r := newRig(t, Config{ECN: true})
		r.drop(1)
		r.in(seg(answer, 0, 1, plain))
		r.want("ACK", seg(".", 1, 1))
		r.write("x")
		r.want("the peer did not agree", seg("P.", 1, 1, text("x"), ecn(0)))
	}
	r = newRig(t, Config{})
	r.want("not asked for, not offered", seg("S", 0, 0))
	r.in(seg("S.E", 0, 1, plain))
	r.drop(1)
	r.write("x")
	r.want("not offered, not used", seg("P.", 1, 1, text("x"), ecn(0)))
}

func TestECNGivenUpAfterALostSYN(t *testing.T) {
	r := newRig(t, Config{ECN: true})
	r.drop(1)
	r.advance(time.Second)
	r.want("a box may drop ECN-setup SYNs", seg("S", 0, 0))
	r.in(seg("S.E", 0, 1, plain))
	r.drop(1)
	r.write("x")
	r.want("not used", seg("P.", 1, 1, text("x"), ecn(0)))
}

func TestECNSimultaneousOpen(t *testing.T) {
	r := newRig(t, Config{ECN: true})
	r.drop(1)
	r.in(seg("SEW", 0, 0, plain))
	r.want("ECN-setup SYN,ACK", seg("S.E", 0, 1, ecn(0)))
	r.in(seg(".", 1, 1))
	r.write("x")
	r.want("agreed", seg("P.", 1, 1, text("x"), ecn(0b10)))
}

func TestECNMarkIsEchoed(t *testing.T) {
	holds(t, "3168:6.1.3:ece", "3168:6.1.4:pure-ack")
	r := ecnOpen(t)
	r.in(seg("P.", 1, 1, text("a"), ecn(0b11)))
	r.want("ECE at once", seg(".E", 1, 2, ecn(0)))
	r.in(seg("P.", 2, 1, text("b")), seg("P.", 3, 1, text("c")))
	r.want("on every ACK", seg(".E", 1, 4))
	r.in(seg("P.W", 4, 1, text("d")), seg("P.", 5, 1, text("e")))
	r.want("until CWR", seg(".", 1, 6))
	r.in(seg("P.W", 6, 1, text("f"), ecn(0b11)))
	r.want("a mark on the segment with CWR counts", seg(".E", 1, 7))
}

func TestECNReaction(t *testing.T) {
	holds(t, "3168:6.1.2:cwr", "3168:6.1.5:retx")
	r := ecnOpen(t)
	r.writeBulk(40_000)
	r.drop(10)
	r.in(seg(".E", 1, 1001))
	r.quiet("cwnd was halved")
	before := r.c.cc.Window()
	r.in(seg(".E", 1, 2001), seg(".E", 1, 3001), seg(".E", 1, 4001), seg(".E", 1, 5001))
	if got := r.c.cc.Window(); got < before {
		t.Fatalf("cwnd fell from %d to %d within a round trip", before, got)
	}
	r.in(seg(".", 1, 8001))
	r.want("CWR on the first new data", seg(".W", 10001, 1, octets(1000), ecn(0b10)))
	for _, g := range r.out {
		if g.Flags.Has(wire.CWR) {
			t.Fatal("CWR twice")
		}
	}
	r.drop(len(r.out))
	r.advance(time.Second)
	r.want("a retransmission is not ECN-capable", seg(".", 8001, 1, octets(1000), ecn(0)))
}

func TestECNProbe(t *testing.T) {
	holds(t, "3168:6.1.6:probe")
	r := ecnOpen(t)
	r.in(seg(".", 1, 1, win(0)))
	r.write("x")
	r.c.ecn.cwr = true
	r.after(time.Second, "probe")
	r.want("neither ECT nor CWR", seg("P.", 1, 1, text("x"), ecn(0)))
}
