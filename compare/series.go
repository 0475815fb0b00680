package compare

import (
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
)

// series holds the repeats of each stack against the rules that take several
// conversations. What is broken is told of the first frame.
func (d *differ) series(reference, tested []*capture.Conversation) []RuleResult {
	refs, tests := rules.JudgeSeries(reference), rules.JudgeSeries(tested)
	list := make([]RuleResult, len(refs))
	for n := range refs {
		list[n] = RuleResult{refs[n].Rule, refs[n].Answer, tests[n].Answer}
		d.brokenSeries(&refs[n], Reference, Occurrence{Ref: 0, Test: None, Got: refs[n].Got, Want: refs[n].Want})
		d.brokenSeries(&tests[n], Tested, Occurrence{Ref: None, Test: 0, Got: tests[n].Got, Want: tests[n].Want})
	}
	return list
}

func (d *differ) brokenSeries(s *rules.SeriesResult, side Sides, occ Occurrence) {
	if s.Answer == rules.Broken {
		d.finding(&rules.Finding{Rule: s.Rule, Got: s.Got, Want: s.Want}, occ, side, 0)
	}
}
