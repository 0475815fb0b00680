// Package fault makes a correct stack misbehave on the wire, on purpose and by
// name: each Fault is one mistake that a stack could make, with the id of the
// requirement that it breaks. It is how anyone can see what such a mistake
// looks like in a capture, and how the judge is shown to miss none.
//
// An Injector decides what becomes of a frame (Injector.Apply); it has no
// clock and nothing in it waits, so it serves in real and in virtual time.
// Wrap puts one between a stack and its link:
//
//	stack → fault.Wrap → tap.Record → the wire
//
// so that the recording shows what the faulty stack sent. A fault of what a
// stack ought to notice, such as a reset that is ignored, hides frames from
// the stack that the recording has.
//
// # Limitations
//
// Only TCP in whole IPv4 packets, and in IPv6 packets without extension
// headers, is touched; everything else passes. A fault cannot make a stack
// keep in mind what it does not know: the stack repairs what it can, so most
// faults strike once and the conversation goes on.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tcping-cmp/tap"
)

// Fault is one way to misbehave.
type Fault struct {
	Name  string // in lower case, words joined by hyphens
	Does  string // what the stack does, one sentence
	Rule  string // id of the requirement that it breaks, as package rules has it
	Times int    // how often it strikes in a connection; 0 means always

	dir   tap.Direction
	when  func(*conn, *packet) bool
	do    func(*conn, *packet, *outcome)
	watch func(*conn, tap.Direction, *packet) // sees every packet before when does; nil if there is nothing to keep in mind
}

// All returns every fault, in the order in which a reader meets a header.
func All() []Fault { return slices.Clone(book) }

// ErrUnknown means that no fault has the name.
var ErrUnknown = errors.New("there is no such fault")

// ErrTimes means that it cannot be told how often a fault is to strike.
var ErrTimes = errors.New("how often must be once, always or a number from 1")

// Find returns the fault with a name. The name may say how often it strikes:
// name:once, name:7, name:always.
func Find(name string) (Fault, error) {
	name, times, given := strings.Cut(name, ":")
	i := slices.IndexFunc(book, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return Fault{}, fmt.Errorf("%q: %w", name, ErrUnknown)
	}
	f := book[i]
	switch n, err := strconv.Atoi(times); {
	case !given:
	case times == "once":
		f.Times = 1
	case times == "always":
		f.Times = 0
	case err != nil || n < 1:
		return Fault{}, fmt.Errorf("%s:%s: %w", name, times, ErrTimes)
	default:
		f.Times = n
	}
	return f, nil
}

// book is every fault there is.
var book = slices.Concat(ipFaults, checksumFaults, flagFaults, numberFaults, payloadFaults, windowFaults, optionFaults, timestampFaults, sackFaults, timerFaults, againFaults, deafFaults, answerFaults, endFaults)
