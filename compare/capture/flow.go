package capture

import (
	"encoding/binary"
	"net/netip"

	"tcping-cmp/tap"
)

// flow is a connection while a capture is being read.
type flow struct {
	key      ends // as its client sends
	own      ends // as the stack sends that the recording is of; zero if it sends nothing
	iface    uint16
	events   numbers // in the arena: nothing for the garbage collector
	iss      uint32  // of the client, once its SYN was seen
	hasSYN   bool
	reused   bool  // there was a connection between these ends before
	fins     uint8 // one bit a direction
	reset    bool
	octets   int64    // of payload, both ways
	moreThan bool     // data or ACKs after the handshake were seen
	counts   numberer // unless it is a recording's, whose directions are known later
}

// numbers is a list that is never copied while it grows.
type numbers struct {
	chunks [][]uint32
	count  int
}

// fewNumbers and manyNumbers are how many the first chunk has room for, and how
// many the longest.
const (
	fewNumbers  = 16
	manyNumbers = 1 << 14
)

func (l *numbers) append(n uint32) {
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last]) == cap(l.chunks[last]) {
		last++
		l.chunks = append(l.chunks, make([]uint32, 0, min(fewNumbers<<min(last, 16), manyNumbers)))
	}
	l.chunks[last] = append(l.chunks[last], n)
	l.count++
}

func (l *numbers) first() uint32 { return l.chunks[0][0] }

func (l *numbers) last() uint32 {
	chunk := l.chunks[len(l.chunks)-1]
	return chunk[len(chunk)-1]
}

func (l *numbers) all(yield func(uint32) bool) {
	for _, chunk := range l.chunks {
		for _, n := range chunk {
			if !yield(n) {
				return
			}
		}
	}
}

// aside is a frame beside the segments: ARP, ICMP, a fragment.
type aside struct {
	event         *Event
	outer, quoted ends
	iface         uint16
}

// table sorts frames into connections.
type table struct {
	arena   *arena
	flows   []*flow
	current map[flowKey]*flow
	asides  []aside
	leftOut int
	frames  int

	links bool  // the directions of the frames come from a link, not from who opened the connection
	last  *flow // that of the last segment
}

// flowKey names a connection whichever way its packets go.
type flowKey struct {
	low, high         address
	lowPort, highPort uint16
	iface             uint16
}

func keyOf(p *ends, iface uint16) flowKey {
	if p.src.before(p.dst) || p.src == p.dst && p.srcPort <= p.dstPort {
		return flowKey{p.src, p.dst, p.srcPort, p.dstPort, iface}
	}
	return flowKey{p.dst, p.src, p.dstPort, p.srcPort, iface}
}

func newTable(a *arena) *table { return &table{arena: a, current: map[flowKey]*flow{}} }

// add puts a decoded frame, which has that number, where it belongs.
func (t *table) add(e *Event, number uint32, outer, quoted *ends) {
	t.frames++
	switch {
	case e.Kind == TCP && (outer.srcPort != 0 || outer.dstPort != 0):
		t.addSegment(e, number, outer)
	case e.Kind == ARP || e.Kind == ICMP4 || e.Kind == ICMP6 || e.Kind == Fragment:
		a := aside{event: e, outer: *outer, iface: e.Interface}
		if quoted != nil {
			a.quoted = *quoted
		}
		t.asides = append(t.asides, a)
	default:
		t.leftOut++
	}
}

func (t *table) addSegment(e *Event, number uint32, p *ends) {
	f := t.last
	if f == nil || !f.has(p, e.Interface) {
		f = t.current[keyOf(p, e.Interface)]
	}
	if f == nil || f.endedBy(e, p) {
		f = &flow{key: clientEnds(e, p), iface: e.Interface, reused: f != nil}
		t.flows = append(t.flows, f)
		t.current[keyOf(p, e.Interface)] = f
	}
	t.last = f
	f.append(e, p)
	f.events.append(number)
	if !t.links {
		f.counts.add(e)
	}
}

// has reports whether a segment between these ends is the connection's, or that
// of another one between them.
func (f *flow) has(p *ends, iface uint16) bool {
	return f.iface == iface && (p.same(&f.key) || p.answers(&f.key))
}

// extent is the first and the last segment of a connection.
func (t *table) extent(f *flow) (first, last *Event) {
	return t.arena.at(f.events.first()), t.arena.at(f.events.last())
}

// endedBy reports whether the segment is the first of another connection
// between the same ports: a new SYN after the end of this one, or from the
// client of one that was established.
func (f *flow) endedBy(e *Event, p *ends) bool {
	if !e.Flags.Has(SYN) || e.Flags.Any(ACK|RST) || f.hasSYN && e.Seq == f.iss {
		return false
	}
	if f.reset || f.fins == 3 {
		return true
	}
	return f.moreThan && p.same(&f.key)
}

// clientEnds tells who opened a connection from its first segment: the sender
// of the SYN, or, without one, the side with the higher port.
func clientEnds(e *Event, p *ends) ends {
	switch {
	case e.Flags.Has(SYN | ACK):
		return p.turned()
	case e.Flags.Has(SYN):
		return *p
	case p.srcPort < p.dstPort:
		return p.turned()
	}
	return *p
}

func (f *flow) append(e *Event, p *ends) {
	e.Dir = tap.In
	if p.same(&f.key) {
		e.Dir = tap.Out
	}
	if e.Flags.Has(SYN) && !e.Flags.Has(ACK) && e.Dir == tap.Out {
		f.hasSYN, f.iss = true, e.Seq
	}
	if e.Flags.Has(FIN) {
		f.fins |= 1 << e.Dir
	}
	f.reset = f.reset || e.Flags.Has(RST)
	f.moreThan = f.moreThan || !e.Flags.Any(SYN|RST)
	f.octets += int64(e.PayloadLen)
}

// concerns reports whether a frame beside the segments belongs to the
// connection: an ICMP error quotes one of its packets, anything else is about
// one of its hosts.
func (a *aside) concerns(key ends) bool {
	if a.quoted != (ends{}) {
		return a.quoted.same(&key) || a.quoted.answers(&key)
	}
	if a.event.Kind == ARP || a.event.Kind == ICMP6 {
		return a.outer.src == key.src || a.outer.src == key.dst || a.outer.dst == key.src || a.outer.dst == key.dst
	}
	return a.outer.src == key.src && a.outer.dst == key.dst || a.outer.src == key.dst && a.outer.dst == key.src
}

// direction of a frame beside the segments: Out if it comes from the client.
func (a *aside) direction(key ends) tap.Direction {
	if a.outer.src == key.src || a.event.Kind == ARP && a.event.Seq == 0 && a.outer.dst == key.src {
		return tap.Out
	}
	return tap.In
}

// numberer counts relative sequence numbers.
type numberer struct {
	base  [2]uint32
	known [2]bool // a base was seen
	syn   [2]bool // it came from a SYN
	doubt [2]bool // whose checksum was wrong
	last  [2]int64
	superFrames
}

// add sets the relative numbers of the next segment, and what else follows from
// the segments before it.
func (n *numberer) add(e *Event) {
	n.superFrames.mark(e)
	if !e.Marks.Has(HeaderBad) {
		n.one(e)
	}
}

// number does so for all segments of a conversation.
func (c *Conversation) number() {
	var n numberer
	for _, e := range c.Events {
		if e.Kind == TCP {
			n.add(e)
		}
	}
	c.finish(&n)
}

// finish notes what was found out about a conversation.
func (c *Conversation) finish(n *numberer) {
	c.ISS, c.IRS = n.base[tap.Out], n.base[tap.In]
	c.HasSYN, c.HasSYNACK = n.syn[tap.Out], n.syn[tap.In]
	c.RolesGuessed = !c.HasSYN && !c.HasSYNACK
	if len(c.Events) > 0 {
		c.StartOfFrames = c.Events[0].Time
	}
}

func (n *numberer) one(e *Event) {
	own, other := e.Dir, 1-e.Dir
	damaged := e.Marks.Any(IPChecksumBad | ChecksumBad)
	if e.Flags.Has(SYN) && (!n.syn[own] || n.doubt[own] && !damaged) {
		n.base[own], n.known[own], n.syn[own], n.last[own] = e.Seq, true, true, 0
		n.doubt[own] = damaged
	} else if !n.known[own] && !e.Flags.Has(RST) {
		n.base[own], n.known[own] = e.Seq, true
	}
	e.RelSeq = n.relative(own, e.Seq)
	if n.known[own] {
		n.last[own] = max(n.last[own], e.RelSeq)
	}
	if !e.Flags.Has(ACK) {
		return
	}
	if !n.known[other] {
		n.base[other], n.known[other] = e.Ack, true
		if e.Flags.Has(SYN) {
			n.base[other]-- // it acknowledges a SYN that was not captured
		}
	}
	e.RelAck = n.relative(other, e.Ack)
}

// relative unwraps a number near the highest one seen of that side.
func (n *numberer) relative(side tap.Direction, number uint32) int64 {
	last := n.last[side]
	return last + int64(int32(number-n.base[side]-uint32(last)))
}

// host4 returns the IPv4 address that ARP keeps in Seq or Ack.
func host4(n uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	return netip.AddrFrom4(b)
}

// ARPSender returns the protocol address of an ARP frame's sender.
func (e *Event) ARPSender() netip.Addr { return host4(e.Seq) }

// ARPTarget returns the protocol address an ARP frame asks for or answers to.
func (e *Event) ARPTarget() netip.Addr { return host4(e.Ack) }
