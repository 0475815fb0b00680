package main

import (
	"encoding/json"
	"io"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/scenario/library"
)

// listRecord is a scenario of the library.
type listRecord struct {
	report.Head
	Scenario  string   `json:"scenario"`
	Claim     string   `json:"claim"`
	Exercises []string `json:"exercises"`
	IPVersion int      `json:"ip_version"`
}

func listRecordOf(c library.Case) listRecord {
	return listRecord{report.Head{Schema: report.Schema, Record: "scenario"}, c.ID(), c.Claim, c.Exercises, c.Version}
}

func (r listRecord) write(w io.Writer) error { return writeJSON(w, r) }

// suiteRecord is a scenario with what became of it.
type suiteRecord struct {
	listRecord
	Oracle      string           `json:"oracle"`
	Plays       []suitePlay      `json:"plays"`
	Comparisons []comparedRecord `json:"comparisons"`
	NotCompared string           `json:"not_compared"`
	Error       string           `json:"error"`
}

// suitePlay is what one stack did.
type suitePlay struct {
	playRecord
	Verdict  string          `json:"verdict"` // ok, declared, found, not run
	Declared *declaredRecord `json:"declared" jsonschema:"nullable"`
}

// declaredRecord is the declared difference of a stack in a scenario.
type declaredRecord struct {
	Requirement string `json:"requirement"`
	Clause      string `json:"clause"`
	Verdict     string `json:"verdict"`
	What        string `json:"what"`
	Source      string `json:"source"`
}

// json writes one scenario as a line.
func (c *suiteCase) json(w io.Writer, oracle lab.Oracle) error {
	r := suiteRecord{listRecord: listRecordOf(c.Case), Oracle: string(oracle), NotCompared: c.outcome.alone, Plays: []suitePlay{}, Comparisons: []comparedRecord{}}
	for _, cell := range c.cells {
		p := suitePlay{playRecord: recordOf(cell.play), Verdict: cell.verdict.String()}
		if cell.verdict == cellKnown {
			k := cell.known
			p.Declared = &declaredRecord{k.Requirement, k.Clause(), string(k.Verdict), k.What, k.Source}
		}
		r.Plays = append(r.Plays, p)
	}
	for _, one := range c.outcome.reports {
		counts := map[string]int{}
		for i := range one.Differences {
			counts[one.Differences[i].Verdict.String()]++
		}
		r.Comparisons = append(r.Comparisons, comparedRecord{one.Reference.Stack, one.Tested.Stack, one.Worst().String(), counts})
	}
	if c.outcome.err != nil {
		r.Error = c.outcome.err.Error()
	}
	return writeJSON(w, r)
}

// suiteSummary ends the JSON Lines.
type suiteSummary struct {
	report.Head
	Scenarios  int            `json:"scenarios"`
	Oracle     string         `json:"oracle"`
	Stacks     []stackSummary `json:"stacks"`
	VirtualNS  int64          `json:"virtual_ns"`
	WallNS     int64          `json:"wall_ns"`
	ExitStatus int            `json:"exit_status"`
	Error      string         `json:"error"`
}

// stackSummary counts the scenarios of a stack by verdict.
type stackSummary struct {
	Stack    string `json:"stack"`
	OK       int    `json:"ok"`
	Declared int    `json:"declared"`
	Found    int    `json:"found"`
	NotRun   int    `json:"not_run"`
}

func (s *suiteResult) jsonSummary(w io.Writer, outcome error) error {
	r := summaryOf(s.command, len(s.done), outcome)
	r.VirtualNS, r.WallNS = s.virtual().Nanoseconds(), time.Since(s.began).Nanoseconds()
	for i, name := range s.stacks {
		n := s.count("", i)
		r.Stacks = append(r.Stacks, stackSummary{name, n[cellOK], n[cellKnown], n[cellFound], n[cellNotRun]})
	}
	return writeJSON(w, r)
}

// summaryOf is a summary before anything was played.
func summaryOf(c *suiteCommand, scenarios int, outcome error) suiteSummary {
	r := suiteSummary{
		Head: report.Head{Schema: report.Schema, Record: "summary"}, Scenarios: scenarios, Oracle: c.Oracle,
		Stacks: []stackSummary{}, ExitStatus: statusOf(outcome),
	}
	if found, ok := outcome.(foundError); outcome != nil && (!ok || found.why != nil) {
		r.Error = outcome.Error()
	}
	return r
}

func writeJSON(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
