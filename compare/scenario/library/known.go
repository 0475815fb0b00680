package library

import (
	"slices"

	"tcping-cmp/compare/rules"
)

// Difference is a way in which a stack does not do what scenarios expect, and
// that is known. It goes for the shape of what is sent: flags, numbers,
// lengths and order. A test fails when one no longer occurs in a scenario, or
// when another occurs.
type Difference struct {
	Stack       string
	Requirement string  // id of rules.Requirements that decides
	Verdict     Verdict // in the eyes of that requirement
	What        string  // the stack does, a clause without a full stop
	Source      string  // where in the stack's source or documentation it stands; empty if not looked up
	Scenarios   []string
	Beside      []string // scenarios in which only a comparison with another stack shows it
}

// Verdict is how a difference is to be judged.
type Verdict string

// The verdicts.
const (
	Violation Verdict = "violation" // of a MUST, or of plain imperative text
	Deviation Verdict = "deviation" // from a SHOULD
	Permitted Verdict = "permitted" // the RFC leaves it open
)

// Clause is the requirement's place.
func (d Difference) Clause() string {
	r, ok := rules.FindRequirement(d.Requirement)
	if !ok {
		panic("BUG: no requirement " + d.Requirement)
	}
	if r.Section == "" {
		return "RFC " + r.RFC
	}
	return "RFC " + r.RFC + " §" + r.Section
}

// KnownDifference returns the declared difference of a stack in a scenario.
func KnownDifference(stack, scenario string) (d Difference, ok bool) {
	i := slices.IndexFunc(Known, func(d Difference) bool {
		return d.Stack == stack && slices.Contains(d.Scenarios, scenario)
	})
	if i < 0 {
		return d, false
	}
	return Known[i], true
}

// KnownBeside returns the declared difference of a stack that a scenario shows
// only in a comparison.
func KnownBeside(stack, scenario string) (d Difference, ok bool) {
	for _, d := range Known {
		if d.Stack == stack && slices.Contains(d.Beside, scenario) {
			return d, true
		}
	}
	return d, false
}
