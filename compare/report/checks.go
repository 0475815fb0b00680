package report

import (
	"fmt"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/rules"
)

// Outcome is what became of a check.
type Outcome uint8

// The outcomes.
const (
	Passed Outcome = iota
	Failed
	Skipped
	Errored // it could not be found out
)

// Check is one thing that was looked at, as test reports count them.
type Check struct {
	Group   string // what the check belongs to, such as rules
	Name    string
	Outcome Outcome
	Kind    string // of a failure: violation, unspecified
	Message string // in a line: why it failed or was skipped; or a remark
	Detail  string // the places, a line each
}

// Checks are the checks of one comparison or of one part of a suite.
type Checks struct {
	Name       string
	Properties []compare.Setting
	Checks     []Check
}

// checksOf counts every requirement as a check, and every difference that no
// requirement decides. A check fails exactly if it decides the exit status.
func checksOf(r *compare.Report) Checks {
	c := Checks{Name: pairing(r), Properties: r.Environment}
	byRule := map[string][]*compare.Difference{}
	for n := range r.Differences {
		d := &r.Differences[n]
		if d.Class == compare.Rule {
			byRule[d.Rule] = append(byRule[d.Rule], d)
			continue
		}
		c.Checks = append(c.Checks, differenceCheck(r, d))
	}
	for _, rule := range r.Rules {
		c.Checks = append(c.Checks, ruleCheck(r, rule, byRule[rule.Rule.ID]))
	}
	return c
}

func differenceCheck(r *compare.Report, d *compare.Difference) Check {
	return Check{
		Group: "differences", Name: fmt.Sprintf("%s [%s]", title(d), d.ID), Outcome: outcome(counting(d)),
		Kind: d.Verdict.String(), Message: d.Verdict.String() + ": " + reason(d), Detail: places(r, d),
	}
}

func outcome(failed bool) Outcome {
	if failed {
		return Failed
	}
	return Passed
}

// ruleCheck is a requirement, judged by the stack under test. What others
// break is a remark.
func ruleCheck(r *compare.Report, result compare.RuleResult, found []*compare.Difference) Check {
	c := Check{Group: "requirements", Name: fmt.Sprintf("%s (%s) %s", result.Rule.ID, result.Rule.Clause, result.Rule.Meaning)}
	if result.Tested == rules.NotExercised {
		c.Outcome, c.Message = Skipped, "not exercised"
	}
	var details []string
	for _, d := range found {
		if counting(d) {
			c.Outcome, c.Kind = Failed, d.Verdict.String()
		}
		text := d.Verdict.String()
		if by := who(r, d); by != "" {
			text += " by " + by
		}
		details = append(details, text+"\n"+places(r, d))
	}
	if len(found) > 0 {
		c.Detail = strings.Join(details, "\n")
		if c.Outcome != Skipped {
			c.Message, _, _ = strings.Cut(c.Detail, "\n")
			c.Message += ": " + reason(found[0])
		}
	}
	return c
}

// maxPlaces is how many places of a difference are told.
const maxPlaces = 10

func places(r *compare.Report, d *compare.Difference) string {
	var lines []string
	for n, o := range d.Occurrences {
		if n == maxPlaces {
			lines = append(lines, fmt.Sprintf("and %d more", len(d.Occurrences)-n))
			break
		}
		lines = append(lines, place(r, d, o))
	}
	return strings.Join(lines, "\n")
}

// allChecks are those of every comparison, and the failure as one of its own.
func allChecks(reports []*compare.Report, end Ending) []Checks {
	var all []Checks
	for _, r := range reports {
		all = append(all, checksOf(r))
	}
	if end.Message != "" {
		all = append(all, failureCheck(end))
	}
	return all
}

// failureCheck is what went wrong, as a check of its own.
func failureCheck(end Ending) Checks {
	return Checks{Name: "tcping-cmp", Checks: []Check{{
		Group: "run", Name: "the conversations came to their end", Outcome: Errored, Kind: end.Code, Message: end.Message,
	}}}
}
