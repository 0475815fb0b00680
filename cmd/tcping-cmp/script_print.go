package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
)

func contextCause(a *app) error { return context.Cause(a.ctx) }

// scriptPrinter shows what became of scripts: in full if there is one, a line
// each with what was found below it if there are more, or as JSON Lines.
type scriptPrinter struct {
	app    *app
	flags  *renderFlags
	oracle lab.Oracle
	many   bool
	out    *bufio.Writer
	total  scriptTotals
	began  time.Time
	wall   time.Duration // in all; 0 before the end
	status int

	records []*suiteRecord    // for what is shown at the end
	alone   []*compare.Report // of a script that is played alone
}

// scriptTotals count scripts.
type scriptTotals struct {
	Scripts int `json:"scripts"`
	Passed  int `json:"passed"`
	Found   int `json:"found"`
	NotRun  int `json:"not_run"`
	Failed  int `json:"unreadable"`
}

func newScriptPrinter(a *app, flags *renderFlags, oracle lab.Oracle, n int) *scriptPrinter {
	return &scriptPrinter{app: a, flags: flags, oracle: oracle, many: n > 1, out: bufio.NewWriter(a.Out), began: time.Now()}
}

// verdict is one word for what became of a script.
func (p *scriptPrinter) verdict(o *scriptOutcome) string {
	switch {
	case o.err != nil || o.files != nil:
		return "error"
	case o.status() == statusFound:
		return "found"
	case !o.played():
		return "not run"
	}
	return o.ruling.verdict.String()
}

// print shows one script.
func (p *scriptPrinter) print(o *scriptOutcome) error {
	p.total.Scripts++
	switch p.verdict(o) {
	case "error":
		p.total.Failed++
	case "found":
		p.total.Found++
	case "not run":
		p.total.NotRun++
	default:
		p.total.Passed++
	}
	p.status = max(p.status, o.status())
	switch p.flags.Format {
	case "text":
	case "json":
		return p.encode(p.record(o))
	default:
		p.records = append(p.records, p.record(o).played())
		if !p.many {
			p.alone = o.reports()
		}
		return nil
	}
	p.text(o)
	if reports := o.reports(); !p.many && len(reports) > 0 {
		if err := p.out.Flush(); err != nil {
			return err
		}
		if err := report.TextAll(p.app.Out, reports, p.flags.style(p.app)); err != nil {
			return err
		}
	}
	for _, text := range o.ruling.remarks {
		fmt.Fprintf(p.out, "declared: %s\n", text)
	}
	return p.out.Flush()
}

// text shows one script as lines.
func (p *scriptPrinter) text(o *scriptOutcome) {
	verdict := p.verdict(o)
	if p.many && p.flags.Quiet && (verdict == "ok" || verdict == cellAccepted.String()) {
		return
	}
	fmt.Fprintf(p.out, "%-7s %s", verdict, o.name)
	for i, play := range o.plays {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		fmt.Fprintf(p.out, "%s%s %s", separator, play.Stack, p.playLine(play))
	}
	for _, a := range o.against {
		fmt.Fprintf(p.out, "; %s against %s: %s", a.tested, a.reference, differences(a))
	}
	fmt.Fprintln(p.out)
	if o.err != nil {
		fmt.Fprintf(p.out, "  %s\n", strings.ReplaceAll(o.err.Error(), "\n", "\n  "))
	}
	if o.files != nil {
		fmt.Fprintf(p.out, "  %v\n", o.files)
	}
	p.details(o)
}

// playLine is one stack's share of a script's line.
func (p *scriptPrinter) playLine(play *lab.Play) string {
	if play.NotRun != "" {
		return "not run: " + play.NotRun
	}
	oracle := p.oracle
	if oracle == lab.Differential {
		oracle = lab.Shape
	}
	found := "as expected"
	if n := len(play.Of(oracle)); n > 0 {
		found = report.Plural(n, "finding")
	}
	return fmt.Sprintf("%s %s (%s, %v in %v)", oracle, found, report.Plural(len(play.Recording.Frames), "frame"),
		play.Virtual.Round(time.Millisecond), play.Wall.Round(time.Microsecond))
}

// differences sums a comparison up.
func differences(a *against) string {
	if a.not != "" {
		return "not compared, " + a.not
	}
	sum := report.Counts(a.reports...)
	if n := len(a.lonely); n > 0 {
		sum += "; " + report.Plural(n, "connection") + " that only one has"
	}
	return sum
}

// details lists findings, different results of calls and what had no effect.
func (p *scriptPrinter) details(o *scriptOutcome) {
	oracle := p.oracle
	if oracle == lab.Differential {
		oracle = lab.Shape
	}
	if p.many && p.oracle == lab.Differential && !p.flags.Full {
		oracle = lab.Differential // no findings: the line has their number
	}
	for _, play := range o.plays {
		for _, f := range play.Of(oracle) {
			fmt.Fprintf(p.out, "  %s:%d: %s at %.6f: %s\n", f.Pos.File, f.Pos.Line, play.Stack, f.At.Seconds(), f.Text)
		}
	}
	for _, a := range o.against {
		for _, text := range a.lonely {
			fmt.Fprintf(p.out, "  %s\n", text)
		}
		for i := range a.calls {
			fmt.Fprintf(p.out, "  %s\n", &a.calls[i])
		}
	}
	if p.many && !p.flags.Full || o.script == nil {
		return
	}
	for _, r := range o.script.Ignored {
		fmt.Fprintf(p.out, "  ignored: %s\n", r)
	}
	for _, play := range o.plays {
		for _, r := range play.Ignored {
			fmt.Fprintf(p.out, "  ignored by %s: %s\n", play.Stack, r)
		}
	}
}

// again prints everything once more, in another format and with nothing left
// out.
func (p *scriptPrinter) again(w io.Writer, format string, done []*suiteCase, failure error) error {
	into := *p.app
	into.Out, into.color = w, func(io.Writer) bool { return false }
	q := newScriptPrinter(&into, &renderFlags{Format: format, Full: true}, p.oracle, len(done))
	q.many, q.wall = p.many, p.wall
	for _, one := range done {
		if err := q.print(one.outcome); err != nil {
			return err
		}
	}
	return q.end(failure)
}

// end prints the summary. failure is why not all scripts were played.
func (p *scriptPrinter) end(failure error) error {
	if p.wall == 0 {
		p.wall = time.Since(p.began)
	}
	wall := p.wall
	if p.flags.Format == "json" {
		end := playedEnding(p.outcome(failure))
		return p.encode(scriptSummary{
			Head: report.Head{Schema: report.Schema, Record: "summary"}, scriptTotals: p.total, Oracle: string(p.oracle),
			WallNS: wall.Nanoseconds(), ExitStatus: end.Status, Error: end.Record(),
		})
	}
	if p.flags.Format != "text" {
		return p.others(failure)
	}
	if p.many {
		t := p.total
		fmt.Fprintf(p.out, "%s by the %s oracle: %d ok, %d with findings, %d not run, %d unreadable; %v\n",
			report.Plural(t.Scripts, "script"), p.oracle, t.Passed, t.Found, t.NotRun, t.Failed, wall.Round(time.Millisecond))
	}
	return p.out.Flush()
}

// others writes the formats that are neither text nor JSON: a page has the
// whole comparison of a script that was played alone.
func (p *scriptPrinter) others(failure error) error {
	end := playedEnding(p.outcome(failure))
	if p.flags.Format == "html" && len(p.alone) > 0 {
		return report.HTML(p.app.Out, p.alone, end)
	}
	return report.WriteMatrix(p.app.Out, p.flags.Format, matrixOf(p.records), end)
}

// outcome is how the command ends: with failure, why not all scripts were
// played; with trouble if a script could not be read or none could be played.
func (p *scriptPrinter) outcome(failure error) error {
	switch {
	case failure != nil:
		return failure
	case p.status == statusTrouble:
		return fmt.Errorf("%d of %s could not be read; the lines above say why", p.total.Failed, report.Plural(p.total.Scripts, "script"))
	case p.status == statusFound:
		return errFound
	case p.total.Scripts > 0 && p.total.NotRun == p.total.Scripts:
		return fmt.Errorf("no script could be played; the lines above say why")
	}
	return nil
}

// scriptSummary ends the JSON Lines.
type scriptSummary struct {
	report.Head
	scriptTotals
	Oracle     string              `json:"oracle"`
	WallNS     int64               `json:"wall_ns"`
	ExitStatus int                 `json:"exit_status"`
	Error      *report.ErrorRecord `json:"error,omitempty"`
}

func (p *scriptPrinter) encode(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	p.out.Write(line)
	p.out.WriteByte('\n')
	return p.out.Flush()
}
