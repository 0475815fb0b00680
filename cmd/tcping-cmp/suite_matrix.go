package main

import (
	"fmt"
	"path"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
)

// matrixOf makes a matrix of what was played: first what decides, then the
// stacks under test, then the reference.
func matrixOf(records []*suiteRecord) *report.Matrix {
	m := &report.Matrix{Title: report.Plural(len(records), "scenario")}
	if len(records) > 0 {
		if records[0].Record == "script" {
			m.Title = report.Plural(len(records), "script")
		}
		m.Title += ", judged by the " + records[0].Oracle + " oracle"
	}
	for _, r := range records {
		row, columns := r.row()
		if len(columns) > len(m.Columns) {
			m.Columns = columns
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// row is one scenario, and what its cells are about.
func (r *suiteRecord) row() (row report.MatrixRow, columns []string) {
	row = report.MatrixRow{Name: r.Scenario, Topic: path.Dir(r.Scenario), About: r.Claim, Error: r.Error}
	if row.Topic == "." {
		row.Topic = "scripts"
	}
	for n := range r.Comparisons {
		c := &r.Comparisons[n]
		columns = append(columns, c.Tested+" against "+c.Reference)
		row.Cells = append(row.Cells, c.cell())
	}
	plays := r.Plays
	if len(plays) > 1 { // the reference comes first in the record
		plays = append(plays[1:len(plays):len(plays)], plays[0])
	}
	for n := range plays {
		columns = append(columns, plays[n].Stack+" "+r.judge())
		row.Cells = append(row.Cells, plays[n].cell(r.judge()))
	}
	return row, columns
}

// judge is the oracle that holds the plays against the script.
func (r *suiteRecord) judge() string {
	if r.Oracle == string(lab.Differential) {
		return string(lab.Shape)
	}
	return r.Oracle
}

// cell is what a comparison with the reference shows. It decides.
func (c *suiteCompared) cell() report.MatrixCell {
	cell := report.MatrixCell{Verdict: c.Outcome, Outcome: outcomeFor(c.Outcome, true), Why: c.Why}
	if c.Not != "" {
		cell.Why = []string{c.Not}
	}
	return declaredFirst(cell, c.Declared)
}

// cell is what a stack does beside what the script expects.
func (p *suitePlay) cell(oracle string) report.MatrixCell {
	cell := report.MatrixCell{Verdict: p.Verdict, Outcome: outcomeFor(p.Verdict, p.Decides)}
	for _, f := range p.Findings {
		if f.Oracle == oracle || oracle == string(lab.Strict) {
			cell.Why = append(cell.Why, fmt.Sprintf("line %d at %.6f: %s", f.Line, float64(f.AtNS)/1e9, f.Text))
		}
	}
	if p.NotRun != "" {
		cell.Why = []string{p.NotRun}
	}
	return declaredFirst(cell, p.Declared)
}

// declaredFirst says first what is declared.
func declaredFirst(c report.MatrixCell, d *declaredRecord) report.MatrixCell {
	if d != nil {
		text := fmt.Sprintf("%s, %s, %s: it %s", d.Verdict, d.Clause, d.Requirement, d.What)
		c.Why = append([]string{text}, c.Why...)
	}
	return c
}

func outcomeFor(verdict string, decides bool) report.Outcome {
	switch {
	case verdict == cellNotRun.String():
		return report.Skipped
	case verdict == cellFound.String() && decides:
		return report.Failed
	}
	return report.Passed
}

// played is a script in the form of a scenario. A result of v1 does not say what
// decides, so that is found out.
func (r *scriptRecord) played() *suiteRecord {
	s := &suiteRecord{Oracle: r.Oracle, Verdict: r.Verdict, Error: r.Error}
	s.Head, s.Scenario = r.Head, r.Script
	s.Claim = strings.Join(strings.Fields(r.Doc), " ")
	for _, play := range r.Plays {
		found := play.Shape
		if r.Oracle == string(lab.Strict) {
			found = play.Strict
		}
		switch {
		case play.Verdict != "":
		case play.NotRun != "":
			play.Verdict = cellNotRun.String()
		case found > 0:
			play.Verdict, play.Decides = cellFound.String(), r.Oracle != string(lab.Differential)
		default:
			play.Verdict, play.Decides = cellOK.String(), r.Oracle != string(lab.Differential)
		}
		s.Plays = append(s.Plays, play)
	}
	for _, one := range r.Comparisons {
		worst, _ := compare.ParseVerdict(one.Verdict)
		switch {
		case one.Outcome != "":
		case one.Not != "":
			one.Outcome = cellNotRun.String()
		case worst >= compare.Unspecified && r.Verdict == cellKnown.String():
			one.Outcome = cellKnown.String()
		case worst >= compare.Unspecified:
			one.Outcome = cellFound.String()
		default:
			one.Outcome = cellOK.String()
		}
		s.Comparisons = append(s.Comparisons, one)
	}
	return s
}
