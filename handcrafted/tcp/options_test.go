package tcp

import (
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

func TestMSSOffered(t *testing.T) {
	holds(t, "MUST-14", "MUST-67", "R9293:3.7.1:mss-mtu", "SHLD-5", "MAY-3", "6691:mss")
	for _, c := range []struct {
		tuple wire.Tuple
		mtu   int
		want  uint16
	}{
		{testTuple, 1500, 1460}, {testTuple, 576, 536}, {testTuple, 9000, 8960}, {testTuple, 65535, 65495},
		{testTuple6, 1500, 1440}, {testTuple6, 1280, 1220},
	} {
		r := newRig(t, Config{Tuple: c.tuple, MTU: c.mtu})
		r.want("SYN", seg("S", 0, 0, mss(c.want)))
	}
}

func TestMSSObeyed(t *testing.T) {
	holds(t, "MUST-14", "MUST-15", "MUST-16", "SHLD-28", "6691:mss", "MUST-65")
	ts := tsval(5000)
	for _, c := range []struct {
		why    string
		tuple  wire.Tuple
		mtu    int
		answer mod
		want   int
	}{
		{"none: 536", testTuple, 1500, all(), 536},
		{"none over IPv6: 1220", testTuple6, 1500, all(), 1220},
		{"none, with timestamps", testTuple, 1500, ts, 524},
		{"the peer's", testTuple, 1500, mss(900), 900},
		{"the peer's, less options", testTuple, 1500, all(mss(900), ts), 888},
		{"our MTU is smaller", testTuple, 1000, mss(1460), 960},
		{"our IPv6 MTU is smaller", testTuple6, 1400, mss(1460), 1340},
		{"tiny", testTuple, 1500, mss(30), 30},
		{"tiny, less options", testTuple, 1500, all(mss(30), ts), 18},
		{"absurd", testTuple, 1500, mss(1), 1},
		{"zero says nothing", testTuple, 1500, mss(0), 536},
	} {
		r := established(t, Config{Tuple: c.tuple, MTU: c.mtu}, c.answer)
		r.writeBulk(3000)
		r.want(c.why, seg(".", 1, 1, octets(c.want), field("has MSS", false, func(g *wire.Segment) *bool { return &g.Options.HasMSS })))
		r.drop(len(r.out))
	}
}

func TestMSSWithoutRoomBesideSACK(t *testing.T) {
	holds(t, "6691:mss")
	for _, c := range []struct {
		answer mod
		want   int
	}{{all(mss(1000), sackOK(true)), 964}, {all(mss(1000), sackOK(true), tsval(5000)), 960}} {
		r := established(t, Config{}, c.answer)
		for i := range 5 { // five holes
			r.in(seg(".", 11+20*i, 1, octets(10)))
			r.drop(1)
		}
		r.writeBulk(2000)
		g := r.out[0]
		if n := len(g.Payload) + g.Options.WireLen(); n > 1000 || len(g.Payload) != c.want {
			t.Fatalf("%d octets of text, %d with options", len(g.Payload), n)
		}
		r.drop(len(r.out))
	}
}

func TestWindowScale(t *testing.T) {
	holds(t, "7323:2.2:both-syn", "7323:2.2:syn-unscaled", "7323:2.3:shift", "REC-1")
	r := newRig(t, Config{RecvBuffer: 1 << 20, MaxRecvBuffer: 8 << 20})
	r.want("SYN: not scaled", seg("S", 0, 0, wscale(8), win(65535)))
	r.in(seg("S.", 0, 1, mss(1000), wscale(2), win(100)))
	r.want("scaled from the third ACK on", seg(".", 1, 1, win(1<<20>>8)))
	r.writeBulk(1000)
	r.want("the SYN,ACK's window of 100 is not scaled either", seg(".", 1, 1, octets(100)))
	r.in(seg(".", 1, 101, win(250)))
	r.want("250 << 2 takes it all", seg("P.", 101, 1, octets(900)))

	r = newRig(t, Config{})
	r.drop(1)
	r.in(seg("S.", 0, 1, mss(1000)))
	r.want("the peer does not scale", seg(".", 1, 1, win(65535)))
}

func TestWindowScaleAbove14(t *testing.T) {
	r := synSent(t, Config{})
	r.in(seg("S.", 0, 1, mss(1000), wscale(15), win(0)))
	r.drop(1)
	r.in(seg(".", 1, 1, win(1)))
	r.writeBulk(20_000)
	r.drop(10)
	r.in(seg(".", 1, 10_001, win(1)))
	n := 0
	for _, g := range r.out {
		n += len(g.Payload)
	}
	if n != 10_000 {
		t.Fatalf("%d octets in a window of 16384", n)
	}
	r.drop(len(r.out))
	if got := scaleFor(1 << 31); got != 14 {
		t.Fatalf("we offer a shift of %d", got)
	}
}

func TestSACKPermittedOnSynOnly(t *testing.T) {
	holds(t, "2018:2:syn-only", "MUST-65")
	r := established(t, Config{}, full)
	r.writeBulk(5000)
	r.in(seg("F.", 1, 1))
	for _, g := range r.out {
		if o := g.Options; o.SACKPermitted || o.HasMSS || o.HasWindowScale {
			t.Fatalf("an option of SYNs on %s", r.show(&g))
		}
	}
	r.drop(len(r.out))
}

func TestSACKNotUnasked(t *testing.T) {
	holds(t, "2018:4:not-unasked")
	r := established(t, Config{}, plain)
	r.in(seg(".", 11, 1, octets(10)))
	r.want("no blocks", seg(".", 1, 1, sack()))
}

func TestSACKBlocks(t *testing.T) {
	holds(t, "2018:4:first-block", "2018:4:all-acks", "2018:3:max3", "MUST-5")
	r := established(t, Config{}, full)
	step := func(at int, edges ...int) {
		t.Helper()
		r.in(seg(".", at, 1, octets(10)))
		r.want("duplicate ACK", seg(".", 1, 1, sack(edges...)))
	}
	step(11, 11, 21)
	step(31, 31, 41, 11, 21)
	step(51, 51, 61, 31, 41, 11, 21)
	step(71, 71, 81, 51, 61, 31, 41)
	step(21, 11, 41, 71, 81, 51, 61)
	r.write("x")
	r.want("data carries them too", seg("P.", 1, 1, text("x"), sack(11, 41, 71, 81, 51, 61)))
	r.in(seg(".", 1, 2, octets(10)))
	r.want("the first gap is filled", seg(".", 2, 41, sack(71, 81, 51, 61)))
}

func TestSACKInEveryState(t *testing.T) {
	holds(t, "2018:4:all-acks")
	for _, build := range []func(*testing.T, Config, mod) *rig{finWait1, finWait2} {
		r := build(t, Config{}, full)
		r.in(seg(".", 11, r.c.sndUna.Sub(testISS), octets(10)))
		r.want("SACK while half-closed", seg(".", 2, 1, sack(11, 21)))
	}
}

func TestDSACK(t *testing.T) {
	holds(t, "2883:4:dsack")
	r := established(t, Config{}, full)
	r.in(seg(".", 1, 1, octets(10)), seg(".", 11, 1, octets(10)))
	r.want("ACK", seg(".", 1, 21, sack()))
	r.in(seg(".", 11, 1, octets(10)))
	r.want("the duplicate is reported", seg(".", 1, 21, sack(11, 21)))
	r.in(seg(".", 31, 1, octets(10)))
	r.want("once", seg(".", 1, 21, sack(31, 41)))
	r.in(seg(".", 31, 1, octets(10)))
	r.want("a duplicate above RCV.NXT, and its block", seg(".", 1, 21, sack(31, 41, 31, 41)))
}

func TestTimestampsEverywhere(t *testing.T) {
	holds(t, "7323:3.2:every", "7323:4.3:echo")
	r := established(t, Config{}, full)
	r.advance(time.Second)
	r.write("x")
	r.want("data", seg("P.", 1, 1, text("x"), tsval(r.ecr), tsecr(5000)))
	r.in(seg("F.", 1, 2))
	r.want("ACK of the FIN echoes it", seg(".", 2, 2, hasTS(true), tsecr(6000)))
	r.took(r.c.Abort(r.now))
	r.want("RST", seg("R.", 2, 2, hasTS(true)))
}

func TestTimestampEchoOfDelayedAck(t *testing.T) {
	holds(t, "7323:4.3:echo")
	r := established(t, Config{}, full)
	r.in(seg(".", 1, 1, octets(1000), tsval(6001)))
	r.in(seg(".", 1001, 1, octets(1000), tsval(6002)))
	r.want("the earliest segment it acknowledges", seg(".", 1, 2001, tsecr(6001)))
	r.in(seg(".", 3001, 1, octets(1000), tsval(6004)))
	r.want("not an out-of-order one", seg(".", 1, 2001, tsecr(6001)))
	r.in(seg(".", 2001, 1, octets(1000), tsval(6003)))
	r.want("the one that fills the gap", seg(".", 1, 4001, tsecr(6003)))
}

func TestTimestampMissing(t *testing.T) {
	holds(t, "7323:3.2:no-ts")
	r := established(t, Config{}, full)
	r.in(seg("P.", 1, 1, text("x"), hasTS(false)))
	r.quiet("dropped")
	r.state(Established)
	r.in(seg("P.", 1, 1, text("y")))
	r.wantRead("y")
	r.advance(time.Second)
	r.drop(1)
}

func TestPAWS(t *testing.T) {
	holds(t, "7323:5.3:paws", "7323:5.2:rst")
	r := established(t, Config{}, full)
	r.in(seg("P.", 1, 1, text("x"), tsval(4999)))
	r.want("older than one we have seen: an ACK", seg(".", 1, 1, tsecr(5000)))
	if r.c.Readable() {
		t.Fatal("an old segment was taken")
	}
	r.in(seg("P.", 1, 1, text("x"), tsval(5000+(1<<31)+2)))
	r.want("also across the wrap", seg(".", 1, 1))
	r.in(seg("R", 1, 0, tsval(4000)))
	r.state(Closed)
}

func TestPAWSAfter24Days(t *testing.T) {
	r := established(t, Config{}, full)
	r.advance(25 * 24 * time.Hour)
	r.in(seg("P.", 1, 1, text("x"), tsval(1)))
	r.wantRead("x")
	r.advance(time.Second)
	r.want("the peer's clock begins anew", seg(".", 1, 2, tsecr(1)))
	r.in(seg("P.", 2, 1, text("y"), tsval(0)))
	r.want("and old is what is older than that", seg(".", 1, 2))
}
