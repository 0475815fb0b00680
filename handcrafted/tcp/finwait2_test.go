package tcp

import (
	"testing"
	"time"
)

// Tests for FIN-WAIT-2.

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

// A FIN that rides on text which was received and read before Close is just a
// FIN.
func TestFinWait2OldTextWithFIN(t *testing.T) {
	r := established(t, Config{}, plain)
	r.in(seg("P.", 1, 1, text("hello")))
	r.wantRead("hello")
	r.close()
	r.want("FIN", seg("F.", 1, 6))
	r.in(seg("FP.", 1, 2, text("hello"))) // our ACK was lost
	r.want("ACK of the FIN", seg(".", 2, 7))
	r.state(TimeWait)

	r = established(t, Config{}, plain)
	r.in(seg("P.", 1, 1, text("hello")))
	r.wantRead("hello")
	r.close()
	r.drop(1)
	r.in(seg("FP.", 1, 2, text("hello!")))
	r.want("one octet of it is new, and nobody will read it", seg("R.", 2, 6))
	r.state(Closed)
}
