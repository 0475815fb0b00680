package wire

import (
	"encoding/binary"
	"net/netip"
)

// IPv6Len is the length of an IPv6 header without extensions, in bytes.
const IPv6Len = 40

// The extension headers (RFC 8200 §4).
const (
	headerHopByHop    = 0
	headerRouting     = 43
	headerFragment    = 44
	headerDestination = 60
)

// maxExtensions is how many extension headers of one packet are read. RFC 8200
// §4.1 lets each kind occur once, destination options twice; a longer chain is
// somebody's attempt to keep us busy.
const maxExtensions = 8

// ParseIPv6 reads an IPv6 header and the extension headers behind it, and
// returns the payload cut at the payload length. Options that ask for it make
// the packet an error (RFC 8200 §4.2), and so does a routing header that has
// not reached its end (§4.4). A fragment header without further fragments is
// read through (RFC 6946); what stands in a real fragment is not looked at.
func ParseIPv6(b []byte) (h IP, payload []byte, err error) {
	if len(b) < IPv6Len {
		return h, nil, errIPv6Short
	}
	if b[0]>>4 != 6 {
		return h, nil, errIPv6Version
	}
	length := int(binary.BigEndian.Uint16(b[4:]))
	if IPv6Len+length > len(b) {
		return h, nil, errIPv6Payload
	}
	readIPv6(&h, b)
	payload, err = skipExtensions(&h, b[IPv6Len:IPv6Len+length])
	return h, payload, err
}

// readIPv6 fills h from a header that is known to be long enough.
func readIPv6(h *IP, b []byte) {
	first := binary.BigEndian.Uint32(b)
	h.TOS = uint8(first >> 20)
	h.FlowLabel = first & 0xfffff
	h.Protocol, h.TTL = b[6], b[7]
	h.Src, h.Dst = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
}

// skipExtensions walks from header to header until one is none of IPv6's own,
// and leaves its number in h.Protocol.
func skipExtensions(h *IP, b []byte) ([]byte, error) {
	for range maxExtensions {
		switch h.Protocol {
		case headerHopByHop, headerDestination, headerRouting, headerFragment:
		default:
			return b, nil
		}
		if len(b) < 8 {
			return nil, errIPv6Extension
		}
		n := 8
		if h.Protocol != headerFragment {
			n += int(b[1]) * 8
		}
		if len(b) < n {
			return nil, errIPv6Extension
		}
		if err := readExtension(h, b[:n]); err != nil {
			return nil, err
		}
		h.Protocol, b = b[0], b[n:]
		if h.Fragment() {
			return b, nil
		}
	}
	return nil, errIPv6Chain
}

// readExtension looks at one whole extension header.
func readExtension(h *IP, b []byte) error {
	switch h.Protocol {
	case headerFragment:
		word := binary.BigEndian.Uint16(b[2:])
		h.FragmentStart = int(word &^ 7)
		h.MoreFragments = word&1 != 0
	case headerRouting:
		if b[3] != 0 {
			return errIPv6Routing
		}
	default:
		return checkOptions6(b[2:])
	}
	return nil
}

// checkOptions6 looks whether all options that are not known may be skipped:
// their two highest bits say so (RFC 8200 §4.2).
func checkOptions6(b []byte) error {
	const pad1, skipMask = 0, 0xc0
	for len(b) > 0 {
		if b[0] == pad1 {
			b = b[1:]
			continue
		}
		if b[0]&skipMask != 0 {
			return errIPv6Option
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return errIPv6Extension
		}
		b = b[2+int(b[1]):]
	}
	return nil
}

// AppendIPv6 appends a header without extensions for a payload of that many
// bytes.
func AppendIPv6(b []byte, h *IP, payload int) []byte {
	b = binary.BigEndian.AppendUint32(b, 6<<28|uint32(h.TOS)<<20|h.FlowLabel&0xfffff)
	b = binary.BigEndian.AppendUint16(b, uint16(payload))
	src, dst := h.Src.As16(), h.Dst.As16()
	b = append(b, h.Protocol, h.TTL)
	b = append(b, src[:]...)
	return append(b, dst[:]...)
}
