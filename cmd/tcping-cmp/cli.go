package main

import (
	"context"
	"io"

	"github.com/alecthomas/kong"
)

// cli is the command line.
type cli struct {
	Color   string           `enum:"auto,always,never" default:"auto" placeholder:"WHEN" help:"Colour: auto, always or never. It beats NO_COLOR, which beats CLICOLOR_FORCE and FORCE_COLOR, which beat TERM=dumb; with none of them a terminal gets colour."`
	Pager   string           `env:"-" enum:"auto,never" default:"auto" placeholder:"WHEN" help:"Show what does not fit on the terminal by $TCPING_CMP_PAGER, $PAGER or less -FRX: auto or never."`
	Version kong.VersionFlag `help:"Print the version and stop."`

	//lint:ignore SA5008 kong reads each set tag
	Run   runCommand   `cmd:"" set:"formats=${report_formats}" set:"format_help=${report_format_help}" help:"Let each stack hold the same conversation with one server and compare what they sent."`
	Ping  pingCommand  `cmd:"" help:"Open one hand-made connection after another and print each received frame."`
	Serve serveCommand `cmd:"" help:"Be the echo server."`
	//lint:ignore SA5008 kong reads each set tag
	Diff diffCommand `cmd:"" set:"formats=${report_formats}" set:"format_help=${report_format_help}" help:"Compare two captures, from whatever program."`
	//lint:ignore SA5008 kong reads each set tag
	Report   reportCommand   `cmd:"" set:"formats=${saved_formats}" set:"format_help=${saved_format_help}" help:"Show results that were saved with --format json, in any format."`
	Baseline baselineCommand `cmd:"" help:"Accept the differences of today, and find those that are new."`
	//lint:ignore SA5008 kong reads each set tag
	Check     checkCommand     `cmd:"" set:"formats=${check_formats}" set:"format_help=${check_format_help}" help:"Hold every conversation of a capture against the rules."`
	Wireshark wiresharkCommand `cmd:"" help:"Make Wireshark show the findings in the captures of this program in colours."`
	Rules     rulesCommand     `cmd:"" help:"List the rules, or explain one."`
	//lint:ignore SA5008 kong reads each set tag
	Script scriptCommand `cmd:"" set:"formats=${matrix_formats}" set:"format_help=${matrix_format_help}" help:"Play packetdrill scripts to the stacks in virtual time."`
	//lint:ignore SA5008 kong reads each set tag
	Suite  suiteCommand  `cmd:"" set:"formats=${matrix_formats}" set:"format_help=${matrix_format_help}" help:"Play the library of scenarios to the stacks in virtual time and show what each does."`
	Faults faultsCommand `cmd:"" help:"List the faults that a stack can be given on purpose, or explain one."`
	Bench  benchCommand  `cmd:"" help:"Measure how fast the stacks are, and the link without them."`
	Doctor doctorCommand `cmd:"" help:"Say what this machine allows, and what to do where it does not."`

	About      versionCommand    `cmd:"" name:"version" help:"Say what the program was built of."`
	Completion completionCommand `cmd:"" help:"Print what makes a shell complete command lines, or the manual page."`
	Complete   completeCommand   `cmd:"" name:"__complete" hidden:"" passthrough:"" help:"Answer the shell's script."`
}

// app is what a sub-command gets beside its flags.
type app struct {
	streams
	ctx   context.Context // ends with a signal, whose error is its cause
	env   lookupEnv
	color func(io.Writer) bool
	privileges
}

// execute parses the command line, runs the sub-command and returns the exit
// status.
func execute(args []string, std streams, env lookupEnv, options ...func(*app)) int {
	var c cli
	stopped := -1
	parsed, err := newParser(&c, std, func(status int) { stopped = max(stopped, status) }).Parse(args)
	if stopped >= 0 { // --help and --version have printed and want to stop
		return stopped
	}
	if err != nil {
		return explain(std.Err, usageError(err))
	}
	ctx, stop := withSignals(context.Background())
	defer stop()
	a := &app{streams: std, ctx: ctx, env: env, color: func(w io.Writer) bool {
		return wantColor(c.Color, env, w)
	}}
	for _, set := range options {
		set(a)
	}
	if err = a.keepNeeded(parsed); err == nil {
		err = a.paged(c.Pager, parsed)
	}
	return explain(std.Err, err)
}

// newParser makes the model of the command line. exit is called by what
// prints and wants to stop.
func newParser(c *cli, std streams, exit func(int)) *kong.Kong {
	parser := kong.Must(c,
		kong.Name("tcping-cmp"),
		kong.Description(guides.Description()),
		kong.Vars{"version": builtOf().String()},
		formatVars(),
		kong.PostBuild(nameVariables),
		kong.Writers(std.Out, std.Err),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.ShortUsageOnError(),
	)
	guides.Attach(parser.Model)
	return parser
}
