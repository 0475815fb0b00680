package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"

	"tcping-cmp/tap"
)

// Interface is what a capture file says of one interface.
type Interface struct{ Name, Description string }

// snapLength is written for every interface: tcpdump refuses a file whose
// interfaces differ in it.
const snapLength = 262144

// Writer writes pcapng: one section, Ethernet interfaces, nanosecond times,
// directions and comments. Frames should come in the order of their times.
type Writer struct {
	w          *bufio.Writer
	interfaces int
	block      []byte
}

// NewWriter writes the section header, which names app as the writing
// program, and one description an interface.
func NewWriter(w io.Writer, app string, interfaces ...Interface) (*Writer, error) {
	if len(interfaces) == 0 {
		return nil, errors.New("a capture file needs at least one interface")
	}
	out := &Writer{w: bufio.NewWriterSize(w, 1<<16), interfaces: len(interfaces)}
	out.section(app)
	for _, i := range interfaces {
		out.describe(i)
	}
	return out, nil
}

func (w *Writer) section(app string) {
	w.begin(blockSection)
	w.uint32(0x1a2b3c4d)                           // byte-order magic
	w.uint32(1)                                    // version 1.0
	w.block = append(w.block, bytesOf(0xff, 8)...) // section length: not given
	w.option(2, []byte(runtime.GOARCH))            // shb_hardware
	w.option(3, []byte(runtime.GOOS))              // shb_os
	w.option(4, []byte(app))                       // shb_userappl
	w.end()
}

func bytesOf(b byte, n int) []byte {
	s := make([]byte, n)
	for i := range s {
		s[i] = b
	}
	return s
}

func (w *Writer) describe(i Interface) {
	w.begin(blockInterface)
	w.uint32(uint32(LinkEthernet)) // and two reserved bytes
	w.uint32(snapLength)
	w.option(2, []byte(i.Name))
	if i.Description != "" {
		w.option(3, []byte(i.Description))
	}
	w.option(9, []byte{9}) // if_tsresol: nanoseconds
	w.end()
}

// WriteFrame writes one frame of the interface with that index, as given to
// NewWriter. Empty comments are left out.
func (w *Writer) WriteFrame(iface int, f tap.Frame, comments ...string) error {
	if iface < 0 || iface >= w.interfaces {
		return fmt.Errorf("interface %d was not announced to NewWriter", iface)
	}
	if len(f.Data) > snapLength {
		return fmt.Errorf("a frame of %d bytes does not fit the snapshot length %d", len(f.Data), snapLength)
	}
	w.begin(blockEnhanced)
	w.uint32(uint32(iface))
	stamp := uint64(f.Time.UnixNano())
	w.uint32(uint32(stamp >> 32))
	w.uint32(uint32(stamp))
	w.uint32(uint32(len(f.Data)))
	w.uint32(uint32(len(f.Data)))
	w.padded(f.Data)
	for _, c := range comments {
		if c != "" {
			w.option(1, []byte(c[:min(len(c), 0xffff)]))
		}
	}
	w.option(2, binary.LittleEndian.AppendUint32(nil, direction(f.Dir))) // epb_flags
	return w.end()
}

// direction is the low two bits of epb_flags: 1 inbound, 2 outbound.
func direction(d tap.Direction) uint32 {
	if d == tap.Out {
		return 2
	}
	return 1
}

func (w *Writer) begin(kind uint32) {
	w.block = w.block[:0]
	w.uint32(kind)
	w.uint32(0) // length, known at the end
}

func (w *Writer) uint32(v uint32) { w.block = binary.LittleEndian.AppendUint32(w.block, v) }

// padded appends bytes up to the next multiple of four.
func (w *Writer) padded(b []byte) {
	w.block = append(w.block, b...)
	for len(w.block)%4 != 0 {
		w.block = append(w.block, 0)
	}
}

func (w *Writer) option(code uint16, value []byte) {
	w.block = binary.LittleEndian.AppendUint16(w.block, code)
	w.block = binary.LittleEndian.AppendUint16(w.block, uint16(len(value)))
	w.padded(value)
}

// end closes the options and the block and writes it. An error of the writer
// beneath stays until Flush.
func (w *Writer) end() error {
	w.uint32(0) // opt_endofopt
	length := uint32(len(w.block) + 4)
	w.uint32(length)
	binary.LittleEndian.PutUint32(w.block[4:], length)
	_, err := w.w.Write(w.block)
	return err
}

// Flush writes what is buffered and returns the first error there was.
func (w *Writer) Flush() error { return w.w.Flush() }
