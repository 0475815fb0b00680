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
