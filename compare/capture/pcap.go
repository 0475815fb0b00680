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

// readPcap reads a classic file after its format was recognised.
func (f *File) readPcap(w *window, format pcapFormat, sink *reader) error {
	head, err := w.next(24)
	if err != nil {
		return fmt.Errorf("byte 0: %w", errCut)
	}
	sink.interfaces = []fileInterface{{link: LinkType(format.order.Uint32(head[20:]))}}
	f.Format = "pcap"
	for w.left() > 0 {
		at := w.pos
		record, err := w.next(format.recordAt)
		if err != nil {
			return fmt.Errorf("byte %d: %w", at, err)
		}
		seconds, fraction := format.order.Uint32(record), format.order.Uint32(record[4:])
		capLen, wireLen := format.order.Uint32(record[8:]), format.order.Uint32(record[12:])
		if capLen > maxFrame {
			return fmt.Errorf("byte %d: %w", at, claimError(int64(capLen)))
		}
		offset := w.pos
		frame, err := w.next(int(capLen))
		if err != nil {
			return fmt.Errorf("byte %d: %w", at, err)
		}
		time := int64(seconds)*1e9 + int64(fraction)*format.perTick
		sink.frame(0, time, offset, frame, int(min(wireLen, 1<<30)))
	}
	return nil
}
