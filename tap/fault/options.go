package fault

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// The kinds of TCP options.
const (
	optEnd           = 0
	optNOP           = 1
	optMSS           = 2
	optScale         = 3
	optSACKPermitted = 4
	optSACK          = 5
	optTimestamps    = 8
)

// option returns the octets of the first option of a kind, kind and length
// included, to be changed in place; nil if there is none.
func (p *packet) option(kind byte) []byte {
	for b := p.options; len(b) > 0; {
		switch {
		case b[0] == optEnd:
			return nil
		case b[0] == optNOP:
			b = b[1:]
			continue
		case len(b) < 2 || b[1] < 2 || int(b[1]) > len(b):
			return nil
		case b[0] == kind:
			return b[:b[1]]
		}
		b = b[b[1]:]
	}
	return nil
}

// The getters read an option of the right size; ok is false if it is not there
// or has another.

func (p *packet) mss() (uint16, bool) {
	if o := p.option(optMSS); len(o) == 4 {
		return binary.BigEndian.Uint16(o[2:]), true
	}
	return 0, false
}

func (p *packet) scale() (byte, bool) {
	if o := p.option(optScale); len(o) == 3 {
		return o[2], true
	}
	return 0, false
}

func (p *packet) timestamps() (val, ecr uint32, ok bool) {
	if o := p.option(optTimestamps); len(o) == 10 {
		return binary.BigEndian.Uint32(o[2:]), binary.BigEndian.Uint32(o[6:]), true
	}
	return 0, 0, false
}

// The setters change an option that is there in its right size, and nothing
// else.

func (p *packet) setMSS(v uint16) {
	if o := p.option(optMSS); len(o) == 4 {
		binary.BigEndian.PutUint16(o[2:], v)
	}
}

func (p *packet) setTSVal(v uint32) {
	if o := p.option(optTimestamps); len(o) == 10 {
		binary.BigEndian.PutUint32(o[2:], v)
	}
}

func (p *packet) setTSEcr(v uint32) {
	if o := p.option(optTimestamps); len(o) == 10 {
		binary.BigEndian.PutUint32(o[6:], v)
	}
}

// sizes are those of the options that have one size.
var sizes = map[byte]int{optMSS: 4, optScale: 3, optSACKPermitted: 2, optTimestamps: 10}

// has reports whether the packet has an option of a kind in its right size.
func (p *packet) has(kind byte) bool {
	o, size := p.option(kind), sizes[kind]
	return o != nil && (size == 0 || size == len(o))
}

// blank puts NOPs in the place of an option.
func (p *packet) blank(kind byte) {
	for o := p.option(kind); len(o) > 0; o = o[1:] {
		o[0] = optNOP
	}
}

// room says whether options of n octets fit beside those that are there.
func (p *packet) room(n int) bool { return len(p.options)+(n+3)&^3 <= maxTCPHeader-tcpLen }

// put adds options behind those that are there, with NOPs before them so that
// all ends at a word. Call it only where there is room.
func (p *packet) put(options ...byte) {
	pad := bytes.Repeat([]byte{optNOP}, -len(options)&3)
	p.options = slices.Concat(p.options, pad, options)
}

// blocks returns the SACK blocks of the packet, four octets an edge.
func (p *packet) blocks() []byte {
	o := p.option(optSACK)
	if len(o) < 10 || len(o)%8 != 2 {
		return nil
	}
	return o[2:]
}

// stamp returns a timestamps option.
func stamp(val, ecr uint32) []byte {
	o := []byte{optTimestamps, 10, 0, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(o[2:], val)
	binary.BigEndian.PutUint32(o[6:], ecr)
	return o
}

// sack returns a SACK option with one block.
func sack(left, right uint32) []byte {
	o := []byte{optSACK, 10, 0, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(o[2:], left)
	binary.BigEndian.PutUint32(o[6:], right)
	return o
}

// addBlock puts a block behind the SACK blocks that are there. Call it only
// where there is room for eight octets.
func (p *packet) addBlock(left, right uint32) {
	o := p.option(optSACK)
	o[1] += 8
	end := cap(p.options) - cap(o) + len(o)
	p.options = slices.Concat(p.options[:end], sack(left, right)[2:], p.options[end:])
}
