package tcp

import (
	"errors"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// Tests for LISTEN and for SYN-RECEIVED after a passive open: RFC 9293
// §3.10.7.2 and §3.10.7.4.

// heardSyn is a connection made of a SYN, which has been answered.
func heardSyn(t *testing.T, cfg Config, syn spec) *rig {
	t.Helper()
	r := bareRig(t, &cfg)
	g := r.build(syn)
	if _, answer, ok := ListenReply(&g); answer || !ok {
		t.Fatal("LISTEN does not take the SYN")
	}
	c, e := Accept(r.now, cfg, &g)
	r.c = c
	r.took(e)
	clear(g.Payload) // it is not ours to keep
	r.state(SynReceived)
	r.ts = c.opts.timestamps
	return r
}

// accepted has answered a SYN with the options of syn.
func accepted(t *testing.T, cfg Config, syn mod) *rig {
	t.Helper()
	r := heardSyn(t, cfg, seg("S", 0, 0, syn))
	r.want("SYN,ACK", seg("S.", 0, 1))
	return r
}

func TestListen(t *testing.T) {
	holds(t, "R9293:3.5.2:nonsync-rst")
	for _, c := range []struct {
		what string
		in   spec
		want *wire.Segment // the answer
		syn  bool
	}{
		{"first: RST", seg("R", 5, 0), nil, false},
		{"first: RST with SYN", seg("SR", 5, 0), nil, false},
		{"first: RST with ACK", seg("R.", 5, 9), nil, false},
		{"second: ACK", seg(".", 5, 9), &wire.Segment{Seq: wire.Seq(testISS).Add(9), Flags: wire.RST}, false},
		{"second: SYN,ACK", seg("S.", 5, 9), &wire.Segment{Seq: wire.Seq(testISS).Add(9), Flags: wire.RST}, false},
		{"third: SYN", seg("S", 5, 0), nil, true},
		{"third: SYN with others", seg("SFPU", 5, 0, text("x")), nil, true},
		{"fourth: text", seg("P", 5, 0, text("x")), nil, false},
		{"fourth: FIN", seg("F", 5, 0), nil, false},
		{"fourth: nothing", seg("", 5, 0), nil, false},
	} {
		g := bareRig(t, &Config{Tuple: testTuple, ISS: testISS}).build(c.in)
		reply, answer, syn := ListenReply(&g)
		if syn != c.syn || answer != (c.want != nil) {
			t.Errorf("%s: answer %v, taken %v", c.what, answer, syn)
		}
		if answer && (reply.Seq != c.want.Seq || reply.Flags != c.want.Flags || reply.SrcPort != g.DstPort || reply.DstPort != g.SrcPort) {
			t.Errorf("%s: answered with %+v", c.what, reply)
		}
	}
}

func TestAcceptWithOptions(t *testing.T) {
	r := heardSyn(t, Config{}, seg("S", 0, 0, full))
	r.want("SYN,ACK", seg("S.", 0, 1, mss(1460), sackOK(true), wscale(5), tsecr(5000), win(65535)))
	r.after(50*time.Millisecond, "ACK")
	r.in(seg(".", 1, 1))
	r.state(Established)
	if got := r.c.book.SRTT(); got != 50*time.Millisecond {
		t.Errorf("round trip %v, the SYN,ACK took 50 ms", got)
	}
	r.in(seg("P.", 1, 1, text("hi")))
	r.wantRead("hi")
	r.want("the window is larger than a SYN can say", seg(".", 1, 3, win(4096)))
	r.writeBulk(1448)
	r.want("text under the peer's MSS, beside the timestamps", seg("P.", 1, 3, octets(1448)))
	if len(r.trace) != 3 || r.trace[0].To != Listen || r.trace[1].To != SynReceived || r.trace[2].To != Established {
		t.Errorf("states %v", r.trace)
	}
	if !r.c.Passive() {
		t.Error("the connection does not know that it was opened by the peer")
	}
}

func TestAcceptOffersOnlyWhatThePeerDid(t *testing.T) {
	holds(t, "7323:2.2:both-syn", "MUST-15")
	r := heardSyn(t, Config{}, seg("S", 0, 0))
	r.want("SYN,ACK", seg("S.", 0, 1, mss(1460), sackOK(false), hasTS(false)))
	r.in(seg(".", 1, 1))
	r.writeBulk(1072)
	r.want("536 octets: the SYN had no MSS", seg(".", 1, 1, octets(536)))
	r.drop(1)

	r = heardSyn(t, Config{Profile: TcpingPy}, seg("S", 0, 0, full))
	r.want("a profile without options", seg("S.", 0, 1, hasTS(false), sackOK(false), win(65535)))
}

func TestAcceptSixOverSix(t *testing.T) {
	r := heardSyn(t, Config{Tuple: testTuple6}, seg("S", 0, 0))
	r.want("SYN,ACK", seg("S.", 0, 1, mss(1440)))
	r.in(seg(".", 1, 1))
	r.writeBulk(2440)
	r.want("1220 octets: the SYN had no MSS", seg(".", 1, 1, octets(1220)))
	r.drop(1)
}

func TestAcceptECN(t *testing.T) {
	holds(t, "3168:6.1.1:setup")
	for _, c := range []struct {
		cfg       Config
		syn, want string
	}{
		{Config{ECN: true}, "SEW", "S.E"},
		{Config{ECN: true}, "SE", "S."},
		{Config{ECN: true}, "S", "S."},
		{Config{}, "SEW", "S."},
	} {
		r := heardSyn(t, c.cfg, seg(c.syn, 0, 0, plain))
		r.want("SYN,ACK", seg(c.want, 0, 1, ecn(0)))
	}
}

func TestAcceptRetransmits(t *testing.T) {
	holds(t, "MUST-22", "MUST-23", "6298:5.5:double", "5681:3.1:iw-synloss")
	r := accepted(t, Config{}, plain)
	r.after(time.Second, "SYN,ACK")
	r.want("again", seg("S.", 0, 1, mss(1000+460)))
	r.after(2*time.Second, "SYN,ACK")
	r.want("again", seg("S.", 0, 1))
	r.in(seg(".", 1, 1))
	r.state(Established)
	r.writeBulk(5000)
	r.want("one segment after a lost SYN,ACK", seg(".", 1, 1, octets(1000)))
	r.quiet("cwnd is one segment")

	r = accepted(t, Config{}, plain)
	r.advance(5 * time.Minute)
	if n := len(r.out); n != 8 {
		t.Errorf("%d repetitions", n)
	}
	r.drop(len(r.out))
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrTimeout) {
		t.Fatal(r.c.Err())
	}
}

func TestAcceptRepeatedSyn(t *testing.T) {
	r := accepted(t, Config{}, plain)
	r.in(seg("S", 0, 0, plain))
	r.want("the SYN,ACK has to say SYN again: a bare ACK helps nobody in SYN-SENT", seg("S.", 0, 1, mss(1460)))
	r.in(seg("S.", 0, 1, plain))
	r.want("only an active open waits for a SYN,ACK", seg(".", 1, 1))
	r.state(SynReceived)
	r.in(seg(".", 1, 1))
	r.state(Established)
	r.in(seg("S", 0, 0, plain))
	r.want("later it is any old SYN", seg(".", 1, 1))
}

func TestAcceptReturnsToListen(t *testing.T) {
	holds(t, "MUST-11")
	for _, c := range []struct {
		what string
		in   spec
	}{
		{"RST", seg("R", 1, 0)},
		{"RST,ACK", seg("R.", 1, 1)},
		{"a SYN in the window", seg("S", 1, 0)},
	} {
		r := accepted(t, Config{}, plain)
		r.in(c.in)
		r.quiet(c.what + " draws no answer")
		r.state(Closed)
	}
	r := accepted(t, Config{}, plain)
	r.in(seg("R", 2, 0))
	r.want("a RST elsewhere in the window is challenged", seg(".", 1, 1))
	r.in(seg("R", 0, 0))
	r.quiet("a RST outside the window is nothing")
	r.state(SynReceived)
}

func TestAcceptUnacceptableAck(t *testing.T) {
	r := accepted(t, Config{}, plain)
	for _, ack := range []int{0, 2, -7} {
		r.in(seg(".", 1, ack))
		r.want("<SEQ=SEG.ACK><CTL=RST>", seg("R", ack, 0))
	}
	r.in(seg("P", 1, 0, text("no ACK")))
	r.quiet("fifth: without ACK it is dropped")
	r.state(SynReceived)
}

// What comes with a SYN waits for ESTABLISHED and is not acknowledged before.
func TestAcceptTextInSyn(t *testing.T) {
	r := heardSyn(t, Config{}, seg("S", 0, 0, plain, text("early")))
	r.want("the SYN alone is acknowledged", seg("S.", 0, 1))
	if r.c.Readable() {
		t.Error("readable before ESTABLISHED: the peer may be anybody")
	}
	r.in(seg("P.", 6, 1, text(" bird")))
	r.state(Established)
	r.wantRead("early bird")
	r.advance(time.Second)
	r.want("ACK of both", seg(".", 1, 11))

	r = heardSyn(t, Config{}, seg("SF", 0, 0, plain, text("all")))
	r.want("SYN,ACK", seg("S.", 0, 1))
	r.in(seg(".", 5, 1))
	r.want("ACK of text and FIN", seg(".", 1, 5))
	r.state(CloseWait)
	r.wantRead("all")
	r.wantEOF()
}

func TestSimultaneousOpenTextInSyn(t *testing.T) {
	r := synSent(t, Config{})
	r.in(seg("S", 0, 0, plain, text("early")))
	r.want("SYN,ACK", seg("S.", 0, 1))
	r.in(seg("S.", 0, 1, plain))
	r.want("the answer to Figure 8's last segment, and to the text", seg(".", 1, 6))
	r.state(Established)
	r.wantRead("early")

	r = synSent(t, Config{})
	r.in(seg("SF", 0, 0, plain, text("early")))
	r.want("SYN,ACK", seg("S.", 0, 1))
	r.in(seg("SF.", 0, 1, plain, text("early"))) // all of it again
	r.drop(len(r.out))
	r.state(CloseWait)
	r.wantRead("early")
	r.wantEOF()
}

func TestAcceptCloseAndAbort(t *testing.T) {
	r := accepted(t, Config{}, plain)
	r.took(r.c.Abort(r.now))
	r.want("RST", seg("R", 1, 0))
	r.state(Closed)

	r = heardSyn(t, Config{}, seg("S", 0, 0, plain, text("unread")))
	r.drop(1)
	r.close()
	r.want("FIN", seg("F.", 1, 1))
	r.in(seg(".", 6, 1))
	r.want("nobody will read the text", seg("R.", 2, 1))
	r.state(Closed)
}

func TestAcceptRefusesTheImpossible(t *testing.T) {
	cfg := Config{Tuple: wire.Tuple{Local: testTuple.Local}}
	c, e := Accept(time.Unix(1, 0), cfg, &wire.Segment{Flags: wire.SYN})
	if c.State() != Closed || !errors.Is(c.Err(), ErrConfig) || len(e.Out) > 0 {
		t.Errorf("%v, %v, %d segments", c.State(), c.Err(), len(e.Out))
	}
}

func TestReopensFromTimeWait(t *testing.T) {
	holds(t, "MAY-2", "SHLD-4", "6191:2:tw-reuse")
	const newer, older = 1_000_000, 1
	for _, c := range []struct {
		what   string
		before mod // options of the connection in TIME-WAIT
		syn    spec
		want   bool
	}{
		{"later timestamp", full, seg("S", -5000, 0, tsval(newer)), true},
		{"earlier timestamp", full, seg("S", 5000, 0, tsval(older)), false},
		{"same timestamp, later number", full, seg("S", 3, 0, tsval(5000)), true},
		{"same timestamp, the FIN's number", full, seg("S", 1, 0, tsval(5000)), false},
		{"no timestamp, later number", full, seg("S", 3, 0, hasTS(false)), true},
		{"no timestamp, earlier number", full, seg("S", 1, 0, hasTS(false)), false},
		{"timestamp where there was none", plain, seg("S", -5000, 0, tsval(older)), true},
		{"none at all, later number", plain, seg("S", 3, 0), true},
		{"none at all, earlier number", plain, seg("S", -3, 0), false},
		{"SYN,ACK", full, seg("S.", 5000, 1, tsval(newer)), false},
		{"RST", full, seg("SR", 5000, 1, tsval(newer)), false},
		{"no SYN", full, seg("P", 5000, 1, tsval(newer)), false},
	} {
		r := timeWait(t, Config{}, c.before)
		g := r.build(c.syn)
		iss, ok := r.c.Reopens(&g, &Config{})
		if ok != c.want || ok && iss != r.c.sndNxt {
			t.Errorf("%s: %v", c.what, ok)
		}
	}
	r := established(t, Config{}, full)
	g := r.build(seg("S", 5000, 0, tsval(newer)))
	if _, ok := r.c.Reopens(&g, &Config{}); ok {
		t.Error("a SYN reopens a connection in ESTABLISHED")
	}
}
