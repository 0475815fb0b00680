package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/baseline"
	"tcping-cmp/compare/report"
)

// baselineCommand accepts differences and looks for new ones.
type baselineCommand struct {
	Save  baselineSave  `cmd:"" help:"Accept the differences of saved results. Reasons that were written into the file stay."`
	Check baselineCheck `cmd:"" help:"Fail on differences of saved results that are not in the baseline, or worse than there."`
}

// baselineSave writes a baseline.
type baselineSave struct {
	File    string   `arg:"" complete:"files" help:"The baseline, a JSON file. It is made if it is not there."`
	Results []string `arg:"" complete:"files" name:"result" help:"Results of run, diff, check, suite or script that were saved with --format json; - is standard input."`
	Add     bool     `help:"Keep what the results do not show any more. Without it that is dropped, but for conversations and scenarios that the results are not about."`
	Least   string   `enum:",permitted,deviation,unspecified,violation" default:"" placeholder:"VERDICT" help:"Keep, and later look for, differences from this verdict up. The file remembers it; a new one has permitted, which is every difference. In real time, where a delayed acknowledgement comes and goes, deviation is calmer."`
}

// baselineCheck compares with a baseline.
type baselineCheck struct {
	File    string   `arg:"" complete:"files" help:"The baseline, made by tcping-cmp baseline save."`
	Results []string `arg:"" complete:"files" name:"result" help:"Results of run, diff, check, suite or script that were saved with --format json; - is standard input."`
	Strict  bool     `help:"Fail as well when something in the baseline does not show any more."`
	Format  string   `enum:"${formats}" default:"text" placeholder:"FORMAT" help:"${format_help}"`
}

// baselineFlag lets a command hold what it found against a baseline.
type baselineFlag struct {
	Baseline string `complete:"files" placeholder:"FILE" help:"Accept the differences in this file (tcping-cmp baseline save makes it), and end with 1 exactly if there are others."`

	file *baseline.File
}

// open reads the baseline, if one was named.
func (f *baselineFlag) open() (err error) {
	if f.Baseline != "" {
		f.file, err = readBaseline(f.Baseline)
	}
	return err
}

// mark marks what is accepted and what is new. What is gone is told to w.
func (f *baselineFlag) mark(w io.Writer, reports []*compare.Report) {
	if f.file == nil {
		return
	}
	var seen baseline.Seen
	for _, r := range reports {
		f.file.Mark(r, "")
		seen.Report(r, "")
	}
	f.tell(w, &seen)
}

// maxGone is how many differences that are gone are told beside a report.
const maxGone = 10

// tell says in a line how what was seen compares with the baseline, and what is
// gone.
func (f *baselineFlag) tell(w io.Writer, seen *baseline.Seen) {
	if f.file == nil {
		return
	}
	out := f.file.Hold(seen)
	for n := range out.Gone {
		if n == maxGone {
			fmt.Fprintf(w, "tcping-cmp: and %d more are gone; tcping-cmp baseline check lists them\n", len(out.Gone)-n)
			break
		}
		fmt.Fprintf(w, "tcping-cmp: gone: %s\n", entryLine(&out.Gone[n]))
	}
	fmt.Fprintf(w, "tcping-cmp: %s: %s\n", f.Baseline, changes(&out))
}

func changes(out *baseline.Outcome) string {
	return fmt.Sprintf("%d accepted, %d new, %d gone", out.Accepted, len(out.New), len(out.Gone))
}

func readBaseline(path string) (*baseline.File, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no baseline %s: make it with tcping-cmp baseline save %s RESULT", path, path)
	}
	if err != nil {
		return nil, inputError(path, err)
	}
	defer file.Close()
	f, err := baseline.Read(path, file)
	if err != nil {
		return nil, inputError(path, err)
	}
	return f, nil
}

// seenIn lists the differences of saved results. Results that ended in trouble
// are refused: what they do not show may be there all the same.
func seenIn(a *app, paths []string) (*baseline.Seen, error) {
	s, err := readSaved(a, paths)
	if err != nil {
		return nil, err
	}
	if end := s.ending(); end.Message != "" {
		return nil, fmt.Errorf("the result is not whole: %s; let the command come to its end first", end.Message)
	}
	return s.differences(), nil
}

// differences lists what was found.
func (s *saved) differences() *baseline.Seen {
	seen := &baseline.Seen{}
	for _, r := range s.comparisons.Reports {
		seen.Report(r, "")
	}
	for _, c := range s.checked.List {
		seen.Checked(c)
	}
	s.plays.differences(seen)
	return seen
}

// Run writes the file and says what has changed in it.
func (c *baselineSave) Run(a *app) error {
	file := &baseline.File{}
	if _, err := os.Stat(c.File); err == nil {
		if file, err = readBaseline(c.File); err != nil {
			return err
		}
	}
	seen, err := seenIn(a, c.Results)
	if err != nil {
		return err
	}
	file.Least = cmp.Or(c.Least, file.Least)
	added, dropped := file.Accept(seen, c.Add)
	if err := writeOutput(c.File, file.Write); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Out, "%s: %s accepted, %d of them new; %d dropped\n", c.File, report.Plural(len(file.Differences), "difference"), added, dropped)
	return err
}

// Run prints what is new and what is gone.
func (c *baselineCheck) Run(a *app) error {
	out, err := c.hold(a)
	outcome := err
	if err == nil && (len(out.New) > 0 || c.Strict && len(out.Gone) > 0) {
		outcome = errFound
	}
	if c.Format == "json" {
		return worst(writeBaselineJSON(a.Out, out, ending(outcome, err)), outcome)
	}
	if err != nil {
		return err
	}
	return worst(c.text(a.Out, out), outcome)
}

func (c *baselineCheck) hold(a *app) (*baseline.Outcome, error) {
	file, err := readBaseline(c.File)
	if err != nil {
		return nil, err
	}
	seen, err := seenIn(a, c.Results)
	if err != nil {
		return nil, err
	}
	out := file.Hold(seen)
	return &out, nil
}

func (c *baselineCheck) text(to io.Writer, out *baseline.Outcome) error {
	w := bufio.NewWriter(to)
	for n := range out.New {
		fmt.Fprintf(w, "new   %s\n", entryLine(&out.New[n]))
	}
	for n := range out.Gone {
		fmt.Fprintf(w, "gone  %s\n", entryLine(&out.Gone[n]))
	}
	fmt.Fprintf(w, "%s: %s\n", c.File, changes(out))
	return w.Flush()
}

// entryLine is an entry in a line.
func entryLine(e *baseline.Entry) string {
	var parts []string
	if e.Scenario != "" {
		parts = append(parts, e.Scenario+":")
	}
	switch {
	case e.Reference != "":
		parts = append(parts, e.Tested+" against "+e.Reference+":")
	case e.Tested != "":
		parts = append(parts, e.Tested+":")
	}
	parts = append(parts, e.Verdict)
	if len(e.By) > 0 && e.Tested != "" {
		parts = append(parts, "by "+strings.Join(e.By, " and "))
	}
	line := strings.Join(parts, " ") + ": " + e.What
	if e.Clause != "" {
		line += " (" + e.Clause + ")"
	}
	return line + " " + e.ID
}

// acceptedRecord is a difference that is new or gone since a baseline was
// accepted.
type acceptedRecord struct {
	report.Head
	Status string `json:"status"` // new or gone
	baseline.Entry
}

// baselineSummary ends the JSON Lines of a baseline's check.
type baselineSummary struct {
	report.Head
	Accepted   int                 `json:"accepted"`
	New        int                 `json:"new"`
	Gone       int                 `json:"gone"`
	ExitStatus int                 `json:"exit_status"`
	Error      *report.ErrorRecord `json:"error,omitempty"`
}

func writeBaselineJSON(w io.Writer, out *baseline.Outcome, end report.Ending) error {
	summary := baselineSummary{Head: report.Head{Schema: report.Schema, Record: "summary"}, ExitStatus: end.Status, Error: end.Record()}
	if out != nil {
		summary.Accepted, summary.New, summary.Gone = out.Accepted, len(out.New), len(out.Gone)
		for _, list := range []struct {
			status  string
			entries []baseline.Entry
		}{{"new", out.New}, {"gone", out.Gone}} {
			for _, e := range list.entries {
				if err := writeJSON(w, acceptedRecord{report.Head{Schema: report.Schema, Record: "baseline"}, list.status, e}); err != nil {
					return err
				}
			}
		}
	}
	return writeJSON(w, summary)
}
