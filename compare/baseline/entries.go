package baseline

import (
	"fmt"
	"hash/fnv"

	"tcping-cmp/compare"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// Report adds the differences of a comparison; scenario is empty for a
// conversation that is no scenario's.
func (s *Seen) Report(r *compare.Report, scenario string) {
	s.look(subject{scenario, r.Tested.Stack, r.Reference.Stack})
	for n := range r.Differences {
		if d := &r.Differences[n]; concerns(d.Verdict) && concernsTested(d) {
			s.Entries = append(s.Entries, entryOf(r, d, scenario))
		}
	}
}

// concerns tells what is kept from noise and artefacts.
func concerns(v compare.Verdict) bool { return v == compare.Permitted || v >= compare.Deviation }

// concernsTested tells what is kept from what the reference or a peer breaks,
// for which the stack under test is not to blame.
func concernsTested(d *compare.Difference) bool { return d.By == 0 || d.By&compare.Tested != 0 }

func entryOf(r *compare.Report, d *compare.Difference, scenario string) Entry {
	kind := *d
	kind.Repeat = 1 // in which of the conversations it shows is chance
	e := Entry{
		Scenario: scenario, Tested: r.Tested.Stack, Reference: r.Reference.Stack, ID: d.ID, Verdict: d.Verdict.String(),
		What: kind.Title(), Field: d.Field, Role: d.Role, Rule: d.Rule, Clause: d.Clause,
	}
	if d.By != 0 {
		e.By = d.By.Names()
	}
	return e
}

// Checked adds the rules that a conversation breaks.
func (s *Seen) Checked(c *compare.Checked) {
	s.look(subject{})
	for n := range c.Broken {
		if b := &c.Broken[n]; concerns(b.Verdict) {
			s.Entries = append(s.Entries, checkedEntry(b))
		}
	}
}

func checkedEntry(b *compare.BrokenRule) Entry {
	end := "client"
	if b.Dir == tap.In {
		end = "server"
	}
	return Entry{
		ID: b.ID, Verdict: b.Verdict.String(), By: []string{end}, What: fmt.Sprintf("%s, by the %s", b.Rule.ID, end),
		Field: b.Rule.Field, Rule: b.Rule.ID, Clause: b.Rule.Clause,
	}
}

// Mark marks the differences of a comparison: what the baseline has is
// accepted, for the reason given there, and everything else that
// it is about is new, which decides the exit status.
func (f *File) Mark(r *compare.Report, scenario string) {
	for n := range r.Differences {
		d := &r.Differences[n]
		if !concerns(d.Verdict) || !concernsTested(d) || d.Verdict < f.least() {
			continue
		}
		e := entryOf(r, d, scenario)
		was := f.Find(&e)
		switch {
		case was == nil:
			d.New = true
		case d.Known == nil && d.Verdict >= compare.Deviation:
			d.Known = &rules.Known{Rule: d.Rule, Stack: r.Tested.Stack, Why: because(was)}
		}
	}
}

// MarkChecked marks the rules that a conversation breaks in the same way.
func (f *File) MarkChecked(c *compare.Checked) {
	for n := range c.Broken {
		b := &c.Broken[n]
		if !concerns(b.Verdict) || b.Verdict < f.least() {
			continue
		}
		e := checkedEntry(b)
		was := f.Find(&e)
		if was == nil {
			b.New = true
		} else if b.Known == nil {
			b.Known = &rules.Known{Rule: b.Rule.ID, Stack: e.By[0], Why: because(was)}
		}
	}
}

// because is why an entry is accepted.
func because(e *Entry) string {
	if e.Reason == "" {
		return "it is in the baseline"
	}
	return e.Reason
}

// Sentence is an entry for what no field and no rule names: the sentence that
// says it is its id.
func Sentence(text string) Entry {
	h := fnv.New64a()
	h.Write([]byte(text))
	return Entry{ID: fmt.Sprintf("%010x", h.Sum64()&0xffffffffff), Verdict: compare.Unspecified.String(), What: text}
}
