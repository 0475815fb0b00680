package main

import (
	"fmt"
	"strings"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/scenario"
)

// scriptRecord is one script in the JSON Lines.
type scriptRecord struct {
	report.Head
	Script      string          `json:"script"`
	Doc         string          `json:"doc"`
	Verdict     string          `json:"verdict"` // ok, declared, accepted, found, not run, error
	Oracle      string          `json:"oracle"`
	Error       string          `json:"error"`
	Plays       []suitePlay     `json:"plays"`
	Comparisons []suiteCompared `json:"comparisons"`
	Calls       []callRecord    `json:"different_calls"`
	Ignored     []ignoredRecord `json:"ignored"`
}

// playRecord is what one stack did.
type playRecord struct {
	Stack     string          `json:"stack"`
	NotRun    string          `json:"not_run"`
	Frames    int             `json:"frames"`
	VirtualNS int64           `json:"virtual_ns"`
	WallNS    int64           `json:"wall_ns"`
	State     string          `json:"state"`
	Shape     int             `json:"shape_findings"`
	Strict    int             `json:"strict_findings"`
	Findings  []findingRecord `json:"findings"`
	Ignored   []ignoredRecord `json:"ignored"`
}

// findingRecord is one finding. Frame counts from 1; 0 if none is concerned.
type findingRecord struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Frame  int    `json:"frame"`
	AtNS   int64  `json:"at_ns"`
	Oracle string `json:"oracle"` // shape: the strict oracle finds it too
	Text   string `json:"text"`
}

// comparedRecord sums up a comparison.
type comparedRecord struct {
	Reference string         `json:"reference"`
	Tested    string         `json:"tested"`
	Verdict   string         `json:"verdict"`     // the worst that counts against the stack under test
	Counts    map[string]int `json:"differences"` // by verdict, whoever is at fault
	Compared  int            `json:"connections"` // that both stacks have
	Lonely    []string       `json:"only_one"`    // connections that one of them has, a sentence each
	Why       []string       `json:"why"`         // what counts, a sentence each
	Kinds     []kindRecord   `json:"kinds"`       // of difference
	Not       string         `json:"not_compared"`
}

// kindRecord is one kind of difference.
type kindRecord struct {
	ID      string   `json:"id"` // stable from run to run
	Verdict string   `json:"verdict"`
	By      []string `json:"by"`
	What    string   `json:"what"`
	Field   string   `json:"field"`
	Role    string   `json:"role"`
	Rule    string   `json:"rule"`
	Clause  string   `json:"clause"`
	New     bool     `json:"new"` // it is not in the baseline that the result was held against
}

func comparedRecordOf(a *against) comparedRecord {
	r := comparedRecord{
		Reference: a.reference, Tested: a.tested, Verdict: a.worst().String(), Counts: map[string]int{},
		Compared: len(a.reports), Lonely: append([]string{}, a.lonely...), Not: a.not,
		Why: append([]string{}, a.why()...), Kinds: a.kinds(),
	}
	for v, n := range a.differences() {
		r.Counts[v.String()] = n
	}
	return r
}

// callRecord is a call that did not return the same everywhere.
type callRecord struct {
	Line      int    `json:"line"`
	Call      string `json:"call"`
	Stack     string `json:"stack"`
	Tested    string `json:"tested"`
	Reference string `json:"reference"`
}

// ignoredRecord is something that was read and had no effect.
type ignoredRecord struct {
	Line int    `json:"line"`
	Text string `json:"text"`
	Why  string `json:"why"`
}

// record is one script as a line of JSON.
func (p *scriptPrinter) record(o *scriptOutcome) *scriptRecord {
	r := scriptRecord{
		Head: report.Head{Schema: report.Schema, Record: "script"}, Script: o.name,
		Verdict: p.verdict(o), Oracle: string(p.oracle),
		Plays: o.ruling.record.Plays, Comparisons: o.ruling.record.Comparisons, Calls: []callRecord{}, Ignored: []ignoredRecord{},
	}
	if o.err != nil {
		r.Error = o.err.Error()
	}
	if o.script != nil {
		r.Doc, r.Ignored = strings.TrimSpace(o.script.Doc), ignored(o.script.Ignored)
	}
	for _, a := range o.against {
		for _, c := range a.calls {
			r.Calls = append(r.Calls, callRecord{c.tested.Pos.Line, c.tested.Call, c.stack, fmt.Sprint(c.tested), fmt.Sprint(c.reference)})
		}
	}
	return &r
}

func recordOf(play *lab.Play) playRecord {
	r := playRecord{
		Stack: play.Stack, NotRun: play.NotRun, Frames: len(play.Recording.Frames),
		VirtualNS: play.Virtual.Nanoseconds(), WallNS: play.Wall.Nanoseconds(), State: play.State,
		Shape: len(play.Of(lab.Shape)), Strict: len(play.Of(lab.Strict)),
		Findings: []findingRecord{}, Ignored: ignored(play.Ignored),
	}
	for _, f := range play.Findings {
		oracle := lab.Strict
		if f.Shape {
			oracle = lab.Shape
		}
		r.Findings = append(r.Findings, findingRecord{f.Pos.Line, f.Pos.Col, f.Frame + 1, f.At.Nanoseconds(), string(oracle), f.Text})
	}
	return r
}

func ignored(remarks []scenario.Remark) []ignoredRecord {
	list := make([]ignoredRecord, 0, len(remarks))
	for _, r := range remarks {
		list = append(list, ignoredRecord{r.Pos.Line, r.Text, r.Why})
	}
	return list
}
