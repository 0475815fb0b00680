package wire

import "encoding/binary"

// The kinds of option (RFC 9293 §3.2, RFC 7323, RFC 2018).
const (
	optEnd           = 0
	optNop           = 1
	optMSS           = 2
	optWindowScale   = 3
	optSACKPermitted = 4
	optSACK          = 5
	optTimestamps    = 8
)

// MaxOptionsLen is the room for options in a TCP header, in bytes.
const MaxOptionsLen = 40

// parse reads options until they end or stop making sense. Kinds that are not
// known are skipped by their length (RFC 9293 §3.1, MUST-6); nothing needs to
// be aligned (MUST-64).
func (o *Options) parse(b []byte) {
	*o = Options{}
	for len(b) > 0 {
		switch b[0] {
		case optEnd:
			return
		case optNop:
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || len(b) < int(b[1]) || !o.read(b[0], b[2:b[1]]) {
			o.Malformed = true
			return
		}
		b = b[b[1]:]
	}
}

// read takes one option by its kind and value, and reports whether the value
// had a length that this kind may have.
func (o *Options) read(kind byte, v []byte) bool {
	switch kind {
	case optMSS:
		if len(v) != 2 {
			return false
		}
		o.HasMSS, o.MSS = true, binary.BigEndian.Uint16(v)
	case optWindowScale:
		if len(v) != 1 {
			return false
		}
		o.HasWindowScale, o.WindowScale = true, v[0]
	case optSACKPermitted:
		if len(v) != 0 {
			return false
		}
		o.SACKPermitted = true
	case optTimestamps:
		if len(v) != 8 {
			return false
		}
		o.HasTimestamps = true
		o.TSVal, o.TSEcr = binary.BigEndian.Uint32(v), binary.BigEndian.Uint32(v[4:])
	case optSACK:
		return o.readSACK(v)
	}
	return true
}

func (o *Options) readSACK(v []byte) bool {
	if len(v) == 0 || len(v)%8 != 0 {
		return false
	}
	o.SACKCount = 0
	for ; len(v) > 0 && o.SACKCount < len(o.SACK); v = v[8:] {
		o.SACK[o.SACKCount] = SACKBlock{
			Left:  Seq(binary.BigEndian.Uint32(v)),
			Right: Seq(binary.BigEndian.Uint32(v[4:])),
		}
		o.SACKCount++
	}
	return true
}

// WireLen returns how many bytes the options take in a header; it is a
// multiple of four and at most MaxOptionsLen.
func (o *Options) WireLen() int {
	n := o.fixedLen()
	if blocks := o.sackThatFits(n); blocks > 0 {
		n += 4 + 8*blocks
	}
	return n
}

// fixedLen is the length of everything but SACK, padding included.
func (o *Options) fixedLen() int {
	n := 0
	if o.HasMSS {
		n += 4
	}
	if o.HasTimestamps {
		n += 12
	} else if o.SACKPermitted {
		n += 4
	}
	if o.HasWindowScale {
		n += 4
	}
	return n
}

// sackThatFits is how many SACK blocks the rest of the room takes: three
// beside timestamps, four without (RFC 2018 §3).
func (o *Options) sackThatFits(used int) int {
	return min(o.SACKCount, len(o.SACK), (MaxOptionsLen-used-4)/8)
}

// append writes the options as Linux orders them: MSS, SACK-permitted with
// timestamps, window scale, SACK, with NOPs that keep 32-bit fields aligned.
func (o *Options) append(b []byte) []byte {
	if o.HasMSS {
		b = append(b, optMSS, 4, byte(o.MSS>>8), byte(o.MSS))
	}
	switch {
	case o.SACKPermitted:
		if !o.HasTimestamps {
			b = append(b, optNop, optNop)
		}
		b = append(b, optSACKPermitted, 2)
	case o.HasTimestamps:
		b = append(b, optNop, optNop)
	}
	if o.HasTimestamps {
		b = append(b, optTimestamps, 10)
		b = binary.BigEndian.AppendUint32(b, o.TSVal)
		b = binary.BigEndian.AppendUint32(b, o.TSEcr)
	}
	if o.HasWindowScale {
		b = append(b, optNop, optWindowScale, 3, o.WindowScale)
	}
	blocks := o.sackThatFits(o.fixedLen())
	if blocks <= 0 {
		return b
	}
	b = append(b, optNop, optNop, optSACK, byte(2+8*blocks))
	for _, s := range o.SACK[:blocks] {
		b = binary.BigEndian.AppendUint32(b, uint32(s.Left))
		b = binary.BigEndian.AppendUint32(b, uint32(s.Right))
	}
	return b
}
