package spelling

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"window", "window", 0},
		{"", "ecn", 3},
		{"ecn", "", 3},
		{"windwo", "window", 2},   // two letters exchanged
		{"widow", "window", 1},    // one left out
		{"windoow", "window", 1},  // one too many
		{"MUST-43", "MUST-34", 2}, // two digits
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("from %q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
