package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// cli is the command line.
type cli struct {
	Color   string           `enum:"auto,always,never" default:"auto" placeholder:"WHEN" help:"Colour: auto, always or never. It beats NO_COLOR, which beats CLICOLOR_FORCE and FORCE_COLOR, which beat TERM=dumb; with none of them a terminal gets colour."`
	Version kong.VersionFlag `help:"Print the version and stop."`

	//lint:ignore SA5008 kong reads each set tag
	Run   runCommand   `cmd:"" set:"formats=${report_formats}" set:"format_help=${report_help}" help:"Let each stack hold the same conversation with one server and compare what they sent."`
	Ping  pingCommand  `cmd:"" help:"Open one hand-made connection after another and print each received frame."`
	Serve serveCommand `cmd:"" help:"Be the echo server."`
	//lint:ignore SA5008 kong reads each set tag
	Diff diffCommand `cmd:"" set:"formats=${report_formats}" set:"format_help=${report_help}" help:"Compare two captures, from whatever program."`
	//lint:ignore SA5008 kong reads each set tag
	Report reportCommand `cmd:"" set:"formats=${report_formats}" set:"format_help=${report_help}" help:"Show results that were saved with --format json, in any format."`
	Check  checkCommand  `cmd:"" help:"Hold every conversation of a capture against the rules."`
	Rules  rulesCommand  `cmd:"" help:"List the rules, or explain one."`
	Script scriptCommand `cmd:"" help:"Play packetdrill scripts to the stacks in virtual time."`
	Suite  suiteCommand  `cmd:"" help:"Play the library of scenarios to the stacks in virtual time and show what each does."`
	Faults faultsCommand `cmd:"" help:"List the faults that a stack can be given on purpose, or explain one."`
	Bench  benchCommand  `cmd:"" help:"Measure how fast the stacks are, and the link without them."`
	Doctor doctorCommand `cmd:"" help:"Say what this machine allows, and what to do where it does not."`
}

// app is what a sub-command gets beside its flags.
type app struct {
	streams
	ctx   context.Context // ends with a signal, whose error is its cause
	color func(io.Writer) bool
}

// execute parses the command line, runs the sub-command and returns the exit
// status.
func execute(args []string, std streams, env lookupEnv) int {
	var c cli
	stopped := -1
	parser := kong.Must(&c,
		kong.Name("tcping-cmp"),
		kong.Description(description),
		kong.Vars{"version": version()},
		formatVars(),
		kong.Writers(std.Out, std.Err),
		kong.Exit(func(status int) { stopped = max(stopped, status) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.ShortUsageOnError(),
	)
	parsed, err := parser.Parse(args)
	if stopped >= 0 { // --help and --version have printed and want to stop
		return stopped
	}
	if err != nil {
		return explain(std.Err, usageError(err))
	}
	ctx, stop := withSignals(context.Background())
	defer stop()
	err = parsed.Run(&app{streams: std, ctx: ctx, color: func(w io.Writer) bool {
		return wantColor(c.Color, env, w)
	}})
	return explain(std.Err, err)
}

const description = `Let a TCP written by hand and a reference TCP hold the same conversation, and see where they differ.

Exit status: 0 nothing wrong; 1 the stack under test breaks a MUST or shows a difference that no rule explains, or a ping failed; 2 trouble (usage, permission, unreachable, timeout); 130 and 143 after SIGINT and SIGTERM.`

// usageError turns what the parser says into a failure with its hint.
func usageError(err error) error {
	command := ""
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil && parse.Context.Selected() != nil {
		command = " " + parse.Context.Selected().Name
	}
	return fmt.Errorf("%w (see tcping-cmp%s --help)", err, command)
}
