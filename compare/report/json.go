package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"tcping-cmp/compare"
)

// JSON writes a report as JSON Lines, a summary last.
func JSON(w io.Writer, r *compare.Report) error {
	return JSONAll(w, []*compare.Report{r})
}

// JSONAll writes several comparisons and one summary.
func JSONAll(w io.Writer, reports []*compare.Report) error {
	return JSONAllEnding(w, reports, Ending{})
}

// Ending says how a program ends that has no comparison to show, or not all
// of them.
type Ending struct {
	Status        int    // exit status; 0 leaves it to the comparisons
	Code, Message string // what went wrong; Code is one word such as timeout
}

// Record is the error of a summary; nil if nothing went wrong.
func (e Ending) Record() *ErrorRecord {
	if e.Message == "" {
		return nil
	}
	return &ErrorRecord{e.Code, e.Message}
}

// JSONAllEnding writes the comparisons there are and a summary that says why
// there are no more.
func JSONAllEnding(w io.Writer, reports []*compare.Report, end Ending) error {
	return JSONAllRuns(w, reports, nil, end)
}

// JSONAllRuns writes the comparisons there are, what is known of conversations
// that were not compared, and the summary.
func JSONAllRuns(w io.Writer, reports []*compare.Report, runs []compare.Run, end Ending) error {
	out := newLines(w)
	summary := SummaryRecord{Verdict: compare.Same.String(), Comparisons: []ComparisonRecord{}}
	worst := compare.Same
	for n, r := range reports {
		out.comparison(n+1, r)
		summary.Comparisons = append(summary.Comparisons, comparison(n+1, r))
		summary.ExitStatus = max(summary.ExitStatus, r.ExitStatus())
		worst = max(worst, r.Worst())
	}
	summary.Verdict = worst.String()
	for n := range runs {
		out.run(0, "", &runs[n], nil)
	}
	if len(reports) == 0 && end.Message != "" {
		summary.Verdict = "error"
	}
	return out.finish(&summary, end)
}

// JSONEnding writes what is known of conversations that were not compared,
// and the summary.
func JSONEnding(w io.Writer, runs []compare.Run, end Ending) error {
	return JSONAllRuns(w, nil, runs, end)
}

// lines writes one record a line and keeps the first error.
type lines struct {
	w   *bufio.Writer
	enc *json.Encoder
	err error
	raw []byte // scratch for a few rows
}

func newLines(w io.Writer) *lines {
	b := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return &lines{w: b, enc: enc}
}

func head(record string) Head { return Head{Schema, record} }

func (l *lines) write(record any) {
	if l.err == nil {
		l.err = l.enc.Encode(record)
	}
}

func (l *lines) finish(s *SummaryRecord, end Ending) error {
	s.Head = head("summary")
	if end.Status != 0 {
		s.ExitStatus = end.Status
	}
	s.Error = end.Record()
	l.write(s)
	if err := l.w.Flush(); l.err == nil {
		l.err = err
	}
	return l.err
}

// comparison writes everything about one pair of stacks.
func (l *lines) comparison(number int, r *compare.Report) {
	l.run(number, "reference", &r.Reference, r)
	l.run(number, "tested", &r.Tested, r)
	l.pairs(number, r.Rows)
	for n := range r.Differences {
		l.difference(number, r, &r.Differences[n])
	}
	for _, rule := range r.Rules {
		l.write(RuleRecord{
			Head: head("rule"), Comparison: number, ID: rule.Rule.ID, Clause: rule.Rule.Clause,
			Level: rule.Rule.Level.String(), Meaning: rule.Rule.Meaning,
			Reference: rule.Reference.String(), Tested: rule.Tested.String(),
		})
	}
}

func (l *lines) difference(number int, r *compare.Report, d *compare.Difference) {
	l.spliced(difference(number, r, d), `"occurrences":[]`, func() { l.occurrences(r, d) })
}

// difference is the record of a difference without its places.
func difference(number int, r *compare.Report, d *compare.Difference) *DifferenceRecord {
	record := &DifferenceRecord{
		Head: head("difference"), Comparison: number, Number: d.Number, ID: d.ID, Class: d.Class.String(),
		Field: d.Field, Role: d.Role, Direction: d.Dir.String(), Verdict: d.Verdict.String(), By: d.By.Names(),
		Rule: d.Rule, Clause: d.Clause, Reason: d.Reason, Spread: d.Spread, Repeat: d.Repeat, New: d.New,
		Occurrences: []OccurrenceRecord{},
	}
	if s := d.Seen; s.TestedOf > 0 {
		record.Seen = &SeenRecord{s.Tested, s.TestedOf, s.Reference, s.ReferenceOf, s.Chance()}
	}
	if d.Cause != 0 {
		record.Cause = r.Differences[d.Cause-1].ID
	}
	if d.Known != nil {
		record.Known, record.KnownOf = d.Known.Why, d.Known.Stack
	}
	return record
}

// spliced writes a record with something in the place of an empty list: what
// is between its brackets.
func (l *lines) spliced(record any, empty string, write func()) {
	line := append(appendJSON(nil, record), '\n')
	at := bytes.LastIndex(line, []byte(empty)) + len(empty) - 1
	l.bytes(line[:at])
	write()
	l.bytes(line[at:])
}

func (l *lines) bytes(b []byte) {
	if l.err == nil {
		_, l.err = l.w.Write(b)
	}
}

// occurrences writes the places of a difference, of which there may be as many
// as frames.
func (l *lines) occurrences(r *compare.Report, d *compare.Difference) {
	values := r.ValuesOf(d)
	l.list(len(d.Occurrences), rowsAtOnce, func(b []byte, from, to int) ([]byte, error) {
		for n := from; n < to; n++ {
			if n > 0 {
				b = append(b, ',')
			}
			b = appendOccurrence(b, d, d.Occurrences[n], values)
		}
		return b, nil
	})
}

// appendOccurrence appends an OccurrenceRecord.
func appendOccurrence(b []byte, d *compare.Difference, o compare.Occurrence, values func(compare.Occurrence) (string, string)) []byte {
	reference, tested := values(o)
	b = appendInt(b, `{"reference_frame":`, int64(o.Ref)+1)
	b = appendInt(b, `,"tested_frame":`, int64(o.Test)+1)
	b = appendString(append(b, `,"reference":`...), reference)
	b = appendString(append(b, `,"tested":`...), tested)
	if d.Class != compare.Rule {
		return append(b, '}')
	}
	if finding := d.Finding(o); finding != "" {
		b = appendString(append(b, `,"finding":`...), finding)
	}
	if o.Got != 0 {
		b = appendInt(b, `,"got":`, o.Got)
	}
	if o.Want != 0 {
		b = appendInt(b, `,"want":`, o.Want)
	}
	return append(b, '}')
}

func comparison(number int, r *compare.Report) ComparisonRecord {
	c := ComparisonRecord{
		Comparison: number, Reference: r.Reference.Stack, Tested: r.Tested.Stack,
		Verdict: r.Worst().String(), ExitStatus: r.ExitStatus(), Differences: len(r.Differences),
		Violations: r.Count(compare.Violation), Unspecified: r.Count(compare.Unspecified),
		Deviations: r.Count(compare.Deviation), Permitted: r.Count(compare.Permitted), Known: r.CountKnown(),
		Noise: r.Count(compare.Noise), Artefacts: r.Count(compare.Artefact),
		Normalised: make([]NormalisedRecord, len(r.Normalised)),
	}
	for n, v := range r.Normalised {
		c.Normalised[n] = NormalisedRecord{v.Name, v.Why, v.Reference, v.Test}
	}
	return c
}

func settings(list []compare.Setting) []SettingRecord {
	records := make([]SettingRecord, len(list))
	for n, s := range list {
		records[n] = SettingRecord(s)
	}
	return records
}
