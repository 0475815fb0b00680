package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// application is what capture files say they were written by.
const application = "tcping-cmp"

// Pcapng writes the frames of all stacks to one file, an interface a stack,
// in the order of their times, with the findings as comments on the packets
// they belong to. A stack that takes part in several comparisons is written
// once and gets the comments of all.
func Pcapng(w io.Writer, reports ...*compare.Report) error {
	m := newMerge()
	for _, r := range reports {
		reference, tested := names(r)
		m.add(r, &r.Reference, compare.Reference, reference)
		m.add(r, &r.Tested, compare.Tested, tested)
	}
	return m.write(w)
}

// Recorded is a recording that may never have become a conversation.
type Recorded struct {
	Stack, Description string
	Recording          tap.Recording
}

// PcapngRecordings writes whatever was recorded.
func PcapngRecordings(w io.Writer, recordings []Recorded) error {
	m := newMerge()
	for _, r := range recordings {
		n := m.iface(r.Stack, r.Description)
		for _, f := range r.Recording.Frames {
			m.frames = append(m.frames, merged{iface: n, frame: f})
		}
	}
	return m.write(w)
}

// merge collects the frames of several interfaces. A recording is written
// whole and once, however many conversations were found in it.
type merge struct {
	stacks     map[string]int // index of the interface
	interfaces []capture.Interface
	recordings map[*tap.Frame]int              // by their first frame: its index
	seen       map[*capture.Conversation][]int // indices of its frames
	frames     []merged
}

// merged is one frame of the file; its bytes are fetched when it is written,
// unless they are in frame already.
type merged struct {
	iface    int
	frame    tap.Frame
	c        *capture.Conversation
	e        *capture.Event
	other    bool // recorded, but of no conversation that was compared
	comments []string
}

func (m *merge) iface(stack, description string) int {
	n, ok := m.stacks[stack]
	if !ok {
		n = len(m.interfaces)
		m.stacks[stack] = n
		m.interfaces = append(m.interfaces, capture.Interface{Name: stack, Description: description})
	}
	return n
}

func newMerge() *merge {
	return &merge{stacks: map[string]int{}, recordings: map[*tap.Frame]int{}, seen: map[*capture.Conversation][]int{}}
}

func (m *merge) add(r *compare.Report, run *compare.Run, side compare.Sides, name string) {
	for _, c := range run.Conversations {
		if m.seen[c] == nil {
			m.seen[c] = m.conversation(c, m.iface(name, describe(run)))
		}
	}
	for k := range r.Differences {
		d := &r.Differences[k]
		if d.Repeat <= len(run.Conversations) {
			m.comment(r, d, side, m.seen[run.Conversations[d.Repeat-1]])
		}
	}
}

// conversation adds the frames of a conversation and says where they are.
func (m *merge) conversation(c *capture.Conversation, iface int) (at []int) {
	recording := c.Recorded()
	if recording == nil {
		for _, e := range c.Events {
			at = append(at, len(m.frames))
			m.frames = append(m.frames, merged{iface: iface, frame: tap.Frame{Time: time.Unix(0, e.Time), Dir: e.Dir}, c: c, e: e})
		}
		return at
	}
	first, ok := m.recordings[&recording[0]]
	if !ok {
		first = len(m.frames)
		m.recordings[&recording[0]] = first
		for _, f := range recording {
			m.frames = append(m.frames, merged{iface: iface, frame: f, other: true})
		}
	}
	for _, e := range c.Events {
		i := first + c.Index(e)
		at, m.frames[i].other = append(at, i), false
	}
	return at
}

// describe is an interface's description: the stack's settings.
func describe(run *compare.Run) string {
	parts := make([]string, len(run.Settings))
	for n, s := range run.Settings {
		parts[n] = s.Name + " " + s.Value
	}
	return strings.Join(parts, "; ")
}

// comment puts a difference on every packet of the side that shows it; at says
// where the side's frames are.
func (m *merge) comment(r *compare.Report, d *compare.Difference, side compare.Sides, at []int) {
	for _, o := range d.Occurrences {
		i := o.Test
		if side == compare.Reference {
			i = o.Ref
		}
		if i == compare.None {
			continue
		}
		f := &m.frames[at[i]]
		text := commentText(r, d, o)
		if d.By != 0 && d.By&sidesOf(side) == 0 {
			text = "counterpart of a " + text
		}
		f.comments = append(f.comments, text)
	}
}

// sidesOf are the parties whose frames a side's conversation holds.
func sidesOf(side compare.Sides) compare.Sides { return side | side<<2 }

func commentText(r *compare.Report, d *compare.Difference, o compare.Occurrence) string {
	ref, test := r.Values(d, o)
	reference, tested := names(r)
	text := fmt.Sprintf("%s: %s: %s has %s, %s has %s", d.Verdict, title(d), reference, ref, tested, test)
	if by := d.By.Names(); len(by) > 0 {
		text += "; by " + strings.Join(by, " and ")
	}
	if d.Class == compare.Rule {
		text += "; " + d.Finding(o)
	}
	if d.Clause != "" {
		text += " (" + d.Clause + ")"
	}
	return text
}

func (m *merge) write(w io.Writer) error {
	slices.SortStableFunc(m.frames, func(a, b merged) int { return a.frame.Time.Compare(b.frame.Time) })
	out, err := capture.NewWriter(w, application, m.interfaces...)
	if err != nil {
		return err
	}
	var buf []byte
	for n := range m.frames {
		f := &m.frames[n]
		if f.c != nil {
			if buf, err = f.c.Ethernet(f.e, buf[:0]); err != nil {
				return err
			}
			f.frame.Data = buf
		}
		if f.other {
			f.comments = append(f.comments, "not compared: of another conversation")
		}
		if err := out.WriteFrame(f.iface, f.frame, f.comments...); err != nil {
			return err
		}
	}
	return out.Flush()
}
