package tcp

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

// Tests for SYN-RECEIVED, which a client reaches by simultaneous open.

func TestSimultaneousOpen(t *testing.T) {
	holds(t, "MUST-10", "R9293:3.10.7.3:simopen", "7323:2.3:shift", "7323:2.2:syn-unscaled")
	r := synSent(t, Config{})
	r.in(seg("S", 0, 0, full))
	r.want("SYN,ACK at the same ISN", seg("S.", 0, 1, mss(1460), sackOK(true), wscale(5), tsecr(5000), win(65535)))
	r.state(SynReceived)
	r.ts = true
	r.in(seg("S.", 0, 1, full))
	r.want("the answer to Figure 8's last segment", seg(".", 1, 1, win(4096)))
	r.state(Established)
	r.in(seg("P.", 1, 1, text("hi")))
	r.wantRead("hi")
	r.advance(time.Second)
	r.want("delayed ACK", seg(".", 1, 3))
}

func TestSynReceivedPlainAck(t *testing.T) {
	r := synReceived(t, Config{}, plain)
	r.in(seg("P.", 1, 1, text("hi")))
	r.state(Established)
	r.wantRead("hi")
	r.advance(time.Second)
	r.want("delayed ACK", seg(".", 1, 3))
}

func TestSynReceivedOffersOnlyWhatBothDo(t *testing.T) {
	holds(t, "7323:2.2:both-syn")
	r := synSent(t, Config{})
	r.in(seg("S", 0, 0, plain))
	r.want("SYN,ACK", seg("S.", 0, 1, mss(1460), sackOK(false), hasTS(false)))
}

func TestSynReceivedRetransmits(t *testing.T) {
	r := synReceived(t, Config{}, plain)
	r.after(time.Second, "SYN,ACK")
	r.want("again", seg("S.", 0, 1, mss(1460)))
	r.in(seg("S", 0, 0, plain)) // the peer has not seen it either
	r.want("ACK of an old SYN", seg(".", 1, 1))
	r.state(SynReceived)
	r.advance(5 * time.Minute)
	r.drop(len(r.out))
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrTimeout) {
		t.Fatal(r.c.Err())
	}
}

func TestSynReceivedReset(t *testing.T) {
	holds(t, "MUST-11")
	r := synReceived(t, Config{}, plain)
	r.in(seg("R", 1, 0))
	r.state(Closed) // opened by us: refused, not back to LISTEN
	if !errors.Is(r.c.Err(), syscall.ECONNREFUSED) {
		t.Fatal(r.c.Err())
	}
}

func TestSynReceivedUnacceptableAck(t *testing.T) {
	r := synReceived(t, Config{}, plain)
	r.in(seg(".", 1, 0))
	r.want("<SEQ=SEG.ACK><CTL=RST>", seg("R", 0, 0))
	r.in(seg(".", 1, 2))
	r.want("<SEQ=SEG.ACK><CTL=RST>", seg("R", 2, 0))
	r.state(SynReceived)
}

func TestSynReceivedCloseAndAbort(t *testing.T) {
	r := synReceived(t, Config{}, plain)
	r.write("hi")
	r.closeWrite()
	r.quiet("text and FIN wait for ESTABLISHED (RFC 9293 §3.10.4)")
	r.state(SynReceived)
	r.in(seg(".", 1, 1))
	r.want("both", seg("FP.", 1, 1, text("hi")))
	r.state(FinWait1)

	r = synReceived(t, Config{}, plain)
	r.took(r.c.Abort(r.now))
	r.want("RST", seg("R", 1, 0))
	r.state(Closed)
}

// With nothing queued, CLOSE sends the FIN at once and enters FIN-WAIT-1 (RFC
// 9293 §3.10.4, SYN-RECEIVED STATE).
func TestSynReceivedClose(t *testing.T) {
	closed := func() *rig {
		r := synReceived(t, Config{}, plain)
		r.closeWrite()
		r.want("FIN, in the window that the peer's SYN gave", seg("F.", 1, 1))
		r.state(FinWait1)
		return r
	}

	r := closed()
	r.in(seg(".", 1, 2))
	r.state(FinWait2)
	r.in(seg("F.", 1, 2))
	r.want("ACK of the peer's FIN", seg(".", 2, 2))
	r.state(TimeWait)

	r = closed()
	r.in(seg(".", 1, 1))
	r.quiet("it has our SYN, and may not have seen the FIN yet")
	r.state(FinWait1)
	r.in(seg("FP.", 1, 1, text("hi")))
	r.want("ACK", seg(".", 2, 4))
	r.state(Closing)
	r.wantRead("hi")
	r.in(seg(".", 4, 2))
	r.state(TimeWait)

	r = closed()
	r.in(seg("S.", 0, 1, plain)) // the peer's half of Figure 8
	r.want("the ACK that it waits for", seg(".", 2, 1))
	r.state(FinWait1)
	r.after(time.Second, "the FIN was lost")
	r.want("FIN again", seg("F.", 1, 1))

	r = closed()
	r.after(time.Second, "nothing has arrived")
	r.want("SYN,ACK again", seg("S.", 0, 1, mss(1460)))
	r.want("and the FIN, which fits the window too", seg("F.", 1, 1))
	r.in(seg(".", 1, 0))
	r.want("to an ACK of less than our SYN, a challenge", seg(".", 2, 1))
	r.in(seg(".", 1, 3))
	r.want("to one of what was not sent, a challenge", seg(".", 2, 1))
	r.in(seg("S", 0, 0, plain))
	r.want("ACK of an old SYN", seg(".", 2, 1))
	r.advance(5 * time.Minute)
	r.drop(len(r.out))
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrTimeout) {
		t.Fatal(r.c.Err())
	}
}

// A window that is closed in the peer's SYN holds the FIN back, and does not
// keep the SYN,ACK from being repeated.
func TestSynReceivedCloseAtAZeroWindow(t *testing.T) {
	r := synReceived(t, Config{}, all(plain, win(0)))
	r.closeWrite()
	r.state(FinWait1)
	r.quiet("no room for a FIN")
	r.after(time.Second, "the SYN,ACK was lost")
	r.want("SYN,ACK again", seg("S.", 0, 1, mss(1460)))
	r.in(seg(".", 1, 1, win(4096)))
	r.want("FIN", seg("F.", 1, 1))
}

// A SYN that comes again with text repeats nothing that was acknowledged.
func TestSynReceivedRepeatedSynWithText(t *testing.T) {
	r := synReceived(t, Config{}, all(plain, sackOK(true)))
	r.in(seg("S", 0, 0, plain, text("early")))
	r.want("ACK of an old SYN, without a D-SACK of it", seg(".", 1, 1, sack()))
	r.in(seg(".", 1, 1))
	r.state(Established)
}
