package main

import (
	"fmt"

	"tcping-cmp/compare"
	"tcping-cmp/compare/baseline"
	"tcping-cmp/compare/report"
)

// checkCommand judges a capture alone.
type checkCommand struct {
	Capture string `arg:"" complete:"files" help:"A pcap or pcapng file."`
	Flow    string `placeholder:"FLOW" help:"Only this conversation: its number, the address HOST:PORT or :PORT of an end, or the name of its interface. Without it, every one."`
	At      string `enum:"client,elsewhere" default:"elsewhere" placeholder:"PLACE" help:"Where the capture was made: client, if at the client's own link, so that it shows when the client sent what and what reached it; or elsewhere (the default)."`
	Stack   string `enum:",handcrafted,netstack,kernel" default:"" complete:"known-stack" placeholder:"STACK" help:"Whose conversations these are, netstack or kernel: its known differences are shown apart."`

	outputFlag
	baselineFlag
	renderFlags
	Verbose int `short:"v" type:"counter" help:"Show the frames of each conversation, and below each what they imply: the states of both ends, SND.UNA, SND.NXT and RCV.NXT, windows, octets in flight, round trips, tcp.analysis. Twice: the headers of frames that break a rule as well, with --full those of every frame. With json the frames are saved, and report -v shows them."`
}

func (c *checkCommand) style(a *app) report.Style {
	s := c.renderFlags.style(a)
	s.Verbose = c.Verbose
	return s
}

// Run reads, judges and prints.
func (c *checkCommand) Run(a *app) error {
	list, closeFile, err := c.check(a)
	defer closeFile()
	if err == nil {
		err = c.outputFlag.prepare()
	}
	if err == nil {
		err = c.markChecked(a, list)
	}
	outcome := err
	for _, checked := range list {
		if err == nil && checked.ExitStatus() != statusOK {
			outcome = errFound
		}
	}
	var printErr error
	switch {
	case c.Format != "text":
		printErr = report.WriteCheck(a.Out, c.Format, list, ending(outcome, err), c.style(a))
	case err == nil:
		printErr = report.CheckText(a.Out, list, c.style(a))
	}
	return c.checks("check", list, true, c.Verbose, ending(outcome, err), worst(printErr, outcome))
}

func (c *checkCommand) check(a *app) (list []*compare.Checked, closeFile func(), err error) {
	file, err := openCapture(c.Capture)
	if err != nil {
		return nil, func() {}, err
	}
	closeFile = func() { file.Close() }
	if file.Problem != nil {
		fmt.Fprintf(a.Err, "tcping-cmp: %s: %v; what came before is checked\n", c.Capture, file.Problem)
	}
	if c.Flow != "" || len(file.Flows) == 0 {
		conversation, err := file.Flow(c.Flow)
		if err != nil {
			return nil, closeFile, fmt.Errorf("%s: %w", c.Capture, err)
		}
		conversation.Exact = c.At == "client"
		return []*compare.Checked{compare.Check(conversation, c.Stack)}, closeFile, nil
	}
	list = make([]*compare.Checked, len(file.Flows))
	for n := range file.Flows {
		conversation := file.Conversation(n)
		conversation.Exact = c.At == "client"
		list[n] = compare.Check(conversation, c.Stack)
	}
	compare.CheckSeries(list, c.Stack)
	return list, closeFile, nil
}

// markChecked marks what a baseline accepts and what is new.
func (c *checkCommand) markChecked(a *app, list []*compare.Checked) error {
	if err := c.baselineFlag.open(); err != nil || c.file == nil {
		return err
	}
	var seen baseline.Seen
	for _, checked := range list {
		c.file.MarkChecked(checked)
		seen.Checked(checked)
	}
	c.tell(a.Err, &seen)
	return nil
}
