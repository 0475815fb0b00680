package report

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
)

// eightDigits spreads the decimal digits of a number below 10^8 over the bytes
// of a word, the first one in the lowest: it halves the number three times,
// every part in the same operation.
func eightDigits(u uint64) uint64 {
	x := u/10000 | u%10000<<32
	hundreds := x * 10486 >> 20 & 0x7f_0000007f
	x = hundreds | (x-hundreds*100)<<16
	tens := x * 103 >> 10 & 0xf000f_000f000f
	return tens | (x-tens*10)<<8
}

const zeros = 0x3030303030303030 // "00000000"

// appendNumber appends a number in decimal, as strconv.AppendInt does, in
// two thirds of the time (BenchmarkNumbers): a line has dozens of them.
func appendNumber(b []byte, value int64) []byte {
	u := uint64(value)
	if u < 10 {
		return append(b, byte('0'+u))
	}
	if u >= 1e16 { // or negative
		return strconv.AppendInt(b, value, 10)
	}
	n := len(b)
	b = slices.Grow(b, 16)
	b = b[:n+16]
	high := u / 1e8
	first := high
	if high == 0 {
		first = u
	}
	x := eightDigits(first)
	leading := bits.TrailingZeros64(x) / 8
	binary.LittleEndian.PutUint64(b[n:], (x|zeros)>>(8*leading))
	n += 8 - leading
	if high == 0 {
		return b[:n]
	}
	binary.LittleEndian.PutUint64(b[n:], eightDigits(u-high*1e8)|zeros)
	return b[:n+8]
}

// digits is the text of the last number of a kind. The next one is often a
// little more than that, or differs in its last eight digits only.
type digits struct {
	value int64
	high  uint64 // value without its last eight digits
	size  int
	text  [digitsRoom]byte
}

// digitsRoom is how many digits are remembered; longer ones and those below zero are not.
const digitsRoom = 16

func newDigits() digits { return digits{size: 1, text: [digitsRoom]byte{'0'}} }

// append appends a number to b, which has room for any.
func (d *digits) append(b []byte, value int64) []byte {
	n := len(b)
	b = b[:n+digitsRoom]
	*(*[digitsRoom]byte)(b[n:]) = d.text // what is wrong is written over
	last := d.size - 1
	if digit := uint64(d.text[last]) + uint64(value-d.value); digit-'0' < 10 && value >= d.value {
		d.value, d.text[last], b[n+last] = value, byte(digit), byte(digit)
		return b[:n+d.size]
	}
	high := uint64(value) / 1e8
	if high == d.high && high != 0 {
		low := eightDigits(uint64(value)-high*1e8) | zeros
		binary.LittleEndian.PutUint64(d.text[d.size-8:], low)
		binary.LittleEndian.PutUint64(b[n+d.size-8:], low)
		d.value = value
		return b[:n+d.size]
	}
	b = appendNumber(b[:n], value)
	if size := len(b) - n; value >= 0 && size <= digitsRoom {
		d.value, d.high, d.size, d.text = value, high, size, [digitsRoom]byte(b[n:n+digitsRoom])
	}
	return b
}

// field is a field of a record with a number. It remembers the text of a
// number that came twice in a row, as most do that come again.
type field struct {
	value  int64 // whose text is at hand
	size   int
	name   int
	text   [fieldRoom]byte
	others digits // of the last number that was another
}

// fieldRoom is how long the text of a field can be: a name of 28 characters,
// and -9223372036854775808.
const fieldRoom = 48

func newField(name string) field {
	f := field{name: len(name), others: newDigits()}
	f.size = len(appendNumber(append(f.text[:0], name...), 0))
	return f
}

// append appends the field to b, which has fieldRoom octets of room.
func (f *field) append(b []byte, value int64) []byte {
	n := len(b)
	*(*[fieldRoom]byte)(b[n : n+fieldRoom]) = f.text // what is too much is written over
	if value == f.value {
		return b[:n+f.size]
	}
	if value == f.others.value {
		f.value, f.size = value, len(appendNumber(f.text[:f.name], value))
	}
	return f.others.append(b[:n+f.name], value)
}
