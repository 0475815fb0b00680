package tcp

import (
	"errors"
	"testing"
	"time"
)

// Tests for LAST-ACK.

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
