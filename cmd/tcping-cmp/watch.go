package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// watchFlag makes run go on comparing.
type watchFlag struct {
	Watch time.Duration `placeholder:"TIME" help:"Keep comparing, a round every TIME: the first is shown in full, then what changes, a line a round where nothing does. Ctrl-C is the usual end, and the exit status is that of the worst round."`
}

// validateWatch refuses what does not go together.
func (c *runCommand) validateWatch() error {
	switch {
	case c.Watch < 0:
		return errors.New("--watch must be more than 0, such as 2s")
	case c.Watch == 0:
		return nil
	case c.Format != "text" && c.Format != "json":
		return fmt.Errorf("--watch shows changes as they come, as text or JSON: leave out --format %s", c.Format)
	case c.Pcap != "" || c.Output != "":
		return errors.New("--watch has no end that could be written to a file: leave out --pcap and --output")
	}
	return nil
}

// streams implements streaming.
func (c *runCommand) streams() bool { return c.Watch > 0 }

// watch compares round after round until a signal comes. SIGINT after a whole
// round is the usual end: the error is then that of the worst round.
func (c *runCommand) watch(a *app) error {
	w := &watcher{app: a, run: c, known: map[string]compare.Difference{}}
	begin := time.NewTimer(0)
	defer begin.Stop()
	for {
		select {
		case <-begin.C:
			begin.Reset(c.Watch)
			if err := w.round(); err != nil {
				return w.end(err)
			}
		case <-a.ctx.Done():
		}
		if a.ctx.Err() != nil {
			return w.end(context.Cause(a.ctx))
		}
	}
}

// watcher compares each round with the one before.
type watcher struct {
	app    *app
	run    *runCommand
	rounds int
	known  map[string]compare.Difference // of the last round that could be compared
	worst  error
}

// round holds the conversations once more and shows what has changed. The
// error ends the watch: nothing can be shown, or the first round fails. What
// goes wrong later is shown as well, and the next round may be better.
func (w *watcher) round() error {
	held, err := w.run.hold(w.app)
	switch {
	case w.app.ctx.Err() != nil:
		return nil
	case err != nil && w.rounds == 0:
		return err // nothing that could be watched
	}
	var reports []*compare.Report
	if err == nil {
		reports, err = held.compare()
	}
	if err == nil {
		w.run.mark(io.Discard, reports)
		err = held.failure()
	}
	w.rounds++
	outcome := err
	for _, r := range reports {
		if r.ExitStatus() != statusOK {
			outcome = worst(errFound, err)
		}
	}
	if statusOf(outcome) > statusOf(w.worst) {
		w.worst = outcome
	}
	change := w.compare(reports)
	if w.run.Format == "json" {
		return writeJSON(w.app.Out, roundRecordOf(w.rounds, reports, change, err))
	}
	return w.text(reports, change, err)
}

// roundChanges are what one round has that the last had not, and the other way
// round.
type roundChanges struct {
	appeared, gone []compare.Difference
	judged         []rejudged
}

// rejudged is a difference whose verdict is another than in the last round.
type rejudged struct {
	compare.Difference
	was compare.Verdict
}

func (c roundChanges) none() bool { return len(c.appeared)+len(c.gone)+len(c.judged) == 0 }

// compare remembers this round's differences. A round without a comparison
// changes nothing.
func (w *watcher) compare(reports []*compare.Report) (c roundChanges) {
	if len(reports) == 0 {
		return c
	}
	now := map[string]compare.Difference{}
	for _, r := range reports {
		for _, d := range r.Differences {
			key := r.Tested.Stack + " " + d.ID
			if _, twice := now[key]; twice {
				continue
			}
			now[key] = d
			switch before, there := w.known[key]; {
			case !there:
				c.appeared = append(c.appeared, d)
			case before.Verdict != d.Verdict:
				c.judged = append(c.judged, rejudged{d, before.Verdict})
			}
		}
	}
	for key, d := range w.known {
		if _, there := now[key]; !there {
			c.gone = append(c.gone, d)
		}
	}
	w.known = now
	return c
}

// text shows the first round in full, then a line and what has changed.
func (w *watcher) text(reports []*compare.Report, c roundChanges, failure error) error {
	if w.rounds == 1 && len(reports) > 0 {
		if err := report.TextAll(w.app.Out, reports, w.run.style(w.app)); err != nil {
			return err
		}
		c = roundChanges{}
	}
	line := fmt.Sprintf("%s  round %d", time.Now().Format(time.TimeOnly), w.rounds)
	for _, r := range reports {
		line += fmt.Sprintf("  %s: %s", r.Tested.Stack, report.Counts(r))
	}
	switch {
	case failure != nil:
		line += fmt.Sprintf("  %v", failure)
	case c.none() && w.rounds > 1:
		line += "; no change"
	}
	if _, err := fmt.Fprintln(w.app.Out, line); err != nil {
		return err
	}
	for _, d := range c.appeared {
		fmt.Fprintf(w.app.Out, "  new   %-11s  %s  %s\n", d.Verdict, d.Title(), d.ID)
	}
	for _, d := range c.judged {
		fmt.Fprintf(w.app.Out, "  now   %-11s  %s  %s, which was %s\n", d.Verdict, d.Title(), d.ID, d.was)
	}
	for _, d := range c.gone {
		fmt.Fprintf(w.app.Out, "  gone  %-11s  %s  %s\n", d.Verdict, d.Title(), d.ID)
	}
	return nil
}

// end sums up. why is the signal, or why nothing more can be shown.
func (w *watcher) end(why error) error {
	var s signalError
	if errors.As(why, &s) && s.sig == syscall.SIGINT && w.rounds > 0 {
		why = nil
	}
	outcome := why
	if outcome == nil && w.worst != nil {
		outcome = childError(statusOf(w.worst)) // its reason has been shown
	}
	if w.run.Format != "json" {
		return outcome
	}
	end := report.Ending{Status: statusOf(outcome)}
	if why != nil {
		end.Code, end.Message = errorCode(why), why.Error()
	}
	return errors.Join(report.JSONEnding(w.app.Out, nil, end), outcome)
}
