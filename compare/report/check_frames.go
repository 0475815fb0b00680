package report

import (
	"fmt"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// story is a conversation that was checked, frame by frame.
type story struct {
	frames   *compare.Report // whose both sides it is: it knows how to describe frames
	inferred []rules.Inferred
	worst    []compare.Verdict // of the rules that each frame breaks
}

// wantsFrames reports whether the frames of a conversation are to be shown, and
// are at hand: a saved result has them only if they were asked for.
func wantsFrames(c *compare.Checked, s Style) bool {
	events := c.Conversation.Events
	return s.Verbose > 0 && len(events) > 0 && events[0] != nil
}

// storyOf returns nil if there is none to be shown.
func storyOf(c *compare.Checked, s Style) *story {
	if !wantsFrames(c, s) {
		return nil
	}
	v := c.Conversation
	alone := compare.Run{Conversations: []*capture.Conversation{v}}
	t := &story{
		frames:   compare.Restore(&compare.Report{Reference: alone, Tested: alone}),
		inferred: rules.Infer(v), worst: make([]compare.Verdict, len(v.Events)),
	}
	for n := range c.Broken {
		b := &c.Broken[n]
		verdict := b.Verdict
		if b.Known != nil {
			verdict = compare.Permitted
		}
		for _, f := range b.Places {
			if f.Event >= 0 && f.Event < len(t.worst) {
				t.worst[f.Event] = max(t.worst[f.Event], verdict)
			}
		}
	}
	return t
}

// each calls show for the frames that are to be seen, and left for those that
// are left out in the middle.
func (t *story) each(s Style, show func(i int32), left func(n int)) {
	from, to := s.leftOut(len(t.inferred))
	for i := range t.inferred {
		if i == from {
			left(to - from)
		}
		if i < from || i >= to {
			show(int32(i))
		}
	}
}

// mark stands before a frame that breaks a rule.
func (t *story) mark(i int32) string {
	if t.worst[i] == compare.Same {
		return " "
	}
	return t.worst[i].Glyph()
}

// header is what the headers of a frame say, where that is wanted: of a frame
// that breaks a rule, or of each.
func (t *story) header(s Style, i int32) (list []string) {
	if s.Verbose < 2 || t.worst[i] == compare.Same && !s.Full {
		return nil
	}
	for _, field := range t.frames.Header(compare.Tested, i) {
		list = append(list, said(field.Name, field.Value))
	}
	return list
}

// story prints the frames of a conversation, what they imply below each.
func (p *printer) story(t *story) {
	events := t.frames.Tested.Conversations[0].Events
	t.each(p.s, func(i int32) {
		p.line("  %s %s", p.s.paint(verdictColor(t.worst[i]), t.mark(i)), p.rung(t.frames, compare.Tested, i, p.s.width()-4))
		below := Wrap(inferredWords(events[i], &t.inferred[i]), p.s.width()-4-belowIndent)
		for _, field := range t.header(p.s, i) {
			below = append(below, Wrap(field, p.s.width()-4-belowIndent)...)
		}
		for n := range below {
			p.line("    %s", p.s.paint(faint, indented(below, n)))
		}
	}, func(n int) { p.line("  %s %d frames left out %s", p.g.middle, n, p.g.middle) })
}

// checkPageFrame is a frame on the page of a check.
type checkPageFrame struct {
	Number                           int // 0: so many are left out as What says
	Time, Arrow, What, Implies, Mark string
	Level                            string
	Header                           []string
}

// page is the story for the page of a check.
func (t *story) page(s Style) (list []checkPageFrame) {
	v := t.frames.Tested.Conversations[0]
	g := Style{}.glyphs() // a page is not the terminal's
	t.each(s, func(i int32) {
		e := v.Events[i]
		f := checkPageFrame{
			Number: int(i) + 1, Time: strings.TrimSpace(since(e.Time - v.StartOfFrames)), Arrow: g.right, What: printable(short(t.frames, compare.Tested, i, e)),
			Implies: inferredWords(e, &t.inferred[i]), Mark: t.mark(i), Level: levelOfVerdict(t.worst[i]), Header: t.header(s, i),
		}
		if e.Dir == tap.In {
			f.Arrow = g.left
		}
		list = append(list, f)
	}, func(n int) { list = append(list, checkPageFrame{What: fmt.Sprintf("%d frames left out", n)}) })
	return list
}

// levelOfVerdict is how a page shows a verdict.
func levelOfVerdict(v compare.Verdict) string {
	switch {
	case v >= compare.Unspecified:
		return "bad"
	case v > compare.Same:
		return "warn"
	}
	return "soft"
}
