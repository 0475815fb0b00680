package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
)

// runCommand lets stacks hold one conversation each with the same server.
type runCommand struct {
	Target string `arg:"" optional:"" name:"host:port" help:"A real server. Without it the conversations take place in the lab: a private network namespace for each stack, with a Linux echo server behind a TAP device."`

	Stack     []string `enum:"handcrafted,netstack,kernel" default:"handcrafted" placeholder:"STACK" help:"A stack under test: handcrafted, netstack or kernel. May be given several times; each is compared with the reference."`
	Reference string   `enum:"handcrafted,netstack,kernel" default:"netstack" placeholder:"STACK" help:"The stack to compare with."`
	Profile   string   `enum:"rfc,tcping.py" default:"rfc" placeholder:"PROFILE" help:"How the hand-made stack behaves: rfc, or tcping.py, the program of 2017 (no options, one step after the other)."`

	Send        *string `xor:"payload" placeholder:"TEXT" help:"What to send (default hello)."`
	SendFile    string  `xor:"payload" complete:"files" placeholder:"FILE" help:"Send the content of this file instead."`
	ExpectBytes *int    `placeholder:"N" help:"Read so many bytes, whatever they are, before closing. Without it, as many as were sent, and they have to be the same."`
	Close       string  `enum:"first,last" default:"last" placeholder:"first|last" help:"Close last, after the server's FIN (the default), or first, when everything expected has arrived."`
	Repeat      int     `default:"1" placeholder:"N" help:"Hold the conversation so many times with each stack; what varies between them counts as noise."`

	watchFlag
	scenarioFlag
	linkFlags
	faultFlag

	Pcap string `complete:"files" placeholder:"FILE" help:"Write every frame of every stack to this file, as pcapng with the findings as comments."`
	outputFlag
	baselineFlag
	reportFlags
}

// defaultText is what the program of 2017 sent.
const defaultText = "hello"

// linkFlags say over what the frames go; run and ping share them.
type linkFlags struct {
	Link      string         `enum:"auto,tap,eth,mem" default:"auto" placeholder:"LINK" help:"tap: a TAP device in the lab; eth: an interface of this host; mem: a wire in memory, with netstack's echo server. auto: eth with a target, otherwise tap, or mem where the machine does not allow it."`
	Interface string         `short:"i" complete:"interface" placeholder:"NAME" help:"The interface for --link eth. Without it, the one that the route to the target uses."`
	Address   string         `placeholder:"ADDR" help:"A spare address of the interface's subnet for the stacks, which answer ARP for it. Without it they share the host's own, and the kernel is kept from answering."`
	Timeout   *time.Duration `placeholder:"TIME" help:"Give up a conversation after this long, its end included (default 10s)."`

	lab lab.LabOptions // how the lab's sites are to be
}

// Validate is called by kong.
func (c *runCommand) Validate() error {
	switch {
	case c.Repeat < 1:
		return errors.New("--repeat must be 1 or more")
	case c.ExpectBytes != nil && *c.ExpectBytes < 0:
		return errors.New("--expect-bytes must be 0 or more")
	}
	return errors.Join(c.validateWatch(), c.linkFlags.validate())
}

func (f *linkFlags) validate() error {
	if f.Timeout != nil && *f.Timeout <= 0 {
		return errors.New("--timeout must be more than 0, such as 500ms or 10s")
	}
	return nil
}

// timeout is how long a conversation may take: what the user says, or else
// what is usual.
func (f *linkFlags) timeout(usual time.Duration) time.Duration {
	if f.Timeout != nil {
		return *f.Timeout
	}
	return usual
}

// application is the script that every stack follows.
func (c *runCommand) application() (scenario.Application, error) {
	app := scenario.Application{Send: []byte(defaultText), Close: scenario.Closer(c.Close), Timeout: c.timeout(lab.DefaultTimeout)}
	if c.Send != nil {
		app.Send = []byte(*c.Send)
	}
	if c.SendFile != "" {
		var err error
		if app.Send, err = os.ReadFile(c.SendFile); err != nil {
			return app, inputError(c.SendFile, err)
		}
	}
	app.Expect, app.Check = len(app.Send), true
	if c.ExpectBytes != nil {
		app.Expect, app.Check = *c.ExpectBytes, false
	}
	return app, nil
}

// checkPlace refuses flags that do not go together.
func (f *linkFlags) checkPlace(target string) error {
	switch {
	case f.Link == "eth" && target == "":
		return errors.New("--link eth needs a server: give HOST:PORT (tcping-cmp serve is one)")
	case (f.Link == "tap" || f.Link == "mem") && target != "":
		return fmt.Errorf("--link %s is the lab, which has its own server: leave out %s, or use --link eth", f.Link, target)
	case target == "" && (f.Interface != "" || f.Address != ""):
		return errors.New("--interface and --address are for a real server: give HOST:PORT")
	}
	return nil
}
