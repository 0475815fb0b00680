package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// ErrAmbiguous: the selector fits more than one conversation.
var ErrAmbiguous = errors.New("more than one TCP conversation fits")

// ErrFormat: the file is not a capture.
var ErrFormat = errors.New("neither pcap nor pcapng")

// File is a capture file that has been read.
type File struct {
	Path   string
	Format string // pcap or pcapng
	Frames int    // all frames, whatever they carry
	Flows  []Flow // the TCP conversations, in the order in which they begin

	// Problem says from where on the file could not be read; nil if all of
	// it was. What came before is in Flows.
	Problem error

	table      *table
	interfaces []fileInterface
	closer     io.Closer
}

// Flow describes one TCP conversation of a file.
type Flow struct {
	Client, Server netip.AddrPort
	Interface      string // its name, where the file gives one
	Frames         int    // TCP segments
	Octets         int64  // of payload, both ways, retransmissions included
	Start          time.Time
	Duration       time.Duration
	FromSYN        bool // begins with a SYN
}

func (f Flow) String() string {
	s := fmt.Sprintf("%s to %s, %d segments, %d octets", f.Client, f.Server, f.Frames, f.Octets)
	if f.Interface != "" {
		s += " on " + f.Interface
	}
	return s
}

// ReadFile reads a pcap or pcapng file. The file stays open, because the
// bytes of its frames are fetched from it when they are wanted; Close it when
// nobody looks at its conversations any more. A file that is damaged or cut
// off gives what was readable, and says the rest in Problem.
func ReadFile(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	var r io.ReaderAt = file
	size := info.Size()
	if !info.Mode().IsRegular() { // a pipe cannot be read twice
		data, err := io.ReadAll(file)
		if err != nil {
			file.Close()
			return nil, err
		}
		r, size = bytes.NewReader(data), int64(len(data))
	}
	f, err := Read(r, size)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.Path, f.closer = path, file
	return f, nil
}

// Read reads a capture of size bytes.
func Read(r io.ReaderAt, size int64) (*File, error) { return read(r, size, windowBytes) }

func read(r io.ReaderAt, size, atOnce int64) (*File, error) {
	f := &File{table: newTable(newArena(fileFrames{r}))}
	w := newWindow(r, size, atOnce)
	sink := &reader{w: w}
	head, err := w.peek(4)
	if err != nil {
		return nil, fmt.Errorf("%w: it has only %d bytes; save it again", ErrFormat, size)
	}
	l := &loader{reader: sink, table: f.table}
	if format, ok := classic(head); ok {
		f.Format = "pcap"
		l.format, f.Problem = openPcap(w, format, sink)
	} else if bytes.Equal(head, []byte{0x0a, 0x0d, 0x0d, 0x0a}) {
		f.Format = "pcapng"
		l.format = &ngReader{w: w, sink: sink}
	} else {
		return nil, fmt.Errorf("%w%s", ErrFormat, hint(head))
	}
	if f.Problem == nil {
		f.Problem = l.load()
	}
	f.interfaces, f.Frames = sink.interfaces, sink.frames
	if sink.frames > 0 && sink.frames == sink.foreign {
		return nil, fmt.Errorf("link type %d is not supported: capture on an Ethernet interface, or as raw IP or Linux cooked", sink.foreignLink)
	}
	if sink.frames == 0 && f.Problem != nil {
		return nil, fmt.Errorf("%w, before its first frame; save it again", f.Problem)
	}
	f.describe()
	return f, nil
}

// hint says what to do with a file that is something else.
func hint(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return ": it is compressed, unpack it with gunzip first"
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return ": it is compressed, unpack it with unzstd first"
	}
	return ": save it from tcpdump or Wireshark as one of them"
}

// describe fills Flows.
func (f *File) describe() {
	for _, fl := range f.table.flows {
		first, last := f.table.extent(fl)
		d := Flow{
			Client: fl.key.from(), Server: fl.key.to(),
			Interface: f.interfaces[fl.iface].name, Frames: fl.events.count,
			Start: time.Unix(0, first.Time), Duration: time.Duration(last.Time - first.Time),
			FromSYN: fl.hasSYN, Octets: fl.octets,
		}
		f.Flows = append(f.Flows, d)
	}
}

// Flow returns one conversation. The selector is its number in Flows from 1,
// an address HOST:PORT or :PORT of either end, or the name of its interface;
// empty if there is only one.
func (f *File) Flow(selector string) (*Conversation, error) {
	var fitting []int
	for i := range f.Flows {
		if f.fits(i, selector) {
			fitting = append(fitting, i)
		}
	}
	switch len(fitting) {
	case 0:
		return nil, f.noFlow(selector)
	case 1:
		return f.Conversation(fitting[0]), nil
	}
	return nil, fmt.Errorf("%w; choose one by its number:%s", ErrAmbiguous, f.list(fitting))
}

// Conversation returns the conversation Flows[i].
func (f *File) Conversation(i int) *Conversation {
	fl := f.table.flows[i]
	c := f.table.conversation(fl)
	c.Source, c.Stack = f.Path, f.interfaces[fl.iface].name
	c.Type, c.Dropped = f.interfaces[fl.iface].link, f.interfaces[fl.iface].dropped
	return c
}

func (f *File) fits(i int, selector string) bool {
	if selector == "" {
		return true
	}
	if number, err := strconv.Atoi(selector); err == nil {
		return number == i+1
	}
	flow := f.Flows[i]
	if port, ok := strings.CutPrefix(selector, ":"); ok {
		return strconv.Itoa(int(flow.Client.Port())) == port || strconv.Itoa(int(flow.Server.Port())) == port
	}
	if end, err := netip.ParseAddrPort(selector); err == nil {
		return flow.Client == end || flow.Server == end
	}
	return flow.Interface == selector
}

func (f *File) noFlow(selector string) error {
	all := make([]int, len(f.Flows))
	for i := range all {
		all[i] = i
	}
	if len(all) == 0 {
		return fmt.Errorf("%w: none of its %d frames is TCP; capture it anew, with a filter that lets TCP through", ErrNoConversation, f.Frames)
	}
	return fmt.Errorf("%w: %q fits none; there are:%s", ErrNoConversation, selector, f.list(all))
}

// list names conversations for an error message, ten at most.
func (f *File) list(indices []int) string {
	var b strings.Builder
	for n, i := range indices {
		if n == 10 {
			fmt.Fprintf(&b, "\n  … and %d more", len(indices)-n)
			break
		}
		fmt.Fprintf(&b, "\n  %d: %s", i+1, f.Flows[i])
	}
	return b.String()
}

// Close closes the file. Bytes of its frames cannot be fetched any more.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}
