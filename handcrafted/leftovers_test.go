package handcrafted

import (
	"flag"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

var manyRounds = flag.Int("many", 10_000, "connections in a row in TestNothingIsLeft")

// TestNothingIsLeft opens and closes one connection after the other, in each
// way that a connection can end, and looks for what they leave behind: a timer,
// an entry, a port, memory.
func TestNothingIsLeft(t *testing.T) {
	rounds := *manyRounds
	if testing.Short() {
		rounds = min(rounds, 1000)
	}
	s := newStation(t, nil)
	s.resolved(peer4)
	endings := []func(p *peer){
		func(p *peer) { // the peer closes first
			p.send(wire.FIN|wire.ACK, "")
			p.read()
			p.flow.Close(p.now, &p.e)
			p.collect()
			p.read()
			p.ack++
			p.send(wire.ACK, "")
		},
		func(p *peer) { // we do, and TIME-WAIT is waited for
			p.flow.CloseWrite(p.now, &p.e)
			p.collect()
			p.ack++
			p.send(wire.FIN|wire.ACK, "")
			p.wait(5 * time.Minute)
		},
		func(p *peer) { p.send(wire.RST|wire.ACK, "") },
		func(p *peer) { p.flow.Abort(p.now, &p.e); p.collect() },
		func(p *peer) { // the peer vanishes with data in flight
			p.write("anybody there?")
			p.wait(time.Hour)
		},
	}
	var ports [65536]int
	converse := func(i int) {
		p := s.connect(t)
		ports[p.flow.tuple.Local.Port()]++
		p.write("hello")
		p.ack += 5
		p.send(wire.ACK|wire.PSH, "hello")
		if got := p.text(); got != "hello" {
			t.Fatalf("round %d: read %q", i, got)
		}
		p.read()
		endings[i%len(endings)](p)
		p.read()
		if !p.flow.dead {
			t.Fatalf("round %d ends in %v", i, p.flow.State())
		}
		if _, err := p.flow.Read(p.now, make([]byte, 1), &p.e); err == nil {
			t.Fatalf("round %d: a dead connection reads without an error", i)
		}
		s.resolved(peer4) // much time may have passed
	}
	converse(0)
	before, goroutines := inUse(), runtime.NumGoroutine()
	for i := range rounds {
		converse(i)
		if len(s.flows) != 0 || !s.deadlines.first().IsZero() || len(s.touched) != 0 {
			t.Fatalf("after round %d: %d connections, a deadline at %v, %d touched", i, len(s.flows), s.deadlines.first(), len(s.touched))
		}
	}
	if grown := int64(inUse()) - int64(before); grown > 1<<20 {
		t.Errorf("%d connections left %d bytes", rounds, grown)
	}
	if got := runtime.NumGoroutine(); got != goroutines {
		t.Errorf("%d goroutines, %d before", got, goroutines)
	}
	most := 0
	for _, n := range ports {
		most = max(most, n)
	}
	if most > 20 {
		t.Errorf("one port was used %d times in %d connections", most, rounds)
	}
}

// connect opens a connection from a port of the host's choice.
func (s *station) connect(t *testing.T) *peer {
	t.Helper()
	f, err := s.Host.Open(s.now, netip.AddrPort{}, netip.MustParseAddrPort("10.0.0.1:7"), &s.e)
	if err != nil {
		t.Fatal(err)
	}
	s.collect()
	p := &peer{station: s, flow: f, seq: 1000}
	p.ack = p.one("the SYN").seq + 1
	p.open(2, 4, 5, 0xb4)
	return p
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
