package wire

import "net/netip"

// Protocol numbers as they stand in IPv4's protocol and IPv6's next header.
const (
	ProtocolICMPv4 = 1
	ProtocolTCP    = 6
	ProtocolICMPv6 = 58
)

// IP is the header of an IP packet of either version, as far as a host at the
// end of the path cares. The addresses say which version it is.
type IP struct {
	Src, Dst      netip.Addr
	Protocol      uint8  // of the payload, behind extension headers
	TTL           uint8  // hop limit
	TOS           uint8  // DSCP in the upper six bits, ECN in the lower two
	ID            uint16 // identification; IPv4 only
	DontFragment  bool   // IPv4 only
	MoreFragments bool
	FragmentStart int    // offset of this fragment in bytes
	FlowLabel     uint32 // IPv6 only, 20 bits
}

// Fragment reports whether the packet is one piece of a larger one.
func (h *IP) Fragment() bool { return h.MoreFragments || h.FragmentStart != 0 }
