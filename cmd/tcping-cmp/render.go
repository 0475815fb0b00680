package main

import (
	"errors"
	"path/filepath"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// renderFlags say how a report is shown; run and diff share them.
type renderFlags struct {
	Format string `enum:"text,json" default:"text" placeholder:"FORMAT" help:"text, or json: JSON Lines with exactly one summary at the end, however the command ends."`
	Quiet  bool   `short:"q" help:"Print what counts and the verdict only."`
	Full   bool   `help:"Leave nothing out of long ladders and lists."`
}

// render writes finished reports to standard output. failure is why a stack
// under test did not come to its end, or nil. The error says how the command
// ends: what was found counts for more than the failure.
func (f *renderFlags) render(a *app, reports []*compare.Report, failure error) error {
	outcome := failure
	for _, r := range reports {
		if r.ExitStatus() != statusOK {
			outcome = foundError{failure}
		}
	}
	if f.Format == "json" {
		return errors.Join(report.JSONAllEnding(a.Out, reports, ending(outcome, failure)), outcome)
	}
	return errors.Join(report.TextAll(a.Out, reports, f.style(a)), outcome)
}

// ended sees to it that JSON says what is known, and ends with a summary, when
// there is no report. It returns err.
func (f *renderFlags) ended(a *app, runs []compare.Run, err error) error {
	if f.Format != "json" || errors.As(err, new(childError)) {
		return err
	}
	return errors.Join(err, report.JSONEnding(a.Out, runs, ending(err, err)))
}

// ending is what the summary says of the outcome and of what went wrong.
func ending(outcome, failure error) report.Ending {
	end := report.Ending{Status: statusOf(outcome)}
	if failure != nil {
		end.Code, end.Message = errorCode(failure), failure.Error()
	}
	return end
}

func (f *renderFlags) style(a *app) report.Style {
	s := report.Locale()
	s.Color, s.Quiet, s.Full, s.Width = a.color(a.Out), f.Quiet, f.Full, terminalWidth(a.Out)
	return s
}

// baseName shortens a path for use as a name.
func baseName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}
