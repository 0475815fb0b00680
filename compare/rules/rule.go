// Package rules is the rule book: one small check a requirement, with its id,
// its clause, its level and its meaning in our own words. A rule sees frames
// only, so it works on a capture from anywhere, and it judges one
// conversation alone: two stacks can be wrong together.
//
// # Limitations
//
// The book holds what an ordinary conversation shows of a client: checksums,
// flags, sequence and acknowledgement numbers, windows, options, ECN and the
// delay of acknowledgements. Timers, congestion control and the answers to
// hostile segments are not in it yet.
package rules

import "tcping-cmp/tap"

// Level is how binding a requirement is.
type Level uint8

// The levels. A rule of the RFC's plain imperative text counts as Must.
const (
	Must Level = iota
	Should
)

func (l Level) String() string {
	if l == Must {
		return "MUST"
	}
	return "SHOULD"
}

// Answer is what a rule says of a conversation.
type Answer uint8

// The three answers, and no fourth.
const (
	NotExercised Answer = iota
	Holds
	Broken
)

func (a Answer) String() string {
	switch a {
	case Holds:
		return "holds"
	case Broken:
		return "broken"
	}
	return "not exercised"
}

// Rule is one requirement.
type Rule struct {
	ID      string // the RFC's own where it has one
	Clause  string // such as RFC 9293 §3.1
	Level   Level
	Meaning string // in our own words, a sentence
	Field   string // the field it judges, by its Wireshark name
	Says    string // how to word a finding: two verbs for numbers, got and want; or none
	check   func(*Track, *Finding) Answer
}

// Finding is one frame that breaks a rule.
type Finding struct {
	Rule      *Rule
	Event     int           // index in the conversation's Events
	Dir       tap.Direction // whose frame it is: Out is the client's
	Got, Want int64         // the numbers, in the unit of the field
	Artefact  string        // why the capture cannot tell after all; empty if it can
}
