package lab

import (
	"net/netip"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// Oracle says by what a script judges a stack.
type Oracle string

// The oracles.
const (
	// Strict: every expected line as packetdrill judges it, time included.
	Strict Oracle = "strict"
	// Shape: flags but PSH, relative sequence and acknowledgement numbers,
	// length and order; windows, options and times are free.
	Shape Oracle = "shape"
	// Differential: no expectation; two stacks are held against each other.
	Differential Oracle = "diff"
)

// PlayOptions say how a script is played.
type PlayOptions struct {
	// Patient waits for an expected packet that is late, so that one that
	// comes late is not missing and the peer goes on from there. Without it
	// the peer goes on when packetdrill would have given up. The strict oracle
	// wants no patience, the others do.
	Patient bool
	Seed    uint64 // of the stack's randomness
}

// Play is what is known after a script was played to a stack.
type Play struct {
	Stack    string
	Settings []Setting // of the stack
	Script   *scenario.Script

	// NotRun says why the script could not be played; then there is nothing
	// else. Empty if it was.
	NotRun string

	Local, Remote netip.AddrPort // of the last connection
	Recording     tap.Recording
	State         string // of the socket that was opened last, by its RFC 9293 name
	Calls         []CallResult
	Findings      []Finding
	Ignored       []scenario.Remark // had no effect on this stack

	Virtual time.Duration // how much time passed for the stack
	Wall    time.Duration // how much passed for whoever waited
}

// CallResult is what one call of a script returned.
type CallResult struct {
	Pos    scenario.Pos
	Call   string // its name
	Result int64
	Errno  string        // name of the error; empty if there was none
	At     time.Duration // when it returned, after the beginning
}

// Finding is one thing that is not as the script, or TCP/IP itself, has it.
type Finding struct {
	Pos   scenario.Pos  // of the line; that of the last line for what no line asked for
	Frame int           // index in the recording; -1 if none is concerned
	At    time.Duration // after the beginning
	// Shape says that the shape oracle finds it too; the strict one finds
	// everything.
	Shape bool
	Text  string // one sentence
}

// Of returns the findings of an oracle. The differential one has none of its
// own.
func (p *Play) Of(o Oracle) []Finding {
	var list []Finding
	for _, f := range p.Findings {
		if o == Strict || o == Shape && f.Shape {
			list = append(list, f)
		}
	}
	return list
}
