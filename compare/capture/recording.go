package capture

import (
	"errors"
	"fmt"
	"net/netip"

	"tcping-cmp/tap"
)

// ErrNoConversation: the capture holds no TCP connection that fits.
var ErrNoConversation = errors.New("no such TCP conversation in the capture")

// FromRecording decodes what was recorded at a stack's own link. server is
// the peer's address and port; the zero value takes the first connection that
// the stack opened. The recording must not change afterwards: the
// conversation shows its bytes.
func FromRecording(stack string, rec tap.Recording, server netip.AddrPort) (*Conversation, error) {
	t := readRecording(rec)
	f := t.opened(server)
	if f == nil {
		return nil, fmt.Errorf("%w: %s sent no TCP segment to %s; %d frames were recorded",
			ErrNoConversation, stack, describe(server), len(rec.Frames))
	}
	return t.recorded(f, stack, rec), nil
}

// EachFromRecording decodes every connection of a recording in which the stack
// sent a segment, in the order of their first segments. The stack is the
// client of each, whoever opened it. The recording must not change afterwards.
func EachFromRecording(stack string, rec tap.Recording) (list []*Conversation) {
	t := readRecording(rec)
	for _, f := range t.flows {
		if f.own != (ends{}) {
			f.key = f.own
			list = append(list, t.recorded(f, stack, rec))
		}
	}
	return list
}

// readRecording sorts the frames of a recording into connections.
func readRecording(rec tap.Recording) *table {
	d := newDecoder(newArena(recordedFrames(rec.Frames)), LinkEthernet)
	t := newTable(d.arena)
	t.links = true
	for i := range rec.Frames {
		d.recorded(t, &rec.Frames[i], int64(i))
	}
	return t
}

// recorded makes a conversation of a connection of a recording.
func (t *table) recorded(f *flow, stack string, rec tap.Recording) *Conversation {
	c := t.conversation(f)
	c.Stack, c.Source, c.Link = stack, rec.Link.Name, rec.Link
	c.Type, c.Exact, c.Dropped = LinkEthernet, true, rec.Dropped
	for _, s := range rec.Stalls {
		c.Stalls = append(c.Stalls, Stall{s.From.UnixNano(), s.To.UnixNano()})
	}
	return c
}

func describe(server netip.AddrPort) string {
	if !server.IsValid() {
		return "anybody"
	}
	return server.String()
}

// recorded decodes one frame of a recording. Its direction is the link's.
func (d *decoder) recorded(t *table, f *tap.Frame, index int64) {
	e, number := d.arena.event()
	e.Time, e.offset = f.Time.UnixNano(), index
	d.decode(f.Data, len(f.Data), e)
	e.Marks |= OwnDirection | fromLink(f.Flags)
	t.add(e, number, &d.outer, &d.quoted)
	if e.Dir = f.Dir; e.Dir == tap.Out && e.Kind == TCP && t.last != nil && t.last.has(&d.outer, 0) {
		t.last.own = d.outer
	}
}

func fromLink(flags tap.FrameFlags) (m Marks) {
	if flags&tap.ChecksumCompleted != 0 {
		m |= ChecksumCompleted
	}
	if flags&tap.SuperFrame != 0 {
		m |= SuperFrame
	}
	if flags&tap.VLANRestored != 0 {
		m |= VLANRestored
	}
	return m
}

// opened finds the first connection with a segment that went out to the
// server, and turns it so that Out is from the client.
func (t *table) opened(server netip.AddrPort) *flow {
	for _, f := range t.flows {
		for n := range f.events.all {
			e := t.arena.at(n)
			if e.Dir != tap.Out {
				continue
			}
			if f.faces(server) {
				return f
			}
			break
		}
	}
	return nil
}

// faces reports whether the flow goes to the server, after turning it if its
// first segment came from there.
func (f *flow) faces(server netip.AddrPort) bool {
	if !server.IsValid() || f.key.to() == server {
		return true
	}
	if f.key.from() == server {
		f.key = f.key.turned()
		return true
	}
	return false
}

// asideMargin is how long before and after a connection's segments the other
// frames of its hosts belong to it, in nanoseconds.
const asideMargin = 1e9

// conversation puts a flow and the frames beside it together.
func (t *table) conversation(f *flow) *Conversation {
	c := &Conversation{
		Client: f.key.from(), Server: f.key.to(),
		Reused: f.reused, arena: t.arena,
	}
	c.Events = t.withAsides(f)
	c.LeftOut = t.frames - len(c.Events)
	if t.links {
		c.number()
	} else {
		c.finish(&f.counts)
	}
	return c
}

// withAsides merges the frames beside the segments into a flow's events by
// time, keeping the order of each.
func (t *table) withAsides(f *flow) []*Event {
	var beside []*Event
	first, last := t.extent(f)
	for i := range t.asides {
		a := &t.asides[i]
		own := a.event.Marks.Has(OwnDirection)
		if a.iface != f.iface || !own && (a.event.Time < first.Time-asideMargin || a.event.Time > last.Time+asideMargin || !a.concerns(f.key)) {
			continue
		}
		e := a.event
		if !own { // the same frame may concern another connection the other way round
			copied := *e
			e = &copied
			e.Dir = a.direction(f.key)
		}
		beside = append(beside, e)
	}
	merged := make([]*Event, 0, f.events.count+len(beside))
	for n := range f.events.all {
		e := t.arena.at(n)
		for len(beside) > 0 && comesBefore(beside[0], e) {
			merged, beside = append(merged, beside[0]), beside[1:]
		}
		merged = append(merged, e)
	}
	return append(merged, beside...)
}

// comesBefore orders two frames of one capture: as they stand in it.
func comesBefore(a, b *Event) bool { return a.offset < b.offset }

// ethernetFrame is the longest frame of an ordinary Ethernet, tagged.
const ethernetFrame = 1518

// superFrames finds frames that no cable carried, in captures that do not say
// so: longer than an ordinary Ethernet frame and with more payload than the
// receiver's MSS allows.
type superFrames struct{ mss [2]uint32 }

func (s *superFrames) mark(e *Event) {
	if e.Flags.Has(SYN) && e.Marks.Has(HasMSS) {
		s.mss[e.Dir] = uint32(e.MSS)
	}
	if limit := s.mss[1-e.Dir]; limit > 0 && e.PayloadLen > limit && e.WireLen > ethernetFrame {
		e.Marks |= SuperFrame
	}
}
