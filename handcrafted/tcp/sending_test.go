package tcp

import (
	"errors"
	"testing"
	"time"
)

// Tests of when data leaves: Nagle, silly windows, the peer's window, pushes.

func TestNagle(t *testing.T) {
	holds(t, "SHLD-7", "MAY-16", "MUST-61", "SHLD-27")
	r := established(t, Config{}, plain)
	r.write("a")
	r.want("nothing is outstanding", seg("P.", 1, 1, text("a")))
	r.write("b")
	r.write("c")
	r.quiet("small data waits for the ACK")
	r.in(seg(".", 1, 2))
	r.want("together, with one PSH", seg("P.", 2, 1, text("bc")))
	r.write(string(make([]byte, 1500)))
	r.want("a full segment does not wait", seg(".", 4, 1, octets(1000)))
	r.quiet("the rest does")
	r.in(seg(".", 1, 1004))
	r.want("the rest", seg("P.", 1004, 1, octets(500)))
}

func TestNoDelay(t *testing.T) {
	holds(t, "MUST-17", "MUST-60")
	r := established(t, Config{NoDelay: true}, plain)
	r.write("a")
	r.write("b")
	r.want("at once", seg("P.", 1, 1, text("a")))
	r.want("at once", seg("P.", 2, 1, text("b")))

	r = established(t, Config{}, plain)
	r.write("a")
	r.write("b")
	r.drop(1)
	r.took(r.c.SetNoDelay(r.now, true))
	r.want("switching it off lets go what waits", seg("P.", 2, 1, text("b")))
}

func TestPushOnTheLastSegmentOnly(t *testing.T) {
	holds(t, "MUST-61", "SHLD-27", "SHLD-28")
	r := established(t, Config{}, plain)
	r.writeBulk(3500)
	for i := range 3 {
		r.want("full", seg(".", 1+1000*i, 1, octets(1000)))
	}
	r.quiet("Nagle")
	r.in(seg(".", 1, 3001))
	r.want("the last one queued", seg("P.", 3001, 1, octets(500)))
}

func TestOneAtATime(t *testing.T) {
	r := established(t, Config{Profile: TcpingPy}, plain)
	r.writeBulk(2500)
	r.want("one", seg("P.", 1, 1, octets(1000)))
	r.advance(time.Minute)
	r.quiet("no retransmission")
	r.in(seg(".", 1, 1001))
	r.want("the next", seg("P.", 1001, 1, octets(1000)))
	r.closeWrite()
	r.in(seg(".", 1, 2001))
	r.want("the last", seg("P.", 2001, 1, octets(500)))
	r.in(seg(".", 1, 2501))
	r.want("the FIN by itself", seg("F.", 2501, 1))
	r.advance(15 * time.Minute)
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrTimeout) {
		t.Fatal(r.c.Err())
	}
}

func TestWindowUsedAsUnsigned(t *testing.T) {
	holds(t, "MUST-1")
	r := established(t, Config{}, mss(10000))
	r.in(seg(".", 1, 1, win(0xffff)))
	r.writeBulk(65535)
	n := 0
	for len(r.out) > 0 {
		n += len(r.out[0].Payload)
		r.drop(1)
		r.in(seg(".", 1, 1+n, win(0xffff)))
	}
	if n != 65535 {
		t.Fatalf("%d octets", n)
	}
}

func TestSenderSillyWindow(t *testing.T) {
	holds(t, "MUST-38", "R9293:3.8.6.2.1:sws")
	r := established(t, Config{NoDelay: true}, plain)
	r.in(seg(".", 1, 1, win(4000)))
	r.writeBulk(1000)
	r.drop(1)
	r.in(seg(".", 1, 1001, win(499)))
	r.writeBulk(5000)
	r.after(200*time.Millisecond, "less than a segment, less than half the largest window")
	r.want("the override timer lets go what fits", seg(".", 1001, 1, octets(499)))
	r.in(seg(".", 1, 1500, win(1500)))
	r.want("a full segment", seg(".", 1500, 1, octets(1000)))
	r.in(seg(".", 1, 2500, win(700)))
	r.quiet("again too little")
	r.in(seg(".", 1, 2500, win(2000)))
	r.want("full", seg(".", 2500, 1, octets(1000)))
	r.want("full", seg(".", 3500, 1, octets(1000)))
	r.in(seg(".", 1, 4500, win(4000)))
	r.want("full", seg(".", 4500, 1, octets(1000)))
	r.want("the last", seg("P.", 5500, 1, octets(501)))
}

// A peer whose whole buffer is smaller than a segment must not stop us.
func TestSenderHalfOfTheLargestWindow(t *testing.T) {
	holds(t, "R9293:3.8.6.2.1:sws")
	r := synSent(t, Config{})
	r.in(seg("S.", 0, 1, plain, win(600)))
	r.drop(1)
	r.writeBulk(2000)
	r.want("all of its window", seg(".", 1, 1, octets(600)))
	r.in(seg(".", 1, 601, win(300)))
	r.want("half of the largest", seg(".", 601, 1, octets(300)))
	r.in(seg(".", 1, 901, win(299)))
	r.after(200*time.Millisecond, "less than half")
	r.want("override", seg(".", 901, 1, octets(299)))
}

func TestWindowUpdateByWL1WL2(t *testing.T) {
	holds(t, "R9293:3.10.7.4:wl1wl2")
	r := established(t, Config{}, plain)
	r.in(seg(".", 1, 1, octets(10)), seg(".", 11, 1, octets(10), win(2000)))
	r.drop(len(r.out))
	r.in(seg(".", 20, 1, win(60000))) // unacceptable: older than RCV.NXT
	r.want("ACK", seg(".", 1, 21))
	r.writeBulk(5000)
	r.want("one", seg(".", 1, 21, octets(1000)))
	r.want("two", seg(".", 1001, 21, octets(1000)))
	r.quiet("the window is 2000, an old segment did not widen it")
	r.in(seg(".", 21, 1001, win(3000)))
	r.drop(2)
	r.in(seg(".", 21, 1, win(60000)))
	r.quiet("an older acknowledgement does not widen it")
	r.in(seg(".", 21, 1001, win(4000)))
	r.want("the same numbers, a newer window", seg("P.", 4001, 21, octets(1000)))
}

func TestZeroWindowProbes(t *testing.T) {
	holds(t, "MUST-36", "MUST-37", "SHLD-29", "SHLD-30", "R9293:3.8.6.1:probe-octet")
	r := established(t, Config{}, plain)
	r.in(seg(".", 1, 1, win(0)))
	r.writeBulk(3000)
	gap := time.Second
	for range 20 { // longer than R2
		r.after(gap, "probe")
		r.want("one octet", seg(".", 1, 1, octets(1)))
		r.in(seg(".", 1, 1, win(0)))
		gap = min(2*gap, time.Minute)
	}
	r.state(Established)
	r.in(seg(".", 1, 1, win(2500)))
	r.want("the octet again, in a full segment", seg(".", 1, 1, octets(1000)))
	r.want("and on", seg(".", 1001, 1, octets(1000)))
	r.quiet("500 left of the window wait")
	r.in(seg(".", 1, 2001, win(2500)))
	r.want("the rest", seg("P.", 2001, 1, octets(1000)))
	r.in(seg(".", 1, 3001, win(2500)))
	r.advance(time.Hour)
	r.quiet("nothing is left")
}

func TestZeroWindowProbeAccepted(t *testing.T) {
	r := established(t, Config{}, plain)
	r.in(seg(".", 1, 1, win(0)))
	r.write("abc")
	r.after(time.Second, "probe")
	r.want("octet", seg(".", 1, 1, text("a")))
	r.in(seg(".", 1, 2, win(0)))
	r.after(2*time.Second, "probe")
	r.want("the next octet", seg(".", 2, 1, text("b")))
	r.in(seg(".", 1, 3, win(100)))
	r.want("the rest", seg("P.", 3, 1, text("c")))
}

func TestZeroWindowProbesUnanswered(t *testing.T) {
	r := established(t, Config{}, plain)
	r.in(seg(".", 1, 1, win(0)))
	r.write("abc")
	r.advance(14 * time.Minute)
	r.state(Established)
	r.advance(3 * time.Minute)
	r.drop(len(r.out))
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrTimeout) {
		t.Fatal(r.c.Err())
	}
}

func TestZeroWindowHoldsTheFIN(t *testing.T) {
	r := established(t, Config{}, plain)
	r.in(seg(".", 1, 1, win(0)))
	r.closeWrite()
	r.after(time.Second, "probe")
	r.want("the FIN is the probe", seg("F.", 1, 1))
	r.after(2*time.Second, "probe")
	r.want("again", seg("F.", 1, 1))
	r.in(seg(".", 1, 2, win(0)))
	r.state(FinWait2)
	r.advance(time.Hour)
	r.quiet("done")
}

func TestShrinkingWindow(t *testing.T) {
	holds(t, "MUST-34", "SHLD-15", "SHLD-16", "SHLD-17")
	r := established(t, Config{}, plain)
	r.writeBulk(10_000)
	r.drop(10)
	r.in(seg(".", 1, 1, win(500)))
	r.writeBulk(1000)
	r.quiet("no new data")
	r.after(time.Second, "the timer")
	r.want("what fits is sent again", seg(".", 1, 1, octets(500)))
	r.in(seg(".", 1, 501, win(500)))
	r.want("slow start, what fits", seg(".", 501, 1, octets(500)))
	r.in(seg(".", 1, 1001, win(60000)))
	if len(r.out) == 0 {
		t.Fatal("the window is wide again and nothing is sent")
	}
	r.drop(len(r.out))
	r.state(Established)
}

func TestWindowShrunkToZero(t *testing.T) {
	holds(t, "MUST-35", "SHLD-17", "MUST-34")
	r := established(t, Config{}, plain)
	r.writeBulk(10_000)
	r.drop(10)
	r.in(seg(".", 1, 1, win(0)))
	gap := time.Second
	for range 25 {
		r.after(gap, "probe")
		r.want("the first octet of what is outstanding", seg(".", 1, 1, octets(1)))
		r.in(seg(".", 1, 1, win(0)))
		gap = min(2*gap, time.Minute)
	}
	r.state(Established) // long after R2: nothing timed out
	r.in(seg(".", 1, 10_001, win(0)))
	r.advance(time.Hour)
	r.quiet("it was all there")
}

func TestSendBufferIsBounded(t *testing.T) {
	r := established(t, Config{SendBuffer: 1500, MaxSendBuffer: 1500}, plain)
	n, e, err := r.c.Write(r.now, make([]byte, 4000))
	if n != 1500 || err != nil || r.c.Writable() {
		t.Fatalf("%d, %v, writable %v", n, err, r.c.Writable())
	}
	r.took(e)
	r.drop(1)
	r.in(seg(".", 1, 1001))
	r.drop(1)
	if !r.c.Writable() {
		t.Fatal("room was made and Writable does not say so")
	}
	r.closeWrite()
	if _, _, err := r.c.Write(r.now, nil); !errors.Is(err, ErrClosing) {
		t.Fatal(err)
	}
	r.drop(len(r.out))
}

func TestDSCPAndTTL(t *testing.T) {
	holds(t, "MUST-48", "MUST-49", "SHLD-21", "SHLD-22", "SHLD-23", "1122:3.2.1.7:ttl")
	r := newRig(t, Config{DSCP: 46, TTL: 3})
	r.want("SYN", seg("S", 0, 0, dscp(46), ttl(3)))
	r.in(seg("S.", 0, 1, plain))
	r.want("ACK", seg(".", 1, 1, dscp(46), ttl(3)))
	r.c.SetDSCP(10)
	r.c.SetTTL(99)
	r.write("x")
	r.want("data", seg("P.", 1, 1, text("x"), dscp(10), ttl(99)))
	r = newRig(t, Config{})
	r.want("defaults", seg("S", 0, 0, dscp(0), ttl(64)))
}

// A path of 50 ms needs a buffer of what it carries in that time, and gets it.
// A peer that is near and slow makes data wait, wherever it waits.
func TestSendBufferGrowsWithThePath(t *testing.T) {
	for _, c := range []struct {
		what      string
		handshake time.Duration // the shortest round trip
		rtt       time.Duration // of each acknowledgement
		acked     int           // octets of it
		grows     bool
	}{
		{"a long path", 50 * time.Millisecond, 50 * time.Millisecond, 1 << 20, true},
		{"a slow peer", 20 * time.Microsecond, time.Millisecond, 2000, false},
	} {
		r := newRig(t, Config{SendBuffer: 20_000})
		r.drop(1)
		r.advance(c.handshake)
		r.in(seg("S.", 0, 1, plain))
		r.drop(1)
		for range 300 {
			_, e, _ := r.c.Write(r.now, make([]byte, 1<<20))
			r.took(e)
			r.advance(c.rtt)
			r.in(seg(".", 1, min(r.c.sndUna.Sub(testISS)+c.acked, r.c.sndNxt.Sub(testISS))))
		}
		if got := r.c.out.limit; got > 20_000 != c.grows || got > DefaultMaxSendBuffer {
			t.Errorf("%s: buffer of %d with a cwnd of %d", c.what, got, r.c.cc.Window())
		}
		r.c.SetSendBuffer(5000)
		if n, _, _ := r.c.Write(r.now, make([]byte, 1<<20)); n > 5000 {
			t.Fatalf("took %d octets with a fixed buffer of 5000", n)
		}
		r.drop(len(r.out))
	}
}
