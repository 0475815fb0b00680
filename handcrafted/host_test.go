package handcrafted

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

const syn4 = `them: 10.0.0.2:5000>10.0.0.1:7 SYN ""`

// arpReply is the peer's answer to our question.
func arpReply(a netip.Addr) []byte {
	b := wire.AppendEthernet(nil, &wire.Ethernet{Dst: us, Src: them, Type: wire.TypeARP})
	return wire.AppendARP(b, &wire.ARP{Op: wire.ARPReply, SenderMAC: them, SenderIP: a, TargetMAC: us, TargetIP: our4})
}

func TestSYNWaitsForTheNextHop(t *testing.T) {
	s := newStation(t, nil)
	s.open("10.0.0.1:7")
	s.want("nobody knows the peer yet", "all: arp 1 10.0.0.2 asks/tells 10.0.0.1")
	s.receive(arpReply(peer4))
	s.want("now it can go", syn4)
}

func TestNextHop(t *testing.T) {
	s := newStation(t, func(cfg *Config) { cfg.Gateway4 = netip.MustParseAddr("10.0.0.254") })
	s.open("192.0.2.7:7")
	s.want("off-link goes to the gateway", "all: arp 1 10.0.0.2 asks/tells 10.0.0.254")
	s.receive(arpReply(netip.MustParseAddr("10.0.0.254")))
	s.want("with the address of the far end", `them: 10.0.0.2:5000>192.0.2.7:7 SYN ""`)

	for _, c := range []struct {
		why           string
		local, remote string
		want          error
	}{
		{"no gateway for IPv6", "[::]:0", "[2001:db8::1]:7", syscall.ENETUNREACH},
		{"an address that is not ours", "10.0.0.3:0", "10.0.0.1:7", syscall.EADDRNOTAVAIL},
		{"the tuple is in use", "10.0.0.2:5000", "192.0.2.7:7", syscall.EADDRINUSE},
		{"multicast (MUST-46)", "10.0.0.2:0", "224.0.0.1:7", ErrNotAHost},
		{"the subnet's broadcast (MUST-46)", "10.0.0.2:0", "10.0.0.255:7", ErrNotAHost},
		{"port 0", "10.0.0.2:0", "10.0.0.1:0", tcp.ErrConfig},
	} {
		_, err := s.Host.Open(s.now, netip.MustParseAddrPort(c.local), netip.MustParseAddrPort(c.remote), &s.e)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.why, err, c.want)
		}
	}
}

func TestLinkLocalNeedsNoGateway(t *testing.T) {
	s := newStation(t, nil)
	s.resolved(netip.MustParseAddr("fe80::1"))
	s.open("[fe80::1]:7")
	s.want("it is on the link", `them: fd00::2:5000>fe80::1:7 SYN ""`)
}

func TestNeighborThatDoesNotAnswerEndsTheDial(t *testing.T) {
	s := newStation(t, nil)
	f := s.open("10.0.0.1:7")
	s.wait(2900 * time.Millisecond)
	const question = "all: arp 1 10.0.0.2 asks/tells 10.0.0.1"
	s.want("three questions", question, question, question)
	if f.Err() != nil {
		t.Errorf("too early: %v", f.Err())
	}
	s.wait(100 * time.Millisecond)
	if !errors.Is(f.Err(), syscall.EHOSTUNREACH) || f.State() != tcp.Closed || len(s.flows) != 0 {
		t.Errorf("state %v, error %v, %d connections", f.State(), f.Err(), len(s.flows))
	}
	if got := s.Counters().Dropped[DropUnresolved]; got == 0 {
		t.Error("the SYN that waited was not counted")
	}
}

func TestPacketsAsTheProfileHasThem(t *testing.T) {
	for _, c := range []struct {
		profile tcp.Profile
		df      bool
		ids     []uint16
	}{
		{tcp.RFC, true, []uint16{1, 2}},
		{tcp.TcpingPy, false, []uint16{0x1234, 0x1234}},
	} {
		s := newStation(t, func(cfg *Config) { cfg.TCP.Profile = c.profile })
		s.resolved(peer4)
		s.open("10.0.0.1:7")
		s.wait(1100 * time.Millisecond)
		frames := s.want("the SYN, and again if the profile retransmits", slices.Repeat([]string{syn4}, len(s.raw))...)
		for i, frame := range frames {
			ip, _, err := wire.ParseIPv4(frame[14:])
			if err != nil || ip.DontFragment != c.df || ip.ID != c.ids[i] || ip.TTL != 64 || ip.TOS != 0 {
				t.Errorf("%s: %+v (%v)", c.profile.Name, ip, err)
			}
		}
	}
}

func TestIPv6PacketsOfAConnectionShareAFlowLabel(t *testing.T) {
	s := newStation(t, nil)
	s.resolved(peer6)
	s.open("[fd00::1]:7")
	s.wait(1100 * time.Millisecond)
	const syn = `them: fd00::2:5000>fd00::1:7 SYN ""`
	frames := s.want("the SYN and its repetition", syn, syn)
	a, _, _ := wire.ParseIPv6(frames[0][14:])
	b, _, _ := wire.ParseIPv6(frames[1][14:])
	if a.FlowLabel == 0 || a.FlowLabel != b.FlowLabel {
		t.Errorf("flow labels %#x and %#x (RFC 6437 §3)", a.FlowLabel, b.FlowLabel)
	}
}

func TestSegmentForNobodyDrawsARST(t *testing.T) {
	stranger, here := netip.MustParseAddrPort("10.0.0.1:7"), netip.MustParseAddrPort("10.0.0.2:80")
	s := newStation(t, nil)
	s.receive(segment(stranger, here, wire.Segment{Seq: 5, Flags: wire.SYN}))
	frames := s.want("RFC 9293 §3.5.2 group 1", `them: 10.0.0.2:80>10.0.0.1:7 RST,ACK ""`)
	if ack := binary.BigEndian.Uint32(frames[0][14+20+8:]); ack != 6 {
		t.Errorf("acknowledges %d, want SEG.SEQ+SEG.LEN = 6", ack)
	}
	s.receive(segment(stranger, here, wire.Segment{Seq: 5, Flags: wire.RST}))
	s.want("a RST draws none")
	s.receive(segment(netip.MustParseAddrPort("[fd00::1]:7"), netip.MustParseAddrPort("[fd00::2]:80"), wire.Segment{Ack: 9, Flags: wire.ACK}))
	s.want("the same over IPv6", `them: fd00::2:80>fd00::1:7 RST ""`)

	s = newStation(t, func(cfg *Config) { cfg.Shared = true })
	s.receive(segment(stranger, here, wire.Segment{Seq: 5, Flags: wire.SYN}))
	s.want("the kernel's connections are none of our business")
	if got := s.Counters().Dropped[DropNoFlow]; got != 1 {
		t.Errorf("%d counted", got)
	}
}

func TestSharedAddressLeavesARPToTheKernel(t *testing.T) {
	request := wire.AppendEthernet(nil, &wire.Ethernet{Dst: wire.Broadcast, Src: them, Type: wire.TypeARP})
	request = wire.AppendARP(request, &wire.ARP{Op: wire.ARPRequest, SenderMAC: them, SenderIP: peer4, TargetIP: our4})
	echo := icmp(peer4, our4, wire.ICMP{Type: wire.ICMPv4Echo})
	s := newStation(t, func(cfg *Config) { cfg.Shared = true })
	s.receive(request, echo)
	s.want("it answers both itself")
	s.open("10.0.0.1:7")
	s.receive(arpReply(peer4))
	s.want("but our own questions are ours", "all: arp 1 10.0.0.2 asks/tells 10.0.0.1", syn4)
	s = newStation(t, nil)
	s.receive(request, echo)
	s.want("an address of our own is ours to answer for",
		"them: arp 2 10.0.0.2 asks/tells 10.0.0.1", `them: 10.0.0.2>10.0.0.1 icmp 0 ""`)
}

func TestPaddingIsNotData(t *testing.T) {
	s := newStation(t, nil)
	f := s.established("10.0.0.1:7")
	s.receive(append(segment(f.tuple.Remote, f.tuple.Local, wire.Segment{Seq: 1001, Ack: f.next4(s), Flags: wire.ACK, Window: 60000}), 1, 2, 3, 4, 5, 6))
	if f.TCP().Readable() {
		t.Error("the padding of a 54-byte frame was taken for data (RFC 894)")
	}
}

// next4 is the sequence number that the flow sends next, by an empty write's
// knowledge: the ISS is known from the numbers.
func (f *Flow) next4(s *station) wire.Seq { return s.numbers.ISN(launch, f.tuple) + 1 }

func TestSegmentsThatWaitedTogetherShareAnACK(t *testing.T) {
	s := newStation(t, nil)
	f := s.established("10.0.0.1:7")
	data := func(seq wire.Seq, text string) []byte {
		return segment(f.tuple.Remote, f.tuple.Local, wire.Segment{Seq: seq, Ack: f.next4(s), Flags: wire.ACK, Window: 60000, Payload: []byte(text)})
	}
	big := string(make([]byte, 1460))
	s.receive(data(1001, big), data(2461, big), data(3921, big))
	frames := s.want("RFC 9293 §3.10.7.4, MUST-58", `them: 10.0.0.2:5000>10.0.0.1:7 ACK ""`)
	if ack := f.segment(t, frames[0]).Ack; ack != 5381 {
		t.Errorf("acknowledges %d, want all three", ack)
	}
	p := make([]byte, 5000)
	if n, err := f.Read(s.now, p, &s.e); n != 4380 || err != nil {
		t.Errorf("read %d, %v", n, err)
	}
}

func TestBatchOfSeveralConnections(t *testing.T) {
	s := newStation(t, nil)
	f := s.established("10.0.0.1:7")
	g, err := s.Host.Open(s.now, netip.AddrPortFrom(netip.Addr{}, 5001), f.tuple.Remote, &s.e)
	if err != nil {
		t.Fatal(err)
	}
	s.collect()
	s.want("another one to the same peer", `them: 10.0.0.2:5001>10.0.0.1:7 SYN ""`)
	s.receive(segment(g.tuple.Remote, g.tuple.Local, wire.Segment{Seq: 500, Ack: g.next4(s), Flags: wire.SYN | wire.ACK, Window: 60000}))
	s.want("open", `them: 10.0.0.2:5001>10.0.0.1:7 ACK ""`)
	to := func(f *Flow, seq wire.Seq, text string) []byte {
		return segment(f.tuple.Remote, f.tuple.Local, wire.Segment{Seq: seq, Ack: f.next4(s), Flags: wire.ACK, Window: 60000, Payload: []byte(text)})
	}
	s.receive(to(f, 1001, "a"), to(g, 501, "x"), to(f, 1002, "b"), to(g, 502, "y"), to(f, 1003, "c"))
	s.out, s.raw = nil, nil // when the ACKs leave is not this test's matter
	for _, c := range []struct {
		f    *Flow
		want string
	}{{f, "abc"}, {g, "xy"}} {
		p := make([]byte, 10)
		n, err := c.f.Read(s.now, p, &s.e)
		if err != nil || string(p[:n]) != c.want {
			t.Errorf("got %q (%v), want %q", p[:n], err, c.want)
		}
	}
}

func TestSilentPeerMakesUsLookForTheNextHop(t *testing.T) {
	s := newStation(t, nil)
	f := s.established("10.0.0.1:7")
	if _, err := f.Write(s.now, []byte("hello"), &s.e); err != nil {
		t.Fatal(err)
	}
	s.collect()
	s.wait(20 * time.Second)
	if !slices.Contains(s.out, "them: arp 1 10.0.0.2 asks/tells 10.0.0.1") {
		t.Errorf("the neighbour was not probed after R1 retransmissions (RFC 9293 §3.8.3): %q", s.out)
	}
	s.out, s.raw = nil, nil
}

func TestAbortAllTellsThePeers(t *testing.T) {
	s := newStation(t, nil)
	f := s.established("10.0.0.1:7")
	s.AbortAll(s.now, &s.e)
	s.collect()
	s.want("no half-open connection stays behind", `them: 10.0.0.2:5000>10.0.0.1:7 RST,ACK ""`)
	if f.State() != tcp.Closed || len(s.flows) != 0 || !s.Next().IsZero() {
		t.Errorf("state %v, %d connections, next %v", f.State(), len(s.flows), s.Next())
	}
}

func TestSameRandomnessSameFrames(t *testing.T) {
	run := func() [][]byte {
		s := newStation(t, nil)
		s.resolved(peer4)
		if _, err := s.Host.Open(s.now, netip.AddrPort{}, netip.MustParseAddrPort("10.0.0.1:7"), &s.e); err != nil {
			t.Fatal(err)
		}
		s.collect()
		s.wait(10 * time.Second)
		frames := s.raw
		s.out, s.raw = nil, nil
		return frames
	}
	a, b := run(), run()
	if len(a) < 3 || !slices.EqualFunc(a, b, bytes.Equal) {
		t.Errorf("%d and %d frames, not the same", len(a), len(b))
	}
}

func TestHostConfigurationThatCannotWork(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no MAC":               func(c *Config) { c.MAC = nil },
		"a group's MAC":        func(c *Config) { c.MAC = []byte{1, 0, 0, 0, 0, 1} },
		"no address":           func(c *Config) { c.Addr4, c.Addr6 = netip.Prefix{}, netip.Prefix{} },
		"multicast address":    func(c *Config) { c.Addr4 = netip.MustParsePrefix("224.0.0.1/4") },
		"IPv6 as IPv4":         func(c *Config) { c.Addr4 = c.Addr6 },
		"MTU of 67":            func(c *Config) { c.MTU = 67 },
		"IPv6 with MTU 1279":   func(c *Config) { c.MTU = 1279 },
		"gateway of all zeros": func(c *Config) { c.Gateway4 = netip.IPv4Unspecified() },
	} {
		cfg := Config{MAC: us[:], Addr4: netip.PrefixFrom(our4, 24), Addr6: netip.PrefixFrom(our6, 64)}
		change(&cfg)
		if _, err := NewHost(cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", name, err)
		}
	}
}

// closed opens a connection from port 5000 and closes it, ours first, so that
// it is in TIME-WAIT. The peer has timestamps or not.
func (s *station) closed(timestamps bool) *Flow {
	s.Helper()
	to := netip.MustParseAddrPort("10.0.0.1:7")
	s.resolved(peer4)
	f := s.open(to.String())
	next := f.next4(s)
	seg := func(seq, ack wire.Seq, flags wire.Flags) []byte {
		o := wire.Options{HasTimestamps: timestamps, TSVal: 1}
		return segment(to, f.tuple.Local, wire.Segment{Seq: seq, Ack: ack, Flags: flags, Window: 60000, Options: o})
	}
	s.receive(seg(1000, next, wire.SYN|wire.ACK))
	f.CloseWrite(s.now, &s.e)
	s.collect()
	s.receive(seg(1001, next+1, wire.FIN|wire.ACK))
	s.out, s.raw = nil, nil
	if f.State() != tcp.TimeWait {
		s.Fatalf("state %v", f.State())
	}
	return f
}

func TestTimeWaitGivesWayOnlyWithTimestamps(t *testing.T) {
	for _, timestamps := range []bool{true, false} {
		s := newStation(t, nil)
		old := s.closed(timestamps)
		reopen := func() error {
			_, err := s.Host.Open(s.now, old.tuple.Local, old.tuple.Remote, &s.e)
			s.collect()
			return err
		}
		s.wait(900 * time.Millisecond)
		if err := reopen(); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("within a second: %v", err)
		}
		s.want("nothing is sent for it")
		s.wait(100 * time.Millisecond)
		err := reopen()
		if !timestamps {
			if !errors.Is(err, syscall.EADDRINUSE) {
				t.Errorf("without timestamps nothing tells old segments from new ones: %v", err)
			}
			continue
		}
		if err != nil || old.State() != tcp.Closed {
			t.Errorf("%v, the old one is %v", err, old.State())
		}
		s.want("the new SYN alone", syn4)
		s.AbortAll(s.now, &s.e)
	}
}

func TestTimeWaitEndsByItself(t *testing.T) {
	s := newStation(t, nil)
	f := s.closed(true)
	s.wait(4*time.Minute - time.Millisecond)
	if f.State() != tcp.TimeWait {
		t.Errorf("state %v before 2 MSL are over (MUST-13)", f.State())
	}
	s.wait(time.Millisecond)
	if f.State() != tcp.Closed || len(s.flows) != 0 || !s.deadlines.first().IsZero() {
		t.Errorf("state %v, %d connections, deadline %v", f.State(), len(s.flows), s.deadlines.first())
	}
}

func TestTraceTellsEveryChangeOfState(t *testing.T) {
	var got []string
	s := newStation(t, func(cfg *Config) {
		cfg.Trace = func(tuple wire.Tuple, c tcp.Transition) {
			if tuple.Local.Port() != 5000 || c.Clause == "" || !c.Time.Equal(launch) {
				t.Errorf("%v: %+v", tuple, c)
			}
			got = append(got, c.From.String()+">"+c.To.String())
		}
	})
	s.closed(true)
	want := []string{"CLOSED>SYN-SENT", "SYN-SENT>ESTABLISHED", "ESTABLISHED>FIN-WAIT-1", "FIN-WAIT-1>FIN-WAIT-2", "FIN-WAIT-2>TIME-WAIT"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestConflictIsCountedAndDefended(t *testing.T) {
	s := newStation(t, nil)
	claim := wire.AppendEthernet(nil, &wire.Ethernet{Dst: wire.Broadcast, Src: them, Type: wire.TypeARP})
	claim = wire.AppendARP(claim, &wire.ARP{Op: wire.ARPRequest, SenderMAC: them, SenderIP: our4, TargetIP: peer4})
	s.receive(claim)
	s.want("the address is ours (RFC 5227 §2.4 (b))", "all: arp 1 10.0.0.2 asks/tells 10.0.0.2")
	if s.Conflicts() != 1 {
		t.Errorf("%d conflicts counted", s.Conflicts())
	}
}
