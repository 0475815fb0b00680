package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/scenario/library"
)

// suiteCommand plays the library.
type suiteCommand struct {
	Pattern string `arg:"" complete:"scenario" optional:"" help:"Only scenarios with this in their name, such as window or @ipv6; or a whole name with the wildcards of a shell."`

	List   bool   `help:"Print the names and claims, and play nothing."`
	Replay string `complete:"scenario" placeholder:"NAME" help:"Play one scenario and print all about it."`
	Shard  string `placeholder:"I/N" help:"Play the I-th of N equal parts, for several machines."`

	Stack     []string `enum:"handcrafted,netstack" default:"handcrafted" placeholder:"STACK" help:"The stack under test: handcrafted or netstack. Can be given more than once."`
	Reference string   `enum:"handcrafted,netstack" default:"netstack" placeholder:"STACK" help:"The stack that the others are held against by --oracle diff, and shown beside them: netstack or handcrafted."`
	Oracle    string   `enum:"diff,shape,strict" default:"diff" placeholder:"ORACLE" help:"What decides: diff (the stack against the reference, as run compares them, with the shape shown beside it), shape (flags, relative numbers, length and order as the script expects), or strict (as packetdrill judges, times and options included). What is declared is shown apart and fails nothing."`
	Profile   string   `enum:"rfc,tcping.py" default:"rfc" placeholder:"PROFILE" help:"How the hand-made stack behaves: rfc or tcping.py."`
	Pcap      string   `complete:"folders" placeholder:"DIR" help:"Write one pcapng file a scenario into this folder."`
	Jobs      int      `short:"j" placeholder:"N" help:"How many scenarios are played at the same time; by default as many as there are processors."`

	outputFlag
	baselineFlag
	renderFlags
}

// Validate is called by kong.
func (c *suiteCommand) Validate() error {
	if c.List && c.Format != "text" && c.Format != "json" {
		return fmt.Errorf("--list is text or json: %s shows what was played", c.Format)
	}
	if c.Replay != "" && (c.Pattern != "" || c.List || c.Shard != "") {
		return errors.New("--replay plays one scenario: leave out the pattern, --list and --shard")
	}
	if err := errors.Join(needsTwo(c.Oracle, c.Stack, c.Reference), enoughJobs(c.Jobs)); err != nil {
		return err
	}
	_, _, err := c.part()
	return err
}

// part reads --shard; 1 of 1 if it was not given.
func (c *suiteCommand) part() (i, n int, err error) {
	if c.Shard == "" {
		return 1, 1, nil
	}
	first, second, _ := strings.Cut(c.Shard, "/")
	i, err1 := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	if err1 != nil || err2 != nil || i < 1 || i > n {
		return 0, 0, fmt.Errorf("--shard %s: give a part and the number of parts, such as 1/4", c.Shard)
	}
	return i, n, nil
}

// Run plays the chosen scenarios and prints the matrix.
func (c *suiteCommand) Run(a *app) error {
	cases, err := c.cases()
	if err == nil && !c.List {
		err = errors.Join(c.baselineFlag.open(), c.outputFlag.prepare())
	}
	if err == nil && c.Pcap != "" && !c.List {
		if err = os.MkdirAll(c.Pcap, 0o777); err != nil {
			err = outputError(c.Pcap, err)
		}
	}
	switch {
	case err != nil:
		return c.without(a, 0, err)
	case c.List:
		return c.list(a, cases)
	}
	b := &scriptBatch{stacks: c.stacks(), oracle: lab.Oracle(c.Oracle), pcap: c.Pcap, jobs: c.Jobs}
	if c.Replay != "" {
		return b.run(a, newSuiteResult(c, b, cases), sourcesOf(cases))
	}
	return c.play(a, b, cases)
}

// cases chooses what is played.
func (c *suiteCommand) cases() ([]library.Case, error) {
	if c.Replay != "" {
		one, err := library.FindCase(c.Replay)
		return []library.Case{one}, err
	}
	all, err := library.Select(c.Pattern)
	if err != nil {
		return nil, err
	}
	i, n, err := c.part()
	if err != nil {
		return nil, err
	}
	var chosen []library.Case
	for at := i - 1; at < len(all); at += n {
		chosen = append(chosen, all[at])
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("--shard %s is empty, of %s: make fewer parts", c.Shard, report.Plural(len(all), "scenario"))
	}
	return chosen, nil
}

// sourcesOf gives the scripts of cases to a batch.
func sourcesOf(cases []library.Case) []scriptSource {
	sources := make([]scriptSource, len(cases))
	for i, c := range cases {
		sources[i] = scriptSource{name: c.ID(), read: c.Script}
	}
	return sources
}

// stacks are the stacks to play to, the reference first.
func (c *suiteCommand) stacks() []lab.VirtualStack {
	names := []string{c.Reference}
	for _, name := range c.Stack {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	list := make([]lab.VirtualStack, len(names))
	for i, name := range names {
		list[i] = newVirtualStack(name, c.Profile)
	}
	return list
}

// play plays the cases and prints what was found.
func (c *suiteCommand) play(a *app, b *scriptBatch, cases []library.Case) error {
	s := newSuiteResult(c, b, cases)
	shown := a.progress(len(cases), c.Quiet)
	var failure error
	b.each(a, sourcesOf(cases), func(o *scriptOutcome) {
		shown.finished(o.name)
		s.add(o)
		if c.Format == "json" && failure == nil {
			failure = shown.aside(func() error { return writeJSON(a.Out, s.records[len(s.records)-1]) })
		}
	})
	shown.clear()
	c.tell(a.Err, &s.seen)
	if a.ctx.Err() != nil && failure == nil {
		failure = contextCause(a)
	}
	return s.end(a, failure)
}

// list prints what would be played.
func (c *suiteCommand) list(a *app, cases []library.Case) error {
	for _, one := range cases {
		var err error
		if c.Format == "json" {
			err = listRecordOf(one).write(a.Out)
		} else {
			_, err = fmt.Fprintf(a.Out, "%s\n    %s\n", one.ID(), one.Claim)
		}
		if err != nil {
			return err
		}
	}
	return c.without(a, len(cases), nil)
}

// without ends what programs read when nothing was played. It returns err.
func (c *suiteCommand) without(a *app, scenarios int, err error) error {
	switch {
	case c.Format == "text" || c.List && err == nil && c.Format != "json":
		return err
	case c.Format != "json":
		return errors.Join(err, report.WriteMatrix(a.Out, c.Format, &report.Matrix{}, ending(err, err)))
	}
	return errors.Join(err, writeJSON(a.Out, summaryOf(c, scenarios, err)))
}
