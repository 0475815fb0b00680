package compare_test

import (
	"math"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// The probability of a split is that of drawing it: 1 in C(19,9) for ten of
// ten against none of nine.
func TestChanceOfASplit(t *testing.T) {
	for s, want := range map[compare.Seen]float64{
		{Tested: 10, TestedOf: 10, ReferenceOf: 9}:              1.0 / 92378,
		{Tested: 1, TestedOf: 1, ReferenceOf: 1}:                1.0 / 2,
		{Tested: 3, TestedOf: 3, Reference: 2, ReferenceOf: 2}:  1,
		{Tested: 1, TestedOf: 10, Reference: 9, ReferenceOf: 9}: 1,
		{Tested: 2, TestedOf: 3, Reference: 1, ReferenceOf: 3}:  0.5,
	} {
		if got := s.Chance(); math.Abs(got-want) > 1e-9 {
			t.Errorf("%+v: %v, want %v", s, got, want)
		}
	}
}

// TestSeenInHowManyConversations: the stack under test has another TTL each
// time, the reference never.
func TestSeenInHowManyConversations(t *testing.T) {
	var reference, tested []*capture.Conversation
	for range 4 {
		reference = append(reference, conversation(t, "ref", New().Echo("hello")))
		other := New()
		other.TTL = 63
		tested = append(tested, conversation(t, "tst", other.Echo("hello")))
	}
	r := compare.Compare(reference, tested, compare.Options{})
	for n := range r.Differences {
		if d := &r.Differences[n]; d.Field == "ip.ttl" {
			if want := (compare.Seen{Tested: 4, TestedOf: 4, ReferenceOf: 3}); d.Seen != want {
				t.Errorf("%+v, want %+v", d.Seen, want)
			}
			if !strings.Contains(d.Seen.String(), "once in 35 times") {
				t.Error(d.Seen.String())
			}
			return
		}
	}
	t.Error("the TTL was not noticed")
}
