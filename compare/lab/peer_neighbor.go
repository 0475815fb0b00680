package lab

import (
	"encoding/binary"
	"net/netip"
)

// neighborReply answers a question for the station of an address: an ARP
// request or a neighbour solicitation (RFC 826, RFC 4861 §7.2.4). The peer has
// every address but those of own. It is nil for any other frame, probes for
// the stack's own address among them.
func neighborReply(frame, mac []byte, own func(netip.Addr) bool) []byte {
	if len(frame) < etherHeader {
		return nil
	}
	b := frame[etherHeader:]
	switch binary.BigEndian.Uint16(frame[12:]) {
	case etherARP:
		return arpReply(b, mac, own)
	case etherIPv6:
		return neighborAdvertisement(b, frame[6:12], mac, own)
	}
	return nil
}

func arpReply(b, mac []byte, own func(netip.Addr) bool) []byte {
	if len(b) < 28 || binary.BigEndian.Uint16(b[6:]) != 1 {
		return nil
	}
	sender, target := netip.AddrFrom4([4]byte(b[14:])), netip.AddrFrom4([4]byte(b[24:]))
	if sender.IsUnspecified() || own(target) {
		return nil
	}
	out := appendEther(make([]byte, 0, 42), b[8:14], mac, etherARP)
	out = append(out, 0, 1, 8, 0, 6, 4, 0, 2)
	out = append(out, mac...)
	out = append(out, b[24:28]...)
	return append(out, b[8:18]...)
}

const (
	solicitation  = 135
	advertisement = 136
)

// isNeighborDiscovery says whether an ICMPv6 message is one of those that
// hosts of a link send to each other about addresses and groups.
func isNeighborDiscovery(message []byte) bool {
	t := message[0]
	return t >= 133 && t <= 137 || t >= 130 && t <= 132 || t == 143
}

func neighborAdvertisement(b, to, mac []byte, own func(netip.Addr) bool) []byte {
	if len(b) < 64 || b[6] != protocolICMP6 || b[40] != solicitation {
		return nil
	}
	src, target := netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[48:]))
	if src.IsUnspecified() || own(target) {
		return nil
	}
	h := header{src: target, dst: src, protocol: protocolICMP6, ttl: 255}
	out := appendEther(make([]byte, 0, 86), to, mac, etherIPv6)
	out = appendIP(out, h, 32)
	at := len(out)
	out = append(out, advertisement, 0, 0, 0, 0x60, 0, 0, 0) // solicited, override
	out = append(out, b[48:64]...)
	out = append(out, 2, 1) // target link-layer address
	out = append(out, mac...)
	binary.BigEndian.PutUint16(out[at+2:], ^transportSum(h.src, h.dst, protocolICMP6, out[at:]))
	return out
}
