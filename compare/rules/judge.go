package rules

import (
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// Outcome is what the rule book says of one conversation.
type Outcome struct {
	Answers  [][2]Answer // by rule in the order of Book, then by direction
	Findings []Finding   // in the order of the frames

	about *capture.Conversation
}

// Judge holds every frame of a conversation against every rule.
func Judge(c *capture.Conversation) *Outcome {
	out := &Outcome{Answers: make([][2]Answer, len(Book)), about: c}
	t := newTrack(c)
	for i, e := range c.Events {
		if !t.enter(i, e) {
			continue
		}
		if t.damaged() {
			t.settle(out)
			t.overdue(out, e.Time)
			out.damage(t)
			t.skip()
			t.incur()
			continue
		}
		out.frame(t)
		t.advance()
		t.incur()
	}
	out.atEnd(t)
	out.sorted()
	return out
}

func newTrack(c *capture.Conversation) *Track {
	return &Track{C: c, budget: 1<<20 + 4*len(c.Events), duties: make([]duty, len(dutyRules))}
}

// enter makes the frame the one that is looked at; false if it is no segment
// whose numbers mean anything.
func (t *Track) enter(i int, e *capture.Event) bool {
	t.I, t.E = i, e
	if e.Kind == capture.ICMP4 || e.Kind == capture.ICMP6 {
		t.message()
		return false
	}
	if e.Kind != capture.TCP || e.Marks.Has(capture.HeaderBad) {
		return false
	}
	t.Rtx = t.lookAgain()
	t.Meets = t.classify()
	return true
}

// frame holds one frame against the Book.
func (out *Outcome) frame(t *Track) {
	t.settle(out)
	t.overdue(out, t.E.Time)
	f, dir := &t.finding, t.E.Dir
	list := t.callsFor(t.likeness())
	for n := range list {
		c := &list[n]
		switch c.check(t, f) {
		case Holds:
			if a := &out.Answers[c.rule][dir]; *a == NotExercised {
				*a = Holds
			}
		case Broken:
			out.answer(c.rule, Broken, *f, t.I, dir)
			if c.steady {
				t.last[dir].calm = false
			}
		}
		f.Got, f.Want = 0, 0
		if f.Artefact != "" {
			f.Artefact = ""
		}
	}
}

// atEnd looks at what was still open when the capture ended.
func (out *Outcome) atEnd(t *Track) {
	if len(t.C.Events) == 0 || !t.seen(int(tap.Out)) || t.E == nil {
		return
	}
	end := t.C.Events[len(t.C.Events)-1].Time
	for k := range t.duties {
		t.expire(out, k, end)
	}
	t.overdue(out, end)
	out.pushAtEnd(t)
	s := &t.Sides[tap.Out]
	if s.Waiting == 0 || s.Closed != 0 || s.Reset || end-s.Waiting <= ackDelayLimit {
		return
	}
	f := Finding{Got: (end - s.Waiting) / 1e6, Want: 500}
	out.answer(ruleIndex(ackDelay), Broken, f, s.WaitingFor, tap.Out)
}

func ruleIndex(id string) int {
	for n := range Book {
		if Book[n].ID == id {
			return n
		}
	}
	panic("BUG: no rule " + id)
}
