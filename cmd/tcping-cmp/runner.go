package main

import (
	"errors"
	"io"
	"slices"

	"tcping-cmp/compare"
	"tcping-cmp/compare/lab"
)

// Run holds the conversations, compares, prints, and writes the capture. The
// capture is written whatever happened; a summary ends the JSON whatever
// happened.
func (c *runCommand) Run(a *app) error {
	if err := c.enter(a, c.Target); err != nil {
		return c.ended(a, nil, err)
	}
	if c.Watch > 0 {
		return c.watch(a)
	}
	held, err := c.hold(a)
	if err == nil {
		err = a.done()
	}
	return c.conclude(a, held, err)
}

// conclude compares what was held, prints it, and writes the capture. err is
// why not everything was held.
func (c *runCommand) conclude(a *app, held *conversations, err error) error {
	var reports []*compare.Report
	if err == nil {
		reports, err = held.compare()
	}
	if err == nil {
		c.mark(a.Err, reports)
	}
	writeErr := c.writeCapture(held, reports)
	var runs []compare.Run
	var outcome, failure error
	if err != nil {
		runs, failure = held.runs(), errors.Join(err, writeErr)
		outcome = c.ended(a, runs, failure)
	} else {
		failure = errors.Join(held.failure(), writeErr)
		outcome = c.render(a, reports, failure)
	}
	var frames func(io.Writer) error
	if held.recorded() {
		frames = held.writer(reports)
	}
	return c.comparisons("run", reports, runs, frames, ending(outcome, failure), outcome)
}

// writeCapture writes what was recorded, if that was asked for.
func (c *runCommand) writeCapture(held *conversations, reports []*compare.Report) error {
	if c.Pcap == "" || !held.recorded() {
		return nil
	}
	return writeOutput(c.Pcap, held.writer(reports))
}

// hold prepares the place and has every stack hold its conversations.
func (c *runCommand) hold(a *app) (*conversations, error) {
	held := &conversations{}
	if err := c.checkPlace(c.Target); err != nil {
		return held, err
	}
	app, err := c.application()
	if err == nil {
		app, err = c.followScenario(app)
	}
	if err != nil {
		return held, err
	}
	stacks, err := c.stacks()
	if err == nil {
		err = errors.Join(c.baselineFlag.open(), c.outputFlag.prepare())
	}
	if err != nil {
		return held, err
	}
	if c.Pcap != "" {
		if err := checkOutput(c.Pcap); err != nil {
			return held, err
		}
	}
	place, err := c.place(a, c.Target)
	if err != nil {
		return held, err
	}
	defer place.Close()
	p := a.progress(c.Repeat*len(stacks), c.Quiet)
	return held, held.hold(a.ctx, place, app, stacks, c.Repeat, p)
}

// stacks returns the reference, then each stack under test once. A stack may be
// compared with itself: what differs then is noise, or a fault of the judge.
func (c *runCommand) stacks() ([]lab.Stack, error) {
	faults, err := c.faults()
	if err != nil {
		return nil, err
	}
	names := []string{c.Reference}
	for _, name := range c.Stack {
		if !slices.Contains(names[1:], name) {
			names = append(names, name)
		}
	}
	var stacks []lab.Stack
	for i, name := range names {
		stack := newStack(name, c.Profile)
		if i > 0 && len(faults) > 0 {
			stack = faulty{stack, faults}
		}
		stacks = append(stacks, stack)
	}
	return stacks, nil
}
