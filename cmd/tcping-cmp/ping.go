package main

import (
	"errors"
	"time"
)

// pingCommand opens one hand-made connection after another.
type pingCommand struct {
	Target string `arg:"" optional:"" name:"host:port" help:"The echo server. Without it, one in the lab."`

	Count    int           `short:"c" default:"4" placeholder:"N" help:"How many connections (default ${default}); 0 means until Ctrl-C."`
	Interval time.Duration `default:"1s" placeholder:"TIME" help:"From the beginning of one connection to that of the next (default ${default})."`
	Profile  string        `enum:"rfc,tcping.py" default:"rfc" placeholder:"PROFILE" help:"How the hand-made stack behaves: rfc, or tcping.py, the program of 2017."`
	Send     string        `default:"hello" placeholder:"TEXT" help:"What to send and to get back (default ${default})."`
	Close    string        `enum:"first,last" default:"last" placeholder:"first|last" help:"Close last, after the server's FIN (the default), or first, when the echo has arrived."`

	linkFlags
	Quiet bool `short:"q" help:"Print no frames, only the summary."`
}

// Validate is called by kong.
func (c *pingCommand) Validate() error {
	switch {
	case c.Count < 0:
		return errors.New("--count must be 0 or more")
	case c.Interval < 0:
		return errors.New("--interval must be 0 or more")
	}
	return c.linkFlags.validate()
}
