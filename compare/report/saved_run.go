package report

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"slices"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// pendingRun collects one stack's conversations while they are read.
type pendingRun struct {
	run     compare.Run
	repeats []pendingConversation
	bytes   []byte // room for frames
}

// pendingConversation is a conversation whose frames are not decoded yet.
type pendingConversation struct {
	record RunRecord
	frames []capture.Kept
}

// begin takes the record before the frames of a conversation.
func (p *pendingRun) begin(l *Line, record *RunRecord) error {
	if record.Repeat > len(p.repeats)+1 || record.Repeat < 0 || record.Repeat > 0 && record.Repeat <= len(p.repeats) {
		return l.Errorf("conversation %d of %s follows number %d; is a line missing?", record.Repeat, record.Stack, len(p.repeats))
	}
	if record.Repeat <= 1 {
		p.run = compare.Run{
			Stack: record.Stack, Settings: settingsOf(record.Settings), State: record.State, PeerState: record.PeerState,
			Duration: time.Duration(record.DurationNS), Error: record.Error,
		}
	}
	if record.Repeat > 0 {
		p.repeats = append(p.repeats, pendingConversation{record: *record})
	}
	return nil
}

// savedFrame is what is needed of a frame record.
type savedFrame struct {
	Frame     int      `json:"frame"`
	TimeNS    int64    `json:"time_ns"`
	Direction string   `json:"direction"`
	Length    int      `json:"length_bytes"`
	Raw       string   `json:"raw"`
	Marks     []string `json:"marks"`
}

func (p *pendingRun) frame(l *Line) error {
	if len(p.repeats) == 0 {
		return l.Errorf("a frame of %s, which recorded none; is a line missing?", p.run.Stack)
	}
	c := &p.repeats[len(p.repeats)-1]
	var record savedFrame
	if err := l.Into(&record); err != nil {
		return err
	}
	if record.Frame != len(c.frames)+1 {
		return l.Errorf("frame %d follows number %d; is a line missing?", record.Frame, len(c.frames))
	}
	data, err := p.decode(record.Raw)
	if err != nil {
		return l.Errorf("the bytes of frame %d are not hexadecimal; was it changed by hand?", record.Frame)
	}
	dir, ok := direction(record.Direction)
	if !ok {
		return l.Errorf("a frame goes out or in, not %q; was it changed by hand?", record.Direction)
	}
	c.frames = append(c.frames, capture.Kept{
		Frame:   tap.Frame{Time: time.Unix(0, c.record.StartNS+record.TimeNS), Dir: dir, Data: data, Flags: flagsOf(record.Marks)},
		WireLen: record.Length,
	})
	return nil
}

// decode returns the bytes of a frame; many share one piece of memory.
func (p *pendingRun) decode(text string) ([]byte, error) {
	n := hex.DecodedLen(len(text))
	if len(p.bytes) < n {
		p.bytes = make([]byte, max(n, 1<<16))
	}
	data := p.bytes[:n:n]
	p.bytes = p.bytes[n:]
	_, err := hex.Decode(data, []byte(text))
	return data, err
}

// flagsOf are the marks that the link gave a frame; decoding finds the others.
func flagsOf(marks []string) (f tap.FrameFlags) {
	for _, k := range [...]struct {
		mark capture.Marks
		flag tap.FrameFlags
	}{{capture.SuperFrame, tap.SuperFrame}, {capture.VLANRestored, tap.VLANRestored}, {capture.ChecksumCompleted, tap.ChecksumCompleted}} {
		for _, name := range markNames {
			if name.mark == k.mark && slices.Contains(marks, name.name) {
				f |= k.flag
			}
		}
	}
	return f
}

// holds reports whether the first conversation has that frame; 0 stands for
// none.
func (p *pendingRun) holds(frame int) bool { return p.repeatHolds(1, frame) }

func (p *pendingRun) repeatHolds(repeat, frame int) bool {
	return frame == 0 || repeat >= 1 && repeat <= len(p.repeats) && frame > 0 && frame <= len(p.repeats[repeat-1].frames)
}

// finish decodes the conversations. One that is among those that are done
// takes part in both comparisons.
func (p *pendingRun) finish(l *Line, done []*pendingRun) (compare.Run, error) {
	for n := range p.repeats {
		c := &p.repeats[n]
		if c.record.Frames != len(c.frames) {
			return p.run, l.Errorf("conversation %d of %s has %d frames, and %d were saved; is a line missing?", n+1, c.record.Stack, c.record.Frames, len(c.frames))
		}
		conversation, err := c.restore(l)
		if err != nil {
			return p.run, err
		}
		for _, other := range done {
			if n < len(other.repeats) && other.repeats[n].same(c) {
				conversation = other.run.Conversations[n]
			}
		}
		p.run.Conversations = append(p.run.Conversations, conversation)
	}
	return p.run, nil
}

func (c *pendingConversation) restore(l *Line) (*capture.Conversation, error) {
	r := &c.record
	about := capture.Conversation{
		Stack: r.Stack, Source: r.Source, Type: capture.LinkType(r.LinkType), Exact: r.AtClient, Dropped: r.Dropped, LeftOut: r.LeftOut,
	}
	var err1, err2 error
	about.Client, err1 = netip.ParseAddrPort(r.Client)
	about.Server, err2 = netip.ParseAddrPort(r.Server)
	if err1 != nil || err2 != nil {
		return nil, l.Errorf("the ends of a conversation, %q and %q, are no addresses; was it changed by hand?", r.Client, r.Server)
	}
	if len(c.frames) == 0 {
		return nil, l.Errorf("a conversation of %s has no frames; is a line missing?", r.Stack)
	}
	for _, s := range r.Stalls {
		about.Stalls = append(about.Stalls, capture.Stall{From: r.StartNS + s.From, To: r.StartNS + s.To})
	}
	return capture.Restore(about, c.frames), nil
}

// same reports whether two conversations are one.
func (c *pendingConversation) same(d *pendingConversation) bool {
	return c.record.Stack == d.record.Stack && c.record.StartNS == d.record.StartNS &&
		slices.EqualFunc(c.frames, d.frames, func(a, b capture.Kept) bool {
			return a.Time.Equal(b.Time) && a.Dir == b.Dir && bytes.Equal(a.Data, b.Data)
		})
}
