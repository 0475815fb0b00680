// Package rules is the rule book: one small check a requirement, with its id,
// its clause, its level and its meaning in our own words. A rule sees frames
// only, so it works on a capture from anywhere, and it judges one
// conversation alone: two stacks can be wrong together.
//
// Rules that need to know what an end has got, or when it has sent something,
// judge only the end at whose own link the capture was made. Elsewhere they
// are not exercised.
//
// # Limitations
//
// The congestion window is not on the wire: what shows of it is the first
// flight, the growth of the flight and the silence after a timeout. What an
// application does is not there either, so a rule that depends on its choice
// is listed in NotInFrames with the reason.
package rules

import (
	"fmt"
	"slices"
	"strings"

	"tcping-cmp/tap"
)

// Level is how binding a requirement is.
type Level uint8

// The levels. A rule of the RFC's plain imperative text counts as Must. May is
// what an RFC leaves to the implementer or an informational one advises: who
// does not do it breaks nothing, and it is told all the same.
const (
	Must Level = iota
	Should
	May
)

var levelNames = [...]string{"MUST", "SHOULD", "MAY"}

func (l Level) String() string { return levelNames[l] }

// LevelOf is the level of a name; Must of another word.
func LevelOf(name string) Level { return Level(max(slices.Index(levelNames[:], name), 0)) }

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
	Link    string // where to read it; empty: the RFC named in Clause
	When    string // what exercises it

	// One of two forms. A check looks at every frame of the end it judges. A
	// duty arises when that end meets something, and is judged by the frames
	// it sends then.
	check  func(*Track, *Finding) Answer
	needs  sight // of a frame, for the check to have a say
	steady bool  // the check sees nothing but a frame's likeness
	on     Meets
	arise  func(*Track, *duty) bool // nil: on is enough
	met    func(*Track, *duty, *Finding) (a Answer, done bool)
	within int64 // nanoseconds; 0: there is no hurry
	// late looks at an end whenever a frame passes, for what should have
	// happened by now.
	late  func(*Track, *Side, int64, *Finding) Answer
	once  bool // the finding is told once a conversation
	timed timed
}

// Finding is one frame that breaks a rule.
type Finding struct {
	Rule      *Rule
	Event     int           // index in the conversation's Events
	Dir       tap.Direction // whose frame it is: Out is the client's
	Got, Want int64         // the numbers, in the unit of the field
	Artefact  string        // why the capture cannot tell after all; empty if it can
}

// Words is a finding in words.
func (r *Rule) Words(got, want int64) string {
	one, two := strings.Contains(r.Says, "%[1]"), strings.Contains(r.Says, "%[2]")
	switch {
	case one && two:
		return fmt.Sprintf(r.Says, got, want)
	case two:
		return fmt.Sprintf(strings.ReplaceAll(r.Says, "%[2]", "%[1]"), want)
	case one:
		return fmt.Sprintf(r.Says, got)
	}
	return r.Says
}

// Read is where the rule can be read.
func (r *Rule) Read() string {
	if r.Link != "" {
		return r.Link
	}
	return link(r.Clause)
}

// link makes an address of a clause such as RFC 9293 §3.8.6, MUST-34.
func link(clause string) string {
	var rfc int
	if _, err := fmt.Sscanf(clause, "RFC %d", &rfc); err != nil {
		return ""
	}
	section := ""
	if _, rest, ok := strings.Cut(clause, "§"); ok {
		number := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789."))]
		if rfc == 6298 { // its 2.1 is a step, and has no place of its own to go to
			number, _, _ = strings.Cut(number, ".")
		}
		section = "#section-" + strings.TrimRight(number, ".")
	}
	return fmt.Sprintf("https://www.rfc-editor.org/rfc/rfc%d.html%s", rfc, section)
}
