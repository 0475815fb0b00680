package compare

import (
	"slices"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// Checked is what the rule book says of one conversation alone.
type Checked struct {
	Conversation *capture.Conversation
	Broken       []BrokenRule   // the worst first
	Held         []string       // ids of the rules that hold of either end
	NotExercised int            // rules that met nothing
	Series       *CheckedSeries // what it and others of its client show together; nil but at the first of them
}

// BrokenRule is a rule that one end breaks, with every place.
type BrokenRule struct {
	ID      string // stable from capture to capture
	Rule    *rules.Rule
	Dir     tap.Direction // Out: the client breaks it
	Verdict Verdict
	Known   *rules.Known // why it is accepted; nil if it is not
	New     bool         // it is not in the baseline that the check was held against
	Places  []rules.Finding
}

// Check judges a conversation alone. stack names whose it is, for its known
// differences; it may be empty.
func Check(c *capture.Conversation, stack string) *Checked {
	out := rules.Judge(c)
	checked := &Checked{Conversation: c}
	type key struct {
		rule     *rules.Rule
		dir      tap.Direction
		artefact string
	}
	at := map[key]int{}
	for _, f := range out.Findings {
		k := key{f.Rule, f.Dir, f.Artefact}
		n, ok := at[k]
		if !ok {
			n = len(checked.Broken)
			at[k] = n
			checked.Broken = append(checked.Broken, brokenRule(&f, stack))
		}
		checked.Broken[n].Places = append(checked.Broken[n].Places, f)
	}
	checked.worstFirst()
	for n, a := range out.Answers {
		switch max(a[0], a[1]) {
		case rules.Holds:
			checked.Held = append(checked.Held, rules.Book[n].ID)
		case rules.NotExercised:
			checked.NotExercised++
		}
	}
	return checked
}

// brokenRule is the rule of a finding, without the place.
func brokenRule(f *rules.Finding, stack string) BrokenRule {
	return BrokenRule{
		ID:   identify(&groupKey{class: Rule, field: f.Rule.Field, role: f.Rule.ID, dir: f.Dir, verdict: verdictOf(f), clause: f.Rule.Clause}),
		Rule: f.Rule, Dir: f.Dir, Verdict: verdictOf(f), Known: rules.FindKnown(f.Rule.ID, stack, ""),
	}
}

func (c *Checked) worstFirst() {
	slices.SortStableFunc(c.Broken, func(a, b BrokenRule) int { return int(b.Verdict) - int(a.Verdict) })
}

// Worst is the worst verdict that is not known.
func (c *Checked) Worst() Verdict {
	worst := Same
	for n := range c.Broken {
		if b := &c.Broken[n]; b.Known == nil {
			worst = max(worst, b.Verdict)
		}
	}
	return worst
}

// ExitStatus is 1 if a MUST is broken, or if something is new since a baseline
// was accepted.
func (c *Checked) ExitStatus() int {
	if c.Worst() >= Violation || slices.ContainsFunc(c.Broken, func(b BrokenRule) bool { return b.New }) {
		return 1
	}
	return 0
}

// Says words what was found at one place.
func (b *BrokenRule) Says(n int) string {
	if f := &b.Places[n]; f.Artefact == "" {
		return b.Rule.Words(f.Got, f.Want)
	}
	return b.Places[n].Artefact
}
