package report

import (
	"tcping-cmp/compare"
	"tcping-cmp/compare/rules"
)

// htmlConsensus is the table of the requirements that a stack breaks, one
// column a stack.
type htmlConsensus struct {
	Stacks []string
	Rows   []htmlOpinions
}

type htmlOpinions struct {
	ID, Link, Meaning string
	Answers           []string
	Alone             string // the stack that no other agrees with
}

// consensusOf puts several comparisons with one reference together; nil if
// nobody breaks anything.
func consensusOf(reports []*compare.Report) *htmlConsensus {
	c := &htmlConsensus{Stacks: []string{printable(reports[0].Reference.Stack)}}
	for _, r := range reports {
		if r.Reference.Stack != reports[0].Reference.Stack || len(r.Rules) != len(reports[0].Rules) {
			return nil
		}
		c.Stacks = append(c.Stacks, printable(r.Tested.Stack))
	}
	for n, first := range reports[0].Rules {
		answers := []rules.Answer{first.Reference}
		for _, r := range reports {
			answers = append(answers, r.Rules[n].Tested)
		}
		o, broken := htmlOpinions{ID: first.Rule.ID, Link: first.Rule.Read(), Meaning: first.Rule.Meaning}, false
		for _, a := range answers {
			o.Answers = append(o.Answers, a.String())
			broken = broken || a == rules.Broken
		}
		if broken {
			o.Alone = alone(c.Stacks, answers)
			c.Rows = append(c.Rows, o)
		}
	}
	if len(c.Rows) == 0 {
		return nil
	}
	return c
}
