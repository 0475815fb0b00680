package tcp

import (
	"errors"
	"testing"
	"time"
)

// Tests of loss recovery as it shows on the wire. The book of package recovery
// and the controllers of package congestion have tests of their own.

// noSACK and withSACK are answers for segments of 1000 octets without
// timestamps.
var (
	noSACK   = mss(1000)
	withSACK = all(mss(1000), sackOK(true))
)

// flight has n segments of 1000 octets in flight and more queued.
func flight(t *testing.T, cfg Config, answer mod, n int) *rig {
	t.Helper()
	r := synSent(t, cfg)
	r.advance(10 * time.Millisecond)
	r.handshake(answer)
	r.writeBulk(10_000)
	r.drop(10)
	r.advance(10 * time.Millisecond)
	for at := 1; at < 10_000; at += 1000 { // slow start to 20 segments
		r.in(seg(".", 1, at+1000))
	}
	r.drop(len(r.out))
	r.writeBulk(1000 * n)
	r.drop(n)
	return r
}

func TestInitialWindow(t *testing.T) {
	holds(t, "6928:2:iw10", "5681:3.1:iw-syn", "5681:3.1:ss")
	for _, c := range []struct {
		mss  uint16
		want int
	}{{1460, 10}, {1000, 10}, {536, 10}, {8960, 2}, {5000, 2}} {
		r := established(t, Config{MTU: 9000}, mss(c.mss))
		r.writeBulk(200_000)
		if len(r.out) != c.want {
			t.Fatalf("MSS %d: first flight of %d segments, want %d", c.mss, len(r.out), c.want)
		}
		r.drop(c.want)
		r.in(seg(".", 1, 1+int(c.mss)))
		if len(r.out) != 2 {
			t.Fatalf("MSS %d: %d segments for an ACK, want 2", c.mss, len(r.out))
		}
		r.drop(2)
		r.in(seg(".", 1, 1+int(c.mss))) // a duplicate without news
		r.drop(len(r.out))
	}
}

func TestFastRetransmit(t *testing.T) {
	holds(t, "5681:3.2:fr3", "5681:3.2:limited", "3042:2:limited", "5681:3.2:inflate", "5681:3.1:loss-ssthresh", "6582:3.2:recover", "5681:3.1:ca")
	r := flight(t, Config{}, noSACK, 20)
	r.writeBulk(40_000)
	r.quiet("cwnd of 20 segments is full")
	dup := seg(".", 1, 10_001)
	r.in(dup)
	r.want("limited transmit", seg(".", 30_001, 1, octets(1000)))
	r.in(dup)
	r.want("limited transmit", seg(".", 31_001, 1, octets(1000)))
	r.in(dup)
	r.want("the third duplicate", seg(".", 10_001, 1, octets(1000)))
	r.quiet("cwnd was halved")
	for range 7 {
		r.in(dup)
	}
	r.quiet("ssthresh + n is below the flight")
	n := 0
	for range 9 {
		r.in(dup)
		n += len(r.out)
		r.drop(len(r.out))
	}
	if n < 6 || n > 9 {
		t.Fatalf("%d new segments while duplicates inflate the window", n)
	}
	r.in(seg(".", 1, 15_001)) // partial: a second hole
	r.want("the next hole at once", seg(".", 15_001, 1, octets(1000)))
	r.drop(len(r.out))
	end := r.c.sndNxt.Sub(testISS)
	r.in(seg(".", 1, end))
	burst := len(r.out)
	if burst > 12 || r.c.cc.Window() > 11_000 {
		t.Fatalf("after recovery %d segments leave, cwnd %d", burst, r.c.cc.Window())
	}
	r.drop(burst)
	before := r.c.cc.Window()
	r.in(seg(".", 1, r.c.sndNxt.Sub(testISS)))
	if got := r.c.cc.Window(); got > before+1000 {
		t.Fatalf("congestion avoidance grew cwnd from %d to %d in a round trip", before, got)
	}
	r.drop(len(r.out))
}

func TestSACKRecovery(t *testing.T) {
	holds(t, "6675:5:enter", "6675:4:nextseg", "5681:3.2:limited", "3042:2:limited")
	r := flight(t, Config{}, withSACK, 20)
	r.advance(5 * time.Millisecond)
	r.in(seg(".", 1, 10_001, sack(11_001, 12_001)))
	r.in(seg(".", 1, 10_001, sack(13_001, 14_001, 11_001, 12_001)))
	r.quiet("two segments of 20 are reported")
	r.in(seg(".", 1, 10_001, sack(13_001, 15_001, 11_001, 12_001)))
	r.want("three: the first hole", seg(".", 10_001, 1, octets(1000)))
	r.in(seg(".", 1, 10_001, sack(13_001, 16_001, 11_001, 12_001)))
	r.in(seg(".", 1, 10_001, sack(13_001, 30_001, 11_001, 12_001)))
	r.want("the second hole", seg(".", 12_001, 1, octets(1000)))
	r.quiet("both holes are on their way")
	r.in(seg(".", 1, 30_001))
	r.quiet("all is there")
	if got := r.c.cc.Threshold(); got != 10_000 {
		t.Fatalf("ssthresh %d after recovery, want half of 20 segments", got)
	}
}

func TestDuplicateAckWithoutNewSACK(t *testing.T) {
	holds(t, "3042:2:limited")
	r := flight(t, Config{}, withSACK, 20)
	r.writeBulk(10_000)
	for range 20 {
		r.in(seg(".", 1, 10_001))
	}
	r.quiet("they say nothing new")
}

func TestTimeoutCollapsesTheWindow(t *testing.T) {
	holds(t, "5681:3.1:loss-cwnd", "5681:3.1:loss-ssthresh", "MUST-19", "6298:5.4:front", "6298:5:early", "6298:5.2/5.3:stop,restart")
	r := flight(t, Config{}, noSACK, 20)
	r.after(time.Second, "RTO")
	r.want("the front", seg(".", 10_001, 1, octets(1000)))
	r.quiet("cwnd is one segment")
	r.in(seg(".", 1, 11_001))
	r.want("slow start", seg(".", 11_001, 1, octets(1000)))
	r.want("slow start", seg(".", 12_001, 1, octets(1000)))
	r.quiet("two")
	r.in(seg(".", 1, 30_001))
	r.advance(time.Hour)
	r.quiet("all is acknowledged: no timer")
	if th := r.c.cc.Threshold(); th != 10_000 {
		t.Fatalf("ssthresh %d, half of the flight is 10000", th)
	}
}

func TestRepeatedTimeout(t *testing.T) {
	holds(t, "5681:3.1:loss-repeat", "R9293:3.8.2:backoff-keep", "6298:5.5:double", "6298:3:karn")
	r := flight(t, Config{}, noSACK, 20)
	r.advance(time.Second)
	th := r.c.cc.Threshold()
	r.advance(2 * time.Second)
	r.advance(4 * time.Second)
	r.drop(3)
	if got := r.c.cc.Threshold(); got != th {
		t.Fatalf("ssthresh fell from %d to %d for one loss", th, got)
	}
	r.in(seg(".", 1, 11_001))
	r.drop(2)
	r.after(8*time.Second, "the ACK of a retransmission measures nothing: RTO stays backed off")
	r.drop(1)
}

func TestTailLossProbe(t *testing.T) {
	holds(t, "8985:7.2:pto", "8985:7.3:probe")
	r := established(t, Config{}, all(withSACK, tsval(5000)))
	r.write("a")
	r.drop(1)
	r.advance(50 * time.Millisecond)
	r.in(seg(".", 1, 2))
	r.writeBulk(1976) // two full segments
	r.drop(2)
	r.advance(time.Second)
	if len(r.out) == 0 {
		t.Fatal("no probe before the RTO")
	}
	r.want("the highest segment", seg("P.", 990, 1, octets(988)))
	r.in(seg(".", 1, 2, sack(990, 1978)))
	r.want("it shows the hole", seg(".", 2, 1, octets(988)))
	r.in(seg(".", 1, 1978))
	r.advance(time.Minute)
	r.quiet("all is there")
}

func TestNoProbeWithoutSACK(t *testing.T) {
	holds(t, "8985:4:sack-needed")
	r := flight(t, Config{}, noSACK, 5)
	r.after(time.Second, "RTO, no probe")
	r.want("the front", seg(".", 10_001, 1, octets(1000)))
}

func TestRACKReordering(t *testing.T) {
	holds(t, "8985:6.2:reo")
	r := synSent(t, Config{})
	r.advance(40 * time.Millisecond)
	r.handshake(all(withSACK, tsval(5000)))
	r.writeBulk(9880)
	r.drop(10)
	r.advance(40 * time.Millisecond)
	r.in(seg(".", 1, 1, sack(989, 1977)))
	r.quiet("one segment behind: it may be reordered")
	r.advance(10 * time.Millisecond)
	r.want("a quarter of the round trip later it is lost", seg(".", 1, 1, octets(988)))
	r.drop(len(r.out))
}

func TestIdleRestart(t *testing.T) {
	holds(t, "5681:4.1:restart")
	r := established(t, Config{}, noSACK)
	r.advance(10 * time.Millisecond)
	for range 5 {
		r.writeBulk(20_000)
		for r.c.flight() > 0 {
			r.in(seg(".", 1, r.c.sndNxt.Sub(testISS)))
		}
	}
	r.drop(len(r.out))
	if r.c.cc.Window() <= 10_000 {
		t.Fatalf("cwnd %d did not grow", r.c.cc.Window())
	}
	r.advance(2 * time.Second)
	r.writeBulk(100_000)
	if len(r.out) != 10 {
		t.Fatalf("%d segments after an idle time, IW is 10", len(r.out))
	}
	r.drop(10)
}

func TestCubic(t *testing.T) {
	holds(t, "9438:4:cubic", "MAY-18")
	r := flight(t, Config{Congestion: "cubic"}, withSACK, 20)
	r.advance(5 * time.Millisecond)
	r.in(seg(".", 1, 10_001, sack(11_001, 30_001)))
	r.want("the hole", seg(".", 10_001, 1, octets(1000)))
	r.in(seg(".", 1, 30_001))
	if got := r.c.cc.Threshold(); got != 14_000 {
		t.Fatalf("ssthresh %d, 0.7 of 20 segments is 14000", got)
	}
}

func TestRetransmissionGivesUp(t *testing.T) {
	holds(t, "MUST-20", "SHLD-11", "SHLD-9", "SHLD-10", "MUST-21")
	r := established(t, Config{}, plain)
	r.write("x")
	r.drop(1)
	r.advance(6 * time.Second)
	r.drop(2)
	if r.suspect {
		t.Fatal("R1 before three retransmissions")
	}
	r.advance(2 * time.Second)
	r.drop(1)
	if !r.suspect {
		t.Fatal("R1 was not reported")
	}
	r.advance(15 * time.Minute)
	r.drop(len(r.out))
	r.advance(time.Minute)
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrTimeout) {
		t.Fatal(r.c.Err())
	}

	r = established(t, Config{R2: 2 * time.Minute}, plain)
	r.write("x")
	r.advance(2 * time.Minute)
	r.state(Established)
	r.advance(2 * time.Minute)
	r.drop(len(r.out))
	r.state(Closed) // the user sets R2
}

func TestUserTimeout(t *testing.T) {
	r := established(t, Config{UserTimeout: 30 * time.Second}, plain)
	r.advance(time.Hour) // nothing is outstanding
	r.write("x")
	r.advance(20 * time.Second)
	r.in(seg(".", 1, 2))
	r.write("y")
	r.advance(30*time.Second - time.Millisecond)
	r.state(Established)
	r.advance(time.Millisecond)
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrTimeout) {
		t.Fatal(r.c.Err())
	}
	r.drop(len(r.out))

	r = established(t, Config{}, plain)
	r.write("x")
	r.took(r.c.SetUserTimeout(r.now, time.Second))
	r.advance(time.Second)
	r.state(Closed)
	r.drop(len(r.out))
}

func TestFirstRTOFromHandshake(t *testing.T) {
	holds(t, "6298:2.2:first")
	r := synSent(t, Config{})
	r.advance(800 * time.Millisecond)
	r.handshake(plain)
	r.write("x")
	r.drop(1)
	r.after(2400*time.Millisecond, "RTO = R + 4*R/2")
	r.want("again", seg("P.", 1, 1, text("x")))
}

func TestRTTFollowsTheSamples(t *testing.T) {
	holds(t, "6298:2.3:update")
	r := synSent(t, Config{})
	r.advance(800 * time.Millisecond)
	r.handshake(plain)
	at := 1
	for range 60 {
		r.write("x")
		r.drop(1)
		at++
		r.advance(200 * time.Millisecond)
		r.in(seg(".", 1, at))
	}
	if got := r.c.book.SRTT(); got < 195*time.Millisecond || got > 205*time.Millisecond {
		t.Fatalf("SRTT %v", got)
	}
	if got := r.c.book.RTO(); got != time.Second {
		t.Fatalf("RTO %v", got)
	}
}
