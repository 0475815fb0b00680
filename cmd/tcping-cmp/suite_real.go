package main

import (
	"errors"
	"fmt"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/tap"
)

// realTimeout is how long a conversation over a bad wire may last.
const realTimeout = 2 * time.Minute

// replayReal holds the conversation of one scenario in real time, against a
// Linux echo server behind a TAP device, and compares as run does. The wire
// does to each stack's frames what the script says.
func (c *suiteCommand) replayReal(a *app, one library.Case) error {
	s, err := one.Script()
	switch {
	case err != nil:
		return err
	case !s.Conversation:
		return fmt.Errorf("%s has a scripted peer, which plays in virtual time only: leave out --real (scenarios of conversation/ can do without)", one.ID())
	}
	flags := linkFlags{Link: "tap"}
	if err := flags.enter(a, ""); err != nil {
		return c.ended(a, nil, err)
	}
	held, err := c.holdReal(a, s)
	var reports []*compare.Report
	if err == nil {
		reports, err = held.compare()
	}
	if c.Pcap != "" && held.recorded() {
		err = errors.Join(err, writeOutput(c.Pcap+"/"+captureName(one.ID()), held.writer(reports)))
	}
	if err != nil {
		return c.ended(a, held.runs(), err)
	}
	return c.render(a, reports, held.failure())
}

// holdReal lets the stacks take turns.
func (c *suiteCommand) holdReal(a *app, s *scenario.Script) (*conversations, error) {
	app := s.Application
	if app.Timeout == 0 {
		app.Timeout = realTimeout
	}
	place := lab.NewTAP(lab.LabOptions{
		IPv6: s.Config.IPVersion == 6, MTU: s.Config.MTU,
		Filter: func(l tap.Link) tap.Link { return lab.ImpairLink(l, s.Impairments) },
	})
	defer place.Close()
	var stacks []lab.Stack
	for _, v := range c.stacks() {
		stacks = append(stacks, newStack(v.Name(), c.Profile))
	}
	held := &conversations{}
	return held, held.hold(a.ctx, place, app, stacks, 1, newProgress(a.Err, len(stacks), c.Quiet))
}
