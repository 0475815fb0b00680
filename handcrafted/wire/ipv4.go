package wire

import (
	"encoding/binary"
	"net/netip"
)

// IPv4Len is the length of an IPv4 header without options, in bytes.
const IPv4Len = 20

// The flags above the fragment offset (RFC 791 §3.1).
const (
	ipv4DontFragment  = 0x4000
	ipv4MoreFragments = 0x2000
	ipv4OffsetMask    = 0x1fff
)

// ParseIPv4 reads an IPv4 header, verifies its checksum, skips its options
// (RFC 9293 §3.9.2, MUST-50) and returns the payload, cut at the total length
// so that link padding is gone (RFC 894).
func ParseIPv4(b []byte) (h IP, payload []byte, err error) {
	n, err := ipv4HeaderLen(b)
	if err != nil {
		return h, nil, err
	}
	total := int(binary.BigEndian.Uint16(b[2:]))
	if total < n {
		return h, nil, errIPv4Length
	}
	if total > len(b) {
		return h, nil, errIPv4Payload
	}
	if !checksumHolds(b[:n], 0) {
		return h, nil, errIPv4Checksum
	}
	readIPv4(&h, b)
	return h, b[n:total], nil
}

// ipv4HeaderLen checks version and IHL and returns the header's length.
func ipv4HeaderLen(b []byte) (int, error) {
	if len(b) < IPv4Len {
		return 0, errIPv4Short
	}
	if b[0]>>4 != 4 {
		return 0, errIPv4Version
	}
	n := int(b[0]&0xf) * 4
	if n < IPv4Len {
		return 0, errIPv4IHL
	}
	if len(b) < n {
		return 0, errIPv4Options
	}
	return n, nil
}

// readIPv4 fills h from a header that is known to be long enough.
func readIPv4(h *IP, b []byte) {
	fragment := binary.BigEndian.Uint16(b[6:])
	h.TOS = b[1]
	h.ID = binary.BigEndian.Uint16(b[4:])
	h.DontFragment = fragment&ipv4DontFragment != 0
	h.MoreFragments = fragment&ipv4MoreFragments != 0
	h.FragmentStart = int(fragment&ipv4OffsetMask) * 8
	h.TTL, h.Protocol = b[8], b[9]
	h.Src, h.Dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
}

// AppendIPv4 appends a header without options for a payload of that many
// bytes, with its checksum.
func AppendIPv4(b []byte, h *IP, payload int) []byte {
	at := len(b)
	b = append(b, 0x45, h.TOS)
	b = binary.BigEndian.AppendUint16(b, uint16(IPv4Len+payload))
	b = binary.BigEndian.AppendUint16(b, h.ID)
	fragment := uint16(h.FragmentStart/8) & ipv4OffsetMask
	if h.DontFragment {
		fragment |= ipv4DontFragment
	}
	if h.MoreFragments {
		fragment |= ipv4MoreFragments
	}
	b = binary.BigEndian.AppendUint16(b, fragment)
	src, dst := h.Src.As4(), h.Dst.As4()
	b = append(b, h.TTL, h.Protocol, 0, 0)
	b = append(b, src[:]...)
	b = append(b, dst[:]...)
	putChecksum(b[at:], 10, 0)
	return b
}
