package rules

import "testing"

// TestEveryVisibleRequirementIsAccountedFor: a requirement that shows in
// frames has a rule, or rules that judge the same, or a reason why not; and
// only one of the three.
func TestEveryVisibleRequirementIsAccountedFor(t *testing.T) {
	have := map[string]bool{}
	for n := range Book {
		have[Book[n].ID] = true
	}
	for _, r := range SeriesBook {
		have[r.ID] = true
	}
	for _, r := range Requirements {
		ways := 0
		if have[r.ID] {
			ways++
		}
		if len(JudgedBy[r.ID]) > 0 {
			ways++
		}
		if NotInFrames[r.ID] != "" {
			ways++
		}
		visible := r.Visible == InAny || r.Visible == InScripts
		if visible && ways != 1 {
			t.Errorf("%s is accounted for %d times", r.ID, ways)
		}
		if !visible && ways != 0 {
			t.Errorf("%s does not show in frames and is judged", r.ID)
		}
	}
	for id, by := range JudgedBy {
		if _, ok := FindRequirement(id); !ok {
			t.Errorf("%s is no requirement", id)
		}
		for _, rule := range by {
			if !have[rule] {
				t.Errorf("%s is to be judged by %s, which is no rule", id, rule)
			}
		}
	}
	for id := range NotInFrames {
		if _, ok := FindRequirement(id); !ok {
			t.Errorf("%s is no requirement", id)
		}
	}
}
