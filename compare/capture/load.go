package capture

import "tcping-cmp/compare/turns"

// format walks over a file of one format.
type format interface {
	// step reads what stands next in the file, and hands the frame in it to
	// the reader.
	step() error
	// atHand reports whether the file need not be read for that.
	atHand() bool
}

// reader is where the formats hand their frames to.
type reader struct {
	w          *window
	interfaces []fileInterface

	frames      int
	foreign     int // frames of a link type that is not understood
	foreignLink LinkType

	found []found // since they were fetched last
}

// found is a frame before it is decoded.
type found struct {
	frame         []byte
	stamp, offset int64
	wireLen       int
	link          LinkType
	index         uint16 // of the interface
	outer         ends
	quoted        *ends // of the packet that an ICMP error is about
}

func (r *reader) frame(index int, stamp, offset int64, frame []byte, wireLen int) {
	r.frames++
	link := r.interfaces[index].link
	if !link.known() {
		r.foreign++
		r.foreignLink = link
		return
	}
	r.w.held = true
	r.found = append(r.found, found{
		frame: frame, stamp: stamp, offset: offset, wireLen: max(wireLen, len(frame)), link: link, index: uint16(index),
	})
}

// loader reads a file a piece at a time.
type loader struct {
	format  format
	reader  *reader
	table   *table
	problem error
	ended   bool
}

// load decodes all frames on all processors and sorts them into connections.
// It returns what is wrong with the file.
func (l *loader) load() error {
	pieces := l.reader.w.left()/l.reader.w.atOnce + 1
	turns.Run(int(min(pieces, 1<<20)), func() turns.Worker { return newLoading(l) })
	return l.problem
}

// loading is one piece of a file: what is read of it at once.
type loading struct {
	*loader
	buf    []byte
	found  []found
	events [][]Event
	sacks  []SACKBlock
	d      *decoder
}

func newLoading(l *loader) *loading {
	p := &loading{loader: l, d: newDecoder(l.table.arena, LinkEthernet)}
	p.d.sacks = &p.sacks
	return p
}

// Take reads the next piece, and finds the frames in it.
func (p *loading) Take(int) bool {
	if p.ended {
		return false
	}
	w := p.reader.w
	w.begin(p.buf)
	p.reader.found = p.found[:0]
	for w.left() > 0 && p.problem == nil && (len(p.reader.found) == 0 || p.format.atHand()) {
		p.problem = p.format.step()
	}
	p.ended = w.left() <= 0 || p.problem != nil
	p.buf, p.found = w.buf, p.reader.found
	return true
}

// Work decodes them.
func (p *loading) Work() {
	p.events, p.sacks = p.events[:0], p.sacks[:0]
	for from := 0; from < len(p.found); from += chunkEvents {
		chunk := make([]Event, min(chunkEvents, len(p.found)-from))
		for i := range chunk {
			p.decode(&chunk[i], &p.found[from+i])
		}
		p.events = append(p.events, chunk)
	}
}

func (p *loading) decode(e *Event, f *found) {
	e.Time, e.offset, e.Interface = f.stamp, f.offset, f.index
	p.d.link = f.link
	p.d.decode(f.frame, f.wireLen, e)
	f.outer = p.d.outer
	if (e.Kind == ICMP4 || e.Kind == ICMP6) && p.d.quoted != (ends{}) {
		quoted := p.d.quoted
		f.quoted = &quoted
	}
}

// Deliver sorts them into connections.
func (p *loading) Deliver(int) {
	a := p.table.arena
	before := uint32(len(a.sacks))
	a.sacks = append(a.sacks, p.sacks...)
	for n, chunk := range p.events {
		events, number := a.adopt(chunk)
		for i := range events {
			e, f := &events[i], &p.found[n*chunkEvents+i]
			if e.SACKCount > 0 {
				e.sack += before
			}
			p.table.add(e, number+uint32(i), &f.outer, f.quoted)
		}
	}
}
