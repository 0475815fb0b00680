package compare

import (
	"time"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// Setting is one line of a report's environment.
type Setting struct{ Name, Value string }

// Run is what is known of a stack's conversations beside their frames.
type Run struct {
	Stack         string
	Settings      []Setting // version and defaults that show on the wire
	State         string    // the stack's state at the end, by its RFC 9293 name; empty if unknown
	PeerState     string    // the peer's
	Duration      time.Duration
	Error         string                  // why the conversation did not come to its end; empty if it did
	Conversations []*capture.Conversation // one for each repeat
}

// Options say what a comparison should know beside the frames.
type Options struct {
	Environment       []Setting // of the machine: kernel, link, offloads
	Reference, Tested Run       // Conversations are filled in by Compare
}

// Report is the outcome of a comparison.
type Report struct {
	Environment       []Setting
	Reference, Tested Run
	Rows              []Row // the first conversations of both, aligned
	Differences       []Difference
	Normalised        []Normalisation
	Rules             []RuleResult

	ref, test *view // of the first conversations
	other     *view // of a later one that was asked for last
}

// Row is one line of the two ladders: a pair of frames, or one frame alone.
type Row struct {
	Ref, Test int32   // index in the conversation's Events; None if it has no such frame
	Worst     Verdict // the worst difference in this row
	Moved     bool    // the frame's counterpart stands in another row: the order differs
}

// None stands for the frame that is not there.
const None = -1

// Class says what differs.
type Class uint8

// The classes of difference.
const (
	Field   Class = iota // a field of two paired frames
	Missing              // a frame that only the reference has
	Extra                // a frame that only the stack under test has
	Order                // the same frames in another order
	Rule                 // a requirement that both sides' frames were held against
)

var classNames = [...]string{"field", "missing", "extra", "order", "rule"}

func (c Class) String() string { return classNames[c] }

// Difference is one kind of difference with every place where it occurs.
type Difference struct {
	Number  int    // in this report, from 1
	ID      string // stable from run to run
	Class   Class
	Field   string // by its Wireshark name where it has one; for Missing, Extra and Order "frame"
	Role    string // what the frames are for: SYN, data, FIN …
	Dir     tap.Direction
	Verdict Verdict
	By      Sides        // who is at fault; 0 if nobody is
	Rule    string       // id of the requirement; empty if none decides
	Clause  string       // such as RFC 9293 §3.7.1
	Reason  string       // why it matters or does not
	Seen    Seen         // in how many conversations it shows; zero if each stack held one
	Spread  string       // for noise: what the stack shows against itself
	Repeat  int          // which of the stacks' conversations it is seen in, from 1; only the first are aligned
	Cause   int          // number of the difference it follows from; 0 if it stands for itself
	Known   *rules.Known // why it is accepted of the stack at fault; nil if it is not
	New     bool         // it is not in the baseline that the report was held against

	Occurrences []Occurrence

	// Said words what a rule found at each place, where that was saved and
	// the rule would word it otherwise today; nil otherwise.
	Said map[Occurrence]string
}

// Occurrence is one place where a difference is seen.
type Occurrence struct {
	Ref, Test int32 // index in Events; None if the side has no part in it
	Got, Want int64 // for rules: what was seen and what the rule demands
}

// Normalisation is something that was taken out before comparing.
type Normalisation struct {
	Name            string // what
	Why             string
	Reference, Test string // the values that were taken out
}

// RuleResult is one requirement held against both stacks.
type RuleResult struct {
	Rule              *rules.Rule
	Reference, Tested rules.Answer
}

// Worst returns the worst verdict that counts against the stack under test:
// differences that nobody explains, and what it breaks itself.
func (r *Report) Worst() Verdict {
	worst := Same
	for i := range r.Differences {
		d := &r.Differences[i]
		if d.Known != nil {
			continue
		}
		if d.Verdict >= Deviation && d.Verdict != Unspecified && d.By&Tested == 0 {
			continue
		}
		worst = max(worst, d.Verdict)
	}
	return worst
}

// ExitStatus is 1 if the stack under test breaks a MUST or shows a difference
// that no rule explains, or if a difference is new since a baseline was
// accepted; 0 otherwise.
func (r *Report) ExitStatus() int {
	if r.Worst() >= Unspecified {
		return 1
	}
	for i := range r.Differences {
		if r.Differences[i].New {
			return 1
		}
	}
	return 0
}

// Count returns how many differences have the verdict, without those that are
// known and accepted.
func (r *Report) Count(v Verdict) int {
	return r.count(func(d *Difference) bool { return d.Verdict == v && d.Known == nil })
}

// CountOfOthers is Count for those that the stack under test is not at fault
// for: the reference is, or a peer.
func (r *Report) CountOfOthers(v Verdict) int {
	return r.count(func(d *Difference) bool { return d.Verdict == v && d.Known == nil && d.By != 0 && d.By&Tested == 0 })
}

// CountKnown returns how many differences are known and accepted.
func (r *Report) CountKnown() int { return r.count(func(d *Difference) bool { return d.Known != nil }) }

func (r *Report) count(like func(*Difference) bool) (n int) {
	for i := range r.Differences {
		if like(&r.Differences[i]) {
			n++
		}
	}
	return n
}
