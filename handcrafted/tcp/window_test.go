package tcp

import (
	"testing"
	"time"
)

// Tests of our receive window and of the ACKs we owe.

func TestDelayedAck(t *testing.T) {
	holds(t, "SHLD-18", "MUST-40", "SHLD-19", "5681:4.2:ack2")
	r := established(t, Config{}, plain)
	r.in(seg(".", 1, 1, octets(1000)))
	r.after(40*time.Millisecond, "a lone segment")
	r.want("its ACK, below 500 ms", seg(".", 1, 1001))
	r.in(seg(".", 1001, 1, octets(1000)))
	r.quiet("the first")
	r.in(seg(".", 2001, 1, octets(1000)))
	r.want("the second", seg(".", 1, 3001))
	r.in(seg(".", 3001, 1, octets(999)), seg(".", 4000, 1, octets(1000)))
	r.advance(40 * time.Millisecond)
	r.want("not quite two", seg(".", 1, 5000))
}

func TestAckOfBatch(t *testing.T) {
	holds(t, "MUST-58", "MUST-59")
	r := established(t, Config{}, plain)
	batch := make([]spec, 20)
	for i := range batch {
		batch[i] = seg(".", 1+1000*i, 1, octets(1000))
	}
	r.in(batch...)
	r.want("one ACK for all that was queued", seg(".", 1, 20001))
}

func TestAckEverySecond(t *testing.T) {
	holds(t, "SHLD-19")
	r := established(t, Config{AckEverySecond: true}, plain)
	batch := make([]spec, 5)
	for i := range batch {
		batch[i] = seg(".", 1+1000*i, 1, octets(1000))
	}
	r.in(batch...)
	r.want("first pair", seg(".", 1, 2001))
	r.want("second pair", seg(".", 1, 4001))
	r.advance(40 * time.Millisecond)
	r.want("the odd one", seg(".", 1, 5001))
}

func TestWindowEdgeNeverMovesLeft(t *testing.T) {
	holds(t, "SHLD-14", "7323:2.4:retract")
	r := established(t, Config{MaxRecvBuffer: 4 << 20}, all(mss(1000), wscale(0)))
	shift := r.c.window.shift
	if shift < 6 {
		t.Fatalf("shift %d does not test rounding", shift)
	}
	edge, at := r.c.window.edge, 1
	for n := 1; n < 700; n += 7 {
		r.in(seg(".", at, 1, octets(n)))
		at += n
		r.advance(time.Second)
		for _, g := range r.out {
			e := g.Ack.Add(int(g.Window) << shift)
			if e.Before(edge) {
				t.Fatalf("after %d octets the edge moved left by %d", at, edge.Sub(e))
			}
			edge = e
		}
		r.drop(len(r.out))
		if n%5 == 0 {
			r.read(n / 2)
			r.drop(len(r.out))
		}
	}
}

// A user that reads nothing, and a peer that sends single octets.
func TestWindowClosesOverTinySegments(t *testing.T) {
	r := established(t, Config{RecvBuffer: 8 << 10, MaxRecvBuffer: 4 << 20}, all(mss(1000), wscale(0)))
	for at := 1; at < 20_000; at++ {
		r.in(seg(".", at, 1, octets(1)))
	}
	if held, most := r.c.unread(), 8<<10+8<<10/8+1<<7; held > most {
		t.Fatalf("%d octets are held, more than %d", held, most)
	}
	r.drop(len(r.out))
	r.advance(time.Second)
	r.drop(len(r.out))
}

func TestWindowFullAndOpened(t *testing.T) {
	holds(t, "MUST-39", "MAY-8")
	r := established(t, Config{RecvBuffer: 4000, MaxRecvBuffer: 4000, MTU: 1040}, plain)
	for i := range 4 {
		r.in(seg(".", 1+1000*i, 1, octets(1000)))
	}
	r.want("two", seg(".", 1, 2001, win(2000)))
	r.want("four: the window is zero", seg(".", 1, 4001, win(0)))
	r.in(seg(".", 4001, 1, octets(1)))
	r.want("a probe is answered, its octet refused", seg(".", 1, 4001, win(0)))
	r.in(seg(".", 4001, 1, octets(1)))
	r.want("again", seg(".", 1, 4001, win(0)))
	r.read(999)
	r.quiet("less than a segment: the window stays shut")
	r.in(seg(".", 4001, 1, octets(1)))
	r.want("also in answers", seg(".", 1, 4001, win(0)))
	r.read(1)
	r.want("a segment fits: the peer is told", seg(".", 1, 4001, win(1000)))
	r.read(1000)
	r.want("twice what it has: the peer is told", seg(".", 1, 4001, win(2000)))
	r.read(1000)
	r.quiet("not twice: the next ACK will tell it")
}

func TestWindowStepsWithASmallBuffer(t *testing.T) {
	holds(t, "MUST-39")
	r := established(t, Config{RecvBuffer: 1000, MaxRecvBuffer: 1000}, plain)
	r.in(seg(".", 1, 1, octets(1000)))
	r.drop(len(r.out))
	r.advance(time.Second)
	r.drop(len(r.out))
	r.read(499)
	r.quiet("less than half the buffer")
	r.read(1)
	r.want("half the buffer", seg(".", 1, 1001, win(500)))
}

func TestZeroWindowStillTakesAckUrgAndReset(t *testing.T) {
	holds(t, "MUST-66")
	zero := func() *rig {
		r := established(t, Config{RecvBuffer: 1000, MaxRecvBuffer: 1000}, plain)
		r.write("x")
		r.drop(1)
		r.in(seg(".", 1, 1, octets(1000)))
		r.advance(100 * time.Millisecond)
		r.drop(1)
		if r.c.rcvWnd() != 0 {
			t.Fatal("the window is open")
		}
		return r
	}
	r := zero()
	r.in(seg("P.", 1001, 2, text("probe")))
	r.want("answer", seg(".", 2, 1001, win(0)))
	if !r.c.SendQueueEmpty() {
		t.Fatal("the ACK of a segment at a zero window was not processed")
	}
	r = zero()
	r.in(seg("U.", 1001, 2, urg(5)))
	if r.c.Urgent() == 0 {
		t.Fatal("URG at a zero window was not processed")
	}
	r.drop(len(r.out))
	r = zero()
	r.in(seg("R", 1001, 0))
	r.state(Closed)
}

// A repeated octet with new ones behind it, at a closed window: nothing of it is
// taken, and the stream stays whole.
func TestZeroWindowRefusesTextThatBeginsBefore(t *testing.T) {
	holds(t, "R9293:3.10.7.4:accept")
	r := established(t, Config{RecvBuffer: 1000, MaxRecvBuffer: 1000}, plain)
	r.in(seg(".", 1, 1, octets(1000)))
	r.drop(len(r.out))
	r.advance(time.Second)
	r.drop(len(r.out))
	r.in(seg(".", 1000, 1, text("\x00NEW")))
	r.want("refused", seg(".", 1, 1001, win(0)))
	if got := r.read(2000); got != string(make([]byte, 1000)) {
		t.Fatalf("read %d octets", len(got))
	}
	r.drop(len(r.out))
	r.in(seg(".", 1001, 1, text("new")))
	r.wantRead("new")
	r.advance(time.Second)
	r.drop(len(r.out))
}

func TestAutoTuning(t *testing.T) {
	r := established(t, Config{}, all(mss(1000), wscale(0)))
	at := 1
	for range 50 {
		var batch []spec
		for range 100 {
			batch = append(batch, seg(".", at, 1, octets(1000)))
			at += 1000
		}
		r.advance(500 * time.Microsecond)
		r.in(batch...)
		r.read(100_000)
	}
	r.drop(len(r.out))
	if got := r.c.window.size; got <= DefaultRecvBuffer || got > DefaultMaxRecvBuffer {
		t.Fatalf("buffer of %d at 200 MB/s", got)
	}
}

func TestFixedWindowIsFixed(t *testing.T) {
	r := established(t, Config{Profile: TcpingPy}, plain)
	for i := range 5 {
		r.in(seg("P.", 1+1000*i, 1, octets(1000)))
		r.want("always the same", seg(".", 1, 1001+1000*i, win(65535)))
	}
}

// A probe is an octet beyond the peer's closed window. What is empty must not
// stand behind it, or the peer takes neither the ACK nor our window.
func TestEmptySegmentsStayInThePeersWindow(t *testing.T) {
	holds(t, "R9293:3.10.7.4:accept")
	r := established(t, Config{}, plain)
	r.in(seg(".", 1, 1, win(0)))
	r.write("no room")
	r.after(time.Second, "probe")
	r.want("one octet", seg(".", 1, 1, text("n")))
	r.in(seg("P.", 1, 1, text("data"), win(0)))
	r.wantRead("data")
	r.after(40*time.Millisecond, "ACK")
	r.want("ACK where the peer expects the probe's octet", seg(".", 1, 5))
	r.took(r.c.Abort(r.now))
	r.want("and the RST, which has to be RCV.NXT's", seg("R.", 1, 5))
}

func TestEmptySegmentsAfterTheWindowShrank(t *testing.T) {
	holds(t, "SHLD-16")
	r := established(t, Config{}, plain)
	r.writeBulk(2000)
	r.drop(2)
	r.in(seg("P.", 1, 1, text("less"), win(500)))
	r.wantRead("less")
	r.after(40*time.Millisecond, "ACK")
	r.want("ACK at the edge", seg(".", 501, 5))
	r.in(seg(".", 5, 2001, win(500)))
}
