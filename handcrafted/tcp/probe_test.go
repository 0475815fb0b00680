package tcp

import (
	"testing"
	"time"
)

// On a long and steady path two round trips are longer than the RTO. The probe
// does not wait for longer than that, and it is a probe: the RTO comes after it.
func TestProbeNotAfterTheRTO(t *testing.T) {
	holds(t, "8985:7.2:pto", "8985:7.3:probe")
	const rtt = 900 * time.Millisecond
	r := synSent(t, Config{NoDelay: true})
	r.advance(rtt)
	r.handshake(all(withSACK, tsval(5000)))
	at := 1
	for range 40 { // the variation dies away
		r.write("b")
		r.drop(1)
		at++
		r.advance(rtt)
		r.in(seg(".", 1, at))
	}
	rto, srtt := r.c.book.RTO(), r.c.book.SRTT()
	if rto >= 2*srtt {
		t.Fatalf("RTO %v, SRTT %v: the path is not steady yet", rto, srtt)
	}
	r.writeBulk(1976) // two full segments
	r.drop(2)
	r.advance(rto - 50*time.Millisecond)
	r.quiet("not before the RTO")
	r.advance(100 * time.Millisecond)
	r.want("a probe: the highest segment", seg("P.", at+988, 1, octets(988)))
	r.quiet("the front waits for the RTO")
	r.advance(rto)
	r.want("the front", seg(".", at, 1, octets(988)))
	r.drop(len(r.out))
}
