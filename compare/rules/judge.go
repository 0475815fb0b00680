package rules

import (
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// Outcome is what the rule book says of one conversation.
type Outcome struct {
	Answers  [][2]Answer // by rule in the order of Book, then by direction
	Findings []Finding   // in the order of the frames
}

// Judge holds every frame of a conversation against every rule.
func Judge(c *capture.Conversation) *Outcome {
	out := &Outcome{Answers: make([][2]Answer, len(Book))}
	t := &Track{C: c, budget: 1<<20 + 4*len(c.Events)}
	var f Finding
	for i, e := range c.Events {
		if e.Kind != capture.TCP || e.Marks.Has(capture.HeaderBad) {
			continue
		}
		t.I, t.E = i, e
		for n := range Book {
			rule := &Book[n]
			f.Got, f.Want, f.Artefact = 0, 0, ""
			answer := rule.check(t, &f)
			if answer == NotExercised {
				continue
			}
			if answer == Broken {
				f.Rule, f.Event, f.Dir = rule, i, e.Dir
				out.Findings = append(out.Findings, f)
				if f.Artefact != "" {
					continue // nobody can tell
				}
			}
			out.Answers[n][e.Dir] = max(out.Answers[n][e.Dir], answer)
		}
		t.advance()
	}
	out.atEnd(t)
	return out
}

// atEnd looks at what was still open when the capture ended.
func (out *Outcome) atEnd(t *Track) {
	if len(t.C.Events) == 0 || !t.C.Exact || t.C.Dropped > 0 {
		return
	}
	end := t.C.Events[len(t.C.Events)-1].Time
	s := &t.Sides[tap.Out]
	if s.Waiting == 0 || s.Closed != 0 || end-s.Waiting <= ackDelayLimit {
		return
	}
	n := ruleIndex(ackDelay)
	out.Answers[n][tap.Out] = Broken
	out.Findings = append(out.Findings, Finding{
		Rule: &Book[n], Event: s.WaitingFor, Dir: tap.Out, Got: (end - s.Waiting) / 1e6, Want: 500,
	})
}

func ruleIndex(id string) int {
	for n := range Book {
		if Book[n].ID == id {
			return n
		}
	}
	panic("BUG: no rule " + id)
}
