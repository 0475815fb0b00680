package capture

import (
	"bytes"
	"encoding/binary"
)

// decodeOptions reads the option bytes of a TCP header (RFC 9293 §3.1) into
// the event. An illegal length ends it: what came before counts, and the
// event is marked. An option whose length is legal but not its own is kept in
// the layout without a value.
func (d *decoder) decodeOptions(e *Event, data []byte) {
	pairs := d.pairs[:0]
	for len(data) > 0 {
		kind := data[0]
		if kind == optEnd {
			pairs = append(pairs, kind, 1)
			e.markPadding(data[1:])
			break
		}
		if kind == optNOP {
			pairs = append(pairs, kind, 1)
			data = data[1:]
			continue
		}
		if len(data) < 2 || data[1] < 2 || int(data[1]) > len(data) {
			e.Marks |= OptionsMalformed
			break
		}
		length := data[1]
		pairs = append(pairs, kind, length)
		d.decodeOption(e, kind, data[2:length])
		data = data[length:]
	}
	if !bytes.Equal(pairs, d.lastPairs) { // most are like the one before
		d.lastPairs, d.lastLayout = append(d.lastPairs[:0], pairs...), d.arena.intern(pairs)
	}
	e.layout = d.lastLayout
}

func (e *Event) markPadding(rest []byte) {
	for _, b := range rest {
		if b != 0 {
			e.Marks |= EndPaddingNotZero
		}
	}
}

// decodeOption reads one option's value.
func (d *decoder) decodeOption(e *Event, kind uint8, value []byte) {
	switch {
	case kind == optMSS && len(value) == 2:
		e.MSS = binary.BigEndian.Uint16(value)
		e.Marks |= HasMSS
	case kind == optWindowScale && len(value) == 1:
		e.WindowScale = value[0]
		e.Marks |= HasWindowScale
	case kind == optSACKPermitted && len(value) == 0:
		e.Marks |= SACKPermitted
	case kind == optTimestamps && len(value) == 8:
		e.TSVal = binary.BigEndian.Uint32(value)
		e.TSEcr = binary.BigEndian.Uint32(value[4:])
		e.Marks |= HasTimestamps
	case kind == optSACK && len(value)%8 == 0:
		d.decodeSACK(e, value)
	case kind <= optSACK || kind == optTimestamps:
		e.Marks |= OptionsMalformed
	}
}

func (d *decoder) decodeSACK(e *Event, value []byte) {
	if e.SACKCount > 0 {
		return // a second SACK option in one header: the first counts
	}
	e.sack = uint32(len(*d.sacks))
	e.SACKCount = uint8(len(value) / 8)
	for ; len(value) > 0; value = value[8:] {
		*d.sacks = append(*d.sacks, SACKBlock{
			Left:  binary.BigEndian.Uint32(value),
			Right: binary.BigEndian.Uint32(value[4:]),
		})
	}
}
