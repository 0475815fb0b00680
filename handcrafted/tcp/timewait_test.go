package tcp

import (
	"testing"
	"time"
)

// Tests for TIME-WAIT.

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
