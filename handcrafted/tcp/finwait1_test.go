package tcp

import (
	"errors"
	"testing"
	"time"
)

// Tests for FIN-WAIT-1.

func TestFinWait1StillReceives(t *testing.T) {
	r := finWait1(t, Config{}, plain)
	r.in(seg("P.", 1, 1, text("more")))
	r.wantRead("more")
	r.advance(100 * time.Millisecond)
	r.want("delayed ACK", seg(".", 2, 5))
	r.state(FinWait1)
}

func TestFinWait1DataBeforeTheFIN(t *testing.T) {
	r := established(t, Config{}, plain)
	r.writeBulk(12000)
	r.drop(10)
	r.closeWrite()
	r.state(FinWait1)
	r.quiet("cwnd is full: data and FIN wait")
	r.in(seg(".", 1, 10001))
	r.want("the data", seg(".", 10001, 1, octets(1000)))
	r.want("the last of it with the FIN", seg("FP.", 11001, 1, octets(1000)))
	r.in(seg(".", 1, 12001))
	r.state(FinWait1) // the data, not the FIN
	r.in(seg(".", 1, 12002))
	r.state(FinWait2)
}

func TestFinWait1RetransmitsTheFIN(t *testing.T) {
	r := finWait1(t, Config{}, plain)
	r.after(time.Second, "FIN")
	r.want("FIN", seg("F.", 1, 1))
}

func TestFinWait1FinAckTogether(t *testing.T) {
	r := finWait1(t, Config{}, plain)
	r.in(seg("F.", 1, 2))
	r.want("ACK of the FIN", seg(".", 2, 2))
	r.state(TimeWait)
	if got := len(r.trace); r.trace[got-2].To != FinWait2 {
		t.Fatalf("the ACK is looked at before the FIN: %v", r.trace)
	}
}

func TestFinWait1Reset(t *testing.T) {
	for _, build := range []func(*testing.T, Config, mod) *rig{finWait1, finWait2, closeWait} {
		r := build(t, Config{}, plain)
		seq := r.c.rcvNxt.Sub(r.irs)
		r.in(seg("R", seq+1, 0))
		r.want("challenge ACK", seg(".", r.c.sndNxt.Sub(testISS), seq))
		r.in(seg("R", seq, 0))
		r.state(Closed)
		if !errors.Is(r.c.Err(), ErrReset) {
			t.Fatal(r.c.Err())
		}
	}
}
