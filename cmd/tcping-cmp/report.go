package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tcping-cmp/compare/report"
)

// reportCommand shows results that were saved.
type reportCommand struct {
	Results []string `arg:"" name:"result" complete:"files" help:"A result of run, diff, check, suite or script that was saved with --format json; - is standard input. Several are shown as one."`

	outputFlag
	reportFlags
}

// Run reads the results and shows them as the command did, or would have. It
// ends as that did.
func (c *reportCommand) Run(a *app) error {
	s, err := readSaved(a, c.Results)
	if err != nil {
		return c.ended(a, nil, err)
	}
	if err := s.can(c.Format); err != nil {
		return err
	}
	if err := c.outputFlag.prepare(); err != nil {
		return err
	}
	return s.output(a, &c.outputFlag, c.Verbose, worst(s.show(a, &c.reportFlags), outcomeOf(s.ending())))
}

// output fills the folder with what was saved.
func (s *saved) output(a *app, to *outputFlag, verbose int, outcome error) error {
	switch s.records {
	case &s.checked:
		return to.checks("report", s.checked.List, false, verbose, s.ending(), outcome)
	case &s.plays:
		return s.plays.output(a, to, outcome)
	}
	c := &s.comparisons
	var frames func(io.Writer) error
	if len(c.Reports) > 0 {
		frames = func(w io.Writer) error { return report.Pcapng(w, c.Reports...) }
	}
	return to.comparisons("report", c.Reports, c.Runs, frames, s.ending(), outcome)
}

// can says whether there is such a format of what was saved.
func (s *saved) can(format string) error {
	of := map[collector]resultShape{&s.comparisons: ofComparison, &s.checked: ofCheck, &s.plays: ofMatrix}[s.records]
	if names := formatsOf(of); !slices.Contains(names, format) {
		return fmt.Errorf("a result of %s cannot be shown as %s: choose one of %s", s.of, format, strings.Join(names, ", "))
	}
	return nil
}

// show writes what the command would have written.
func (s *saved) show(a *app, f *reportFlags) error {
	end := s.ending()
	switch s.records {
	case &s.checked:
		switch {
		case f.Format != "text":
			style := f.style(a)
			if f.Format == "json" {
				style.Verbose = max(style.Verbose, 1) // whatever was saved
			}
			return report.WriteCheck(a.Out, f.Format, s.checked.List, end, style)
		case len(s.checked.List) == 0 && end.Message != "":
			return nil // the error says it all
		}
		return report.CheckText(a.Out, s.checked.List, f.style(a))
	case &s.plays:
		return s.plays.show(a, &f.renderFlags)
	default:
		c := &s.comparisons
		switch {
		case f.Format == "json":
			return report.JSONAllRuns(a.Out, c.Reports, c.Runs, end)
		case f.Format != "text":
			return report.Write(a.Out, f.Format, c.Reports, end)
		case len(c.Reports) == 0:
			return nil
		}
		return report.TextAll(a.Out, c.Reports, f.style(a))
	}
}
