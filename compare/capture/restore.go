package capture

import "tcping-cmp/tap"

// Kept is a frame that was kept outside a capture file: its bytes, and what
// they do not say.
type Kept struct {
	tap.Frame
	WireLen int // bytes on the link; 0: as many as there are
}

// Restore decodes the frames of one conversation again. about says what the
// frames do not: names, ends, link type and what the capture lost. The frames
// must not change afterwards.
func Restore(about Conversation, frames []Kept) *Conversation {
	c := &about
	c.arena = newArena(keptFrames(frames))
	d := &decoder{arena: c.arena, link: c.Type, pairs: make([]byte, 0, 80)}
	c.Events = make([]*Event, len(frames))
	for n := range frames {
		f := &frames[n]
		e := c.arena.event()
		e.Time, e.offset = f.Time.UnixNano(), int64(n)
		d.decode(f.Data, max(f.WireLen, len(f.Data)), e)
		e.Marks |= OwnDirection | fromLink(f.Flags)
		e.Dir = f.Dir
		c.Events[n] = e
	}
	if len(frames) > 0 {
		c.StartOfFrames = c.Events[0].Time
	}
	c.number()
	c.RolesGuessed = !c.HasSYN && !c.HasSYNACK
	c.markSuperFrames()
	return c
}

// keptFrames are in memory.
type keptFrames []Kept

func (f keptFrames) append(e *Event, buf []byte) ([]byte, error) {
	return append(buf, f[e.offset].Data...), nil
}
