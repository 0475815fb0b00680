package fault

import (
	"time"

	"tcping-cmp/tap"
)

// conn is what the frames of one connection have shown: what the stack meant
// to send, before a fault changed it, and what has reached it.
type conn struct {
	now   time.Time
	sides [2]side // by direction
	first time.Time
	hits  int // how often the fault has struck

	// What faults keep in mind.
	kept        *packet
	queue       []*packet // data in flight, in its order
	mark        uint32
	duplicates  int // duplicate acknowledgements of the peer's in a row
	duplicateAt time.Time
	known       map[uint32]time.Time // when data was sent first, by its number
}

// side is what one end has shown.
type side struct {
	started    bool
	isn        uint32
	open       bool // its SYN was seen
	next       uint32
	acked      uint32
	hasAcked   bool
	window     uint16 // the field of its last segment
	mss        uint16
	shift      byte
	scaling    bool
	timestamps bool
	sack       bool
	ecn        uint16 // ECE and CWR of its SYN
	tsVal      uint32
	tsEcr      uint32
	finished   bool
	finAt      uint32 // number of its FIN
	last       time.Time
}

func (c *conn) out() *side { return &c.sides[tap.Out] }
func (c *conn) in() *side  { return &c.sides[tap.In] }

// established reports whether both SYNs were seen.
func (c *conn) established() bool { return c.sides[0].open && c.sides[1].open }

func (c *conn) scaled() bool { return c.sides[0].scaling && c.sides[1].scaling }

func (c *conn) timestamped() bool { return c.sides[0].timestamps && c.sides[1].timestamps }

// edge is the right edge of the window that one end has announced.
func (c *conn) edge(dir tap.Direction) uint32 {
	s := &c.sides[dir]
	window := uint32(s.window)
	if c.scaled() {
		window <<= min(s.shift, 14)
	}
	return s.acked + window
}

// see takes a frame into account, after the fault has looked at it.
func (c *conn) see(dir tap.Direction, p *packet) {
	s := &c.sides[dir]
	if !p.sumOK {
		return
	}
	if p.flags&syn != 0 && !s.open {
		s.open, s.isn, s.next = true, p.seq, p.seq
		s.mss, _ = p.mss()
		s.shift, s.scaling = p.scale()
		_, _, s.timestamps = p.timestamps()
		s.sack = p.has(optSACKPermitted)
		s.ecn = p.flags & (ece | cwr)
	}
	if dir == tap.In && isDuplicateACK(c, p) {
		c.duplicates++
		c.duplicateAt = c.now
	} else if dir == tap.In && p.flags&ack != 0 && after(p.ack, s.acked) {
		c.duplicates = 0
	}
	if !s.started {
		s.started, s.next = true, p.seq
	}
	if p.flags&rst != 0 {
		return
	}
	if after(p.end(), s.next) {
		s.next = p.end()
		if len(p.payload) > 0 {
			c.remember(p)
		}
	}
	if p.flags&fin != 0 && !s.finished {
		s.finished, s.finAt = true, p.end()-1
	}
	if p.flags&ack != 0 && (!s.hasAcked || !after(s.acked, p.ack)) {
		s.acked, s.hasAcked, s.window = p.ack, true, p.window
	}
	if val, ecr, ok := p.timestamps(); ok {
		s.tsVal, s.tsEcr = val, ecr
	}
	s.last = c.now
}

// maxKnown bounds what is remembered of what was sent when.
const maxKnown = 4096

func (c *conn) remember(p *packet) {
	if c.known == nil {
		c.known = map[uint32]time.Time{}
	}
	if len(c.known) < maxKnown {
		c.known[p.seq] = c.now
	}
}

// after says whether sequence number a comes after b.
func after(a, b uint32) bool { return int32(a-b) > 0 }
