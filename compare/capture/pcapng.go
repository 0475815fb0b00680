package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// The block types of pcapng that are read.
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockPacket     = 2 // obsolete
	blockSimple     = 3
	blockStatistics = 5
	blockEnhanced   = 6
)

// maxOptions is how many bytes of options are looked into.
const maxOptions = 1 << 16

// fileInterface is one interface of a capture file.
type fileInterface struct {
	name, description string
	link              LinkType
	snapLen           uint32
	ticks             uint64 // a second; 0 means a million
	offset            int64  // seconds
	dropped           uint64
}

// nanoseconds converts a timestamp of the interface; 0 if it cannot be
// expressed.
func (i *fileInterface) nanoseconds(stamp uint64) int64 {
	ticks := i.ticks
	if ticks == 0 {
		ticks = 1e6
	}
	high, low := bits.Mul64(stamp, 1e9)
	if high >= ticks {
		return 0
	}
	ns, _ := bits.Div64(high, low, ticks)
	if ns > math.MaxInt64/2 || i.offset > math.MaxInt64/4_000_000_000 || i.offset < math.MinInt64/4_000_000_000 {
		return 0
	}
	return int64(ns) + i.offset*1e9
}

// ngReader reads pcapng blocks.
type ngReader struct {
	w     *window
	sink  *reader
	order binary.ByteOrder
	first int   // index of the section's first interface
	last  int64 // time of the last frame, for blocks without one
}

// atHand reports whether the next block is. A section header says how its
// length is to be read, and is left to block.
func (n *ngReader) atHand() bool {
	b := n.w.atHand()
	return len(b) >= 8 && n.order != nil && n.order.Uint32(b) != blockSection && int64(n.order.Uint32(b[4:])) <= int64(len(b))
}

// step reads a block.
func (n *ngReader) step() error {
	if n.enhanced() {
		return nil
	}
	at := n.w.pos
	if err := n.block(); err != nil {
		return fmt.Errorf("byte %d: %w", at, err)
	}
	return nil
}

var errBlock = errors.New("a block's length cannot be right: the file is damaged from here on")

// claimError is that of a frame for which the file has no room.
func claimError(length int64) error {
	return fmt.Errorf("a frame claims %d bytes: the file is damaged from here on", length)
}

// enhanced reads an enhanced packet block, which nearly all are, if the whole of
// it is at hand and nothing about it is odd. It leaves everything else to block.
func (n *ngReader) enhanced() bool {
	const fixed = 28 // bytes before the frame; its length follows the frame once more
	b := n.w.atHand()
	if n.order != binary.LittleEndian || len(b) < fixed+4 || binary.LittleEndian.Uint32(b) != blockEnhanced {
		return false
	}
	length, number := int64(binary.LittleEndian.Uint32(b[4:])), binary.LittleEndian.Uint32(b[8:])
	capLen := int64(binary.LittleEndian.Uint32(b[20:]))
	if length > int64(len(b)) || length%4 != 0 || capLen > length-fixed-4 || capLen > maxFrame ||
		int64(binary.LittleEndian.Uint32(b[length-4:])) != length || int64(number) >= int64(len(n.sink.interfaces)-n.first) {
		return false
	}
	index := n.first + int(number)
	n.last = n.sink.interfaces[index].nanoseconds(uint64(binary.LittleEndian.Uint32(b[12:]))<<32 | uint64(binary.LittleEndian.Uint32(b[16:])))
	wireLen := binary.LittleEndian.Uint32(b[24:])
	n.sink.frame(index, n.last, n.w.pos+fixed, b[fixed:fixed+capLen], int(min(wireLen, 1<<30)))
	n.w.pos += length
	return true
}

// block reads one block: type, length, body, length again.
func (n *ngReader) block() error {
	head, err := n.w.peek(12)
	if err != nil {
		return errCut
	}
	kind := binary.LittleEndian.Uint32(head)
	if kind == blockSection { // reads the same in both byte orders
		if err := n.section(head); err != nil {
			return err
		}
	}
	if n.order == nil {
		return errors.New("no section header where one must be: the file is damaged")
	}
	kind = n.order.Uint32(head)
	length := int64(n.order.Uint32(head[4:]))
	if length < 12 || length%4 != 0 {
		return errBlock
	}
	end := n.w.pos + length
	n.w.skip(8)
	if err := n.body(kind, length-12); err != nil {
		return err
	}
	if end > n.w.size {
		return errCut
	}
	n.w.pos = end - 4
	tail, err := n.w.next(4)
	if err != nil {
		return err
	}
	if int64(n.order.Uint32(tail)) != length {
		return errBlock
	}
	return nil
}

// section begins a new section: byte order and interfaces start afresh.
func (n *ngReader) section(head []byte) error {
	switch {
	case binary.LittleEndian.Uint32(head[8:]) == 0x1a2b3c4d:
		n.order = binary.LittleEndian
	case binary.BigEndian.Uint32(head[8:]) == 0x1a2b3c4d:
		n.order = binary.BigEndian
	default:
		return errors.New("the section header has no byte-order magic: the file is damaged from here on")
	}
	n.first = len(n.sink.interfaces)
	return nil
}

func (n *ngReader) body(kind uint32, length int64) error {
	switch kind {
	case blockInterface:
		return n.interfaceBlock(length)
	case blockEnhanced:
		return n.packet(length, 20, func(h []byte) (uint32, uint64, uint32, uint32) {
			return n.order.Uint32(h), n.stamp(h[4:]), n.order.Uint32(h[12:]), n.order.Uint32(h[16:])
		})
	case blockPacket:
		return n.packet(length, 20, func(h []byte) (uint32, uint64, uint32, uint32) {
			return uint32(n.order.Uint16(h)), n.stamp(h[4:]), n.order.Uint32(h[12:]), n.order.Uint32(h[16:])
		})
	case blockSimple:
		return n.simplePacket(length)
	case blockStatistics:
		return n.statistics(length)
	}
	return nil
}

// stamp is a timestamp in two halves, the high one first.
func (n *ngReader) stamp(b []byte) uint64 {
	return uint64(n.order.Uint32(b))<<32 | uint64(n.order.Uint32(b[4:]))
}

// iface returns the section's interface with that number.
func (n *ngReader) iface(number uint32) (int, error) {
	if int64(number) >= int64(len(n.sink.interfaces)-n.first) {
		return 0, fmt.Errorf("a frame names interface %d, which the file does not describe: the file is damaged from here on", number)
	}
	return n.first + int(number), nil
}

// packet reads a block with a frame in it; parse takes interface, stamp,
// captured and original length from its fixed part.
func (n *ngReader) packet(length int64, fixed int, parse func([]byte) (uint32, uint64, uint32, uint32)) error {
	if length < int64(fixed) {
		return errBlock
	}
	head, err := n.w.next(fixed)
	if err != nil {
		return err
	}
	number, stamp, capLen, wireLen := parse(head)
	index, err := n.iface(number)
	if err != nil {
		return err
	}
	n.last = n.sink.interfaces[index].nanoseconds(stamp)
	return n.data(index, int64(capLen), length-int64(fixed), wireLen)
}

// simplePacket reads a block that names neither interface nor time.
func (n *ngReader) simplePacket(length int64) error {
	if length < 4 {
		return errBlock
	}
	head, err := n.w.next(4)
	if err != nil {
		return err
	}
	index, err := n.iface(0)
	if err != nil {
		return err
	}
	wireLen := n.order.Uint32(head)
	capLen := min(int64(wireLen), length-4)
	if snapLen := n.sink.interfaces[index].snapLen; snapLen > 0 {
		capLen = min(capLen, int64(snapLen))
	}
	return n.data(index, capLen, length-4, wireLen)
}

// data hands a frame of capLen bytes on, for which the block has room.
func (n *ngReader) data(index int, capLen, room int64, wireLen uint32) error {
	if capLen > room || capLen > maxFrame {
		return claimError(capLen)
	}
	offset := n.w.pos
	frame, err := n.w.next(int(capLen))
	if err != nil {
		return err
	}
	n.sink.frame(index, n.last, offset, frame, int(min(wireLen, 1<<30)))
	return nil
}

// interfaceBlock reads the description of an interface.
func (n *ngReader) interfaceBlock(length int64) error {
	if length < 8 {
		return errBlock
	}
	if len(n.sink.interfaces) > math.MaxUint16 {
		return errors.New("more than 65536 interfaces: the rest of the file was not read")
	}
	head, err := n.w.next(8)
	if err != nil {
		return err
	}
	i := fileInterface{link: LinkType(n.order.Uint16(head)), snapLen: n.order.Uint32(head[4:])}
	err = n.options(length-8, func(code uint16, value []byte) {
		switch {
		case code == 2:
			i.name = string(value)
		case code == 3:
			i.description = string(value)
		case code == 9 && len(value) == 1:
			i.ticks = resolution(value[0])
		case code == 14 && len(value) == 8:
			i.offset = int64(n.order.Uint64(value))
		}
	})
	n.sink.interfaces = append(n.sink.interfaces, i)
	return err
}

// resolution is the ticks a second that if_tsresol stands for: a negative
// power of ten, or of two with the high bit set.
func resolution(v byte) uint64 {
	if exponent := v & 0x7f; v&0x80 != 0 {
		return 1 << min(exponent, 63)
	} else if exponent > 19 {
		return math.MaxUint64
	}
	ticks := uint64(1)
	for range v & 0x7f {
		ticks *= 10
	}
	return ticks
}

// statistics reads how many frames an interface lost.
func (n *ngReader) statistics(length int64) error {
	if length < 12 {
		return errBlock
	}
	head, err := n.w.next(12)
	if err != nil {
		return err
	}
	index, err := n.iface(n.order.Uint32(head))
	if err != nil {
		return err
	}
	return n.options(length-12, func(code uint16, value []byte) {
		if (code == 5 || code == 7) && len(value) == 8 {
			n.sink.interfaces[index].dropped += min(n.order.Uint64(value), math.MaxInt32)
		}
	})
}

// options walks over a block's options. Those that do not fit end the walk;
// the block's own length is what counts.
func (n *ngReader) options(length int64, each func(code uint16, value []byte)) error {
	b, err := n.w.next(int(min(length, maxOptions)))
	if err != nil {
		return err
	}
	for len(b) >= 4 {
		code, size := n.order.Uint16(b), int(n.order.Uint16(b[2:]))
		if b = b[4:]; code == 0 || size > len(b) {
			return nil
		}
		each(code, b[:size])
		b = b[min(len(b), (size+3)&^3):]
	}
	return nil
}
