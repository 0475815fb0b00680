package capture

import (
	"encoding/binary"
	"math/bits"
)

// sum adds b to a one's-complement sum (RFC 1071) whose words are in the other
// byte order than the network's: the sum does not mind (RFC 1071 §2), and most
// processors load it faster so. An odd byte at the end counts as the first of
// a word, so only the last piece may be odd.
func sum(acc uint64, b []byte) uint64 {
	var carry uint64
	if len(b) >= 64 {
		acc, b = sumLong(acc, b)
	}
	for len(b) >= 8 {
		acc, carry = bits.Add64(acc, binary.LittleEndian.Uint64(b), 0)
		acc += carry
		b = b[8:]
	}
	if len(b) >= 4 {
		acc, carry = bits.Add64(acc, uint64(binary.LittleEndian.Uint32(b)), 0)
		acc += carry
		b = b[4:]
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		acc, carry = bits.Add64(acc, binary.LittleEndian.Uint64(last[:]), 0)
		acc += carry
	}
	return acc
}

// sumLong adds all of b but less than 64 bytes, which it returns. Two sums in turn
// need not wait for each other's carries.
func sumLong(acc uint64, b []byte) (uint64, []byte) {
	var other, carry uint64
	for len(b) >= 64 {
		w := (*[64]byte)(b)
		acc, carry = bits.Add64(acc, binary.LittleEndian.Uint64(w[0:]), 0)
		acc, carry = bits.Add64(acc, binary.LittleEndian.Uint64(w[8:]), carry)
		acc, carry = bits.Add64(acc, binary.LittleEndian.Uint64(w[16:]), carry)
		acc, carry = bits.Add64(acc, binary.LittleEndian.Uint64(w[24:]), carry)
		acc += carry
		other, carry = bits.Add64(other, binary.LittleEndian.Uint64(w[32:]), 0)
		other, carry = bits.Add64(other, binary.LittleEndian.Uint64(w[40:]), carry)
		other, carry = bits.Add64(other, binary.LittleEndian.Uint64(w[48:]), carry)
		other, carry = bits.Add64(other, binary.LittleEndian.Uint64(w[56:]), carry)
		other += carry
		b = b[64:]
	}
	acc, carry = bits.Add64(acc, other, 0)
	return acc + carry, b
}

// fold brings a sum down to 16 bits, in the network's byte order.
func fold(acc uint64) uint16 {
	acc = acc>>32 + acc&0xffffffff
	acc = acc>>32 + acc&0xffffffff
	acc = acc>>16 + acc&0xffff
	acc = acc>>16 + acc&0xffff
	return bits.ReverseBytes16(uint16(acc>>16 + acc&0xffff))
}

// pseudo is the sum of the pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1):
// source and destination address, protocol, octets of transport header and
// payload.
func pseudo(addresses []byte, protocol uint8, length int) uint64 {
	return sum(uint64(protocol)<<8+uint64(bits.ReverseBytes32(uint32(length))), addresses)
}

// verify marks the event by the checksum of a transport segment whose field
// stands at offset at. The field 0x0000 equals 0xffff in one's complement.
func verify(e *Event, header uint64, segment []byte, at int, partialOK bool) {
	if fold(sum(header, segment)) == 0xffff {
		return
	}
	if partialOK && binary.BigEndian.Uint16(segment[at:]) == fold(header) {
		e.Marks |= ChecksumPartial
		return
	}
	e.Marks |= ChecksumBad
}
