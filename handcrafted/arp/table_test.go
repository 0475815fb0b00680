package arp

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

var (
	us      = wire.MAC{2, 0, 0, 0, 0, 2}
	them    = wire.MAC{2, 0, 0, 0, 0, 1}
	other   = wire.MAC{2, 0, 0, 0, 0, 9}
	our4    = netip.MustParseAddr("10.0.0.2")
	their4  = netip.MustParseAddr("10.0.0.1")
	our6    = netip.MustParseAddr("fd00::2")
	their6  = netip.MustParseAddr("fd00::1")
	started = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// A lan is a table, the time, and what came out of it and nobody has claimed.
type lan struct {
	*testing.T
	*Table
	now time.Time
	out []string
}

func newLAN(t *testing.T) *lan {
	l := &lan{T: t, Table: New(Config{MAC: us, Addr4: our4, Addr6: our6}), now: started}
	t.Cleanup(func() { l.want("nothing more") })
	return l
}

// take writes down what a call did.
func (l *lan) take(e Effects) {
	l.Helper()
	for _, f := range e.Out {
		l.out = append(l.out, describe(l.T, f))
	}
	for _, a := range e.Failed {
		l.out = append(l.out, "failed "+a.String())
	}
	if e.Lost > 0 {
		l.out = append(l.out, fmt.Sprintf("lost %d", e.Lost))
	}
}

// want claims everything that came out since the last time.
func (l *lan) want(reason string, lines ...string) {
	l.Helper()
	if fmt.Sprint(l.out) != fmt.Sprint(lines) {
		l.Errorf("%s:\n got %q\nwant %q", reason, l.out, lines)
	}
	l.out = nil
}

// describe tells a frame in one line.
func describe(t testing.TB, frame []byte) string {
	h, p, err := wire.ParseEthernet(frame)
	if err != nil {
		t.Fatal(err)
	}
	if h.Src != us {
		t.Errorf("frame from %v", h.Src)
	}
	switch h.Type {
	case wire.TypeARP:
		a, err := wire.ParseARP(p)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%v arp %d %v(%v) %v(%v)", h.Dst, a.Op, a.SenderIP, a.SenderMAC, a.TargetIP, a.TargetMAC)
	case wire.TypeIPv6:
		ip, p, err := wire.ParseIPv6(p)
		if err != nil {
			t.Fatal(err)
		}
		m, err := wire.ParseICMPv6(p, ip.Src, ip.Dst)
		if err != nil {
			t.Fatal(err)
		}
		n, err := wire.ParseNeighbor(&m)
		if err != nil || ip.TTL != 255 {
			t.Fatalf("hop limit %d, %v", ip.TTL, err)
		}
		return fmt.Sprintf("%v ndp %v>%v advert=%v sol=%v over=%v %v mac=%v", h.Dst, ip.Src, ip.Dst, n.Advert, n.Solicited, n.Override, n.Target, n.LinkMAC)
	}
	return fmt.Sprintf("%v %s", h.Dst, p)
}

// ip is a frame with a text instead of a packet.
func ip(text string) []byte {
	return append(wire.AppendEthernet(nil, &wire.Ethernet{Src: us, Type: wire.TypeIPv4}), text...)
}

func (l *lan) send(to netip.Addr, text string) {
	l.Helper()
	frame := ip(text)
	ready, e := l.Send(l.now, l.Neighbor(to), frame)
	if ready {
		e.send(frame)
	}
	l.take(e)
}

// wait lets the time pass, with a Tick at each deadline on the way.
func (l *lan) wait(d time.Duration) {
	end := l.now.Add(d)
	for next := l.Next(); !next.IsZero() && !next.After(end); next = l.Next() {
		l.now = next
		l.take(l.Tick(l.now))
	}
	l.now = end
}

func (l *lan) arp(a wire.ARP) { l.take(l.ReceiveARP(l.now, &a)) }

func (l *lan) arpReply(mac wire.MAC) {
	l.arp(wire.ARP{Op: wire.ARPReply, SenderMAC: mac, SenderIP: their4, TargetMAC: us, TargetIP: our4})
}

const (
	question = "ff:ff:ff:ff:ff:ff arp 1 10.0.0.2(02:00:00:00:00:02) 10.0.0.1(00:00:00:00:00:00)"
	unicast  = "02:00:00:00:00:01 arp 1 10.0.0.2(02:00:00:00:00:02) 10.0.0.1(00:00:00:00:00:00)"
)

func TestPacketWaitsForTheAnswer(t *testing.T) {
	l := newLAN(t)
	l.send(their4, "one")
	l.want("the address is not known yet", question)
	l.send(their4, "two")
	l.want("one question is enough (RFC 1122 §2.3.2.1)")
	l.arpReply(them)
	l.want("what waited goes, in order", "02:00:00:00:00:01 one", "02:00:00:00:00:01 two")
	l.send(their4, "three")
	l.want("now it is known", "02:00:00:00:00:01 three")
	l.wait(20 * time.Second)
	l.want("and nobody asks while it is fresh")
}

func TestOldestWaitingPacketIsDropped(t *testing.T) {
	l := newLAN(t)
	for _, text := range []string{"1", "2", "3", "4"} {
		l.send(their4, text)
	}
	l.want("three may wait", question, "lost 1")
	l.arpReply(them)
	l.want("the latest are kept (RFC 1122 §2.3.2.2)", "02:00:00:00:00:01 2", "02:00:00:00:00:01 3", "02:00:00:00:00:01 4")
}

func TestNobodyAnswers(t *testing.T) {
	l := newLAN(t)
	l.send(their4, "one")
	l.wait(2 * time.Second)
	l.want("a question a second", question, question, question)
	l.wait(time.Second)
	l.want("three questions, then it is over", "failed 10.0.0.1", "lost 1")
	l.send(their4, "two")
	l.want("a later packet asks again", question)
	l.arpReply(them)
	l.want("and may succeed", "02:00:00:00:00:01 two")
}

func TestQuestionsKeepTheirPaceAcrossFailures(t *testing.T) {
	l := newLAN(t)
	l.send(their4, "one")
	l.wait(2 * time.Second)
	l.want("asked three times", question, question, question)
	l.now = l.now.Add(time.Second)
	l.take(l.Tick(l.now))
	l.want("given up", "failed 10.0.0.1", "lost 1")
	l.now = l.now.Add(-time.Millisecond) // as if the failure had come sooner than a second after the last question
	l.send(their4, "two")
	l.want("not twice within a second (RFC 1122 §2.3.2.1)")
	l.wait(time.Millisecond)
	l.want("but then", question)
	l.arpReply(them)
	l.want("answered", "02:00:00:00:00:01 two")
}

func TestStaleNeighborIsProbed(t *testing.T) {
	l := newLAN(t)
	l.send(their4, "a")
	l.arpReply(them)
	l.want("resolved", question, "02:00:00:00:00:01 a")
	l.wait(31 * time.Second)
	l.send(their4, "b")
	l.want("an old address is still used (RFC 4861 §7.3.3)", "02:00:00:00:00:01 b")
	l.wait(5 * time.Second)
	l.want("after five seconds it is asked at its old address", unicast)
	l.arpReply(them)
	l.wait(20 * time.Second)
	l.want("and it is there")
}

func TestConfirmationFromAboveSparesTheProbe(t *testing.T) {
	l := newLAN(t)
	l.send(their4, "a")
	l.arpReply(them)
	l.wait(31 * time.Second)
	l.send(their4, "b")
	l.want("resolved", question, "02:00:00:00:00:01 a", "02:00:00:00:00:01 b")
	l.wait(4 * time.Second)
	l.Neighbor(their4).Confirm(l.now)
	l.wait(20 * time.Second)
	l.want("an acknowledgement is as good as an answer (RFC 4861 §7.3.1)")
}

func TestLostNeighborIsAskedAfresh(t *testing.T) {
	l := newLAN(t)
	l.send(their4, "a")
	l.arpReply(them)
	l.wait(31 * time.Second)
	l.send(their4, "b")
	l.want("resolved", question, "02:00:00:00:00:01 a", "02:00:00:00:00:01 b")
	l.wait(8 * time.Second)
	l.want("three probes without an answer", unicast, unicast, unicast, "failed 10.0.0.1")
	l.send(their4, "c")
	l.want("everybody is asked again", question)
	l.arpReply(other)
	l.want("it has another card now", "02:00:00:00:00:09 c")
}

func TestSendDoesNotAllocate(t *testing.T) {
	l := newLAN(t)
	l.send(their4, "a")
	l.arpReply(them)
	l.want("resolved", question, "02:00:00:00:00:01 a")
	n, frame := l.Neighbor(their4), ip("b")
	if got := testing.AllocsPerRun(100, func() {
		ready, _ := l.Send(l.now, n, frame)
		n.Confirm(l.now)
		if !ready || !bytes.Equal(frame[:6], them[:]) || l.Next() != (time.Time{}) {
			t.Fatal("not sent")
		}
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
