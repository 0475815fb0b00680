package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// conversations are the results of every stack, the reference's first: one
// slice a stack, one result a repeat.
type conversations struct{ results [][]lab.Result }

// hold lets the stacks take turns. It ends early when the reference cannot
// hold its conversation, because then the server is to blame, or the place; a
// stack under test that cannot is compared as far as it gets.
func (h *conversations) hold(ctx context.Context, place lab.Place, app scenario.Application, stacks []lab.Stack, repeat int, p *progress) error {
	defer p.clear()
	h.results = make([][]lab.Result, len(stacks))
	for range repeat {
		for i, stack := range stacks {
			p.step(stack.Name())
			result := lab.Converse(ctx, stack, place, app)
			h.results[i] = append(h.results[i], result)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if result.Err != nil && i == 0 {
				return failureOf(result)
			}
		}
	}
	return nil
}

func failureOf(r lab.Result) error { return fmt.Errorf("%s: %w", r.Stack, r.Err) }

// failure returns the first error of a stack under test.
func (h *conversations) failure() error {
	for _, results := range h.results[1:] {
		for _, r := range results {
			if r.Err != nil {
				return failureOf(r)
			}
		}
	}
	return nil
}

// recorded reports whether there is any frame to write.
func (h *conversations) recorded() bool {
	return slices.ContainsFunc(h.results, func(results []lab.Result) bool {
		return slices.ContainsFunc(results, func(r lab.Result) bool { return len(r.Recording.Frames) > 0 })
	})
}

// compare holds every stack under test against the reference.
func (h *conversations) compare() ([]*compare.Report, error) {
	reference, err := runOf(h.results[0])
	if err != nil {
		return nil, err
	}
	var reports []*compare.Report
	for _, results := range h.results[1:] {
		tested, err := runOf(results)
		if err != nil {
			return nil, err
		}
		opts := compare.Options{Environment: environment(results[0]), Reference: reference, Tested: tested}
		reports = append(reports, compare.Compare(reference.Conversations, tested.Conversations, opts))
	}
	return reports, nil
}

// runOf decodes what a stack's repeats recorded. State and duration are those
// of the last.
func runOf(results []lab.Result) (compare.Run, error) {
	last := results[len(results)-1]
	run := compare.Run{
		Stack: last.Stack, Settings: append(settings(last.Settings), touched(last.Recording)...),
		State: last.State, PeerState: last.PeerState, Duration: last.Total,
	}
	for _, r := range results {
		if r.Err != nil && run.Error == "" {
			run.Error = r.Err.Error()
		}
		c, err := capture.FromRecording(r.Stack, r.Recording, r.Remote)
		if err != nil {
			return run, cmp.Or(r.Err, err)
		}
		run.Conversations = append(run.Conversations, c)
	}
	return run, nil
}

// touched says which frames are not quite what crossed a cable, and why.
func touched(rec tap.Recording) (list []compare.Setting) {
	for _, mark := range []struct {
		flag      tap.FrameFlags
		name, why string
	}{
		{tap.ChecksumCompleted, "checksums", "completed by this host in %d received frames: their sender left them to hardware"},
		{tap.SuperFrame, "super-frames", "%d received frames are longer than the MTU: several segments in one, merged here or not yet split there"},
		{tap.VLANRestored, "VLAN tags", "put back into %d received frames"},
	} {
		n := 0
		for _, f := range rec.Frames {
			if f.Flags&mark.flag != 0 {
				n++
			}
		}
		if n > 0 {
			list = append(list, compare.Setting{Name: mark.name, Value: fmt.Sprintf(mark.why, n)})
		}
	}
	return list
}

func settings(list []lab.Setting) []compare.Setting {
	converted := make([]compare.Setting, len(list))
	for i, s := range list {
		converted[i] = compare.Setting(s)
	}
	return converted
}

// environment is what the report says of the machine: the link and the place's
// settings.
func environment(r lab.Result) []compare.Setting {
	link := fmt.Sprintf("%s, MTU %d", r.Recording.Link.Kind, r.Recording.Link.MTU)
	return append([]compare.Setting{{Name: "link", Value: link}}, settings(r.Environment)...)
}

// runs is what is known of every stack, for an ending without a comparison.
func (h *conversations) runs() []compare.Run {
	var runs []compare.Run
	for _, results := range h.results {
		if len(results) > 0 {
			run, _ := runOf(results) // without what was not recorded
			runs = append(runs, run)
		}
	}
	return runs
}

// writer returns what writes the capture: with the findings as comments where
// there are reports, the bare frames otherwise.
func (h *conversations) writer(reports []*compare.Report) func(io.Writer) error {
	if len(reports) > 0 {
		return func(w io.Writer) error { return report.Pcapng(w, reports...) }
	}
	var recorded []report.Recorded
	for _, results := range h.results {
		for _, r := range results {
			recorded = append(recorded, report.Recorded{Stack: r.Stack, Recording: r.Recording})
		}
	}
	return func(w io.Writer) error { return report.PcapngRecordings(w, recorded) }
}
