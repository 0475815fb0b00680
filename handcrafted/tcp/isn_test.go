package tcp

import (
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

func TestISN(t *testing.T) {
	holds(t, "MUST-8", "MUST-9", "SHLD-1", "6528:isn")
	n := NewNumbers([32]byte{1})
	now := time.Unix(1_000_000_000, 0)
	a := n.ISN(now, testTuple)
	if b := n.ISN(now.Add(time.Second), testTuple); b.Sub(a) != 250_000 {
		t.Fatalf("a second later the ISN is %d further, want 250000 steps of 4 µs", b.Sub(a))
	}
	other := testTuple
	other.Local = netip.AddrPortFrom(other.Local.Addr(), other.Local.Port()+1)
	if d := n.ISN(now, other).Sub(a); d > -1000 && d < 1000 {
		t.Fatalf("the next port's ISN is only %d away", d)
	}
	if NewNumbers([32]byte{2}).ISN(now, testTuple) == a {
		t.Fatal("another secret, the same ISN")
	}
	if NewNumbers([32]byte{1}).ISN(now, testTuple) != a {
		t.Fatal("the same secret, another ISN")
	}
}

func TestISNBits(t *testing.T) {
	holds(t, "MUST-9")
	n := NewNumbers([32]byte{3})
	now := time.Unix(1_000_000_000, 0)
	var ones [32]int
	const rounds = 4000
	for i := range rounds {
		tu := testTuple
		tu.Local = netip.AddrPortFrom(tu.Local.Addr(), uint16(i+1))
		isn := n.ISN(now, tu)
		for b := range ones {
			ones[b] += int(isn>>b) & 1
		}
	}
	for b, k := range ones {
		if k < rounds*45/100 || k > rounds*55/100 {
			t.Errorf("bit %d is set in %d of %d", b, k, rounds)
		}
	}
}

func TestPort(t *testing.T) {
	holds(t, "6056:3:port")
	n := NewNumbers([32]byte{4})
	local, remote := testTuple.Local.Addr(), testTuple.Remote
	used := map[uint16]bool{}
	inUse := func(p uint16) bool { return used[p] }
	last, steps := uint16(0), 0
	for range 1000 {
		p, ok := n.Port(local, remote, inUse)
		if !ok || p < FirstPort || used[p] {
			t.Fatal(p, ok)
		}
		if p == last+1 {
			steps++
		}
		used[p], last = true, p
	}
	if steps > 10 {
		t.Fatalf("%d of 1000 ports follow the one before", steps)
	}
	for {
		p, ok := n.Port(local, remote, inUse)
		if !ok {
			break
		}
		used[p] = true
	}
	if len(used) != LastPort-FirstPort+1 {
		t.Fatalf("said full with %d ports in use", len(used))
	}
}

func TestTSOffset(t *testing.T) {
	holds(t, "7323:5.4:clock")
	n := NewNumbers([32]byte{5})
	other := testTuple
	other.Remote = netip.MustParseAddrPort("192.0.2.3:7")
	first := n.TSOffset(testTuple)
	if n.TSOffset(other) == first || n.TSOffset(testTuple) != first {
		t.Fatal("the offset has to depend on the connection, and on nothing else")
	}
	// A later connection of the same tuple continues the clock.
	now := time.Unix(1_000_000_000, 0)
	open := func(at time.Time) uint32 {
		_, e := Open(at, Config{Tuple: testTuple, TSOffset: n.TSOffset(testTuple)})
		return e.Out[0].Options.TSVal
	}
	if d := open(now.Add(time.Second)) - open(now); d != 1000 {
		t.Fatalf("a second is %d ticks", d)
	}
}

func TestConfigRefused(t *testing.T) {
	holds(t, "MUST-46")
	at := netip.MustParseAddrPort
	good := Config{Tuple: testTuple}
	for _, c := range []struct {
		why   string
		tweak func(*Config)
	}{
		{"no addresses", func(c *Config) { c.Tuple = wire.Tuple{} }},
		{"two families", func(c *Config) { c.Tuple.Remote = testTuple6.Remote }},
		{"broadcast", func(c *Config) { c.Tuple.Remote = at("255.255.255.255:7") }},
		{"multicast", func(c *Config) { c.Tuple.Remote = at("224.0.0.1:7") }},
		{"multicast over IPv6", func(c *Config) { c.Tuple.Local, c.Tuple.Remote = testTuple6.Local, at("[ff02::1]:7") }},
		{"unspecified", func(c *Config) { c.Tuple.Remote = at("0.0.0.0:7") }},
		{"port 0", func(c *Config) { c.Tuple.Remote = at("192.0.2.2:0") }},
		{"MTU", func(c *Config) { c.MTU = 20 }},
		{"delayed ACK", func(c *Config) { c.DelayedACK = 500 * time.Millisecond }},
		{"congestion", func(c *Config) { c.Congestion = "bbr" }},
		{"buffers", func(c *Config) { c.RecvBuffer, c.MaxRecvBuffer = 100, 50 }},
	} {
		cfg := good
		c.tweak(&cfg)
		conn, e := Open(time.Unix(1, 0), cfg)
		if conn.State() != Closed || conn.Err() == nil || len(e.Out) != 0 {
			t.Errorf("%s: %v, %v, %d segments", c.why, conn.State(), conn.Err(), len(e.Out))
		}
	}
}
