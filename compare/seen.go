package compare

import (
	"fmt"
	"math"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
)

// Seen says in how many of the stacks' conversations a difference shows: how
// many of the stack under test's differ like that from the reference's first
// one, and how many of the reference's own others do.
type Seen struct{ Tested, TestedOf, Reference, ReferenceOf int }

// Chance is how likely chance alone makes such a split, or a clearer one, if
// both stacks show it equally often: Fisher's exact test, one-sided. 1 where
// there is nothing to go by.
func (s Seen) Chance() float64 {
	all, shown := s.TestedOf+s.ReferenceOf, s.Tested+s.Reference
	p := 0.0
	for k := s.Tested; k <= min(shown, s.TestedOf); k++ {
		if shown-k <= s.ReferenceOf {
			p += math.Exp(logChoose(s.TestedOf, k) + logChoose(s.ReferenceOf, shown-k) - logChoose(all, shown))
		}
	}
	return min(p, 1)
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// String says it in words; empty if each stack held one conversation.
func (s Seen) String() string {
	if s.TestedOf+s.ReferenceOf < 2 {
		return ""
	}
	text := fmt.Sprintf("seen in %d of %d conversations of the stack under test and in %d of the reference's %d others",
		s.Tested, s.TestedOf, s.Reference, s.ReferenceOf)
	if p := s.Chance(); p < 0.5 {
		return text + fmt.Sprintf("; if both showed it equally often, chance would make such a split once in %.0f times", 1/p)
	}
	return text + "; that is no more than chance would make of two stacks that show it equally often"
}

// seen counts for the differences between frames in which conversations they
// show. What rules find is certain in each place, and not counted.
func (r *Report) seen(reference, tested []*capture.Conversation) {
	if len(reference) < 2 && len(tested) < 2 {
		return
	}
	others, own := map[string]int{}, map[string]int{}
	for _, c := range reference[1:] {
		r.countKinds(c, others)
	}
	for _, c := range tested[1:] {
		r.countKinds(c, own)
	}
	for n := range r.Differences {
		if d := &r.Differences[n]; d.Class != Rule {
			k := spreadKey(d)
			d.Seen = Seen{1 + own[k], len(tested), others[k], len(reference) - 1}
		}
	}
}

// countKinds counts each kind of difference between the reference's first
// conversation and another one once.
func (r *Report) countKinds(c *capture.Conversation, counts map[string]int) {
	d := newDiffer(align(r.ref, newView(c)), &rules.Outcome{}, &rules.Outcome{})
	d.run()
	told := map[string]bool{}
	for n := range d.list {
		if k := spreadKey(&d.list[n]); !told[k] {
			told[k] = true
			counts[k]++
		}
	}
}
