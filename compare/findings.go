package compare

import (
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// findings adds what the rules found about either side. What both sides break
// in frames that belong together is told once.
func (d *differ) findings() {
	for n := range d.tstOut.Findings {
		f := &d.tstOut.Findings[n]
		i := d.a.testTo[f.Event]
		by := Tested
		if broken(d.refOut, f.Rule, i) {
			by |= Reference
		}
		d.finding(f, Occurrence{Ref: i, Test: int32(f.Event), Got: f.Got, Want: f.Want}, by, 0)
	}
	for n := range d.refOut.Findings {
		f := &d.refOut.Findings[n]
		j := d.a.refTo[f.Event]
		if !broken(d.tstOut, f.Rule, j) {
			d.finding(f, Occurrence{Ref: int32(f.Event), Test: j, Got: f.Got, Want: f.Want}, Reference, 0)
		}
	}
	d.markRows()
}

func broken(out *rules.Outcome, r *rules.Rule, i int32) bool {
	for _, f := range at(out, i) {
		if f.Rule == r {
			return true
		}
	}
	return false
}

func (d *differ) finding(f *rules.Finding, occ Occurrence, by Sides, repeat int) {
	if f.Dir == tap.In {
		by <<= 2 // the peers
	}
	o := opinion{verdictOf(f), f.Rule.Clause, f.Rule.Meaning}
	if f.Artefact != "" {
		o.reason = f.Artefact
	}
	diff := d.add(groupKey{class: Rule, field: f.Rule.Field, role: f.Rule.ID, dir: f.Dir, repeat: repeat}, o, occ)
	diff.Rule = f.Rule.ID
	if o.verdict != Artefact {
		diff.By |= by
	}
}

// markRows lets the rows show what the rules found.
func (d *differ) markRows() {
	if len(d.refOut.Findings)+len(d.tstOut.Findings) == 0 {
		return
	}
	ref, test := worstOf(d.refOut, len(d.a.refTo)), worstOf(d.tstOut, len(d.a.testTo))
	for n := range d.a.rows {
		row := &d.a.rows[n]
		if row.Ref != None {
			row.Worst = max(row.Worst, ref[row.Ref])
		}
		if row.Test != None {
			row.Worst = max(row.Worst, test[row.Test])
		}
	}
}

// worstOf is the worst that the rules found about each frame.
func worstOf(out *rules.Outcome, frames int) []Verdict {
	worst := make([]Verdict, frames)
	for n := range out.Findings {
		f := &out.Findings[n]
		worst[f.Event] = max(worst[f.Event], verdictOf(f))
	}
	return worst
}

func verdictOf(f *rules.Finding) Verdict {
	switch {
	case f.Artefact != "":
		return Artefact
	case f.Rule.Level == rules.Should:
		return Deviation
	case f.Rule.Level == rules.May:
		return Permitted
	}
	return Violation
}
