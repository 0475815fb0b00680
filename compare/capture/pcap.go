package capture

import (
	"encoding/binary"
	"fmt"
)

// The magic numbers of the classic format, in the byte order of the writer.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34 // eight more bytes in each record header
)

// pcapFormat is what a file's first four bytes say of the rest.
type pcapFormat struct {
	order    binary.ByteOrder
	perTick  int64 // nanoseconds
	recordAt int   // bytes of a record header
}

// classic recognises the classic format.
func classic(head []byte) (f pcapFormat, ok bool) {
	for _, order := range [...]binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(head) {
		case magicMicro:
			return pcapFormat{order, 1000, 16}, true
		case magicNano:
			return pcapFormat{order, 1, 16}, true
		case magicModified:
			return pcapFormat{order, 1000, 24}, true
		}
	}
	return f, false
}

// pcapReader reads the records of the classic format.
type pcapReader struct {
	w    *window
	sink *reader
	pcapFormat
}

// openPcap begins with a file after its format was recognised.
func openPcap(w *window, format pcapFormat, sink *reader) (*pcapReader, error) {
	head, err := w.next(24)
	if err != nil {
		return nil, fmt.Errorf("byte 0: %w", errCut)
	}
	sink.interfaces = []fileInterface{{link: LinkType(format.order.Uint32(head[20:]))}}
	return &pcapReader{w, sink, format}, nil
}

// atHand reports whether the next record is.
func (p *pcapReader) atHand() bool {
	b := p.w.atHand()
	return len(b) >= p.recordAt && int64(len(b)-p.recordAt) >= int64(p.order.Uint32(b[8:]))
}

// step reads a record.
func (p *pcapReader) step() error {
	at := p.w.pos
	record, err := p.w.next(p.recordAt)
	if err != nil {
		return fmt.Errorf("byte %d: %w", at, err)
	}
	seconds, fraction := p.order.Uint32(record), p.order.Uint32(record[4:])
	capLen, wireLen := p.order.Uint32(record[8:]), p.order.Uint32(record[12:])
	if capLen > maxFrame {
		return fmt.Errorf("byte %d: %w", at, claimError(int64(capLen)))
	}
	offset := p.w.pos
	frame, err := p.w.next(int(capLen))
	if err != nil {
		return fmt.Errorf("byte %d: %w", at, err)
	}
	time := int64(seconds)*1e9 + int64(fraction)*p.perTick
	p.sink.frame(0, time, offset, frame, int(min(wireLen, 1<<30)))
	return nil
}
