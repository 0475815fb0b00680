package main

import (
	"encoding/json"
	"io"

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
	Oracle      string          `json:"oracle"`
	Verdict     string          `json:"verdict"` // of the oracle: ok, declared, accepted, found, not run
	Plays       []suitePlay     `json:"plays"`
	Comparisons []suiteCompared `json:"comparisons"`
	Error       string          `json:"error"`
}

// suiteCompared is a stack under test held against the reference.
type suiteCompared struct {
	comparedRecord
	Outcome  string          `json:"outcome"` // ok, declared, accepted, found, not run
	Declared *declaredRecord `json:"declared" jsonschema:"nullable"`
}

// suitePlay is what one stack did.
type suitePlay struct {
	playRecord
	Verdict  string          `json:"verdict"` // of the strict oracle if that was asked for, otherwise of the shape
	Decides  bool            `json:"decides"` // the exit status depends on it
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

func declaredRecordOf(k library.Difference) *declaredRecord {
	return &declaredRecord{k.Requirement, k.Clause(), string(k.Verdict), k.What, k.Source}
}

// record is one scenario as a line of JSON.
func (s *suiteResult) record(one *suiteCase) *suiteRecord {
	r := suiteRecord{
		listRecord: listRecordOf(one.Case), Oracle: s.command.Oracle, Verdict: s.verdict(one).String(),
		Plays: []suitePlay{}, Comparisons: []suiteCompared{},
	}
	for i, c := range one.cells {
		p := suitePlay{playRecord: recordOf(c.play), Verdict: c.verdict.String(), Decides: s.tested(i) && !s.compared}
		if c.verdict == cellKnown {
			p.Declared = declaredRecordOf(c.known)
		}
		r.Plays = append(r.Plays, p)
	}
	for _, h := range one.held {
		c := suiteCompared{comparedRecord: comparedRecordOf(h.against), Outcome: h.verdict.String()}
		if h.verdict == cellKnown {
			c.Declared = declaredRecordOf(h.known)
		}
		r.Comparisons = append(r.Comparisons, c)
	}
	if one.outcome.err != nil {
		r.Error = one.outcome.err.Error()
	}
	return &r
}

// suiteSummary ends the JSON Lines.
type suiteSummary struct {
	report.Head
	Scenarios  int                 `json:"scenarios"`
	Oracle     string              `json:"oracle"`
	Stacks     []stackSummary      `json:"stacks"`
	Compared   []pairSummary       `json:"comparisons"`
	VirtualNS  int64               `json:"virtual_ns"`
	WallNS     int64               `json:"wall_ns"`
	ExitStatus int                 `json:"exit_status"`
	Error      *report.ErrorRecord `json:"error,omitempty"`
}

// pairSummary counts the comparisons of a stack with the reference by outcome.
type pairSummary struct {
	Reference string `json:"reference"`
	stackSummary
}

// stackSummary counts the scenarios of a stack by verdict.
type stackSummary struct {
	Stack    string `json:"stack"`
	OK       int    `json:"ok"`
	Declared int    `json:"declared"`
	Accepted int    `json:"accepted"` // in the baseline
	Found    int    `json:"found"`
	NotRun   int    `json:"not_run"`
}

func (s *suiteResult) jsonSummary(w io.Writer, outcome error) error {
	r := summaryOf(s.command, len(s.done), outcome)
	r.VirtualNS, r.WallNS = s.virtual().Nanoseconds(), s.wall.Nanoseconds()
	for i, name := range s.stacks {
		r.Stacks = append(r.Stacks, counted(name, s.count("", i)))
		if s.compared && i > 0 {
			r.Compared = append(r.Compared, pairSummary{s.stacks[0], counted(name, s.agree("", i))})
		}
	}
	return writeJSON(w, r)
}

func counted(stack string, n [numCellVerdicts]int) stackSummary {
	return stackSummary{stack, n[cellOK], n[cellKnown], n[cellAccepted], n[cellFound], n[cellNotRun]}
}

// summaryOf is a summary before anything was played.
func summaryOf(c *suiteCommand, scenarios int, outcome error) suiteSummary {
	end := playedEnding(outcome)
	return suiteSummary{
		Head: report.Head{Schema: report.Schema, Record: "summary"}, Scenarios: scenarios, Oracle: c.Oracle,
		Stacks: []stackSummary{}, Compared: []pairSummary{}, ExitStatus: end.Status, Error: end.Record(),
	}
}

func writeJSON(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
