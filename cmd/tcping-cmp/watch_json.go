package main

import (
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// roundRecord is what a round of run --watch has shown, in one line.
type roundRecord struct {
	report.Head
	Round       int               `json:"round"` // from 1
	Time        string            `json:"time"`  // RFC 3339, when it was over
	Comparisons []roundComparison `json:"comparisons"`
	New         []roundDifference `json:"new"`    // in the first round all
	Judged      []roundDifference `json:"judged"` // otherwise than in the last round
	Gone        []roundDifference `json:"gone"`
	Error       string            `json:"error"` // what went wrong; empty if nothing did
}

// roundComparison is how one stack under test fared in a round.
type roundComparison struct {
	Reference string `json:"reference"`
	Tested    string `json:"tested"`
	Verdict   string `json:"verdict"` // the worst
}

// roundDifference is a difference that has come, gone, or changed its verdict.
type roundDifference struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Verdict string `json:"verdict"`
	Was     string `json:"was"` // the verdict of the last round; empty if it is the same, or the difference was not there
}

func roundRecordOf(round int, reports []*compare.Report, c roundChanges, failure error) roundRecord {
	r := roundRecord{
		Head: report.Head{Schema: report.Schema, Record: "round"}, Round: round, Time: time.Now().Format(time.RFC3339Nano),
		Comparisons: []roundComparison{}, New: []roundDifference{}, Judged: []roundDifference{}, Gone: []roundDifference{},
	}
	if failure != nil {
		r.Error = failure.Error()
	}
	for _, one := range reports {
		r.Comparisons = append(r.Comparisons, roundComparison{one.Reference.Stack, one.Tested.Stack, one.Worst().String()})
	}
	for _, d := range c.appeared {
		r.New = append(r.New, roundDifferenceOf(d))
	}
	for _, d := range c.gone {
		r.Gone = append(r.Gone, roundDifferenceOf(d))
	}
	for _, d := range c.judged {
		one := roundDifferenceOf(d.Difference)
		one.Was = d.was.String()
		r.Judged = append(r.Judged, one)
	}
	return r
}

func roundDifferenceOf(d compare.Difference) roundDifference {
	return roundDifference{ID: d.ID, Title: d.Title(), Verdict: d.Verdict.String()}
}
