package tcp

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

// Tests for ESTABLISHED: RFC 9293 §3.10.7.4 step by step. Data, options and
// timers have files of their own.

func TestEstablishedAcceptability(t *testing.T) {
	holds(t, "R9293:3.10.7.4:accept", "R9293:3.5.2:sync-ack", "R9293:3.10.7.4:trim")
	cfg := Config{RecvBuffer: 4000, MaxRecvBuffer: 4000}
	for _, c := range []struct {
		why string
		in  spec
		ack int // what is acknowledged at once
	}{
		{"empty, left of the window", seg(".", -1, 1), 1},
		{"empty, right of the window", seg(".", 4001, 1), 1},
		{"all of it old", seg(".", -100, 1, octets(50)), 1},
		{"all of it beyond", seg(".", 4001, 1, octets(50)), 1},
		{"begins before, ends inside", seg(".", -100, 1, octets(1000)), 900},
		{"begins inside, ends beyond", seg(".", 1, 1, octets(5000)), 4001},
	} {
		r := established(t, cfg, plain)
		r.in(c.in)
		r.want(c.why, seg(".", 1, c.ack))
		r.state(Established)
	}
}

func TestEstablishedOutOfOrder(t *testing.T) {
	holds(t, "SHLD-31", "MAY-13", "5681:4.2:ooo-ack")
	r := established(t, Config{}, plain)
	r.in(seg(".", 6, 1, text("world")))
	r.want("duplicate ACK at once", seg(".", 1, 1, sack()))
	r.in(seg(".", 1, 1, text("hello")))
	r.want("the gap is filled: at once, for all", seg(".", 1, 11))
	r.wantRead("helloworld")
}

func TestEstablishedOverlap(t *testing.T) {
	holds(t, "R9293:3.10.7.4:trim")
	r := established(t, Config{}, plain)
	r.in(seg(".", 4, 1, text("LOWORLD")))
	r.drop(1)
	r.in(seg(".", 1, 1, text("helxxxx")))
	r.want("ACK of all", seg(".", 1, 11))
	r.wantRead("helLOWORLD") // what came first stays
}

func TestEstablishedOutOfOrderFIN(t *testing.T) {
	r := established(t, Config{}, plain)
	r.in(seg("F.", 6, 1))
	r.want("duplicate ACK", seg(".", 1, 1))
	r.state(Established)
	r.in(seg(".", 1, 1, text("hello")))
	r.want("ACK of text and FIN", seg(".", 1, 7))
	r.state(CloseWait)
}

func TestEstablishedReset(t *testing.T) {
	holds(t, "R9293:3.10.7.4:rst5961", "5961:3.2:rst", "SHLD-2", "MUST-12")
	for _, seq := range []int{0, -1000, 1 + 131072} {
		r := established(t, Config{}, full)
		r.in(seg("R", seq, 0, hasTS(false)))
		r.quiet("outside the window")
		r.state(Established)
	}
	r := established(t, Config{}, full)
	r.in(seg("R", 2, 0, hasTS(false)))
	r.want("in the window, not at RCV.NXT: challenge ACK", seg(".", 1, 1))
	r.state(Established)
	r.in(seg("R.", 1, 1, text("why I reset")))
	r.quiet("a RST draws nothing")
	r.state(Closed)
	if err := r.c.Err(); !errors.Is(err, syscall.ECONNRESET) || !errors.Is(err, ErrReset) {
		t.Fatal(err)
	}
	if _, _, err := r.c.Read(r.now, make([]byte, 1)); !errors.Is(err, ErrReset) {
		t.Fatal("Read:", err)
	}
	if _, _, err := r.c.Write(r.now, make([]byte, 1)); !errors.Is(err, ErrReset) {
		t.Fatal("Write:", err)
	}
}

func TestEstablishedResetAfterData(t *testing.T) {
	r := established(t, Config{}, plain)
	r.in(seg("P.", 1, 1, text("last words")), seg(".", 20, 1, text("beyond a gap")), seg("R", 11, 0))
	r.drop(len(r.out))
	r.state(Closed)
	r.wantRead("last words") // they were acknowledged
	if _, _, err := r.c.Read(r.now, make([]byte, 1)); !errors.Is(err, ErrReset) {
		t.Fatal("Read:", err)
	}
}

func TestEstablishedSyn(t *testing.T) {
	holds(t, "R9293:3.10.7.4:syn5961", "5961:4.2:syn")
	for _, seq := range []int{0, 1, 100, -5000, 500_000} {
		r := established(t, Config{}, plain)
		r.in(seg("S", seq, 0))
		r.want("challenge ACK <SND.NXT, RCV.NXT>", seg(".", 1, 1))
		r.in(seg("S.", seq, 1))
		r.want("challenge ACK", seg(".", 1, 1))
		r.state(Established)
	}
}

func TestEstablishedChallengesAreThrottled(t *testing.T) {
	holds(t, "5961:7:throttle")
	r := established(t, Config{}, plain)
	for range 100 {
		r.in(seg("S", 1, 0), seg("R", 2, 0), seg(".", 1, -100_000))
	}
	if len(r.out) != 10 {
		t.Fatalf("%d challenge ACKs, want 10 in 5 s", len(r.out))
	}
	r.drop(10)
	r.advance(5 * time.Second)
	r.in(seg("S", 1, 0))
	r.want("the next period", seg(".", 1, 1))
}

func TestEstablishedAckBitOff(t *testing.T) {
	holds(t, "R9293:3.10.7.4:noack-drop")
	r := established(t, Config{}, plain)
	r.in(seg("P", 1, 0, text("no ack")))
	r.quiet("dropped")
	if r.c.Readable() {
		t.Fatal("text without ACK was taken")
	}
}

func TestEstablishedAckOfTheFuture(t *testing.T) {
	holds(t, "R9293:3.10.7.4:ack-future", "R9293:3.5.2:sync-ack")
	r := established(t, Config{}, plain)
	r.in(seg("P.", 1, 2, text("text")))
	r.want("an ACK, the text is dropped", seg(".", 1, 1))
	if r.c.Readable() {
		t.Fatal("text of an unacceptable segment was taken")
	}
}

func TestEstablishedAckOfThePast(t *testing.T) {
	holds(t, "R9293:3.10.7.4:ack-range", "5961:5.2:ack", "MAY-12")
	r := established(t, Config{}, plain)
	r.in(seg("P.", 1, 1-65535, text("old")))
	r.quiet("within MAX.SND.WND: a duplicate, ignored")
	r.wantRead("old")
	r.advance(time.Second)
	r.drop(1)
	r.in(seg("P.", 4, 1-65536, text("forged")))
	r.want("older than MAX.SND.WND: an ACK, the text is dropped", seg(".", 1, 4))
	if r.c.Readable() {
		t.Fatal("injected text was taken")
	}
}

func TestEstablishedReservedBits(t *testing.T) {
	holds(t, "R9293:3.1:reserved")
	r := established(t, Config{}, plain)
	s := seg("P.", 1, 1, text("x"))
	s.flags |= 0xf00
	r.in(s)
	r.wantRead("x")
	r.advance(time.Second)
	r.want("ACK", seg(".", 1, 2)) // want compares the reserved bits too
}

func TestEstablishedStrangeOptions(t *testing.T) {
	holds(t, "MUST-5", "MUST-7")
	r := established(t, Config{}, plain)
	s := seg("P.", 1, 1, text("x"), mss(1), wscale(3), sackOK(true))
	r.in(s)
	r.wantRead("x")
	r.writeBulk(1000)
	r.want("SYN options on data change nothing", seg("P.", 1, 2, octets(1000)))
	g := r.build(seg("P.", 2, 1001, text("y")))
	g.Options.Malformed = true
	r.took(r.c.Arrive(r.now, append(r.c.segs[:0:0], g)))
	r.wantRead("y") // an illegal length is survived: what came before it counts
	r.advance(time.Second)
	r.drop(1)
}

func TestEstablishedFIN(t *testing.T) {
	holds(t, "R9293:3.10.7.4:fin-ack")
	r := established(t, Config{}, plain)
	r.in(seg("FP.", 1, 1, text("bye")))
	r.want("ACK at once", seg(".", 1, 5))
	r.state(CloseWait)
	r.wantRead("bye")
	r.wantEOF()
}

func TestEstablishedAckRidesOnTheFIN(t *testing.T) {
	r := established(t, Config{NoDelay: true}, plain)
	r.write("a")
	r.in(seg(".", 1, 1, text("x")))
	r.drop(1)
	r.write("b")
	r.want("data carries the delayed ACK", seg("P.", 2, 2, text("b")))
	r.advance(100 * time.Millisecond)
	r.quiet("nothing is owed")
	holds(t, "R9293:3.10.7.4:piggyback")
	r.took(r.c.Abort(r.now))
	r.drop(1)
}

func TestEstablishedAbort(t *testing.T) {
	r := established(t, Config{}, full)
	r.write("x")
	r.drop(1)
	r.took(r.c.Abort(r.now))
	r.want("RST at SND.NXT", seg("R.", 2, 1, hasTS(true)))
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrAborted) {
		t.Fatal(r.c.Err())
	}
	r.in(seg(".", 1, 2))
	r.want("no connection any more", seg("R", 2, 0))
}

func TestClosedReply(t *testing.T) {
	holds(t, "R9293:3.5.2:closed-rst")
	r := synSent(t, Config{})
	r.took(r.c.Abort(r.now))
	r.in(seg("S", 5, 0, text("abc")))
	r.want("<SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>", seg("R.", -int(uint32(testISS))+1<<32, 9))
	r.in(seg("F.", 5, 77))
	r.want("<SEQ=SEG.ACK><CTL=RST>", seg("R", 77, 0))
	r.in(seg("R", 5, 0))
	r.in(seg("R.", 5, 1))
	r.quiet("a RST draws no RST")
}
