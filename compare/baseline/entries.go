package baseline

import (
	"fmt"

	"tcping-cmp/compare"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// Of lists the differences of a comparison; scenario is empty for a
// conversation that is no scenario's.
func Of(r *compare.Report, scenario string) (list []Entry) {
	for n := range r.Differences {
		if d := &r.Differences[n]; concerns(d.Verdict) {
			list = append(list, entryOf(r, d, scenario))
		}
	}
	return list
}

// concerns tells what is kept from noise and artefacts.
func concerns(v compare.Verdict) bool { return v == compare.Permitted || v >= compare.Deviation }

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

// OfChecked lists the rules that a conversation breaks.
func OfChecked(c *compare.Checked) (list []Entry) {
	for n := range c.Broken {
		if b := &c.Broken[n]; concerns(b.Verdict) {
			list = append(list, checkedEntry(b))
		}
	}
	return list
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
// accepted, for the reason given there, and everything else from the least
// verdict up is new, which decides the exit status.
func (f *File) Mark(r *compare.Report, scenario string, least compare.Verdict) {
	for n := range r.Differences {
		d := &r.Differences[n]
		if !concerns(d.Verdict) || d.Verdict < least {
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
func (f *File) MarkChecked(c *compare.Checked, least compare.Verdict) {
	for n := range c.Broken {
		b := &c.Broken[n]
		if !concerns(b.Verdict) || b.Verdict < least {
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
