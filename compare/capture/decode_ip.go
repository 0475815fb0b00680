package capture

import "encoding/binary"

// decodeIPv4 reads an IPv4 header and what follows. wireLen is what the link
// carried from the IP header on: more than the total length says is padding.
func (d *decoder) decodeIPv4(packet []byte, wireLen int, e *Event) {
	header := 0
	if len(packet) >= 20 {
		header = int(packet[0]&15) * 4
	}
	if header < 20 || packet[0]>>4 != 4 || len(packet) < header {
		e.Marks |= HeaderBad
		return
	}
	total := e.ipLength(int(binary.BigEndian.Uint16(packet[2:])), header, wireLen)
	e.TOS, e.TTL, e.IPID = packet[1], packet[8], binary.BigEndian.Uint16(packet[4:])
	if header > 20 {
		e.Marks |= IPOptions
	}
	if fold(sum(0, packet[:header])) != 0xffff {
		e.Marks |= IPChecksumBad
	}
	d.outer.src, d.outer.dst = address4(packet[12:]), address4(packet[16:])
	e.L4Offset = e.IPOffset + uint16(header)
	if e.fragment4(binary.BigEndian.Uint16(packet[6:])) {
		return
	}
	d.decodeTransport(packet[9], packet[header:min(total, len(packet))], total-header, packet[12:20], e)
}

// ipLength returns the octets of the IP packet: what its length field says,
// or what the link carried where that cannot be. A zero length is how senders
// write a super-frame that the field has no room for.
func (e *Event) ipLength(total, header, wireLen int) int {
	switch {
	case total == 0 && wireLen > 0xffff:
		e.Marks |= SuperFrame
		return wireLen
	case total < header || total > wireLen:
		e.Marks |= LengthBad
		return wireLen
	case wireLen > total:
		e.Marks |= Padded
	}
	return total
}

// fragment4 reads the fragment field and reports whether the packet is a
// fragment without a transport header.
func (e *Event) fragment4(field uint16) bool {
	if field&0x4000 != 0 {
		e.Marks |= DontFragment
	}
	if field&0x8000 != 0 {
		e.Marks |= IPReserved
	}
	e.FragOffset = field & 0x1fff * 8
	if e.FragOffset > 0 {
		e.Kind = Fragment
		return true
	}
	if field&0x2000 != 0 {
		e.Marks |= Fragmented
	}
	return false
}

// decodeIPv6 reads an IPv6 header, steps over its extension headers and reads
// what follows.
func (d *decoder) decodeIPv6(packet []byte, wireLen int, e *Event) {
	if len(packet) < 40 || packet[0]>>4 != 6 {
		e.Marks |= HeaderBad
		return
	}
	e.Marks |= IPv6
	first := binary.BigEndian.Uint32(packet) // version, traffic class, flow label
	total := int(binary.BigEndian.Uint16(packet[4:]))
	if total > 0 {
		total += 40
	}
	total = e.ipLength(total, 40, wireLen)
	e.TOS, e.TTL, e.FlowLabel = uint8(first>>20), packet[7], first&0xfffff
	d.outer.src, d.outer.dst = address6(packet[8:]), address6(packet[24:])
	segment := packet[40:min(total, len(packet))]
	protocol, skipped, ok := e.extensions(packet[6], segment)
	if !ok {
		return
	}
	e.L4Offset = e.IPOffset + 40 + uint16(skipped)
	d.decodeTransport(protocol, segment[skipped:], total-40-skipped, packet[8:40], e)
}

// extensions walks the extension headers (RFC 8200 §4) and returns the
// protocol behind them and where it begins.
func (e *Event) extensions(next uint8, rest []byte) (protocol uint8, skipped int, ok bool) {
	for {
		switch next {
		case 0, 43, 60: // hop-by-hop, routing, destination options
		case 44:
			if len(rest)-skipped < 8 {
				e.Marks |= HeaderBad
				return 0, 0, false
			}
			field := binary.BigEndian.Uint16(rest[skipped+2:])
			if e.FragOffset = field &^ 7; e.FragOffset > 0 {
				e.Kind = Fragment
				return 0, 0, false
			}
			if field&1 != 0 {
				e.Marks |= Fragmented
			}
		default:
			return next, skipped, true
		}
		if len(rest)-skipped < 8 {
			e.Marks |= HeaderBad
			return 0, 0, false
		}
		length := 8
		if next != 44 {
			length += int(rest[skipped+1]) * 8
		}
		if length > len(rest)-skipped || skipped+length > 1<<14 {
			e.Marks |= HeaderBad
			return 0, 0, false
		}
		e.Marks |= IPOptions
		next, skipped = rest[skipped], skipped+length
	}
}
