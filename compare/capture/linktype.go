package capture

import "encoding/binary"

// LinkType is a capture file's link-layer type (the LINKTYPE_ registry of the
// pcap format).
type LinkType uint16

// The link types that are understood.
const (
	LinkNull     LinkType = 0   // BSD loopback: address family in the writer's byte order
	LinkEthernet LinkType = 1   // whole Ethernet frames
	LinkRawBSD   LinkType = 12  // raw IP, on most systems
	LinkRawBSD14 LinkType = 14  // raw IP, on OpenBSD
	LinkRaw      LinkType = 101 // raw IP
	LinkLoop     LinkType = 108 // OpenBSD loopback: address family in network order
	LinkSLL      LinkType = 113 // Linux cooked capture
	LinkIPv4     LinkType = 228 // raw IPv4
	LinkIPv6     LinkType = 229 // raw IPv6
	LinkSLL2     LinkType = 276 // Linux cooked capture, version 2
)

func (l LinkType) known() bool {
	switch l {
	case LinkNull, LinkEthernet, LinkRawBSD, LinkRawBSD14, LinkRaw, LinkLoop, LinkSLL, LinkSLL2, LinkIPv4, LinkIPv6:
		return true
	}
	return false
}

// The EtherTypes that are looked into.
const (
	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherVLAN = 0x8100
	etherQinQ = 0x88a8
	etherIPv6 = 0x86dd
)

// network returns the EtherType of what follows the link header other than
// Ethernet's and where it begins; -1 if the frame is too short.
func (l LinkType) network(frame []byte) (etherType uint16, offset int) {
	switch l {
	case LinkRaw, LinkRawBSD, LinkRawBSD14, LinkIPv4, LinkIPv6:
		return byVersion(frame), 0
	case LinkNull, LinkLoop:
		if len(frame) < 5 {
			return 0, -1
		}
		return byVersion(frame[4:]), 4
	case LinkSLL:
		if len(frame) < 16 {
			return 0, -1
		}
		return binary.BigEndian.Uint16(frame[14:]), 16
	case LinkSLL2:
		if len(frame) < 20 {
			return 0, -1
		}
		return binary.BigEndian.Uint16(frame), 20
	}
	return 0, -1
}

// byVersion tells IPv4 from IPv6 by the first four bits; address families of
// loopback captures differ from system to system.
func byVersion(packet []byte) uint16 {
	if len(packet) == 0 {
		return 0
	}
	switch packet[0] >> 4 {
	case 4:
		return etherIPv4
	case 6:
		return etherIPv6
	}
	return 0
}
