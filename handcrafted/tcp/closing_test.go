package tcp

import (
	"errors"
	"testing"
	"time"
)

// Tests for the states after a CLOSE of either side.

func TestFinWait1StillReceives(t *testing.T) {
	r := finWait1(t, Config{}, plain)
	r.in(seg("P.", 1, 1, text("more")))
	r.wantRead("more")
	r.advance(100 * time.Millisecond)
	r.want("delayed ACK", seg(".", 2, 5))
	r.state(FinWait1)
}

func TestFinWait1DataBeforeTheFIN(t *testing.T) {
	r := established(t, Config{}, plain)
	r.writeBulk(12000)
	r.drop(10)
	r.closeWrite()
	r.state(FinWait1)
	r.quiet("cwnd is full: data and FIN wait")
	r.in(seg(".", 1, 10001))
	r.want("the data", seg(".", 10001, 1, octets(1000)))
	r.want("the last of it with the FIN", seg("FP.", 11001, 1, octets(1000)))
	r.in(seg(".", 1, 12001))
	r.state(FinWait1) // the data, not the FIN
	r.in(seg(".", 1, 12002))
	r.state(FinWait2)
}

func TestFinWait1RetransmitsTheFIN(t *testing.T) {
	r := finWait1(t, Config{}, plain)
	r.after(time.Second, "FIN")
	r.want("FIN", seg("F.", 1, 1))
}

func TestFinWait1FinAckTogether(t *testing.T) {
	r := finWait1(t, Config{}, plain)
	r.in(seg("F.", 1, 2))
	r.want("ACK of the FIN", seg(".", 2, 2))
	r.state(TimeWait)
	if got := len(r.trace); r.trace[got-2].To != FinWait2 {
		t.Fatalf("the ACK is looked at before the FIN: %v", r.trace)
	}
}

func TestFinWait1Reset(t *testing.T) {
	for _, build := range []func(*testing.T, Config, mod) *rig{finWait1, finWait2, closeWait} {
		r := build(t, Config{}, plain)
		seq := r.c.rcvNxt.Sub(r.irs)
		r.in(seg("R", seq+1, 0))
		r.want("challenge ACK", seg(".", r.c.sndNxt.Sub(testISS), seq))
		r.in(seg("R", seq, 0))
		r.state(Closed)
		if !errors.Is(r.c.Err(), ErrReset) {
			t.Fatal(r.c.Err())
		}
	}
}

func TestFinWait2HalfClose(t *testing.T) {
	r := finWait2(t, Config{}, plain)
	r.advance(time.Hour) // nobody limits a half-closed connection that is read
	r.in(seg("P.", 1, 2, text("late")))
	r.wantRead("late")
	r.in(seg("F.", 5, 2))
	r.want("ACK", seg(".", 2, 6))
	r.state(TimeWait)
	r.wantEOF()
}

func TestFinWait2WithoutReader(t *testing.T) {
	r := finWait2(t, Config{}, plain)
	r.close()
	r.advance(time.Minute - time.Millisecond)
	r.state(FinWait2)
	r.advance(time.Millisecond)
	r.state(Closed)
	r.quiet("nobody to tell")
}

func TestHalfDuplexClose(t *testing.T) {
	holds(t, "MAY-1", "SHLD-3")
	r := established(t, Config{}, full)
	r.close()
	r.want("FIN", seg("F.", 1, 1))
	r.in(seg(".", 1, 2))
	r.state(FinWait2)
	r.in(seg("P.", 1, 2, text("too late")))
	r.want("RST: nobody reads it", seg("R.", 2, 1))
	r.state(Closed)
}

func TestCloseWithUnreadData(t *testing.T) {
	holds(t, "SHLD-3")
	r := established(t, Config{}, full)
	r.in(seg("P.", 1, 1, text("unread")))
	r.close()
	r.want("RST: received data is lost", seg("R.", 1, 7))
	r.state(Closed)
}

func TestCloseWithQueuedDataSendsIt(t *testing.T) {
	r := established(t, Config{}, plain)
	r.write("last words")
	r.drop(1)
	r.close()
	r.want("the FIN follows", seg("F.", 11, 1))
	r.state(FinWait1)
	r.in(seg("F.", 1, 12))
	r.want("ACK", seg(".", 12, 2))
	r.state(TimeWait)
}

func TestCloseWithLingerZero(t *testing.T) {
	r := established(t, Config{AbortOnClose: true}, full)
	r.close()
	r.want("RST", seg("R.", 1, 1))
	r.state(Closed)
}

func TestCloseWaitStillSends(t *testing.T) {
	r := closeWait(t, Config{}, plain)
	r.write("answer")
	r.want("data", seg("P.", 1, 2, text("answer")))
	r.in(seg(".", 2, 7))
	r.closeWrite()
	r.want("FIN", seg("F.", 7, 2))
	r.state(LastAck)
}

func TestCloseWaitRepeatedFIN(t *testing.T) {
	r := closeWait(t, Config{}, plain)
	r.in(seg("F.", 1, 1))
	r.want("ACK again", seg(".", 1, 2))
	r.state(CloseWait)
}

func TestCloseWaitTextAfterFIN(t *testing.T) {
	r := closeWait(t, Config{}, plain)
	r.in(seg("P.", 2, 1, text("after the end")))
	r.wantEOF()
	r.quiet("ignored")
}

func TestClosingToTimeWait(t *testing.T) {
	r := closing(t, Config{}, plain)
	r.in(seg(".", 2, 1))
	r.state(Closing)
	r.in(seg(".", 2, 2))
	r.state(TimeWait)
	r.quiet("nothing to say")
}

func TestClosingReset(t *testing.T) {
	for _, build := range []func(*testing.T, Config, mod) *rig{closing, lastAck} {
		r := build(t, Config{}, plain)
		r.in(seg("R", 2, 0))
		r.state(Closed)
		if r.c.Err() != nil {
			t.Fatal(r.c.Err())
		}
	}
}

func TestLastAck(t *testing.T) {
	r := lastAck(t, Config{}, plain)
	r.in(seg(".", 2, 1))
	r.state(LastAck)
	r.in(seg("F.", 1, 1)) // the peer has not seen our ACK
	r.want("ACK again", seg(".", 2, 2))
	r.after(time.Second, "FIN")
	r.want("FIN again", seg("F.", 1, 2))
	r.in(seg(".", 2, 2))
	r.state(Closed)
	if r.c.Err() != nil {
		t.Fatal(r.c.Err())
	}
}

func TestLastAckGivesUp(t *testing.T) {
	r := lastAck(t, Config{}, plain)
	r.advance(20 * time.Minute)
	r.drop(len(r.out))
	r.state(Closed)
	if !errors.Is(r.c.Err(), ErrTimeout) {
		t.Fatal(r.c.Err())
	}
}

func TestTimeWaitRepeatedFIN(t *testing.T) {
	holds(t, "R9293:3.10.7.4:tw-fin", "MUST-13")
	r := timeWait(t, Config{}, full)
	r.advance(3 * time.Minute)
	r.in(seg("F.", 1, 2))
	r.want("ACK again", seg(".", 2, 2))
	r.advance(3 * time.Minute)
	r.state(TimeWait) // 2 MSL began anew
	r.advance(time.Minute)
	r.state(Closed)
	r.in(seg("F.", 1, 2))
	r.want("RST afterwards", seg("R", 2, 0))
}

func TestTimeWaitMSL(t *testing.T) {
	holds(t, "MUST-13")
	r := timeWait(t, Config{MSL: 10 * time.Second}, plain)
	r.advance(20*time.Second - 1)
	r.state(TimeWait)
	r.advance(1)
	r.state(Closed)
}

func TestTimeWaitReset(t *testing.T) {
	holds(t, "R9293:3.10.7.4:tw-rst")
	r := timeWait(t, Config{}, plain)
	r.in(seg("R", 3, 0))
	r.want("challenge ACK", seg(".", 2, 2))
	r.in(seg("R", 2, 0))
	r.state(Closed)
}

func TestTimeWaitIgnoresResetIfAsked(t *testing.T) {
	holds(t, "1337:3:tw-rst")
	r := timeWait(t, Config{IgnoreTimeWaitRST: true}, plain)
	r.in(seg("R", 2, 0))
	r.state(TimeWait)
	r.in(seg("F.", 1, 2))
	r.want("a repeated FIN still draws an ACK", seg(".", 2, 2))
}

func TestTimeWaitSyn(t *testing.T) {
	r := timeWait(t, Config{}, plain)
	r.in(seg("S", 100, 0))
	r.want("challenge ACK", seg(".", 2, 2))
	r.state(TimeWait)
}

func TestTimeWaitDataReadable(t *testing.T) {
	r := finWait2(t, Config{}, plain)
	r.in(seg("FP.", 1, 2, text("rest")))
	r.drop(1)
	r.state(TimeWait)
	r.advance(5 * time.Minute)
	r.state(Closed)
	r.wantRead("rest")
	r.wantEOF()
}
