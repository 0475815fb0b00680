package report

import (
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// Comparisons puts together again what run and diff saved as JSON Lines. The
// frames are decoded anew; what was found is taken as it was saved, so that a
// result does not change with the rule book.
type Comparisons struct {
	Reports []*compare.Report
	Runs    []compare.Run // that were not compared
	Ending  Ending

	pending []*pendingComparison // of the result that is being read
	loose   []*pendingRun
	run     *pendingRun // whose frames follow
}

// pendingComparison collects the records of one comparison.
type pendingComparison struct {
	report *compare.Report
	sides  [2]pendingRun // reference, tested
	causes []string      // by difference: the id of its cause
}

// Add takes the next record. Records of an unknown kind are skipped: within a
// version of the schema there may be new ones.
func (c *Comparisons) Add(l *Line) error {
	switch l.Record {
	case "run":
		return c.addRun(l)
	case "frame":
		if c.run == nil {
			return l.Errorf("a frame stands before the run that it belongs to; was it changed by hand?")
		}
		return c.run.frame(l)
	case "pair":
		return c.addPair(l)
	case "difference":
		return c.addDifference(l)
	case "rule":
		return c.addRule(l)
	case "summary":
		return c.finish(l)
	}
	return nil
}

// comparison returns the comparison of that number, which may be the next.
func (c *Comparisons) comparison(l *Line, number int) (*pendingComparison, error) {
	if number < 1 || number > len(c.pending)+1 {
		return nil, l.Errorf("%s of comparison %d, but there are %d so far; is a line missing?", l.Record, number, len(c.pending))
	}
	if number > len(c.pending) {
		c.pending = append(c.pending, &pendingComparison{report: &compare.Report{Normalised: []compare.Normalisation{}}})
	}
	return c.pending[number-1], nil
}

func (c *Comparisons) addRun(l *Line) error {
	var record RunRecord
	if err := l.Into(&record); err != nil {
		return err
	}
	if record.Comparison == 0 {
		if record.Repeat <= 1 || len(c.loose) == 0 {
			c.loose = append(c.loose, &pendingRun{})
		}
		c.run = c.loose[len(c.loose)-1]
		return c.run.begin(l, &record)
	}
	p, err := c.comparison(l, record.Comparison)
	if err != nil {
		return err
	}
	switch record.Side {
	case "reference":
		c.run = &p.sides[0]
		p.report.Environment = settingsOf(record.Environment)
	case "tested":
		c.run = &p.sides[1]
	default:
		return l.Errorf("the side of a run is reference or tested, not %q; was it changed by hand?", record.Side)
	}
	return c.run.begin(l, &record)
}

func (c *Comparisons) addPair(l *Line) error {
	var record PairRecord
	if err := l.Into(&record); err != nil {
		return err
	}
	p, err := c.comparison(l, record.Comparison)
	if err != nil {
		return err
	}
	worst, ok := compare.ParseVerdict(record.Verdict)
	if !ok {
		return l.Errorf("no verdict is called %q; a newer program may have saved it", record.Verdict)
	}
	if !p.sides[0].holds(record.Reference) || !p.sides[1].holds(record.Tested) {
		return l.Errorf("row %d pairs frame %d with frame %d, of which one was not saved; was it changed by hand?", record.Row, record.Reference, record.Tested)
	}
	p.report.Rows = append(p.report.Rows, compare.Row{
		Ref: int32(record.Reference - 1), Test: int32(record.Tested - 1), Worst: worst, Moved: record.Moved,
	})
	return nil
}

func (c *Comparisons) addDifference(l *Line) error {
	var record DifferenceRecord
	if err := l.Into(&record); err != nil {
		return err
	}
	p, err := c.comparison(l, record.Comparison)
	if err != nil {
		return err
	}
	d, err := p.difference(l, &record)
	if err != nil {
		return err
	}
	p.report.Differences = append(p.report.Differences, d)
	p.causes = append(p.causes, record.Cause)
	return nil
}

// difference checks a record as far as others rely on it.
func (p *pendingComparison) difference(l *Line, record *DifferenceRecord) (compare.Difference, error) {
	d := compare.Difference{
		Number: record.Number, ID: record.ID, Field: record.Field, Role: record.Role,
		Rule: record.Rule, Clause: record.Clause, Reason: record.Reason, Spread: record.Spread, Repeat: record.Repeat, New: record.New,
	}
	if s := record.Seen; s != nil {
		d.Seen = compare.Seen{Tested: s.Tested, TestedOf: s.TestedOf, Reference: s.Reference, ReferenceOf: s.ReferenceOf}
	}
	var known [4]bool
	d.Class, known[0] = compare.ParseClass(record.Class)
	d.Verdict, known[1] = compare.ParseVerdict(record.Verdict)
	d.By, known[2] = compare.ParseSides(record.By)
	d.Dir, known[3] = direction(record.Direction)
	for n, what := range [...]string{"class " + record.Class, "verdict " + record.Verdict, "parties " + strings.Join(record.By, ", "), "direction " + record.Direction} {
		if !known[n] {
			return d, l.Errorf("nothing is known of the %s; a newer program may have saved it", what)
		}
	}
	if d.Number != len(p.report.Differences)+1 {
		return d, l.Errorf("difference %d follows number %d; is a line missing?", d.Number, len(p.report.Differences))
	}
	if record.Known != "" {
		d.Known = &rules.Known{Rule: d.Rule, Stack: record.KnownOf, Why: record.Known}
	}
	return d, p.occurrences(l, record, &d)
}

func (p *pendingComparison) occurrences(l *Line, record *DifferenceRecord, d *compare.Difference) error {
	rule := bookRule(d.Rule)
	for _, o := range record.Occurrences {
		if !p.sides[0].repeatHolds(d.Repeat, o.ReferenceFrame) || !p.sides[1].repeatHolds(d.Repeat, o.TestedFrame) || o.ReferenceFrame+o.TestedFrame == 0 {
			return l.Errorf("difference %d occurs in frames that were not saved; was it changed by hand?", d.Number)
		}
		occ := compare.Occurrence{Ref: int32(o.ReferenceFrame - 1), Test: int32(o.TestedFrame - 1), Got: o.Got, Want: o.Want}
		d.Occurrences = append(d.Occurrences, occ)
		if d.Class == compare.Rule && d.Verdict != compare.Artefact && (rule == nil || rule.Words(o.Got, o.Want) != o.Finding) {
			if d.Said == nil {
				d.Said = map[compare.Occurrence]string{}
			}
			d.Said[occ] = o.Finding
		}
	}
	if len(d.Occurrences) == 0 {
		return l.Errorf("difference %d occurs nowhere; was it changed by hand?", d.Number)
	}
	return nil
}

func direction(name string) (tap.Direction, bool) {
	switch name {
	case tap.Out.String():
		return tap.Out, true
	case tap.In.String():
		return tap.In, true
	}
	return tap.Out, false
}

func bookRule(id string) *rules.Rule {
	for n := range rules.Book {
		if rules.Book[n].ID == id {
			return &rules.Book[n]
		}
	}
	return nil
}

// savedRule is the requirement as it was when the result was saved.
func savedRule(id, clause, level, meaning string) *rules.Rule {
	rule := rules.Rule{ID: id}
	if known := bookRule(id); known != nil {
		if known.Clause == clause && known.Level.String() == level && known.Meaning == meaning {
			return known
		}
		rule = *known
	}
	rule.Clause, rule.Meaning, rule.Level = clause, meaning, rules.LevelOf(level)
	return &rule
}

func (c *Comparisons) addRule(l *Line) error {
	var record RuleRecord
	if err := l.Into(&record); err != nil {
		return err
	}
	p, err := c.comparison(l, record.Comparison)
	if err != nil {
		return err
	}
	p.report.Rules = append(p.report.Rules, compare.RuleResult{
		Rule:      savedRule(record.ID, record.Clause, record.Level, record.Meaning),
		Reference: answer(record.Reference), Tested: answer(record.Tested),
	})
	return nil
}

func answer(name string) rules.Answer {
	for a := rules.NotExercised; a <= rules.Broken; a++ {
		if a.String() == name {
			return a
		}
	}
	return rules.NotExercised
}

// finish puts a result together when its summary has come.
func (c *Comparisons) finish(l *Line) error {
	var record SummaryRecord
	if err := l.Into(&record); err != nil {
		return err
	}
	if len(record.Comparisons) != len(c.pending) {
		return l.Errorf("the summary tells of %d comparisons, and the lines before it of %d; is a line missing?", len(record.Comparisons), len(c.pending))
	}
	var done []*pendingRun
	for n, p := range c.pending {
		if err := p.finish(l, &record.Comparisons[n], done); err != nil {
			return err
		}
		done = append(done, &p.sides[0], &p.sides[1])
		c.Reports = append(c.Reports, p.report)
	}
	for _, p := range c.loose {
		run, err := p.finish(l, nil)
		if err != nil {
			return err
		}
		c.Runs = append(c.Runs, run)
	}
	c.Ending.Add(record.ExitStatus, record.Error)
	c.pending, c.loose, c.run = nil, nil, nil
	return nil
}

func (p *pendingComparison) finish(l *Line, summary *ComparisonRecord, done []*pendingRun) (err error) {
	r := p.report
	if len(r.Differences) != summary.Differences {
		return l.Errorf("comparison %d has %d differences, and %d were saved; is a line missing?", summary.Comparison, summary.Differences, len(r.Differences))
	}
	if r.Reference, err = p.sides[0].finish(l, done); err != nil {
		return err
	}
	if r.Tested, err = p.sides[1].finish(l, append(done, &p.sides[0])); err != nil {
		return err
	}
	if len(r.Reference.Conversations) == 0 || len(r.Tested.Conversations) == 0 {
		return l.Errorf("comparison %d has no frames of one side; is a line missing?", summary.Comparison)
	}
	for _, n := range summary.Normalised {
		r.Normalised = append(r.Normalised, compare.Normalisation{Name: n.Name, Why: n.Why, Reference: n.Reference, Test: n.Tested})
	}
	for n, cause := range p.causes {
		if cause == "" {
			continue
		}
		for k := range r.Differences {
			if r.Differences[k].ID == cause && r.Differences[k].Repeat == r.Differences[n].Repeat {
				r.Differences[n].Cause = k + 1
			}
		}
	}
	compare.Restore(r)
	return nil
}

// Add puts the end of one more result to those before it: the worst status
// counts, and every message.
func (e *Ending) Add(status int, failure *ErrorRecord) {
	e.Status = max(e.Status, status)
	if failure == nil || failure.Message == "" {
		return
	}
	if e.Message != "" {
		e.Message += "; "
	} else {
		e.Code = failure.Code
	}
	e.Message += failure.Message
}

func settingsOf(records []SettingRecord) []compare.Setting {
	list := make([]compare.Setting, len(records))
	for n, s := range records {
		list[n] = compare.Setting(s)
	}
	return list
}
