package report

import (
	"html/template"

	"tcping-cmp/compare"
	"tcping-cmp/compare/rules"
)

type htmlPage struct {
	htmlShell
	Failure   string
	Reports   []htmlReport
	Consensus *htmlConsensus
}

// htmlReport is a comparison as the page shows it.
type htmlReport struct {
	Index              int
	Mark, Verdict      string
	Tested, Reference  string
	Conclusion, Counts string
	Facts              []htmlFact
	Verdicts           []htmlCount
	Differences, Known []htmlDifference
	Rules              []htmlRule
	RulesBroken        int
	Normalised         []compare.Normalisation
	Settings           []compare.Setting
	Environment        []htmlFact
	Rows               int
	Data               template.JS
}

// htmlFact is something that each of the two runs has.
type htmlFact struct{ Name, Reference, Tested string }

// htmlCount is how many differences have a verdict.
type htmlCount struct {
	Glyph, Verdict string
	N              int
}

type htmlDifference struct {
	Number                    int
	ID, Glyph, Verdict, By    string
	Kind                      string // what it is filtered by: the verdict, or known
	New                       bool   // since a baseline
	Title, Ref, Test, Finding string
	Places, More              int
	Clause, Link, Reason      string
	Known, Spread             string
	Following                 []htmlDifference
}

type htmlRule struct {
	ID, Clause, Link, Level, Meaning string
	Reference, Tested                string
	Group                            string // matters, exercised or idle
}

func htmlOf(n int, r *compare.Report) (htmlReport, error) {
	h := htmlReport{
		Index: n, Mark: mark(r), Verdict: r.Worst().String(), Tested: printable(r.Tested.Stack), Reference: printable(r.Reference.Stack),
		Conclusion: conclusion(r), Counts: Counts(r), Rows: len(r.Rows),
		Normalised: printableNormalised(r.Normalised), Settings: printableSettings(r.Environment), Environment: environmentOf(r),
	}
	if r.Worst() < compare.Deviation { // nothing to be warned of
		h.Verdict = compare.Same.String()
	}
	h.Facts = factsOf(r)
	for v := compare.Violation; v > compare.Same; v-- {
		if count := r.Count(v); count > 0 {
			h.Verdicts = append(h.Verdicts, htmlCount{v.Glyph(), v.String(), count})
		}
	}
	if n := r.CountKnown(); n > 0 {
		h.Verdicts = append(h.Verdicts, htmlCount{compare.Permitted.Glyph(), "known", n})
	}
	for _, d := range htmlDifferences(r) {
		if d.Known != "" {
			h.Known = append(h.Known, d)
		} else {
			h.Differences = append(h.Differences, d)
		}
	}
	for _, a := range r.Rules {
		rule := htmlRuleOf(a)
		if rule.Group == "matters" {
			h.RulesBroken++
		}
		h.Rules = append(h.Rules, rule)
	}
	p, err := pack(r)
	if err != nil {
		return h, err
	}
	h.Data, err = p.data()
	return h, err
}

// htmlDifferences are those that stand for themselves, the worst first, each
// with those that follow from it.
func htmlDifferences(r *compare.Report) (list []htmlDifference) {
	for _, d := range worstFirst(r) {
		if aside(d) {
			continue
		}
		h := htmlDifferenceOf(r, d)
		for _, f := range r.Following(d) {
			if aside(f) {
				h.Following = append(h.Following, htmlDifferenceOf(r, f))
			}
		}
		list = append(list, h)
	}
	return list
}

// aside reports whether a difference is told with its cause.
func aside(d *compare.Difference) bool { return d.Cause != 0 && d.Verdict < compare.Deviation }

func htmlDifferenceOf(r *compare.Report, d *compare.Difference) htmlDifference {
	h := htmlDifference{
		Number: d.Number, ID: d.ID, Glyph: d.Verdict.Glyph(), Verdict: d.Verdict.String(), Kind: d.Verdict.String(), New: d.New, By: printable(who(r, d)),
		Title: printable(title(d)), Places: len(d.Occurrences), More: len(d.Occurrences) - 1,
		Clause: clauseOf(d), Link: linkOf(d), Reason: printable(d.Reason), Spread: printable(d.Spread),
	}
	if d.Known != nil {
		h.Kind, h.Known = "known", printable("known of "+d.Known.Stack+" and accepted: "+d.Known.Why)
	}
	if len(d.Occurrences) > 0 {
		o := d.Occurrences[0]
		ref, test := r.Values(d, o)
		h.Ref, h.Test = printable(ref+frameNumber(o.Ref)), printable(test+frameNumber(o.Test))
		if d.Class == compare.Rule && d.Verdict != compare.Artefact {
			h.Finding = printable(d.Finding(o))
		}
	}
	return h
}

func htmlRuleOf(a compare.RuleResult) htmlRule {
	h := htmlRule{
		ID: a.Rule.ID, Clause: a.Rule.Clause, Link: a.Rule.Read(), Level: a.Rule.Level.String(), Meaning: a.Rule.Meaning,
		Reference: a.Reference.String(), Tested: a.Tested.String(), Group: "exercised",
	}
	switch {
	case a.Reference == rules.Broken || a.Tested == rules.Broken:
		h.Group = "matters"
	case a.Reference == rules.NotExercised && a.Tested == rules.NotExercised:
		h.Group = "idle"
	}
	return h
}
