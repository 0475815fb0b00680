package main

import (
	"fmt"

	"tcping-cmp/compare/scenario/library"
)

// ruling is what a suite says of one scenario or script that is shown alone.
type ruling struct {
	verdict cellVerdict
	remarks []string // what is declared
	record  *suiteRecord
}

// rule judges a scenario as the whole suite does.
func (s *suiteResult) rule(o *scriptOutcome) *ruling {
	one := s.add(o)
	r := &ruling{verdict: s.verdict(one), record: s.records[len(s.records)-1]}
	for i, stack := range s.stacks {
		if i < len(one.cells) && one.cells[i].verdict == cellKnown {
			r.remark(stack, one.cells[i].known)
		}
		if k, ok := library.KnownBeside(stack, one.Name); ok && s.compared {
			r.remark(stack, k)
		}
	}
	return r
}

func (r *ruling) remark(stack string, d library.Difference) {
	r.remarks = append(r.remarks, fmt.Sprintf("%s, %s, %s: %s %s", d.Verdict, d.Clause(), d.Requirement, stack, d.What))
}

// status is the exit status that the scenario asks for.
func (r *ruling) status() int {
	if r.verdict == cellFound {
		return statusFound
	}
	return statusOK
}
