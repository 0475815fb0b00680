package report

import (
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/rules"
)

// packedRows are which frames stand beside each other.
type packedRows struct {
	Ref     []int32 `json:"ref"` // index of the frame, -1: none
	Test    []int32 `json:"test"`
	Verdict []int32 `json:"verdict"`
	Moved   []int32 `json:"moved"` // the rows that are
	Found   []int32 `json:"found"` // row, difference, and the texts: reference, tested, finding
}

type packedDifference struct {
	Verdict int    `json:"v"`
	Known   bool   `json:"known"` // and accepted
	Field   string `json:"field"`
	Title   string `json:"title"`
	By      string `json:"by"`
	Clause  string `json:"clause"`
	Link    string `json:"link"`
	Reason  string `json:"reason"`
}

// rows notes which frames stand beside each other, and where each difference
// is seen.
func (p *packed) rows(r *compare.Report) {
	w := &p.Rows
	w.Moved, w.Found = []int32{}, []int32{}
	at := [2][]int32{make([]int32, len(p.Sides[0].Dir)), make([]int32, len(p.Sides[1].Dir))}
	for n, row := range r.Rows {
		w.Ref, w.Test, w.Verdict = append(w.Ref, row.Ref), append(w.Test, row.Test), append(w.Verdict, int32(row.Worst))
		if row.Moved {
			w.Moved = append(w.Moved, int32(n))
		}
		for side, i := range [...]int32{row.Ref, row.Test} {
			if i != compare.None {
				at[side][i] = int32(n)
			}
		}
	}
	for n := range r.Differences {
		d := &r.Differences[n]
		if d.Repeat > 1 {
			continue // of frames that are not in the ladder
		}
		for _, o := range d.Occurrences {
			p.found(r, d, o, at)
		}
	}
}

func (p *packed) found(r *compare.Report, d *compare.Difference, o compare.Occurrence, at [2][]int32) {
	ref, test := r.Values(d, o)
	finding := ""
	if d.Class == compare.Rule && d.Verdict != compare.Artefact {
		finding = d.Finding(o)
	}
	last := int32(compare.None)
	for side, i := range [...]int32{o.Ref, o.Test} {
		if i == compare.None || at[side][i] == last {
			continue
		}
		last = at[side][i]
		p.Rows.Found = append(p.Rows.Found, last, int32(d.Number), p.text(ref), p.text(test), p.text(finding))
	}
}

func (p *packed) differences(r *compare.Report) {
	p.Differences = []packedDifference{}
	for n := range r.Differences {
		d := &r.Differences[n]
		p.Differences = append(p.Differences, packedDifference{
			Verdict: int(d.Verdict), Known: d.Known != nil, Field: d.Field, Title: printable(title(d)), By: printable(who(r, d)),
			Clause: clauseOf(d), Link: linkOf(d), Reason: printable(reasonAlone(d)),
		})
	}
}

// clauseOf names what decides a difference: the clause, and the rule where
// the clause does not name it.
func clauseOf(d *compare.Difference) string {
	if d.Rule != "" && !strings.Contains(d.Clause, d.Rule) {
		return d.Clause + ", " + d.Rule
	}
	return d.Clause
}

// linkOf is where the clause of a difference can be read; empty if none
// decides.
func linkOf(d *compare.Difference) string {
	for n := range rules.Book {
		if d.Rule != "" && rules.Book[n].ID == d.Rule {
			return rules.Book[n].Read()
		}
	}
	return (&rules.Rule{Clause: d.Clause}).Read()
}

// reasonAlone is the reason without the clause, with what counts beside it.
func reasonAlone(d *compare.Difference) string {
	plain := *d
	plain.Clause = ""
	return reason(&plain)
}
