package tcp

import (
	"testing"
	"time"
)

// In SYN-RECEIVED an ACK is scaled and the repeated SYN,ACK is not; the edge
// stays the same in both.
func TestSynReceivedKeepsTheEdge(t *testing.T) {
	holds(t, "SHLD-14", "7323:2.2:syn-unscaled", "7323:2.3:shift")
	r := synReceived(t, Config{RecvBuffer: 1 << 20, MaxRecvBuffer: 1 << 20}, full)
	shift := r.c.window.shift
	if shift == 0 {
		t.Fatal("nothing is scaled")
	}
	r.in(seg("S", 0, 0, full)) // the peer has not seen our SYN,ACK
	if got := int(r.out[0].Window) << shift; got > 65535+1<<shift || got < 65535-1<<shift {
		t.Fatalf("the answer offers %d octets, the SYN offered 65535", got)
	}
	r.want("ACK of an old SYN", seg(".", 1, 1))
	r.advance(time.Second)
	r.want("SYN,ACK again", seg("S.", 0, 1, win(65535)))
	r.in(seg(".", 1, 1))
	r.state(Established)
	r.in(seg("P.", 1, 1, octets(1460)), seg("P.", 1461, 1, octets(1460)))
	if got := int(r.out[0].Window) << shift; got < 1<<20-3000 {
		t.Fatalf("in ESTABLISHED %d octets are offered of 1 MiB", got)
	}
	r.drop(len(r.out))
}
