package tcp

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

func (r *rig) icmp(typ, code uint8, seq, mtu int) {
	r.t.Helper()
	r.took(r.c.ICMP(r.now, ICMPError{Type: typ, Code: code, Seq: r.c.cfg.ISS.Add(seq), MTU: mtu}))
}

func TestICMPSoftErrors(t *testing.T) {
	holds(t, "MUST-54", "MUST-56", "MUST-47", "SHLD-20", "SHLD-25")
	soft := [][2]uint8{{3, 0}, {3, 1}, {3, 5}, {3, 13}, {11, 0}, {11, 1}, {12, 0}}
	for _, m := range soft {
		r := synSent(t, Config{})
		r.icmp(m[0], m[1], 0, 0)
		r.state(SynSent)
		if !errors.Is(r.c.SoftError(), ErrUnreachable) {
			t.Fatalf("%v: soft error %v", m, r.c.SoftError())
		}
		r.advance(5 * time.Minute)
		r.drop(len(r.out))
		if !errors.Is(r.c.Err(), syscall.EHOSTUNREACH) {
			t.Fatalf("%v: %v", m, r.c.Err())
		}

		r = established(t, Config{}, plain)
		r.write("x")
		r.drop(1)
		r.icmp(m[0], m[1], 1, 0)
		r.state(Established)
		r.in(seg(".", 1, 2))
		if r.c.SoftError() != nil {
			t.Fatal("progress, and the soft error stays")
		}
	}
}

func TestICMPHardErrors(t *testing.T) {
	holds(t, "SHLD-26", "MUST-54")
	for _, c := range []struct {
		tuple     Config
		typ, code uint8
		want      error
	}{
		{Config{}, 3, 2, syscall.ENOPROTOOPT},
		{Config{}, 3, 3, syscall.ECONNREFUSED},
		{Config{Tuple: testTuple6}, 1, 4, syscall.ECONNREFUSED},
		{Config{Tuple: testTuple6}, 4, 1, syscall.ENOPROTOOPT},
	} {
		r := synSent(t, c.tuple)
		r.icmp(c.typ, c.code, 0, 0)
		r.state(Closed)
		if !errors.Is(r.c.Err(), c.want) {
			t.Fatalf("%d/%d: %v", c.typ, c.code, r.c.Err())
		}
		r = established(t, c.tuple, plain)
		r.write("x")
		r.drop(1)
		r.icmp(c.typ, c.code, 1, 0)
		r.state(Closed)
	}
}

func TestICMPSoftErrors6(t *testing.T) {
	holds(t, "MUST-56")
	for _, m := range [][2]uint8{{1, 0}, {1, 1}, {1, 3}, {1, 5}, {1, 6}, {3, 0}, {4, 0}, {4, 2}} {
		r := synSent(t, Config{Tuple: testTuple6})
		r.icmp(m[0], m[1], 0, 0)
		r.state(SynSent)
		if r.c.SoftError() == nil {
			t.Fatalf("%v said nothing", m)
		}
	}
}

func TestICMPSourceQuench(t *testing.T) {
	holds(t, "MUST-55", "6633:quench")
	r := established(t, Config{}, plain)
	r.writeBulk(20_000)
	r.drop(10)
	before := r.c.cc.Window()
	r.icmp(4, 0, 1, 0)
	r.quiet("ignored")
	if r.c.cc.Window() != before {
		t.Fatal("Source Quench changed cwnd")
	}
}

func TestICMPBlind(t *testing.T) {
	holds(t, "5927:4.1:seqcheck")
	r := established(t, Config{}, plain)
	r.write("hello")
	r.drop(1)
	for _, seq := range []int{0, 6, -1000, 100_000} {
		r.icmp(3, 3, seq, 0)
		r.icmp(3, 4, seq, 100)
		r.state(Established)
	}
	if r.c.pathMTU() != 1500 {
		t.Fatal("a blind message changed the MTU")
	}
	r.in(seg(".", 1, 6))
	r.icmp(3, 3, 5, 0)
	r.state(Established) // nothing is in flight
}
