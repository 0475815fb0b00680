package lab

import (
	"encoding/binary"
	"net/netip"

	"tcping-cmp/compare/scenario"
)

// header is the IP header of an injected packet.
type header struct {
	src, dst  netip.Addr
	protocol  uint8
	tos, ttl  uint8
	id        uint16
	fragment  uint16 // flags and offset, IPv4
	flowLabel uint32
}

const (
	etherHeader   = 14
	protocolICMP4 = 1
	protocolTCP   = 6
	protocolICMP6 = 58

	dontFragment = 0x4000
)

// appendEther appends an Ethernet header.
func appendEther(b, dst, src []byte, etherType uint16) []byte {
	b = append(b, dst...)
	b = append(b, src...)
	return binary.BigEndian.AppendUint16(b, etherType)
}

// appendIP appends an IP header for a payload of n bytes. The checksum of an
// IPv4 header is right.
func appendIP(b []byte, h header, n int) []byte {
	if h.dst.Is6() {
		b = binary.BigEndian.AppendUint32(b, 6<<28|uint32(h.tos)<<20|h.flowLabel&0xfffff)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
		b = append(b, h.protocol, h.ttl)
		b = append(b, h.src.AsSlice()...)
		return append(b, h.dst.AsSlice()...)
	}
	at := len(b)
	b = append(b, 0x45, h.tos)
	b = binary.BigEndian.AppendUint16(b, uint16(20+n))
	b = binary.BigEndian.AppendUint16(b, h.id)
	b = binary.BigEndian.AppendUint16(b, h.fragment)
	b = append(b, h.ttl, h.protocol, 0, 0)
	b = append(b, h.src.AsSlice()...)
	b = append(b, h.dst.AsSlice()...)
	binary.BigEndian.PutUint16(b[at+10:], ^fold(sum(0, b[at:])))
	return b
}

// peerSegment is the TCP part of an injected packet, with numbers as they stand
// on the wire.
type peerSegment struct {
	src, dst uint16
	seq, ack uint32
	flags    uint16 // the lowest nine bits
	reserved uint8  // the three bits above
	window   uint16
	urgent   uint16
	options  []byte // padded to words by appendSegment
	payload  []byte
}

// appendSegment appends a segment without its checksum.
func appendSegment(b []byte, s *peerSegment) []byte {
	words := 5 + (len(s.options)+3)/4
	b = binary.BigEndian.AppendUint16(b, s.src)
	b = binary.BigEndian.AppendUint16(b, s.dst)
	b = binary.BigEndian.AppendUint32(b, s.seq)
	b = binary.BigEndian.AppendUint32(b, s.ack)
	b = binary.BigEndian.AppendUint16(b, uint16(words&15)<<12|uint16(s.reserved&7)<<9|s.flags&0x1ff)
	b = binary.BigEndian.AppendUint16(b, s.window)
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint16(b, s.urgent)
	b = append(b, s.options...)
	for range words*4 - 20 - len(s.options) {
		b = append(b, 0)
	}
	return append(b, s.payload...)
}

// sum adds b to a ones' complement sum (RFC 1071).
func sum(acc uint64, b []byte) uint64 {
	for len(b) >= 2 {
		acc += uint64(b[0])<<8 | uint64(b[1])
		b = b[2:]
	}
	if len(b) == 1 {
		acc += uint64(b[0]) << 8
	}
	return acc
}

func fold(acc uint64) uint16 {
	for acc>>16 != 0 {
		acc = acc&0xffff + acc>>16
	}
	return uint16(acc)
}

// transportSum is the sum of a transport's pseudo-header and bytes (RFC 9293
// §3.1, RFC 8200 §8.1). For a correct segment it is 0xffff.
func transportSum(src, dst netip.Addr, protocol uint8, b []byte) uint16 {
	acc := sum(0, src.AsSlice())
	acc = sum(acc, dst.AsSlice())
	acc += uint64(protocol) + uint64(len(b))
	return fold(sum(acc, b))
}

// faulty is an IP packet to which the faults of a script are applied.
type faulty struct {
	b         []byte // the IP packet
	ipLen     int    // of its header
	transport uint8
	checksum  int // offset of the transport checksum; 0 if it has none
}

// finish applies the faults and computes the checksums for the packet as it is
// then. What stands behind the packet is the link's padding.
func (f *faulty) finish(h header, faults []scenario.Fault) []byte {
	padding := 0
	badTransport, badIP := false, false
	for _, fault := range faults {
		switch fault.Kind {
		case scenario.BadChecksum:
			badTransport = true
		case scenario.BadIPChecksum:
			badIP = true
		case scenario.Padding:
			padding = int(fault.N)
		default:
			f.apply(fault)
		}
	}
	f.sums(h, badTransport)
	if h.dst.Is4() && len(f.b) >= 20 {
		f.b[10], f.b[11] = 0, 0
		c := ^fold(sum(0, f.b[:20]))
		if badIP {
			c ^= 0x5555
		}
		binary.BigEndian.PutUint16(f.b[10:], c)
	}
	return append(f.b, make([]byte, padding)...)
}

// sums computes the transport checksum.
func (f *faulty) sums(h header, bad bool) {
	at := f.ipLen + f.checksum
	if f.checksum == 0 || len(f.b) < at+2 {
		return
	}
	f.b[at], f.b[at+1] = 0, 0
	c := uint16(0)
	if f.transport == protocolICMP4 {
		c = ^fold(sum(0, f.b[f.ipLen:]))
	} else {
		c = ^transportSum(h.src, h.dst, f.transport, f.b[f.ipLen:])
	}
	if bad {
		c ^= 0x5555
	}
	binary.BigEndian.PutUint16(f.b[at:], c)
}

// apply changes one field, if the packet has it: an ICMP message has no data
// offset, and one that was cut has little.
func (f *faulty) apply(fault scenario.Fault) {
	v4, n := f.ipLen == 20, fault.N
	switch fault.Kind {
	case scenario.DataOffset:
		f.bits(f.ipLen+12, 0x0f, byte(n)<<4)
	case scenario.ReservedBits:
		f.bits(f.ipLen+12, 0xf1, byte(n)<<1)
	case scenario.IPLength:
		at := 4
		if v4 {
			at = 2
		}
		f.bits(at, 0, byte(n>>8))
		f.bits(at+1, 0, byte(n))
	case scenario.IPVersion:
		f.bits(0, 0x0f, byte(n)<<4)
	case scenario.IPHeader:
		if v4 {
			f.bits(0, 0xf0, byte(n)&0x0f)
		}
	case scenario.IPFragment:
		if v4 {
			f.bits(6, 0, byte(n>>8))
			f.bits(7, 0, byte(n))
		}
	case scenario.IPProtocol:
		at := 6
		if v4 {
			at = 9
		}
		f.bits(at, 0, byte(n))
	case scenario.Truncate:
		f.b = f.b[:min(len(f.b), int(n))]
	}
}

// bits keeps the bits of mask in one byte and sets those of value.
func (f *faulty) bits(at int, mask, value byte) {
	if at < len(f.b) {
		f.b[at] = f.b[at]&mask | value
	}
}
