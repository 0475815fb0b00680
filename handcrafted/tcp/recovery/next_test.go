package recovery

import (
	"testing"

	"tcping-cmp/handcrafted/wire"
)

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
