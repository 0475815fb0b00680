package tcp

import (
	"testing"
)

// Tests for CLOSING.

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
