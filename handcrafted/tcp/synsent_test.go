package tcp

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

// Tests for SYN-SENT: RFC 9293 §3.10.7.3.

func TestSynSentRetriesForThreeMinutes(t *testing.T) {
	holds(t, "MUST-22", "MUST-23", "6298:2.1:init", "6298:5.5:double", "6298:2.5:max", "R9293:3.10.8:rto-front")
	r := synSent(t, Config{})
	gap := time.Second
	for n := 1; n <= 8; n++ {
		r.after(gap, "SYN")
		r.want("the same SYN", seg("S", 0, 0, mss(1460)))
		gap = min(2*gap, time.Minute)
	}
	if waited := r.now.Sub(time.Unix(1_000_000_000, 0)); waited < 3*time.Minute {
		t.Fatalf("last SYN after %v", waited)
	}
	r.state(SynSent)
	r.advance(time.Minute)
	r.state(Closed)
	if err := r.c.Err(); !errors.Is(err, syscall.ETIMEDOUT) || !errors.Is(err, ErrTimeout) {
		t.Fatalf("error %v", err)
	}
}

func TestSynSentTimestampsOfRetries(t *testing.T) {
	holds(t, "7323:3.2/4:tsval-clock", "7323:3.2:syn-tsecr0")
	r := newRig(t, Config{TSOffset: 77})
	first := r.out[0].Options.TSVal
	r.want("SYN", seg("S", 0, 0, tsval(first), tsecr(0)))
	r.advance(time.Second)
	r.want("SYN", seg("S", 0, 0, tsval(first+1000), tsecr(0)))
}

func TestSynSentTellsOfR1(t *testing.T) {
	holds(t, "MUST-20", "SHLD-9", "SHLD-10")
	r := synSent(t, Config{})
	r.advance(3 * time.Second)
	r.drop(2)
	if r.suspect {
		t.Fatal("suspect after two retransmissions")
	}
	r.advance(4 * time.Second)
	r.drop(1)
	if !r.suspect {
		t.Fatal("R1 of three retransmissions was not reported")
	}
}

func TestSynSentUnacceptableAck(t *testing.T) {
	holds(t, "R9293:3.5.2:nonsync-rst")
	for _, ack := range []int{0, 2, 1000, -5} {
		r := synSent(t, Config{})
		r.in(seg("S.", 0, ack, plain))
		r.want("<SEQ=SEG.ACK><CTL=RST>", seg("R", ack, 0, hasTS(false)))
		r.state(SynSent)
		r.in(seg(".", 0, ack))
		r.want("the same without SYN", seg("R", ack, 0))
		r.in(seg("R.", 0, ack))
		r.quiet("a RST draws no RST")
		r.state(SynSent)
	}
}

func TestSynSentReset(t *testing.T) {
	holds(t, "R9293:3.5.3:synsent-rst", "MUST-12")
	r := synSent(t, Config{})
	r.in(seg("R", 0, 0))
	r.in(seg("R", 1, 0))
	r.state(SynSent) // without an acceptable ACK it says nothing
	r.in(seg("R.", 0, 1))
	r.state(Closed)
	if err := r.c.Err(); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Fatalf("error %v", err)
	}
}

func TestSynSentAckWithoutSyn(t *testing.T) {
	r := synSent(t, Config{})
	r.in(seg(".", 1, 1))
	r.in(seg("F.", 1, 1))
	r.quiet("neither SYN nor RST: dropped")
	r.state(SynSent)
}

func TestSynSentTextInSynAck(t *testing.T) {
	holds(t, "R9293:3.10.7.3:synack-text")
	r := synSent(t, Config{})
	r.in(seg("S.", 0, 1, plain, text("early")))
	r.want("ACK of SYN and text", seg(".", 1, 6))
	r.wantRead("early")

	r = synSent(t, Config{})
	r.in(seg("SF.", 0, 1, plain, text("all")))
	r.want("ACK of SYN, text and FIN", seg(".", 1, 5))
	r.state(CloseWait)
	r.wantRead("all")
	r.wantEOF()
}

func TestSynSentQueuedData(t *testing.T) {
	holds(t, "R9293:3.10.7.3:third-ack")
	r := synSent(t, Config{})
	r.write("hello")
	r.quiet("data waits for ESTABLISHED")
	r.in(seg("S.", 0, 1, plain))
	r.want("data rides on the third ACK", seg("P.", 1, 1, text("hello")))
	r.state(Established)
}

func TestSynSentCloseWriteWaits(t *testing.T) {
	r := synSent(t, Config{})
	r.write("bye")
	r.closeWrite()
	r.in(seg("S.", 0, 1, plain))
	r.want("data and FIN", seg("FP.", 1, 1, text("bye")))
	r.state(FinWait1)
}

func TestSynSentClose(t *testing.T) {
	r := synSent(t, Config{})
	r.close()
	r.quiet("the TCB is deleted")
	r.state(Closed)
	r.in(seg("S.", 0, 1))
	r.want("there is no connection", seg("R", 1, 0))
}

func TestSynSentAbort(t *testing.T) {
	r := synSent(t, Config{})
	r.took(r.c.Abort(r.now))
	r.quiet("the peer knows of nothing")
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrAborted) {
		t.Fatal(r.c.Err())
	}
}

// A lost SYN, then an answer.
func TestSynSentFirstFlightAfterLoss(t *testing.T) {
	holds(t, "5681:3.1:iw-synloss", "6298:5.7:syn3s", "6298:3:karn")
	r := synSent(t, Config{})
	r.advance(time.Second)
	r.drop(1)
	r.handshake(plain)
	r.writeBulk(5000)
	r.want("one segment", seg(".", 1, 1, octets(1000)))
	r.quiet("cwnd is one segment after a lost SYN")
	r.after(3*time.Second, "RTO is 3 s: the SYN was lost and nothing could be measured")
	r.want("again", seg(".", 1, 1, octets(1000)))
}

func TestSynSentTimestampsMakeLostSynMeasurable(t *testing.T) {
	holds(t, "6298:3:karn", "6298:2.2:first")
	r := synSent(t, Config{})
	r.advance(time.Second)
	r.drop(1)
	r.advance(100 * time.Millisecond)
	r.handshake(all(plain, tsval(5000), tsecr(r.ecr)))
	r.write("x")
	r.drop(1)
	r.after(time.Second, "100 ms were measured by the echo: RTO is at its floor")
	r.want("again", seg("P.", 1, 1, text("x")))
}

func TestSynSentTextAfterCloseWrite(t *testing.T) {
	holds(t, "R9293:3.10.7.3:synack-text")
	r := synSent(t, Config{})
	r.closeWrite()
	r.in(seg("S.", 0, 1, plain, text("early")))
	r.want("FIN, and an ACK of SYN and text", seg("F.", 1, 6))
	r.wantRead("early")
}
