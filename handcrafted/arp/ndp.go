package arp

import (
	"net/netip"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// allNodes is every IPv6 host on the link (RFC 4291 §2.7.1).
var allNodes = netip.MustParseAddr("ff02::1")

// hopLimit proves that a packet has not crossed a router (RFC 4861 §7.1).
const hopLimit = 255

// ReceiveNDP takes a neighbour solicitation or advertisement from the link,
// with the packet and the sender it came from, and reports whether it was
// one that counts.
func (t *Table) ReceiveNDP(now time.Time, from wire.MAC, h *wire.IP, m *wire.ICMP) (e Effects, ok bool) {
	n, err := wire.ParseNeighbor(m)
	if err != nil || h.TTL != hopLimit || from == t.cfg.MAC || n.LinkMAC.IsMulticast() {
		return e, false
	}
	if n.Advert {
		return t.advert(now, h, &n)
	}
	return t.solicit(now, from, h, &n)
}

// solicit answers who asks for our address (RFC 4861 §7.2.3, §7.2.4).
func (t *Table) solicit(now time.Time, from wire.MAC, h *wire.IP, n *wire.Neighbor) (e Effects, ok bool) {
	unspecified := h.Src.IsUnspecified()
	if unspecified && (n.HasMAC || h.Dst != wire.SolicitedNode(n.Target)) {
		return e, false
	}
	if n.Target != t.cfg.Addr6 {
		return e, true
	}
	answer := wire.Neighbor{
		Advert: true, Target: n.Target, LinkMAC: t.cfg.MAC, HasMAC: true,
		Solicited: !unspecified, Override: true,
	}
	if unspecified { // somebody checks whether the address is free (RFC 4862 §5.4.3)
		t.conflicts++
		e.send(t.ndpFrame(wire.MulticastMAC6(allNodes), n.Target, allNodes, answer))
		return e, true
	}
	if n.HasMAC {
		from = n.LinkMAC
	}
	if peer := t.neighbors[h.Src]; peer != nil {
		peer.heard(now, from, true, &e)
	}
	e.send(t.ndpFrame(from, n.Target, h.Src, answer))
	return e, true
}

// advert takes an answer (RFC 4861 §7.2.5).
func (t *Table) advert(now time.Time, h *wire.IP, n *wire.Neighbor) (e Effects, ok bool) {
	if n.Solicited && h.Dst.IsMulticast() {
		return e, false
	}
	if n.Target == t.cfg.Addr6 {
		t.conflicts++
		return e, true
	}
	peer := t.neighbors[n.Target]
	if peer == nil || peer.state == idle {
		return e, true
	}
	changed := n.HasMAC && n.LinkMAC != peer.mac
	switch {
	case peer.state == incomplete:
		if n.HasMAC {
			peer.learn(now, n.LinkMAC, &e)
			if !n.Solicited {
				peer.Doubt()
			}
		}
	case changed && (!n.Override || !n.Solicited):
		peer.Doubt()
	case changed:
		peer.learn(now, n.LinkMAC, &e)
	case n.Solicited:
		peer.Confirm(now)
	}
	return e, true
}

// ndpFrame puts a neighbour message into a frame.
func (t *Table) ndpFrame(to wire.MAC, src, dst netip.Addr, n wire.Neighbor) []byte {
	const most = wire.EthernetLen + wire.IPv6Len + 32
	b := wire.AppendEthernet(make([]byte, 0, most), &wire.Ethernet{Dst: to, Src: t.cfg.MAC, Type: wire.TypeIPv6})
	message := wire.AppendNeighbor(nil, &n, src, dst)
	b = wire.AppendIPv6(b, &wire.IP{Src: src, Dst: dst, Protocol: wire.ProtocolICMPv6, TTL: hopLimit}, len(message))
	return append(b, message...)
}
