package main

import (
	"errors"
	"fmt"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/tap"
)

// scenarioFlag takes a conversation and its wire from the library.
type scenarioFlag struct {
	Scenario string `complete:"conversation" placeholder:"NAME" help:"Hold the conversation of a scenario of the library, over a wire that does what the scenario says: one of those that suite --list conversation/ shows. Without --timeout it may take two minutes."`
}

// badWireTimeout is how long a conversation over a bad wire may last if nobody
// says how long: timers that back off take their time.
const badWireTimeout = 2 * time.Minute

// followScenario takes what is said and what the wire does from the scenario,
// if there is one.
func (c *runCommand) followScenario(app scenario.Application) (scenario.Application, error) {
	if c.Scenario == "" {
		return app, nil
	}
	one, err := library.FindCase(c.Scenario)
	if err != nil {
		return app, err
	}
	s, err := one.Script()
	switch {
	case err != nil:
		return app, err
	case !s.Conversation:
		return app, fmt.Errorf("scenario %s has a scripted peer, which plays in virtual time only: tcping-cmp suite --replay %s", one.ID(), one.ID())
	case c.Target != "":
		return app, errors.New("--scenario is for the lab: leave out the server")
	case c.Send != nil || c.SendFile != "" || c.ExpectBytes != nil:
		return app, errors.New("the scenario says what is sent: leave out --send, --send-file and --expect-bytes")
	}
	c.lab = lab.LabOptions{
		IPv6: s.Config.IPVersion == 6, MTU: s.Config.MTU,
		Filter: func(l tap.Link) tap.Link { return lab.ImpairLink(l, s.Impairments) },
	}
	app = s.Application
	app.Timeout = c.timeout(max(app.Timeout, badWireTimeout))
	return app, nil
}
