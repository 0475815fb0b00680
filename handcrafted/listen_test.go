package handcrafted

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// listening is a station with a port open.
func listening(t testing.TB, backlog int, change func(*Config)) (*station, *Acceptor) {
	t.Helper()
	s := newStation(t, change)
	a, err := s.Host.Listen(netip.MustParseAddrPort("0.0.0.0:80"), backlog)
	if err != nil {
		t.Fatal(err)
	}
	s.resolved(peer4)
	return s, a
}

var here = netip.AddrPortFrom(our4, 80)

func from(port uint16) netip.AddrPort { return netip.AddrPortFrom(peer4, port) }

// knock is the beginning of a connection to us.
func knock(port uint16) []byte {
	return segment(from(port), here, wire.Segment{Seq: 1000, Flags: wire.SYN, Window: 60000})
}

// called has a peer open a connection, up to the third segment.
func (s *station) called(port uint16) {
	s.Helper()
	s.receive(knock(port))
	got := s.want("SYN,ACK", fmt.Sprintf(`them: 10.0.0.2:80>10.0.0.1:%d SYN,ACK ""`, port))
	f := s.flows[wire.Tuple{Local: here, Remote: from(port)}]
	s.receive(segment(from(port), here, wire.Segment{Seq: 1001, Ack: f.segment(s, got[0]).Seq + 1, Flags: wire.ACK, Window: 60000}))
}

func TestListenAndAccept(t *testing.T) {
	s, a := listening(t, 5, nil)
	if a.Accept() != nil || a.Waiting() != 0 {
		t.Fatal("a connection out of nothing")
	}
	s.called(4000)
	s.called(4001)
	for _, port := range []uint16{4000, 4001} {
		f := a.Accept()
		if f == nil || f.Tuple().Remote != from(port) || f.State() != tcp.Established {
			t.Fatalf("port %d: %+v", port, f)
		}
		if n, err := f.Write(s.now, []byte("welcome"), &s.e); n != 7 || err != nil {
			t.Fatal(n, err)
		}
		s.collect()
		s.want("text", fmt.Sprintf(`them: 10.0.0.2:80>10.0.0.1:%d PSH,ACK "welcome"`, port))
	}
	if a.Accept() != nil {
		t.Error("a third connection")
	}
}

func TestListenLeavesConnectionsAlone(t *testing.T) {
	holds(t, "MUST-41", "MUST-42")
	s := newStation(t, nil)
	s.resolved(peer4)
	local := netip.AddrPortFrom(our4, 80)
	opening, err := s.Host.Open(s.now, local, netip.AddrPortFrom(peer4, 7), &s.e)
	if err != nil {
		t.Fatal(err)
	}
	s.collect()
	raw := s.want("SYN", `them: 10.0.0.2:80>10.0.0.1:7 SYN ""`)
	a, err := s.Host.Listen(local, 5)
	if err != nil {
		t.Fatalf("LISTEN while the port is in SYN-SENT: %v", err)
	}
	number := opening.segment(s, raw[0]).Seq
	s.receive(segment(netip.AddrPortFrom(peer4, 7), local, wire.Segment{Seq: 1000, Flags: wire.SYN, Window: 60000}))
	s.want("the crossing SYN is for the connection that was there", `them: 10.0.0.2:80>10.0.0.1:7 SYN,ACK ""`)
	if opening.State() != tcp.SynReceived {
		t.Fatalf("state %v", opening.State())
	}
	a.Close(s.now, &s.e)
	if _, err = s.Host.Listen(local, 5); err != nil {
		t.Fatalf("LISTEN while the port is in SYN-RECEIVED: %v", err)
	}
	s.called(4000)
	s.receive(segment(netip.AddrPortFrom(peer4, 7), local, wire.Segment{Seq: 1001, Ack: number + 1, Flags: wire.ACK, Window: 60000}))
	if opening.State() != tcp.Established {
		t.Errorf("state %v", opening.State())
	}
}

func TestListenDropsBadSources(t *testing.T) {
	holds(t, "MUST-57", "MUST-63")
	s, a := listening(t, 5, nil)
	seg := wire.Segment{Seq: 1000, Flags: wire.SYN, Window: 60000}
	to := func(src, dst string) []byte {
		return segment(netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst), seg)
	}
	s.receive(
		to("10.0.0.1:4000", "10.0.0.255:80"), to("10.0.0.1:4000", "255.255.255.255:80"), to("10.0.0.1:4000", "224.0.0.1:80"),
		to("10.0.0.255:4000", "10.0.0.2:80"), to("255.255.255.255:4000", "10.0.0.2:80"), to("224.0.0.1:4000", "10.0.0.2:80"),
		to("0.0.0.0:4000", "10.0.0.2:80"), to("10.0.0.2:4000", "10.0.0.2:80"),
		to("10.0.0.1:0", "10.0.0.2:80"), to("192.0.2.1:4000", "10.0.0.2:80"), // no way back
	)
	s.want("no answer to any of them")
	if len(s.flows) != 0 || a.Waiting() != 0 {
		t.Error("a connection came of it")
	}
}

func TestListenAnswersWhatIsNoSyn(t *testing.T) {
	s, _ := listening(t, 5, nil)
	for _, flags := range []wire.Flags{wire.ACK, wire.SYN | wire.ACK, wire.FIN | wire.ACK} {
		s.receive(segment(from(4000), here, wire.Segment{Seq: 1000, Ack: 77, Flags: flags}))
		s.want("an ACK of nothing", `them: 10.0.0.2:80>10.0.0.1:4000 RST ""`)
	}
	for _, flags := range []wire.Flags{wire.RST, wire.FIN, wire.PSH, 0} {
		s.receive(segment(from(4000), here, wire.Segment{Seq: 1000, Flags: flags}))
		s.want("dropped")
	}
	s.receive(segment(from(4000), netip.AddrPortFrom(our4, 81), wire.Segment{Seq: 1000, Flags: wire.SYN}))
	s.want("nobody listens there", `them: 10.0.0.2:81>10.0.0.1:4000 RST,ACK ""`)
}

func TestListenAddresses(t *testing.T) {
	s := newStation(t, nil)
	listen := func(at string) (*Acceptor, error) {
		if at == "all:80" {
			return s.Host.Listen(netip.AddrPortFrom(netip.Addr{}, 80), 0)
		}
		return s.Host.Listen(netip.MustParseAddrPort(at), 0)
	}
	for _, c := range []struct{ first, second, conflict string }{
		{"10.0.0.2:80", "10.0.0.2:80", "yes"},
		{"10.0.0.2:80", "10.0.0.2:81", ""},
		{"10.0.0.2:80", "0.0.0.0:80", "yes"},
		{"[::]:80", "0.0.0.0:80", ""},
		{"[::]:80", "[fd00::2]:80", "yes"},
		{"all:80", "[fd00::2]:80", "yes"},
		{"0.0.0.0:80", "all:80", "yes"},
		{"[::ffff:10.0.0.2]:80", "10.0.0.2:80", "yes"},
	} {
		a, err := listen(c.first)
		if err != nil {
			t.Fatal(err)
		}
		b, err := listen(c.second)
		if (c.conflict != "") != errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%s and %s: %v", c.first, c.second, err)
		}
		a.Close(s.now, &s.e)
		if b != nil {
			b.Close(s.now, &s.e)
		}
	}
	if len(s.acceptors) != 0 {
		t.Errorf("left over: %v", s.acceptors)
	}
	if _, err := listen("10.0.0.3:80"); !errors.Is(err, syscall.EADDRNOTAVAIL) {
		t.Errorf("another's address: %v", err)
	}
	a, err := listen("10.0.0.2:0")
	if err != nil || a.Addr().Port() < tcp.FirstPort {
		t.Errorf("port 0: %v %v", a.Addr(), err)
	}
	shared := newStation(t, func(c *Config) { c.Shared = true })
	if _, err := shared.Host.Listen(here, 0); !errors.Is(err, ErrShared) {
		t.Errorf("an address that the kernel has: %v", err)
	}
}

// TestListenBacklog: a flood of SYNs keeps no more than the backlog, and makes
// room for those who answer.
func TestListenBacklog(t *testing.T) {
	s, a := listening(t, 3, nil)
	for port := range uint16(100) {
		s.receive(knock(4000 + port))
	}
	if got := s.want("three SYN,ACKs",
		`them: 10.0.0.2:80>10.0.0.1:4000 SYN,ACK ""`,
		`them: 10.0.0.2:80>10.0.0.1:4001 SYN,ACK ""`,
		`them: 10.0.0.2:80>10.0.0.1:4002 SYN,ACK ""`); len(got) != 3 {
		t.FailNow()
	}
	if got := s.Counters().Dropped[DropBacklog]; got != 97 {
		t.Errorf("%d SYNs dropped, want 97", got)
	}
	s.wait(time.Second)
	s.out, s.raw = nil, nil // three SYN,ACKs again: nobody answered
	for port := range uint16(3) {
		s.called(5000 + port)
	}
	s.receive(knock(6000))
	s.want("three wait to be accepted: nobody can give way")
	for port := range uint16(3) {
		if f := a.Accept(); f == nil || f.Tuple().Remote.Port() != 5000+port {
			t.Fatalf("accepted %v", f)
		}
	}
	s.receive(knock(6000))
	s.want("there is room again", `them: 10.0.0.2:80>10.0.0.1:6000 SYN,ACK ""`)
	s.receive(segment(from(6000), here, wire.Segment{Seq: 1001, Flags: wire.RST}))
	if len(a.half) != 0 || len(s.flows) != 3 {
		t.Errorf("%d half-open, %d connections after a RST", len(a.half), len(s.flows))
	}
}

// TestListenFloodFromEverywhere: each SYN names another neighbour, and none
// of them exists.
func TestListenFloodFromEverywhere(t *testing.T) {
	s := newStation(t, nil)
	a, err := s.Host.Listen(netip.AddrPortFrom(netip.Addr{}, 80), 16)
	if err != nil {
		t.Fatal(err)
	}
	base := netip.MustParseAddr("fd00::1:0:0").As16()
	for i := range 5000 {
		base[14], base[15] = byte(i>>8), byte(i)
		s.receive(segment(netip.AddrPortFrom(netip.AddrFrom16(base), 4000), netip.AddrPortFrom(our6, 80),
			wire.Segment{Seq: 1000, Flags: wire.SYN}))
		if i%16 == 15 {
			s.wait(5 * time.Second)
		}
	}
	s.wait(time.Minute)
	if len(s.flows) != 0 || len(a.half) != 0 {
		t.Errorf("%d connections are left", len(s.flows))
	}
	if n := s.table.Len(); n > 300 {
		t.Errorf("%d neighbours are remembered", n)
	}
	s.out, s.raw = nil, nil // solicitations
}

func TestListenClose(t *testing.T) {
	s, a := listening(t, 5, nil)
	s.called(4000)
	accepted := a.Accept()
	s.called(4001)
	s.receive(knock(4002))
	s.want("SYN,ACK", `them: 10.0.0.2:80>10.0.0.1:4002 SYN,ACK ""`)
	a.Close(s.now, &s.e)
	s.collect()
	s.want("those whom nobody accepted are told", `them: 10.0.0.2:80>10.0.0.1:4002 RST ""`, `them: 10.0.0.2:80>10.0.0.1:4001 RST,ACK ""`)
	if accepted.State() != tcp.Established {
		t.Errorf("an accepted connection is in %v", accepted.State())
	}
	s.receive(knock(4003))
	s.want("refused", `them: 10.0.0.2:80>10.0.0.1:4003 RST,ACK ""`)
}

func TestAcceptWhatWasReset(t *testing.T) {
	s, a := listening(t, 5, nil)
	s.called(4000)
	s.receive(segment(from(4000), here, wire.Segment{Seq: 1001, Flags: wire.RST}))
	f := a.Accept()
	if f == nil {
		t.Fatal("it was open, so it is accepted")
	}
	if _, err := f.Read(s.now, make([]byte, 1), &s.e); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reading gives %v", err)
	}
}

// TestReopenFromTimeWait: a client comes back with the same port while we are
// in TIME-WAIT.
func TestReopenFromTimeWait(t *testing.T) {
	holds(t, "MAY-2", "6191:2:tw-reuse")
	s, a := listening(t, 5, nil)
	s.called(4000)
	f := a.Accept()
	if _, err := f.Write(s.now, make([]byte, 1000), &s.e); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(s.now, &s.e); err != nil {
		t.Fatal(err)
	}
	s.collect()
	raw := s.raw
	s.out, s.raw = nil, nil
	last := f.segment(s, raw[len(raw)-1])
	end := last.Seq.Add(last.Len())
	s.receive(segment(from(4000), here, wire.Segment{Seq: 1001, Ack: end, Flags: wire.FIN | wire.ACK, Window: 60000}))
	s.want("ACK", `them: 10.0.0.2:80>10.0.0.1:4000 ACK ""`)
	if f.State() != tcp.TimeWait {
		t.Fatalf("state %v", f.State())
	}
	s.receive(knock(4000))
	s.want("an old SYN is challenged", `them: 10.0.0.2:80>10.0.0.1:4000 ACK ""`)
	s.receive(segment(from(4000), here, wire.Segment{Seq: 2000, Flags: wire.SYN, Window: 60000}))
	got := s.want("a later one opens a new connection", `them: 10.0.0.2:80>10.0.0.1:4000 SYN,ACK ""`)
	if iss := f.segment(s, got[0]).Seq; !iss.After(end) {
		t.Errorf("first number %d, the last connection's were up to %d (MAY-2)", iss, end)
	}
	if f.State() != tcp.Closed || len(s.flows) != 1 {
		t.Errorf("the old connection is in %v, of %d", f.State(), len(s.flows))
	}
}

// TestListenTakesABatch: a handshake, text, the end and another SYN, all at
// once.
func TestListenTakesABatch(t *testing.T) {
	s, a := listening(t, 5, nil)
	s.receive(knock(4000))
	raw := s.want("SYN,ACK", `them: 10.0.0.2:80>10.0.0.1:4000 SYN,ACK ""`)
	f := s.flows[wire.Tuple{Local: here, Remote: from(4000)}]
	ack := f.segment(s, raw[0]).Seq + 1
	s.receive(
		segment(from(4000), here, wire.Segment{Seq: 1001, Ack: ack, Flags: wire.ACK, Window: 60000}),
		segment(from(4000), here, wire.Segment{Seq: 1001, Ack: ack, Flags: wire.ACK | wire.PSH, Window: 60000, Payload: []byte("GET")}),
		segment(from(4000), here, wire.Segment{Seq: 1004, Ack: ack, Flags: wire.ACK | wire.FIN, Window: 60000}),
		knock(4001),
	)
	lines := strings.Join(s.out, "\n")
	s.out, s.raw = nil, nil
	if !strings.Contains(lines, "4000 ACK") || !strings.Contains(lines, "4001 SYN,ACK") {
		t.Errorf("sent %s", lines)
	}
	p := make([]byte, 10)
	if n, err := a.Accept().Read(s.now, p, &s.e); string(p[:n]) != "GET" || err != nil {
		t.Errorf("%q, %v", p[:n], err)
	}
}
