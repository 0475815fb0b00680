package arp

import (
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// FuzzTable sends packets to both neighbours, delivers any ARP packet and any
// neighbour message, and lets time pass. Nothing of it may bring down the
// table, make it learn strangers, or make it talk without end.
func FuzzTable(f *testing.F) {
	reply := wire.ARP{Op: wire.ARPReply, SenderMAC: them, SenderIP: their4, TargetMAC: us, TargetIP: our4}
	f.Add(wire.AppendARP(nil, &reply), uint8(wire.ICMPv6NeighborAdvert), uint32(3<<29), make([]byte, 24))
	f.Fuzz(func(t *testing.T, packet []byte, kind uint8, rest uint32, body []byte) {
		l := &lan{T: t, Table: New(Config{MAC: us, Addr4: our4, Addr6: our6}), now: started}
		sent := 0
		count := func(e Effects) { sent += len(e.Out) }
		for _, a := range []netip.Addr{their4, their6} {
			_, e := l.Send(l.now, l.Neighbor(a), ip("x"))
			count(e)
		}
		if a, err := wire.ParseARP(packet); err == nil {
			count(l.ReceiveARP(l.now, &a))
		}
		e, _ := l.ReceiveNDP(l.now, them, &wire.IP{Src: their6, Dst: our6, TTL: 255}, &wire.ICMP{Type: kind, Rest: rest, Body: body})
		count(e)
		for range 20 {
			l.now = l.now.Add(time.Second)
			count(l.Tick(l.now))
		}
		if sent > 12 || len(l.neighbors) != 2 {
			t.Errorf("%d frames, %d neighbours", sent, len(l.neighbors))
		}
	})
}
