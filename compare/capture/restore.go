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
	d := newDecoder(c.arena, c.Type)
	c.Events = make([]*Event, len(frames))
	for n := range frames {
		f := &frames[n]
		e, _ := c.arena.event()
		e.Time, e.offset = f.Time.UnixNano(), int64(n)
		d.decode(f.Data, max(f.WireLen, len(f.Data)), e)
		e.Marks |= OwnDirection | fromLink(f.Flags)
		e.Dir = f.Dir
		c.Events[n] = e
	}
	c.number()
	return c
}

// keptFrames are in memory.
type keptFrames []Kept

func (f keptFrames) append(e *Event, buf []byte) ([]byte, error) {
	return append(buf, f[e.offset].Data...), nil
}
