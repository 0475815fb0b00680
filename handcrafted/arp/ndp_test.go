package arp

import (
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

const (
	question6 = "33:33:ff:00:00:01 ndp fd00::2>ff02::1:ff00:1 advert=false sol=false over=false fd00::1 mac=02:00:00:00:00:02"
	unicast6  = "02:00:00:00:00:01 ndp fd00::2>fd00::1 advert=false sol=false over=false fd00::1 mac=02:00:00:00:00:02"
)

// ndp delivers a neighbour message, and reports whether it counted.
func (l *lan) ndp(src, dst netip.Addr, ttl uint8, n wire.Neighbor) bool {
	l.Helper()
	m, err := wire.ParseICMPv6(wire.AppendNeighbor(nil, &n, src, dst), src, dst)
	if err != nil {
		l.Fatal(err)
	}
	e, ok := l.ReceiveNDP(l.now, them, &wire.IP{Src: src, Dst: dst, TTL: ttl}, &m)
	l.take(e)
	return ok
}

// advert is the usual answer of a neighbour.
func advert(mac wire.MAC) wire.Neighbor {
	return wire.Neighbor{Advert: true, Target: their6, LinkMAC: mac, HasMAC: true, Solicited: true, Override: true}
}

func TestNDPResolves(t *testing.T) {
	l := newLAN(t)
	l.send(their6, "one")
	l.want("asked at the solicited-node address (RFC 4861 §7.2.2)", question6)
	l.ndp(their6, our6, 255, advert(them))
	l.want("what waited goes", "02:00:00:00:00:01 one")
	l.wait(31 * time.Second)
	l.send(their6, "two")
	l.wait(5 * time.Second)
	l.want("stale: used, then probed", "02:00:00:00:00:01 two", unicast6)
	l.ndp(their6, our6, 255, wire.Neighbor{Advert: true, Target: their6, Solicited: true})
	l.wait(20 * time.Second)
	l.want("an answer to the probe needs no link-layer address (RFC 4861 §4.4)")
}

func TestNDPWithoutOverrideOnlyRaisesDoubt(t *testing.T) {
	l := newLAN(t)
	l.send(their6, "a")
	l.ndp(their6, our6, 255, advert(them))
	n := advert(other)
	n.Override = false
	l.ndp(their6, our6, 255, n)
	l.send(their6, "b")
	l.want("the address stays", question6, "02:00:00:00:00:01 a", "02:00:00:00:00:01 b")
	l.wait(5 * time.Second)
	l.want("and is verified (RFC 4861 §7.2.5)", unicast6)
	l.ndp(their6, our6, 255, advert(other))
	l.send(their6, "c")
	l.want("now it has moved", "02:00:00:00:00:09 c")
}

func TestSolicitationForUsIsAnswered(t *testing.T) {
	l := newLAN(t)
	l.ndp(their6, wire.SolicitedNode(our6), 255, wire.Neighbor{Target: our6, LinkMAC: them, HasMAC: true})
	l.want("RFC 4861 §7.2.4",
		"02:00:00:00:00:01 ndp fd00::2>fd00::1 advert=true sol=true over=true fd00::2 mac=02:00:00:00:00:02")
	l.ndp(netip.IPv6Unspecified(), wire.SolicitedNode(our6), 255, wire.Neighbor{Target: our6})
	l.want("somebody wants the address: all shall hear whose it is (RFC 4861 §7.2.4)",
		"33:33:00:00:00:01 ndp fd00::2>ff02::1 advert=true sol=false over=true fd00::2 mac=02:00:00:00:00:02")
	l.ndp(their6, wire.SolicitedNode(their6), 255, wire.Neighbor{Target: netip.MustParseAddr("fd00::7")})
	l.want("not ours")
	if l.Conflicts() != 1 {
		t.Errorf("%d conflicts, want 1", l.Conflicts())
	}
}

func TestNDPThatDoesNotCount(t *testing.T) {
	l := newLAN(t)
	l.send(their6, "a")
	l.want("asked", question6)
	bad := func(why string, ok bool) {
		if ok {
			t.Errorf("accepted: %s", why)
		}
	}
	bad("it crossed a router", l.ndp(their6, our6, 254, advert(them)))
	bad("an answer to everybody cannot be solicited", l.ndp(their6, allNodes, 255, advert(them)))
	bad("a group is nobody's address", l.ndp(their6, our6, 255, advert(wire.Broadcast)))
	bad("unspecified source with an address of its own",
		l.ndp(netip.IPv6Unspecified(), wire.SolicitedNode(our6), 255, wire.Neighbor{Target: our6, LinkMAC: them, HasMAC: true}))
	bad("unspecified source, not to the solicited-node address",
		l.ndp(netip.IPv6Unspecified(), our6, 255, wire.Neighbor{Target: our6}))
	n := advert(them)
	n.HasMAC = false
	l.ndp(their6, our6, 255, n)
	l.want("an answer without an address is none while we know nothing")
}
