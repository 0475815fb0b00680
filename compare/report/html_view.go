package report

import (
	"fmt"
	"html/template"
	"slices"
	"time"

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
	Differences        []htmlDifference
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
	h.Differences = htmlDifferences(r)
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
		Number: d.Number, ID: d.ID, Glyph: d.Verdict.Glyph(), Verdict: d.Verdict.String(), By: printable(who(r, d)),
		Title: printable(title(d)), Places: len(d.Occurrences), More: len(d.Occurrences) - 1,
		Clause: clauseOf(d), Link: linkOf(d), Reason: printable(d.Reason), Spread: printable(d.Spread),
	}
	if d.Known != nil {
		h.Known = printable("known of " + d.Known.Stack + " and accepted: " + d.Known.Why)
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

// factsOf are the first things to know of two runs.
func factsOf(r *compare.Report) []htmlFact {
	took := func(run *compare.Run) string {
		c := run.Conversations[0]
		d := run.Duration
		if d == 0 && len(c.Events) > 0 {
			d = time.Duration(c.Events[len(c.Events)-1].Time - c.StartOfFrames)
		}
		return d.Round(max(time.Microsecond, d/1000)).String()
	}
	frames := func(run *compare.Run) string {
		text := fmt.Sprint(len(run.Conversations[0].Events))
		if n := len(run.Conversations); n > 1 {
			text += fmt.Sprintf(" in the first of %d conversations", n)
		}
		return text
	}
	ends := func(run *compare.Run) string {
		if run.PeerState == "" {
			return run.State
		}
		return run.State + ", peer " + run.PeerState
	}
	list := []htmlFact{
		{"frames", frames(&r.Reference), frames(&r.Tested)},
		{"time", took(&r.Reference), took(&r.Tested)},
		{"ended in", printable(ends(&r.Reference)), printable(ends(&r.Tested))},
		{"error", printable(r.Reference.Error), printable(r.Tested.Error)},
	}
	return slices.DeleteFunc(list, func(f htmlFact) bool { return f.Reference == "" && f.Tested == "" })
}

func printableSettings(list []compare.Setting) []compare.Setting {
	clean := make([]compare.Setting, len(list))
	for n, s := range list {
		clean[n] = compare.Setting{Name: printable(s.Name), Value: printable(s.Value)}
	}
	return clean
}

func printableNormalised(list []compare.Normalisation) []compare.Normalisation {
	clean := make([]compare.Normalisation, len(list))
	for n, v := range list {
		clean[n] = compare.Normalisation{Name: printable(v.Name), Why: printable(v.Why), Reference: printable(v.Reference), Test: printable(v.Test)}
	}
	return clean
}

// environmentOf are the settings of both runs, the same name in one line.
func environmentOf(r *compare.Report) (list []htmlFact) {
	line := map[string]int{}
	for n, run := range [...]*compare.Run{&r.Reference, &r.Tested} {
		for _, s := range slices.Concat(run.Settings, facts(run, run.Conversations[0])) {
			at, ok := line[s.Name]
			if !ok {
				at = len(list)
				line[s.Name] = at
				list = append(list, htmlFact{Name: printable(s.Name)})
			}
			f := &list[at]
			to := [...]*string{&f.Reference, &f.Tested}[n]
			if *to != "" {
				*to += "; "
			}
			*to += printable(s.Value)
		}
	}
	return list
}
