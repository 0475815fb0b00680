package capture

import (
	"encoding/binary"
	"io"
	"net/netip"
	"sync"

	"tcping-cmp/tap"
)

// Conversation is one TCP connection as a capture shows it, with the ARP,
// neighbour discovery and ICMP frames of its two hosts.
type Conversation struct {
	Stack  string   // whose conversation it is, for reports
	Source string   // file or link it was recorded on
	Link   tap.Info // zero for a file
	Type   LinkType // what the bytes of a frame begin with

	Client, Server netip.AddrPort // Out is from client to server
	Events         []*Event       // in the order of the capture

	ISS, IRS      uint32  // initial sequence number of client and of server, or the first number seen
	HasSYN        bool    // the client's SYN was captured
	HasSYNACK     bool    // the server's SYN was captured
	RolesGuessed  bool    // no SYN was captured; the higher port is taken for the client's
	Reused        bool    // the same capture holds an earlier connection between the same ports
	Exact         bool    // recorded at the client's own link, in the order in which the frames crossed it
	Dropped       uint64  // frames that the capture says it lost
	LeftOut       int     // frames of other conversations on the same link
	Stalls        []Stall // when the process that recorded it did not run
	StartOfFrames int64   // time of the first frame, nanoseconds since 1970

	arena *arena
}

// Stall is a time, in nanoseconds since 1970, in which whoever recorded the
// frames did not run. Frames that crossed then have the time of its end.
type Stall struct{ From, To int64 }

// FromStart reports whether the conversation was captured from its first
// segment on, both ways, so that windows can be scaled and numbers counted.
func (c *Conversation) FromStart() bool { return c.HasSYN && c.HasSYNACK }

// Raw appends the bytes of the frame to buf and returns the result. It fails
// if the file they are in has changed or is closed.
func (c *Conversation) Raw(e *Event, buf []byte) ([]byte, error) {
	return c.arena.frames.append(e, buf)
}

// Ethernet appends the frame as it would stand on Ethernet: as it is, or,
// from a capture of another link type, with a header whose addresses are zero.
func (c *Conversation) Ethernet(e *Event, buf []byte) ([]byte, error) {
	if c.Type == LinkEthernet {
		return c.Raw(e, buf)
	}
	raw, err := c.Raw(e, nil)
	if err != nil || int(e.IPOffset) > len(raw) {
		return buf, err
	}
	buf = append(buf, make([]byte, 12)...)
	buf = binary.BigEndian.AppendUint16(buf, byVersion(raw[e.IPOffset:]))
	return append(buf, raw[e.IPOffset:]...), nil
}

// Layout returns the order of the TCP options of a segment.
func (c *Conversation) Layout(e *Event) Layout { return c.arena.layouts[e.layout] }

// LayoutID is the same for two segments of a conversation exactly if their
// option layouts are the same.
func (c *Conversation) LayoutID(e *Event) uint32 { return e.layout }

// SACK returns the SACK blocks of a segment.
func (c *Conversation) SACK(e *Event) []SACKBlock {
	return c.arena.sacks[e.sack : e.sack+uint32(e.SACKCount)]
}

// Base returns the number from which sequence numbers of frames in direction
// d are counted.
func (c *Conversation) Base(d tap.Direction) uint32 {
	if d == tap.Out {
		return c.ISS
	}
	return c.IRS
}

// arena is what the events of one capture share.
type arena struct {
	frames frameSource

	interning sync.Mutex
	layouts   []Layout // layouts[0] is the empty one
	known     map[string]uint32

	sacks  []SACKBlock
	chunks [][]Event
}

// frameSource finds the bytes of a frame again.
type frameSource interface {
	append(e *Event, buf []byte) ([]byte, error)
}

func newArena(frames frameSource) *arena {
	return &arena{frames: frames, layouts: []Layout{nil}, known: map[string]uint32{"": 0}}
}

// chunkEvents is how many events a chunk has room for, and fewEvents how many
// are allocated at once where they come one by one.
const (
	chunkEvents = 1024
	fewEvents   = 256
)

// event returns a fresh event and its number.
func (a *arena) event() (*Event, uint32) {
	last := len(a.chunks) - 1
	if last < 0 || len(a.chunks[last]) == cap(a.chunks[last]) {
		a.chunks = append(a.chunks, make([]Event, 0, fewEvents))
		last++
	}
	chunk := &a.chunks[last]
	at := len(*chunk)
	*chunk = (*chunk)[:at+1]
	return &(*chunk)[at], uint32(last*chunkEvents + at)
}

// adopt takes a chunk over, which must not be longer than chunkEvents, and
// returns its events and the number of the first. There is an end to numbers, so
// a short chunk is copied.
func (a *arena) adopt(events []Event) ([]Event, uint32) {
	last := len(a.chunks) - 1
	if last >= 0 && len(events) <= cap(a.chunks[last])-len(a.chunks[last]) {
		at := len(a.chunks[last])
		a.chunks[last] = append(a.chunks[last], events...)
		return a.chunks[last][at:], uint32(last*chunkEvents + at)
	}
	if len(events) < fewEvents/2 {
		events = append(make([]Event, 0, fewEvents), events...)
	}
	a.chunks = append(a.chunks, events)
	return events, uint32((last + 1) * chunkEvents)
}

// at returns the event with that number.
func (a *arena) at(n uint32) *Event { return &a.chunks[n/chunkEvents][n%chunkEvents] }

// intern returns the index of a layout, given as kind and length pairs.
func (a *arena) intern(pairs []byte) uint32 {
	a.interning.Lock()
	defer a.interning.Unlock()
	id, ok := a.known[string(pairs)]
	if !ok {
		id = a.newLayout(pairs)
	}
	return id
}

func (a *arena) newLayout(pairs []byte) uint32 {
	layout := make(Layout, len(pairs)/2)
	for i := range layout {
		layout[i] = Option{Kind: pairs[2*i], Length: pairs[2*i+1]}
	}
	id := uint32(len(a.layouts))
	a.layouts = append(a.layouts, layout)
	a.known[string(pairs)] = id
	return id
}

// fileFrames reads frames again from the file they were decoded from.
type fileFrames struct{ r io.ReaderAt }

func (f fileFrames) append(e *Event, buf []byte) ([]byte, error) {
	n := len(buf)
	buf = append(buf, make([]byte, e.CapLen)...)
	if _, err := f.r.ReadAt(buf[n:], e.offset); err != nil {
		return buf[:n], changed(err)
	}
	return buf, nil
}

// Recorded returns the recording that the conversation was found in; nil of a
// file. It must not be changed.
func (c *Conversation) Recorded() []tap.Frame {
	recorded, _ := c.arena.frames.(recordedFrames)
	return recorded
}

// Index is where in its recording a frame of the conversation stands.
func (c *Conversation) Index(e *Event) int { return int(e.offset) }

// recordedFrames are still in memory.
type recordedFrames []tap.Frame

func (f recordedFrames) append(e *Event, buf []byte) ([]byte, error) {
	return append(buf, f[e.offset].Data...), nil
}
