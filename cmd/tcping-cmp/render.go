package main

import (
	"errors"
	"path/filepath"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// renderFlags say how a result is shown.
type renderFlags struct {
	Format string `enum:"${formats}" default:"text" placeholder:"FORMAT" help:"${format_help}"`
	Quiet  bool   `short:"q" help:"Print what counts and the verdict only."`
	Full   bool   `help:"Leave nothing out of long ladders and lists."`
}

// reportFlags are those of the commands that compare two conversations.
type reportFlags struct {
	renderFlags
	Verbose int `short:"v" type:"counter" help:"Show below each frame what the frames imply: the states of both ends, SND.UNA, SND.NXT and RCV.NXT, windows, octets in flight, round trips, tcp.analysis. Twice: the headers of frames that differ as well, with --full those of every frame."`
}

// render writes finished reports to standard output. failure is why a stack
// under test did not come to its end, or nil. The error says how the command
// ends.
func (f *reportFlags) render(a *app, reports []*compare.Report, failure error) error {
	outcome := failure
	for _, r := range reports {
		if r.ExitStatus() != statusOK {
			outcome = worst(errFound, failure)
		}
	}
	if f.Format == "text" {
		return worst(report.TextAll(a.Out, reports, f.style(a)), outcome)
	}
	return worst(report.Write(a.Out, f.Format, reports, ending(outcome, failure)), outcome)
}

// ended sees to it that a format for programs says what went wrong when there
// is no report; JSON says what is known, and ends with a summary. It returns
// err.
func (f *renderFlags) ended(a *app, runs []compare.Run, err error) error {
	if f.Format == "text" || errors.As(err, new(childError)) {
		return err
	}
	if f.Format == "json" {
		return errors.Join(err, report.JSONEnding(a.Out, runs, ending(err, err)))
	}
	return errors.Join(err, report.Write(a.Out, f.Format, nil, ending(err, err)))
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

func (f *reportFlags) style(a *app) report.Style {
	s := f.renderFlags.style(a)
	s.Verbose = f.Verbose
	return s
}

// baseName shortens a path for use as a name.
func baseName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}
