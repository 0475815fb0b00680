package wire

import "net/netip"

// Neighbor is a neighbour solicitation or advertisement (RFC 4861 §4.3, §4.4).
type Neighbor struct {
	Advert  bool // an advertisement; otherwise a solicitation
	Target  netip.Addr
	LinkMAC MAC  // the source's or target's link-layer address
	HasMAC  bool // the option was there

	Router, Solicited, Override bool // advertisements only
}

// The flags of an advertisement, in the first bits of the ICMP header's rest.
const (
	ndpRouter    = 1 << 31
	ndpSolicited = 1 << 30
	ndpOverride  = 1 << 29
)

// The options that carry a link-layer address.
const (
	ndpSourceMAC = 1
	ndpTargetMAC = 2
)

// ParseNeighbor reads a neighbour solicitation or advertisement from its ICMP
// message. It checks what RFC 4861 §7.1 asks of the message itself; hop limit
// and addresses of the packet around it are for the caller to check.
func ParseNeighbor(m *ICMP) (n Neighbor, err error) {
	if m.Code != 0 || m.Type != ICMPv6NeighborSolicit && m.Type != ICMPv6NeighborAdvert {
		return n, errNDPCode
	}
	if len(m.Body) < 16 {
		return n, errNDPShort
	}
	n.Advert = m.Type == ICMPv6NeighborAdvert
	if n.Advert {
		n.Router = m.Rest&ndpRouter != 0
		n.Solicited = m.Rest&ndpSolicited != 0
		n.Override = m.Rest&ndpOverride != 0
	}
	n.Target = netip.AddrFrom16([16]byte(m.Body[:16]))
	if n.Target.IsMulticast() {
		return n, errNDPTarget
	}
	return n, n.readOptions(m.Body[16:])
}

// readOptions finds the link-layer address among the options; their lengths
// count units of eight bytes and none may be zero.
func (n *Neighbor) readOptions(b []byte) error {
	for len(b) > 0 {
		if len(b) < 8 || b[1] == 0 || len(b) < int(b[1])*8 {
			return errNDPOption
		}
		if b[0] == n.macOption() {
			n.LinkMAC, n.HasMAC = MAC(b[2:8]), true
		}
		b = b[int(b[1])*8:]
	}
	return nil
}

func (n *Neighbor) macOption() byte {
	if n.Advert {
		return ndpTargetMAC
	}
	return ndpSourceMAC
}

// AppendNeighbor appends the ICMPv6 message with its checksum.
func AppendNeighbor(b []byte, n *Neighbor, src, dst netip.Addr) []byte {
	var body [24]byte
	target := n.Target.As16()
	length := copy(body[:], target[:])
	if n.HasMAC {
		body[16], body[17] = n.macOption(), 1
		copy(body[18:], n.LinkMAC[:])
		length = len(body)
	}
	m := ICMP{Type: ICMPv6NeighborSolicit, Body: body[:length]}
	if n.Advert {
		m.Type = ICMPv6NeighborAdvert
		m.Rest = bit(n.Router, ndpRouter) | bit(n.Solicited, ndpSolicited) | bit(n.Override, ndpOverride)
	}
	return AppendICMPv6(b, &m, src, dst)
}

func bit(on bool, mask uint32) uint32 {
	if on {
		return mask
	}
	return 0
}

// SolicitedNode returns the multicast address on which the owner of an IPv6
// address listens for solicitations (RFC 4291 §2.7.1).
func SolicitedNode(a netip.Addr) netip.Addr {
	b := a.As16()
	return netip.AddrFrom16([16]byte{0: 0xff, 1: 0x02, 11: 1, 12: 0xff, 13: b[13], 14: b[14], 15: b[15]})
}

// MulticastMAC6 returns the Ethernet group of an IPv6 multicast address (RFC
// 2464 §7).
func MulticastMAC6(a netip.Addr) MAC {
	b := a.As16()
	return MAC{0x33, 0x33, b[12], b[13], b[14], b[15]}
}
