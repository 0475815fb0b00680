package tap

import "encoding/binary"

const (
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58

	extHopByHop = 0
	extRouting  = 43
	extFragment = 44
	extDestOpts = 60
)

// transport is where a frame's transport segment lies and what its checksum
// covers beside it.
type transport struct {
	proto      uint8
	start, end int // bytes into the frame
	src, dst   []byte
}

// checksumAt is where each protocol keeps its checksum, in bytes into the
// segment.
func checksumAt(proto uint8) (offset int, ok bool) {
	switch proto {
	case protoTCP:
		return 16, true
	case protoUDP:
		return 6, true
	case protoICMPv6:
		return 2, true
	}
	return 0, false
}

// completeChecksum computes the checksum of a TCP, UDP or ICMPv6 segment and
// writes it into the frame. It reports whether it did: a frame that carries
// something else, a fragment, or less than its headers say, stays as it was.
func completeChecksum(frame []byte) bool {
	etherType, offset, ok := network(frame)
	if !ok {
		return false
	}
	var t transport
	switch etherType {
	case typeIPv4:
		t, ok = transport4(frame, offset)
	case typeIPv6:
		t, ok = transport6(frame, offset)
	default:
		return false
	}
	at, known := checksumAt(t.proto)
	if !ok || !known || t.end-t.start < at+2 {
		return false
	}
	segment := frame[t.start:t.end]
	field := segment[at : at+2]
	field[0], field[1] = 0, 0
	sum := t.sum(segment)
	if sum == 0 && t.proto == protoUDP {
		sum = 0xffff // zero would say that there is none (RFC 768)
	}
	binary.BigEndian.PutUint16(field, sum)
	return true
}

// sum is the Internet checksum (RFC 1071) over the pseudo-header and the
// segment. The pseudo-headers of RFC 9293 §3.1 and RFC 8200 §8.1 hold the same
// numbers in different places, so one sum does for both.
func (t *transport) sum(segment []byte) uint16 {
	n := uint64(len(segment))
	acc := n>>16 + n&0xffff + uint64(t.proto)
	acc = onesSum(acc, t.src)
	acc = onesSum(acc, t.dst)
	return ^fold(onesSum(acc, segment))
}

// onesSum adds the 16-bit words of p to acc. The carries are left to fold.
func onesSum(acc uint64, p []byte) uint64 {
	for len(p) >= 4 {
		acc += uint64(binary.BigEndian.Uint32(p)) // two words at once; fold adds the halves
		p = p[4:]
	}
	if len(p) >= 2 {
		acc += uint64(binary.BigEndian.Uint16(p))
		p = p[2:]
	}
	if len(p) == 1 {
		acc += uint64(p[0]) << 8
	}
	return acc
}

func fold(acc uint64) uint16 {
	for acc > 0xffff {
		acc = acc>>16 + acc&0xffff
	}
	return uint16(acc)
}

// transport4 finds the segment behind an IPv4 header at offset.
func transport4(frame []byte, offset int) (t transport, ok bool) {
	if len(frame) < offset+20 {
		return t, false
	}
	h := frame[offset:]
	header := int(h[0]&0x0f) * 4
	if h[0]>>4 != 4 || header < 20 || len(h) < header {
		return t, false
	}
	if binary.BigEndian.Uint16(h[6:])&0x3fff != 0 { // offset, or more fragments
		return t, false
	}
	total := int(binary.BigEndian.Uint16(h[2:]))
	if total == 0 { // a super-frame too long for the field
		total = len(h)
	}
	if total < header || total > len(h) {
		return t, false
	}
	return transport{proto: h[9], start: offset + header, end: offset + total, src: h[12:16], dst: h[16:20]}, true
}

// transport6 finds the segment behind an IPv6 header at offset and its
// extension headers.
func transport6(frame []byte, offset int) (t transport, ok bool) {
	if len(frame) < offset+40 {
		return t, false
	}
	h := frame[offset:]
	if h[0]>>4 != 6 {
		return t, false
	}
	payload := int(binary.BigEndian.Uint16(h[4:]))
	if payload == 0 { // a super-frame too long for the field
		payload = len(h) - 40
	}
	if payload > len(h)-40 {
		return t, false
	}
	t = transport{proto: h[6], start: offset + 40, end: offset + 40 + payload, src: h[8:24], dst: h[24:40]}
	return t, skipExtensions(frame, &t)
}

// skipExtensions moves t to the header that is not an extension. A fragment
// has no checksum of its own.
func skipExtensions(frame []byte, t *transport) bool {
	for {
		switch t.proto {
		case extHopByHop, extRouting, extDestOpts:
		case extFragment:
			return false
		default:
			return true
		}
		if t.end-t.start < 8 {
			return false
		}
		h := frame[t.start:t.end]
		size := 8 + 8*int(h[1])
		if size > len(h) {
			return false
		}
		if t.proto == extRouting && h[3] != 0 && !lastSegment(h[:size], t) {
			return false
		}
		t.proto = h[0]
		t.start += size
	}
}

// lastSegment makes the pseudo-header's destination the end of the route:
// RFC 8200 §8.1. It knows type 2 (one address, RFC 6275) and type 4 (segment
// list, last hop first, RFC 8754).
func lastSegment(h []byte, t *transport) bool {
	if len(h) < 24 || h[2] != 2 && h[2] != 4 {
		return false
	}
	t.dst = h[8:24]
	return true
}

// restoreTag puts an 802.1Q tag of the given protocol and control information
// back behind the addresses of the frame in buf[:n]. It reports false if the
// frame then does not fit.
func restoreTag(buf []byte, n int, tpid, tci uint16) bool {
	if n < 12 || n+tagLen > len(buf) {
		return false
	}
	copy(buf[12+tagLen:n+tagLen], buf[12:n])
	binary.BigEndian.PutUint16(buf[12:], tpid)
	binary.BigEndian.PutUint16(buf[14:], tci)
	return true
}
