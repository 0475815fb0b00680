package congestion

import (
	"errors"
	"testing"
	"time"
)

// holds names a requirement that the test checks; docs/conformance.md is made
// from these calls.
func holds(t testing.TB, id string) {
	t.Helper()
	t.Logf("holds %s", id)
}

const mss = 1000

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// sender keeps the window full and has it acknowledged, a round trip at a time.
type sender struct {
	Controller
	now time.Time
	rtt time.Duration
}

func newSender(c Controller, rtt time.Duration) *sender { return &sender{c, start, rtt} }

// round acknowledges one window in ACKs of n octets; the ACKs are spread over
// the round trip. The window is kept full.
func (s *sender) round(n int) {
	w := s.Window()
	for done := 0; done < w; done += n {
		s.now = s.now.Add(s.rtt * time.Duration(n) / time.Duration(w))
		s.Acked(s.now, Ack{Bytes: min(n, w-done), Flight: s.Window(), SRTT: s.rtt})
	}
}

func (s *sender) event(k Kind, flight int) { s.Event(s.now, Event{Kind: k, Flight: flight}) }

func want(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Fatalf("%s is %d, want %d", what, got, want)
	}
}

func both(t *testing.T, f func(t *testing.T, c Controller)) {
	for _, name := range []string{"reno", "cubic"} {
		t.Run(name, func(t *testing.T) {
			c, err := New(name, mss)
			if err != nil {
				t.Fatal(err)
			}
			f(t, c)
		})
	}
}

func TestNew(t *testing.T) {
	if c, err := New("", mss); err != nil || c.(*Reno) == nil {
		t.Fatalf("the default is not Reno: %v", err)
	}
	if _, err := New("vegas", mss); !errors.Is(err, ErrUnknown) {
		t.Fatalf("unknown name: %v", err)
	}
}

func TestInitialWindow(t *testing.T) {
	holds(t, "6928:2:iw10")
	for _, c := range []struct{ mss, iw int }{
		{536, 5360}, {1220, 12200}, {1448, 14480}, {1460, 14600}, {2000, 14600}, {7300, 14600}, {8960, 17920},
	} {
		want(t, "IW", InitialWindow(c.mss), c.iw)
		want(t, "cwnd of Reno", NewReno(c.mss).Window(), c.iw)
		want(t, "cwnd of CUBIC", NewCubic(c.mss).Window(), c.iw)
	}
}

func TestSYNDoesNotGrowTheWindow(t *testing.T) {
	holds(t, "5681:3.1:iw-syn")
	both(t, func(t *testing.T, c Controller) {
		c.Acked(start, Ack{Bytes: 0, Flight: 1}) // the ACK of a SYN, without its octet
		want(t, "cwnd", c.Window(), InitialWindow(mss))
	})
}

func TestLostSYN(t *testing.T) {
	holds(t, "5681:3.1:iw-synloss")
	both(t, func(t *testing.T, c Controller) {
		c.Event(start, Event{Kind: SYNLost})
		want(t, "cwnd", c.Window(), mss)
		c.Acked(start, Ack{Bytes: mss, Flight: mss})
		want(t, "cwnd after one ACK in slow start", c.Window(), 2*mss)
	})
}

func TestSlowStart(t *testing.T) {
	holds(t, "5681:3.1:ss")
	holds(t, "MUST-19")
	both(t, func(t *testing.T, c Controller) {
		s := newSender(c, 100*time.Millisecond)
		s.round(mss)
		want(t, "cwnd after a round", s.Window(), 2*InitialWindow(mss))
		// Stretched ACKs: one SMSS for each.
		s.round(2 * mss)
		want(t, "cwnd after a round of delayed ACKs", s.Window(), 3*InitialWindow(mss))
	})
}

func TestACKDivision(t *testing.T) {
	both(t, func(t *testing.T, c Controller) {
		s := newSender(c, 100*time.Millisecond)
		s.round(10) // a hundred ACKs for each segment
		want(t, "cwnd in slow start", s.Window(), 2*InitialWindow(mss))
	})
	r := newSender(NewReno(mss), 100*time.Millisecond)
	r.event(FastRetransmit, 10*mss)
	before := r.Window()
	r.round(1)
	want(t, "growth in congestion avoidance", r.Window()-before, mss)
}

func TestCongestionAvoidance(t *testing.T) {
	holds(t, "5681:3.1:ca")
	s := newSender(NewReno(mss), 100*time.Millisecond)
	s.event(FastRetransmit, 10*mss)
	want(t, "cwnd after the loss", s.Window(), 5*mss)
	for n := 5; n < 50; n++ {
		want(t, "cwnd", s.Window(), n*mss)
		s.round(2 * mss)
		if s.Window() > (n+1)*mss {
			t.Fatalf("cwnd grew from %d to %d in one round trip", n*mss, s.Window())
		}
		for s.Window() == n*mss { // rounding leaves less than a segment over
			s.Acked(s.now, Ack{Bytes: mss, Flight: s.Window()})
		}
	}
}

func TestOnlyAUsedWindowGrows(t *testing.T) {
	both(t, func(t *testing.T, c Controller) {
		s := newSender(c, 100*time.Millisecond)
		for range 100 {
			s.now = s.now.Add(s.rtt)
			s.Acked(s.now, Ack{Bytes: mss, Flight: 2 * mss, SRTT: s.rtt})
		}
		want(t, "cwnd in slow start", s.Window(), InitialWindow(mss))
		s.event(FastRetransmit, InitialWindow(mss))
		w := s.Window()
		for range 1000 {
			s.now = s.now.Add(s.rtt)
			s.Acked(s.now, Ack{Bytes: mss, Flight: w - 2*mss, SRTT: s.rtt})
		}
		want(t, "cwnd in congestion avoidance", s.Window(), w)
	})
}

func TestFastRetransmit(t *testing.T) {
	holds(t, "5681:3.1:loss-ssthresh")
	holds(t, "6675:5:enter")
	r := NewReno(mss)
	r.Event(start, Event{Kind: FastRetransmit, Flight: 8 * mss})
	want(t, "ssthresh", r.Threshold(), 4*mss)
	want(t, "cwnd", r.Window(), 4*mss)
	r.Event(start, Event{Kind: FastRetransmit, Flight: 1 * mss})
	want(t, "the least ssthresh", r.Threshold(), 2*mss)
	r = NewReno(mss)
	r.Event(start, Event{Kind: FastRetransmit, Flight: 1000 * mss})
	want(t, "ssthresh when more than cwnd is out", r.Threshold(), 5*mss)
}

func TestTimeout(t *testing.T) {
	holds(t, "5681:3.1:loss-cwnd")
	holds(t, "5681:3.1:loss-repeat")
	both(t, func(t *testing.T, c Controller) {
		c.Event(start, Event{Kind: Timeout, Flight: 10 * mss})
		thresh := c.Threshold()
		if thresh > 7*mss || thresh < 2*mss {
			t.Fatalf("ssthresh %d after a timeout with 10 segments out", thresh)
		}
		want(t, "cwnd", c.Window(), mss)
		for range 3 {
			c.Event(start, Event{Kind: RepeatedTimeout, Flight: 10 * mss})
			want(t, "cwnd", c.Window(), mss)
			want(t, "ssthresh on a repeated timeout", c.Threshold(), thresh)
		}
		// Slow start up to ssthresh, not beyond it.
		for c.Window() < thresh {
			before := c.Window()
			c.Acked(start, Ack{Bytes: mss, Flight: c.Window()})
			if c.Window() > min(before+mss, thresh) {
				t.Fatalf("cwnd from %d to %d, ssthresh %d", before, c.Window(), thresh)
			}
		}
	})
}

func TestRecovered(t *testing.T) {
	r := NewReno(mss)
	r.Event(start, Event{Kind: FastRetransmit, Flight: 10 * mss})
	r.Event(start, Event{Kind: Recovered, Flight: 5 * mss})
	want(t, "cwnd with a full pipe", r.Window(), 5*mss)
	r.Event(start, Event{Kind: Recovered, Flight: 0})
	want(t, "cwnd with an empty pipe: no burst", r.Window(), 2*mss)
}

func TestIdleRestart(t *testing.T) {
	holds(t, "5681:4.1:restart")
	both(t, func(t *testing.T, c Controller) {
		s := newSender(c, 100*time.Millisecond)
		s.round(mss)
		s.event(Idle, 0)
		want(t, "cwnd after idling with a large window", s.Window(), InitialWindow(mss))
		s.event(Timeout, 10*mss)
		s.event(Idle, 0)
		want(t, "cwnd after idling with a small window", s.Window(), mss)
	})
}

func TestECE(t *testing.T) {
	holds(t, "3168:6.1.2:cwr")
	r := NewReno(mss)
	r.Event(start, Event{Kind: ECE, Flight: 10 * mss})
	want(t, "cwnd", r.Window(), 5*mss)
	want(t, "ssthresh", r.Threshold(), 5*mss)
	r.Event(start, Event{Kind: Undo})
	want(t, "cwnd: a mark is not taken back", r.Window(), 5*mss)
}

func TestUndo(t *testing.T) {
	both(t, func(t *testing.T, c Controller) {
		for _, k := range []Kind{FastRetransmit, Timeout} {
			w, th := c.Window(), c.Threshold()
			c.Event(start, Event{Kind: k, Flight: 10 * mss})
			c.Event(start, Event{Kind: Undo})
			want(t, "cwnd", c.Window(), w)
			want(t, "ssthresh", c.Threshold(), th)
			c.Event(start, Event{Kind: Recovered, Flight: 0})
			want(t, "cwnd at the end of a recovery that was taken back", c.Window(), w)
			c.Event(start, Event{Kind: Undo})
			want(t, "cwnd after a second undo", c.Window(), w)
		}
	})
}

func TestSmallerMSS(t *testing.T) {
	both(t, func(t *testing.T, c Controller) {
		c.SetMSS(500)
		want(t, "cwnd: as many segments as before", c.Window(), 5000)
		c.SetMSS(1400)
		want(t, "cwnd in octets when the MSS grows", c.Window(), 5000)
		c.Event(start, Event{Kind: Timeout, Flight: 5000})
		want(t, "the loss window", c.Window(), 1400)
		c.SetMSS(0)
		if c.Window() < 1 {
			t.Fatalf("cwnd %d", c.Window())
		}
	})
}

// TestInvariants: whatever happens, cwnd stays within SMSS and Unlimited.
func FuzzEvents(f *testing.F) {
	f.Add([]byte{0, 10, 20, 3, 1, 5, 200, 255, 8, 2, 2, 100})
	f.Fuzz(func(t *testing.T, ops []byte) {
		for _, name := range []string{"reno", "cubic"} {
			c, _ := New(name, mss)
			now, m := start, mss
			for i := 0; i+2 < len(ops); i += 3 {
				now = now.Add(time.Duration(ops[i+1]) * 10 * time.Millisecond)
				n := int(ops[i+2]) * 500
				switch op := ops[i] % 16; {
				case op < 9:
					c.Event(now, Event{Kind: Kind(op), Flight: n})
				case op == 9:
					m = max(n/10, 1)
					c.SetMSS(m)
				default:
					before, slow := c.Window(), c.Window() < c.Threshold()
					c.Acked(now, Ack{Bytes: n, Flight: before, SRTT: 50 * time.Millisecond})
					if slow && c.Window() > before+m {
						t.Fatalf("%s: slow start from %d to %d", name, before, c.Window())
					}
				}
				if c.Window() < m || c.Window() > Unlimited || c.Threshold() < 2*m {
					t.Fatalf("%s: cwnd %d, ssthresh %d, SMSS %d", name, c.Window(), c.Threshold(), m)
				}
			}
		}
	})
}

func TestNoAllocation(t *testing.T) {
	both(t, func(t *testing.T, c Controller) {
		s := newSender(c, time.Millisecond)
		s.event(FastRetransmit, 10*mss)
		if n := testing.AllocsPerRun(1000, func() {
			s.now = s.now.Add(time.Millisecond)
			s.Acked(s.now, Ack{Bytes: mss, Flight: s.Window(), SRTT: s.rtt})
		}); n != 0 {
			t.Fatalf("%v allocations an ACK", n)
		}
	})
}

func BenchmarkAcked(b *testing.B) {
	for _, name := range []string{"reno", "cubic"} {
		b.Run(name, func(b *testing.B) {
			c, _ := New(name, mss)
			c.Event(start, Event{Kind: FastRetransmit, Flight: 10 * mss})
			now := start
			for b.Loop() {
				now = now.Add(time.Microsecond)
				c.Acked(now, Ack{Bytes: mss, Flight: c.Window(), SRTT: time.Millisecond})
			}
		})
	}
}
