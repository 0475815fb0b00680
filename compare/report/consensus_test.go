package report

import (
	"testing"

	"tcping-cmp/compare/rules"
)

func TestWhoStandsAlone(t *testing.T) {
	stacks := []string{"netstack", "handcrafted", "kernel"}
	for _, test := range []struct {
		answers [3]rules.Answer
		want    string
	}{
		{[3]rules.Answer{rules.Broken, rules.Holds, rules.Holds}, "netstack"},
		{[3]rules.Answer{rules.Broken, rules.Holds, rules.Broken}, "handcrafted"},
		{[3]rules.Answer{rules.Broken, rules.Broken, rules.Broken}, ""},
		{[3]rules.Answer{rules.Broken, rules.Holds, rules.NotExercised}, ""},
	} {
		if got := alone(stacks, test.answers[:]); got != test.want {
			t.Errorf("%v: %q stands alone, want %q", test.answers, got, test.want)
		}
	}
}
