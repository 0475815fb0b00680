package arp

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// defendInterval is how often an address is defended at most (RFC 5227 §2.4,
// DEFEND_INTERVAL).
const defendInterval = 10 * time.Second

// ReceiveARP takes an ARP packet from the link. It answers a request for our
// address, and believes what somebody tells us about himself if we asked or
// he asks us. What others broadcast unasked only makes us ask again.
func (t *Table) ReceiveARP(now time.Time, a *wire.ARP) (e Effects) {
	if a.SenderMAC == t.cfg.MAC || a.SenderMAC.IsMulticast() {
		return e
	}
	if a.SenderIP == t.cfg.Addr4 {
		t.defend(now, &e)
		return e
	}
	forUs := a.TargetIP == t.cfg.Addr4
	if n := t.neighbors[a.SenderIP]; n != nil {
		n.heard(now, a.SenderMAC, forUs, &e)
	}
	if forUs && a.Op == wire.ARPRequest {
		e.send(t.arpFrame(a.SenderMAC, wire.ARP{
			Op: wire.ARPReply, SenderIP: t.cfg.Addr4, TargetMAC: a.SenderMAC, TargetIP: a.SenderIP,
		}))
	}
	return e
}

// heard takes what a neighbour said about himself, to us or to everybody.
func (n *Neighbor) heard(now time.Time, mac wire.MAC, forUs bool, e *Effects) {
	switch {
	case n.state == idle:
	case forUs:
		n.learn(now, mac, e)
	case mac != n.mac:
		n.Doubt()
	}
}

// defend tells everybody once that the address is ours (RFC 5227 §2.4 (b)),
// and then holds its peace for a while, so that two who both insist do not
// shout for ever.
func (t *Table) defend(now time.Time, e *Effects) {
	t.conflicts++
	if t.defended.IsZero() || now.Sub(t.defended) >= defendInterval {
		t.defended = now
		e.send(t.arpFrame(wire.Broadcast, wire.ARP{
			Op: wire.ARPRequest, SenderIP: t.cfg.Addr4, TargetIP: t.cfg.Addr4,
		}))
	}
}

// arpFrame puts an ARP packet from us into a frame.
func (t *Table) arpFrame(to wire.MAC, a wire.ARP) []byte {
	a.SenderMAC = t.cfg.MAC
	b := make([]byte, 0, wire.EthernetLen+wire.ARPLen)
	b = wire.AppendEthernet(b, &wire.Ethernet{Dst: to, Src: t.cfg.MAC, Type: wire.TypeARP})
	return wire.AppendARP(b, &a)
}
