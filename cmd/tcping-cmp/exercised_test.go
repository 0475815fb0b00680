package main

import (
	"slices"
	"testing"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/rules"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/tap"
)

// TestEveryRuleIsExercised plays the library: a rule of the Book that a
// scenario claims to exercise has to hold for one of the stacks in one of these
// scenarios at least. Two can only be broken there: the profile tcping.py alone
// clears DF, and breaks what is asked of such packets; and a stack that opens no
// connection to an address of many sends nothing that shows it.
func TestEveryRuleIsExercised(t *testing.T) {
	claimed, answered := map[string][]string{}, map[string]bool{}
	for _, one := range library.Cases() {
		script, err := one.Script()
		if err != nil {
			t.Fatal(err)
		}
		claims := one.Exercises
		for _, id := range claims {
			claimed[id] = append(claimed[id], one.ID())
		}
		for _, stack := range append(virtualStacks(), newVirtualStack("handcrafted", "tcping.py")) {
			play := playTo(stack, script, lab.PlayOptions{Patient: true, Seed: 1})
			for _, c := range capture.EachFromRecording(play.Stack, play.Recording) {
				outcome := rules.Judge(c)
				for n := range rules.Book {
					if id := rules.Book[n].ID; slices.Contains(claims, id) && tells(id, outcome.Answers[n][tap.Out]) {
						answered[id] = true
					}
				}
			}
		}
	}
	for n := range rules.Book {
		switch id := rules.Book[n].ID; {
		case answered[id]:
		case claimed[id] == nil:
			t.Logf("%s: no scenario claims to exercise it", id)
		default:
			t.Errorf("%s: has no answer in %q", id, claimed[id])
		}
	}
}

// tells reports whether the answer shows that the rule can hold.
func tells(id string, answer rules.Answer) bool {
	return answer == rules.Holds || answer == rules.Broken && (id == "6864:4.3:nonatomic" || id == "MUST-46")
}
