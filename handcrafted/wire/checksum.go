package wire

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Sum returns the one's complement sum of b and of an earlier sum, as 16-bit
// words in network order (RFC 1071 §1). An odd last byte counts as the high
// half of a word, so of several pieces only the last may be odd.
//
// It adds eight bytes at a time, carrying as it goes: the sum does not depend
// on the width of the words that are added (RFC 1071 §2).
func Sum(b []byte, earlier uint16) uint16 {
	sum := uint64(earlier)
	var carry uint64
	for len(b) >= 64 {
		w := b[:64:64]
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(w[0:8]), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(w[8:16]), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(w[16:24]), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(w[24:32]), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(w[32:40]), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(w[40:48]), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(w[48:56]), carry)
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(w[56:64]), carry)
		b = b[64:]
	}
	for len(b) >= 8 {
		sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(b), carry)
		b = b[8:]
	}
	sum, carry = bits.Add64(sum, tail(b), carry)
	return fold(sum, carry)
}

// tail reads up to seven bytes as the high end of a 64-bit word.
func tail(b []byte) uint64 {
	var w uint64
	for i, c := range b {
		w |= uint64(c) << (56 - 8*i)
	}
	return w
}

// fold brings a 64-bit sum and its carry down to 16 bits.
func fold(sum, carry uint64) uint16 {
	sum = sum>>32 + sum&0xffffffff + carry
	sum = sum>>16 + sum&0xffff
	sum = sum>>16 + sum&0xffff
	sum = sum>>16 + sum&0xffff
	return uint16(sum)
}

// PseudoHeader returns the sum of the pseudo-header that TCP and ICMPv6 cover
// beside themselves: for IPv4 RFC 9293 §3.1, for IPv6 RFC 8200 §8.1. Length is
// that of header and data in bytes.
func PseudoHeader(src, dst netip.Addr, protocol uint8, length int) uint16 {
	n := uint64(protocol) + uint64(length)
	if src.Is4() {
		s, d := src.As4(), dst.As4()
		sum := uint64(binary.BigEndian.Uint32(s[:])) + uint64(binary.BigEndian.Uint32(d[:])) + n
		return fold(sum, 0)
	}
	s, d := src.As16(), dst.As16()
	sum, carry := bits.Add64(binary.BigEndian.Uint64(s[:8]), binary.BigEndian.Uint64(s[8:]), 0)
	sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(d[:8]), carry)
	sum, carry = bits.Add64(sum, binary.BigEndian.Uint64(d[8:]), carry)
	sum, carry = bits.Add64(sum, n, carry)
	return fold(sum, carry)
}

// checksumHolds reports whether b, whose checksum field is part of it, sums up
// to all ones together with an earlier sum.
func checksumHolds(b []byte, earlier uint16) bool { return Sum(b, earlier) == 0xffff }

// putChecksum writes the checksum of b at the given offset, where b holds
// zeros.
func putChecksum(b []byte, at int, earlier uint16) {
	binary.BigEndian.PutUint16(b[at:], ^Sum(b, earlier))
}
