package main

import (
	"strings"
	"time"

	"tcping-cmp/compare/baseline"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/compare/scenario/library"
)

// savedPlays are what suite and script saved.
type savedPlays struct {
	records []*suiteRecord // scripts in the form of scenarios
	lines   []any          // the records as they were saved
	ending  report.Ending
	suite   suiteSummary // of all results together
	script  *scriptSummary
}

// Add implements collector.
func (s *savedPlays) Add(l *report.Line) error {
	switch l.Record {
	case "scenario":
		r := &suiteRecord{}
		if err := l.Into(r); err != nil {
			return err
		}
		if r.Plays == nil {
			return l.Errorf("this is a list of scenarios that were not played: save the result of suite without --list")
		}
		r.Schema = report.Schema
		s.add(r, r)
	case "script":
		r := &scriptRecord{}
		if err := l.Into(r); err != nil {
			return err
		}
		r.Schema = report.Schema
		s.add(r.played(), r)
	case "summary":
		return s.finish(l)
	}
	return nil
}

func (s *savedPlays) add(r *suiteRecord, line any) {
	s.records = append(s.records, r)
	s.lines = append(s.lines, line)
}

// finish takes a summary. Those of several results, such as the parts of a
// suite, are added up.
func (s *savedPlays) finish(l *report.Line) error {
	var totals struct {
		Scenarios *int `json:"scenarios"`
		Scripts   *int `json:"scripts"`
	}
	if err := l.Into(&totals); err != nil {
		return err
	}
	switch {
	case totals.Scripts != nil:
		var r scriptSummary
		if err := l.Into(&r); err != nil {
			return err
		}
		if s.script == nil {
			s.script = &scriptSummary{Head: report.Head{Schema: report.Schema, Record: r.Record}, Oracle: r.Oracle}
		}
		t := &s.script.scriptTotals
		t.Scripts, t.Passed, t.Found, t.NotRun, t.Failed = t.Scripts+r.Scripts, t.Passed+r.Passed, t.Found+r.Found, t.NotRun+r.NotRun, t.Failed+r.Failed
		s.script.WallNS += r.WallNS
		s.ending.Add(r.ExitStatus, r.Error)
	case totals.Scenarios != nil:
		var r suiteSummary
		if err := l.Into(&r); err != nil {
			return err
		}
		s.addSuite(&r)
		s.ending.Add(r.ExitStatus, r.Error)
	}
	return nil
}

func (s *savedPlays) addSuite(r *suiteSummary) {
	if s.suite.Record == "" {
		s.suite = *r
		s.suite.Schema = report.Schema
		return
	}
	s.suite.Scenarios += r.Scenarios
	s.suite.VirtualNS += r.VirtualNS
	s.suite.WallNS += r.WallNS
	s.suite.ExitStatus = max(s.suite.ExitStatus, r.ExitStatus)
	for n := range min(len(s.suite.Stacks), len(r.Stacks)) {
		s.suite.Stacks[n].add(&r.Stacks[n])
	}
	for n := range min(len(s.suite.Compared), len(r.Compared)) {
		s.suite.Compared[n].add(&r.Compared[n].stackSummary)
	}
}

func (s *stackSummary) add(t *stackSummary) {
	s.OK, s.Declared, s.Accepted, s.Found, s.NotRun = s.OK+t.OK, s.Declared+t.Declared, s.Accepted+t.Accepted, s.Found+t.Found, s.NotRun+t.NotRun
}

// show writes what suite or script would have written.
func (s *savedPlays) show(a *app, f *renderFlags) error {
	switch f.Format {
	case "json":
		for _, line := range s.lines {
			if err := writeJSON(a.Out, line); err != nil {
				return err
			}
		}
		if s.script != nil {
			s.script.ExitStatus, s.script.Error = s.ending.Status, s.ending.Record()
			return writeJSON(a.Out, s.script)
		}
		s.suite.Error = s.ending.Record()
		return writeJSON(a.Out, s.suite)
	case "text":
		if len(s.records) == 0 {
			return nil
		}
		if s.script != nil {
			return report.MatrixText(a.Out, matrixOf(s.records), s.ending, f.style(a))
		}
		return s.result(f).text(a.Out)
	}
	return report.WriteMatrix(a.Out, f.Format, matrixOf(s.records), s.ending)
}

// result is what text is made from, as far as it was saved.
func (s *savedPlays) result(f *renderFlags) *suiteResult {
	r := &suiteResult{
		command: &suiteCommand{Oracle: s.suite.Oracle, renderFlags: *f}, oracle: lab.Oracle(s.suite.Oracle),
		records: s.records, wall: time.Duration(s.suite.WallNS),
	}
	if r.oracle == lab.Differential {
		r.oracle, r.compared = lab.Shape, true
	}
	for _, stack := range s.suite.Stacks {
		r.stacks = append(r.stacks, stack.Stack)
	}
	for _, record := range s.records {
		r.done = append(r.done, record.restore(r.oracle))
	}
	return r
}

// restore makes a row of the matrix again.
func (r *suiteRecord) restore(oracle lab.Oracle) *suiteCase {
	name, both := strings.CutSuffix(r.Scenario, "@ipv6")
	c := library.Case{Version: r.IPVersion, Entry: library.Entry{Name: name, Claim: r.Claim, Exercises: r.Exercises, Versions: []int{r.IPVersion}}}
	if both {
		c.Versions = []int{4, 6}
	}
	one := &suiteCase{Case: c, outcome: &scriptOutcome{name: r.Scenario}}
	if r.Error != "" {
		one.outcome.err = endedError{statusTrouble, r.Error}
	}
	for n := range r.Plays {
		p := &r.Plays[n]
		play := &lab.Play{Stack: p.Stack, NotRun: p.NotRun, Virtual: time.Duration(p.VirtualNS), Wall: time.Duration(p.WallNS), State: p.State}
		for _, f := range p.Findings {
			play.Findings = append(play.Findings, lab.Finding{
				Pos: scenario.Pos{Line: f.Line, Col: f.Column}, Frame: f.Frame - 1, At: time.Duration(f.AtNS), Shape: f.Oracle == string(lab.Shape), Text: f.Text,
			})
		}
		one.cells = append(one.cells, cell{play: play, verdict: verdictNamed(p.Verdict), findings: play.Of(oracle), known: p.Declared.difference(p.Stack)})
	}
	for n := range r.Comparisons {
		p := &r.Comparisons[n]
		one.held = append(one.held, held{
			against: &against{reference: p.Reference, tested: p.Tested, lonely: p.Why, not: p.Not}, verdict: verdictNamed(p.Outcome), known: p.Declared.difference(p.Tested),
		})
	}
	return one
}

func verdictNamed(name string) cellVerdict {
	for v := range numCellVerdicts {
		if v.String() == name {
			return v
		}
	}
	return cellFound
}

// difference is the declaration, as it was when the result was saved.
func (d *declaredRecord) difference(stack string) (k library.Difference) {
	if d == nil {
		return k
	}
	return library.Difference{Stack: stack, Requirement: d.Requirement, Verdict: library.Verdict(d.Verdict), What: d.What, Source: d.Source}
}

// differences lists what was found, for a baseline.
func (s *savedPlays) differences(seen *baseline.Seen) {
	for _, r := range s.records {
		for n := range r.Comparisons {
			c := &r.Comparisons[n]
			var list []baseline.Entry
			for _, k := range c.Kinds {
				list = append(list, baseline.Entry{ID: k.ID, Verdict: k.Verdict, By: k.By, What: k.What, Field: k.Field, Role: k.Role, Rule: k.Rule, Clause: k.Clause})
			}
			seen.Add(r.Scenario, c.Tested, c.Reference, list...)
		}
		for n := range r.Plays {
			if p := &r.Plays[n]; p.Decides {
				var list []baseline.Entry
				if p.Verdict == cellFound.String() || p.Verdict == cellAccepted.String() {
					for _, why := range p.cell(r.judge()).Why {
						list = append(list, baseline.Sentence(why))
					}
				}
				seen.Add(r.Scenario, p.Stack, "", list...)
			}
		}
	}
}
