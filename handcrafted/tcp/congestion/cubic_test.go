package congestion

import (
	"math"
	"testing"
	"time"
)

// largeCubic returns a controller that has just lost something at a window of n
// segments, and a sender for it.
func largeCubic(n int, rtt time.Duration) (*Cubic, *sender) {
	c := NewCubic(mss)
	c.cwnd, c.ssthresh = n*mss, 2*mss
	s := newSender(c, rtt)
	s.event(FastRetransmit, n*mss)
	return c, s
}

func TestCubicReduction(t *testing.T) {
	holds(t, "9438:4:cubic")
	c, _ := largeCubic(100, 100*time.Millisecond)
	want(t, "cwnd: beta is 0.7", c.Window(), 70*mss)
	want(t, "ssthresh", c.Threshold(), 70*mss)
}

// TestCubicCurve follows W(t) = C(t-K)^3 + W_max on a long path, where Reno
// would be slower: back at the old window after K = cbrt(W_max*0.3/C) seconds,
// flat there, and steeper again after.
func TestCubicCurve(t *testing.T) {
	holds(t, "9438:4:cubic")
	c, s := largeCubic(1000, 100*time.Millisecond)
	k := math.Cbrt(1000 * 0.3 / 0.4)
	begin := s.now
	last := float64(c.Window())
	for s.now.Sub(begin).Seconds() < 1.5*k {
		s.round(mss)
		at := s.now.Sub(begin).Seconds()
		curve := 0.4*math.Pow(at-k, 3) + 1000
		if got := float64(c.Window()) / mss; math.Abs(got-curve) > 0.03*curve {
			t.Fatalf("cwnd %.0f segments %.1f s after the loss, the curve says %.0f (K %.1f s)", got, at, curve, k)
		}
		if float64(c.Window()) < last {
			t.Fatalf("cwnd fell without a loss")
		}
		last = float64(c.Window())
	}
}

// TestCubicRenoFriendly: on a short path cwnd grows at least as fast as Reno
// with beta 0.7 would: 3(1-b)/(1+b) = 0.53 segments a round trip.
func TestCubicRenoFriendly(t *testing.T) {
	holds(t, "9438:4:cubic")
	c, s := largeCubic(20, time.Millisecond)
	for range 10 {
		s.round(mss)
	}
	if got := float64(c.Window()) / mss; got < 14+10*0.5*0.9 || got > 14+10*0.53*1.2 {
		t.Fatalf("cwnd %.2f segments after 10 short rounds, want about 19.3", got)
	}
}

func TestCubicFastConvergence(t *testing.T) {
	c, s := largeCubic(100, 100*time.Millisecond)
	if c.wMax != 100 {
		t.Fatalf("W_max %v", c.wMax)
	}
	s.event(FastRetransmit, c.Window()) // at 70, before 100 was reached again
	if got := c.wMax; math.Abs(got-70*1.7/2) > 0.01 {
		t.Fatalf("W_max %v, want 59.5: room for others", got)
	}
}

// TestCubicAppLimited: time in which the application sends little is no time of
// the curve (RFC 9438 §5.8).
func TestCubicAppLimited(t *testing.T) {
	c, s := largeCubic(200, 100*time.Millisecond)
	s.round(mss)
	before := c.Window()
	for range 1000 {
		s.now = s.now.Add(s.rtt)
		s.Acked(s.now, Ack{Bytes: mss, Flight: mss, SRTT: s.rtt})
	}
	// The first few are still within the last full round.
	if c.Window() > before+10*mss {
		t.Fatalf("cwnd grew from %d to %d while it was not used", before, c.Window())
	}
	mid := c.Window()
	s.round(mss)
	if c.Window() > mid+mid/5 {
		t.Fatalf("cwnd jumped from %d to %d after an idle time", mid, c.Window())
	}
}

func TestCubicAfterTimeout(t *testing.T) {
	holds(t, "9438:4:cubic")
	c, s := largeCubic(100, 100*time.Millisecond)
	s.event(Timeout, 70*mss)
	want(t, "cwnd", c.Window(), mss)
	want(t, "ssthresh", c.Threshold(), 49*mss)
	for c.Window() < c.Threshold() {
		s.round(mss)
	}
	s.round(mss)
	if c.k != 0 {
		t.Fatalf("K %v in the first stage after a timeout, want 0", c.k)
	}
}
