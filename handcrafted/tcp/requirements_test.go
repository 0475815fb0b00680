package tcp

import (
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// Tests of requirements that other tests only brush against. Each fails when
// the one line is changed that keeps its requirement.

// A segment that overtook another one must not have its window undone by it.
func TestOldSegmentLeavesTheWindowAlone(t *testing.T) {
	holds(t, "R9293:3.10.7.4:wl1wl2")
	r := established(t, Config{}, plain)
	r.in(seg(".", 201, 1, octets(10), win(2000))) // overtook the next one
	r.in(seg(".", 101, 1, octets(10), win(60000)))
	r.drop(2)
	r.writeBulk(10_000)
	r.want("the later segment's window", seg(".", 1, 1, octets(1000)))
	r.want("of 2000", seg(".", 1001, 1, octets(1000)))
	r.quiet("an older segment does not widen it")
	r.in(seg(".", 151, 1, octets(10), win(0)))
	r.drop(1)
	r.in(seg(".", 201, 1001, octets(10), win(2000)))
	r.drop(1)
	r.want("nor does it shut it", seg(".", 2001, 1, octets(1000)))
}

func TestEmptySegmentsAtAZeroWindow(t *testing.T) {
	holds(t, "R9293:3.10.7.4:accept", "MUST-66")
	zero := func() *rig {
		r := established(t, Config{RecvBuffer: 1000, MaxRecvBuffer: 1000}, plain)
		r.write("x")
		r.drop(1)
		r.in(seg(".", 1, 1, octets(1000)))
		r.advance(100 * time.Millisecond)
		r.want("the window is shut", seg(".", 2, 1001, win(0)))
		return r
	}
	for _, seq := range []int{1000, 1003, 1500} {
		r := zero()
		r.in(seg(".", seq, 2))
		r.want("not at RCV.NXT: an ACK", seg(".", 2, 1001, win(0)))
		if r.c.SendQueueEmpty() {
			t.Fatalf("the ACK of an empty segment at %d was processed", seq)
		}
		r.in(seg("R", seq, 0))
		r.quiet("a RST there is outside of the window")
		r.state(Established)
	}
	r := zero()
	r.in(seg(".", 1001, 2))
	r.quiet("at RCV.NXT it is acceptable")
	if !r.c.SendQueueEmpty() {
		t.Fatal("an acceptable ACK was not processed")
	}
	r = zero()
	r.in(seg(".", 1002, 2))
	r.quiet("the peer counts the octet of a probe")
	if !r.c.SendQueueEmpty() {
		t.Fatal("while it probes, all its ACKs stand there")
	}
	r.in(seg("R", 1002, 0))
	r.want("a RST there is not RCV.NXT's: challenge", seg(".", 2, 1001, win(0)))
	r.state(Established)
}

func TestShiftOf15CountsAs14(t *testing.T) {
	holds(t, "7323:2.3:max14")
	for _, shift := range []uint8{14, 15, 63, 255} {
		r := established(t, Config{}, all(mss(1000), wscale(shift)))
		at := 1
		for range 4 { // slow start
			r.writeBulk(20_000)
			for r.c.flight() > 0 {
				r.drop(len(r.out))
				at = r.c.sndNxt.Sub(testISS)
				r.in(seg(".", 1, at, win(4)))
			}
		}
		r.in(seg(".", 1, at, win(1)))
		r.writeBulk(80_000)
		n := 0
		for _, g := range r.out {
			n += len(g.Payload)
		}
		r.drop(len(r.out))
		if n != 16_000 { // whole segments within 1 << 14
			t.Fatalf("shift %d: %d octets are sent into a window of 16384; cwnd %d", shift, n, r.c.cc.Window())
		}
	}
}

// What our own SYN did not offer is not used, whatever the peer's SYN says.
func TestWhatWeDidNotOfferIsNotUsed(t *testing.T) {
	holds(t, "7323:2.2:both-syn", "2018:4:not-unasked")
	none := Profile{Name: "none", MSS: true, TTL: 64, DF: true}
	r := newRig(t, Config{Profile: none})
	bare := func(want wire.Options) {
		t.Helper()
		if got := r.out[0].Options; got != want {
			t.Fatalf("options %+v, want %+v", got, want)
		}
	}
	bare(wire.Options{HasMSS: true, MSS: 1460})
	r.drop(1)
	r.in(seg("S.", 0, 1, full, win(1000)))
	bare(wire.Options{})
	r.want("the third ACK", seg(".", 1, 1, win(65535)))
	r.in(seg(".", 1, 1, win(1000), hasTS(false)))
	r.writeBulk(5000)
	r.want("the window of 1000 is not scaled", seg(".", 1, 1, octets(1000)))
	r.quiet("it is full")
	r.drop(len(r.out))
	r.in(seg(".", 11, 1, octets(10), win(1000)))
	bare(wire.Options{})
	r.want("no SACK", seg(".", 1001, 1))
}

// Timeouts with progress between them are losses, not a black hole.
func TestProgressIsNoBlackHole(t *testing.T) {
	holds(t, "4821:7.7:blackhole")
	r := established(t, Config{}, mss(1460))
	for n := range 6 {
		r.writeBulk(1460)
		r.drop(1) // lost
		for len(r.out) == 0 {
			r.advance(100 * time.Millisecond)
		}
		r.want("again, as large", seg("P.", 1+1460*n, 1, octets(1460)))
		r.in(seg(".", 1, 1+1460*(n+1)))
	}
}

func TestUrgentDataOfAnyLength(t *testing.T) {
	holds(t, "MUST-30", "MUST-31", "MUST-32", "MUST-33", "MUST-62")
	const long = 200_000
	r := established(t, Config{SendBuffer: 1 << 20}, plain)
	n, e, err := r.c.WriteUrgent(r.now, make([]byte, long))
	if n != long || err != nil {
		t.Fatal(n, err)
	}
	r.took(e)
	for end := 0; end < long; {
		if len(r.out) == 0 {
			t.Fatalf("after %d octets nothing is sent", end)
		}
		for _, g := range r.out {
			at := g.Seq.Sub(testISS) - 1
			want := min(long-at, 0xffff)
			if !g.Flags.Has(wire.URG) || int(g.Urgent) != want {
				t.Fatalf("at %d: %s, urgent pointer %d, want %d", at, r.show(&g), g.Urgent, want)
			}
			end = at + len(g.Payload)
		}
		r.drop(len(r.out))
		r.in(seg(".", 1, end+1))
	}
	r.write("calm")
	r.want("beyond it", seg("P.", long+1, 1, text("calm"), urg(0)))

	// The peer's urgent data, as long: its pointer goes ahead.
	r = established(t, Config{}, plain)
	told, read := 0, 0
	for at := 1; at <= long; at += 1000 {
		r.in(seg("U.", at, 1, octets(1000), urg(uint16(min(long+1-at, 0xffff)))))
		if r.fx.Urgent {
			told++
		}
		if want := min(at+0xffff, long+1) - 1 - read; r.c.Urgent() != want {
			t.Fatalf("at %d: %d octets are urgent, want %d", at, r.c.Urgent(), want)
		}
		read += len(r.read(1000))
	}
	if told < 2 || r.c.Urgent() != 0 {
		t.Fatalf("told %d times, %d octets are urgent at the end", told, r.c.Urgent())
	}
	r.advance(time.Second)
	r.drop(len(r.out))
}

// The second measurement has its weight of an eighth, and the variation of a
// quarter, all the way down to the timer.
func TestSecondSampleOnTheWire(t *testing.T) {
	holds(t, "MUST-18", "6298:2.2:first", "6298:2.3:update")
	r := synSent(t, Config{})
	r.advance(800 * time.Millisecond)
	r.handshake(plain)
	r.write("a")
	r.drop(1)
	r.advance(1600 * time.Millisecond)
	r.in(seg(".", 1, 2))
	r.write("b")
	r.drop(1)
	// SRTT 900 ms, RTTVAR 500 ms.
	r.after(2900*time.Millisecond, "RTO = SRTT + 4 RTTVAR")
	r.want("again", seg("P.", 2, 1, text("b")))
}

// An out-of-order segment is kept: filling the gap acknowledges it too, and it
// need not come again.
func TestOutOfOrderIsKeptForLater(t *testing.T) {
	holds(t, "SHLD-31")
	r := established(t, Config{}, plain)
	for at := 1001; at < 20_001; at += 1000 {
		r.in(seg(".", at, 1, octets(1000)))
	}
	r.drop(len(r.out))
	r.in(seg(".", 1, 1, octets(1000)))
	r.want("all of it", seg(".", 1, 20_001))
	if got := len(r.read(30_000)); got != 20_000 {
		t.Fatalf("%d octets can be read", got)
	}
}

func TestZeroWindowForADay(t *testing.T) {
	holds(t, "MUST-37", "SHLD-30")
	r := established(t, Config{}, plain)
	r.in(seg(".", 1, 1, win(0)))
	r.write("abc")
	start, last, probes := r.now, r.now, 0
	for r.now.Sub(start) < 24*time.Hour {
		r.advance(time.Second)
		for range r.out {
			if gap := r.now.Sub(last); probes > 7 && gap < 59*time.Second {
				t.Fatalf("probe %d after %v", probes, gap)
			}
			probes, last = probes+1, r.now
		}
		if len(r.out) > 0 {
			r.drop(len(r.out))
			r.in(seg(".", 1, 1, win(0)))
		}
	}
	if probes < 1000 || probes > 1600 {
		t.Fatalf("%d probes in a day", probes)
	}
	r.state(Established)
	r.in(seg(".", 1, 1, win(100)))
	if len(r.out) == 0 {
		t.Fatal("the window is open and nothing is sent")
	}
	r.drop(len(r.out))
}
