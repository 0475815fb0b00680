package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"tcping-cmp/compare/bench"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
)

// benchCommand measures how fast the stacks are.
type benchCommand struct {
	Stack     []string `enum:"handcrafted,netstack,kernel" default:"handcrafted,netstack,kernel" placeholder:"STACK" help:"A stack to measure: handcrafted, netstack or kernel. May be given several times (default all)."`
	Reference string   `enum:"handcrafted,netstack,kernel" default:"netstack" placeholder:"STACK" help:"The stack that the ratios refer to."`
	Test      []string `enum:"connect,rr,conv,up,down,echo,floor" default:"connect,rr,conv,up,down,echo,floor" placeholder:"TEST" help:"What to measure (default all): connect, the time of a handshake; rr, round trips of five bytes a second; conv, whole conversations a second (connect, five bytes echoed, close); up, down and echo, bytes to a discard server, from a source, and there and back; floor, frames without any TCP."`
	Rounds    int      `default:"5" placeholder:"N" help:"How many turns each stack gets (default ${default})."`
	Size      string   `default:"64MiB" placeholder:"SIZE" help:"What up, down and echo carry each way in a turn, such as 64MiB, 500MB or a number of bytes (default ${default})."`
	Duration  string   `default:"300ms" placeholder:"TIME" help:"How long a turn of the other tests takes (default ${default})."`
	Pin       string   `enum:"auto,always,never" default:"auto" placeholder:"WHEN" help:"Keep the whole program on one CPU: always, never, or auto: connect, rr and conv are measured both ways, because their figures jump between two values when the scheduler chooses the CPUs."`
	Format    string   `enum:"text,json" default:"text" placeholder:"FORMAT" help:"text, or json: JSON Lines with exactly one summary at the end, however the command ends."`
	Quiet     bool     `short:"q" help:"Do not show how far it is, which standard error does when it is a terminal."`

	size     int64
	duration time.Duration
}

// Validate is called by kong.
func (c *benchCommand) Validate() (err error) {
	if c.Rounds < 1 {
		return errors.New("--rounds must be 1 or more")
	}
	if c.size, err = parseSize(c.Size); err != nil {
		return fmt.Errorf("--size: %w", err)
	}
	if c.duration, err = time.ParseDuration(c.Duration); err != nil || c.duration <= 0 || c.duration > maxTurn {
		return fmt.Errorf("--duration %s: give a time up to %v, such as 300ms", c.Duration, maxTurn)
	}
	return nil
}

// maxTurn leaves a turn time to finish before bench.TurnLimit.
const maxTurn = bench.TurnLimit / 2

// Run measures and prints, also after a signal, what there is.
func (c *benchCommand) Run(a *app) error {
	entry := lab.Enter()
	switch {
	case entry.Ran:
		return childError(entry.Status)
	case !entry.Ready:
		err := fmt.Errorf("no lab behind a TAP, and nothing else is measured: %s; to have it, %s", entry.Reason, entry.Fix)
		return c.render(a, &bench.Result{}, err)
	}
	p := a.progress(0, c.Quiet)
	o := bench.Options{
		Stacks: c.stacks(), Tests: c.tests(), CPUs: c.cpus,
		Rounds: c.Rounds, Duration: c.duration, Size: c.size,
		Step: func(_, of int, test bench.Test, cpus bench.CPUs, stack string) {
			p.of(of)
			p.step(fmt.Sprintf("%s, %s, %v", test.Name, stack, cpus))
		},
	}
	result, err := bench.Run(a.ctx, o)
	p.clear()
	return c.render(a, result, err)
}

// render prints the result. err is why it is not complete, and is returned.
func (c *benchCommand) render(a *app, r *bench.Result, err error) error {
	if c.Format == "json" {
		return errors.Join(report.BenchJSON(a.Out, r, c.Reference, ending(err, err)), err)
	}
	s := report.Locale()
	s.Color = a.color(a.Out)
	return errors.Join(report.BenchText(a.Out, r, c.Reference, s), err)
}

// stacks are those asked for, and the reference, in a fixed order.
func (c *benchCommand) stacks() (list []lab.Stack) {
	for _, name := range []string{handcraftedName, "netstack", lab.KernelName} {
		if name == c.Reference || slices.Contains(c.Stack, name) {
			list = append(list, newStack(name, "rfc"))
		}
	}
	return list
}

func (c *benchCommand) tests() (list []bench.Test) {
	for _, t := range bench.Tests() {
		if slices.Contains(c.Test, t.Name) {
			list = append(list, t)
		}
	}
	if slices.Contains(c.Test, "floor") {
		list = append(list, bench.Floor()...)
	}
	return list
}

func (c *benchCommand) cpus(t bench.Test) []bench.CPUs {
	switch {
	case c.Pin == "always":
		return []bench.CPUs{bench.OneCPU}
	case c.Pin == "auto" && t.Latency:
		return []bench.CPUs{bench.OneCPU, bench.AllCPUs}
	}
	return []bench.CPUs{bench.AllCPUs}
}
