package tcp

import (
	"testing"
	"time"
)

func TestPacketTooBig(t *testing.T) {
	holds(t, "1191:2:df", "MUST-54", "5927:4.1:seqcheck", "MUST-16")
	r := established(t, Config{}, mss(1460))
	if !r.c.Profile().DF {
		t.Fatal("DF is not set")
	}
	r.writeBulk(4000)
	for i := range 2 {
		r.want("full", seg(".", 1+1460*i, 1, octets(1460)))
	}
	r.icmp(3, 4, 1, 1000)
	r.want("at once, in pieces", seg(".", 1, 1, octets(960)))
	for len(r.out) > 0 {
		if n := len(r.out[0].Payload); n > 960 {
			t.Fatalf("%d octets do not fit", n)
		}
		r.drop(1)
	}
	r.in(seg(".", 1, 3881))
	r.want("the rest", seg("P.", 3881, 1, octets(120)))
	r.in(seg(".", 1, 4001))
	r.writeBulk(3000)
	r.want("new data fits too", seg(".", 4001, 1, octets(960)))
	r.drop(len(r.out))
}

func TestPacketTooBigIsNoCongestion(t *testing.T) {
	r := established(t, Config{}, mss(1460))
	r.writeBulk(14_600)
	r.drop(10)
	r.icmp(3, 4, 1, 1400)
	if got := r.c.cc.Window(); got < 10*1360 {
		t.Fatalf("cwnd %d: no congestion was seen", got)
	}
	r.drop(len(r.out))
}

func TestPacketTooBigNeverRaises(t *testing.T) {
	holds(t, "1191:3:no-increase")
	r := established(t, Config{}, mss(1460))
	r.writeBulk(2000)
	r.drop(1)
	r.icmp(3, 4, 1, 9000)
	r.quiet("not an increase")
	if r.c.pathMTU() != 1500 {
		t.Fatal(r.c.pathMTU())
	}
}

func TestPacketTooBigFloors(t *testing.T) {
	holds(t, "1191:3:min68")
	for _, c := range []struct {
		cfg         Config
		mtu, expect int
	}{
		{Config{}, 20, 68}, {Config{}, 68, 68}, {Config{}, 300, 300},
		{Config{}, 0, 1492},
		{Config{MTU: 600}, 0, 576}, {Config{MTU: 576}, 0, 576},
		{Config{Tuple: testTuple6}, 600, 1280},
	} {
		r := established(t, c.cfg, mss(1460))
		r.writeBulk(3000)
		typ, code := uint8(3), uint8(4)
		if r.c.cfg.headerLen() == 60 {
			typ, code = 2, 0
		}
		r.icmp(typ, code, 1, c.mtu)
		if got := r.c.pathMTU(); got != c.expect {
			t.Fatalf("MTU %d in the message gives %d, want %d", c.mtu, got, c.expect)
		}
		r.drop(len(r.out))
	}
}

func TestPathMTUIsTriedAgain(t *testing.T) {
	r := established(t, Config{}, mss(1460))
	r.writeBulk(1460)
	r.drop(1)
	r.icmp(3, 4, 1, 1000)
	r.drop(len(r.out))
	r.in(seg(".", 1, 1461))
	r.advance(10 * time.Minute)
	r.writeBulk(1460)
	r.want("ten minutes later the link's MTU again", seg("P.", 1461, 1, octets(1460)))
}

func TestBlackHole(t *testing.T) {
	holds(t, "4821:7.7:blackhole")
	r := established(t, Config{}, mss(1460))
	r.writeBulk(3000)
	r.drop(2)
	r.advance(time.Second)
	r.want("RTO", seg(".", 1, 1, octets(1460)))
	r.advance(2 * time.Second)
	r.want("the second: smaller", seg(".", 1, 1, octets(1452)))
	r.advance(4 * time.Second)
	r.drop(1)
	r.advance(8 * time.Second)
	r.want("smaller still", seg(".", 1, 1, octets(1240)))
	r.advance(10 * time.Minute)
	r.drop(len(r.out))
	if got := r.c.pathMTU(); got != 576 {
		t.Fatalf("no router said less than 576, and we went to %d", got)
	}
}

func TestNoBlackHoleForSmallSegments(t *testing.T) {
	r := established(t, Config{}, mss(1460))
	r.write("small")
	r.advance(10 * time.Minute)
	r.drop(len(r.out))
	if got := r.c.pathMTU(); got != 1500 {
		t.Fatal(got)
	}
}
