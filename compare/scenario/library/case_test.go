package library

import (
	"strings"
	"testing"
)

func TestCases(t *testing.T) {
	seen := map[string]bool{}
	v6 := 0
	for _, c := range Cases() {
		if seen[c.ID()] {
			t.Errorf("%s is there twice", c.ID())
		}
		seen[c.ID()] = true
		if c.Version == 6 {
			v6++
		}
		s, err := c.Script()
		if err != nil || s.Name != c.ID() || s.Config.IPVersion != c.Version {
			t.Errorf("%s: %v", c.ID(), err)
		}
		if got, err := FindCase(c.ID()); err != nil || got.ID() != c.ID() {
			t.Errorf("%s is not found: %v", c.ID(), err)
		}
	}
	if v6 < 120 {
		t.Errorf("%d cases over IPv6", v6)
	}
}

func TestSelect(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    string // the first chosen
		n       int    // 0: any number
	}{
		{"", Cases()[0].ID(), len(Cases())},
		{"opening/simultaneous-open", "opening/simultaneous-open", 0},
		{"opening/simultaneous-open*", "opening/simultaneous-open", 0},
		{"*/simultaneous-close", "closing/simultaneous-close", 1},
		{"simultaneous-close@ipv6", "closing/simultaneous-close@ipv6", 1},
	} {
		got, err := Select(c.pattern)
		if err != nil || got[0].ID() != c.want || c.n != 0 && len(got) != c.n {
			t.Errorf("%q chose %d: %v", c.pattern, len(got), err)
		}
	}
}

// Whoever writes a name wrongly is told the right one.
func TestDidYouMean(t *testing.T) {
	for _, c := range []struct{ written, want string }{
		{"openning", `no scenario has "openning" in its name; did you mean opening`},
		{"simultanous-open", "did you mean opening/simultaneous-open"},
		{"conversation/second-dta", "did you mean conversation/second-data-segment-lost"},
		{"secnd-data-seg", "did you mean conversation/second-data-segment-lost"},
		{"closing/simultaneous-clos?x", "did you mean closing/simultaneous-close"},
		{"qqqqqqqq", "--list shows them all"},
		{"[", "its bracket has no end"},
	} {
		if _, err := Select(c.written); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.written, err)
		}
	}
	if _, err := FindCase("closing/simultaneous-clos"); err == nil || !strings.Contains(err.Error(), "closing/simultaneous-close") {
		t.Error(err)
	}
	for _, topic := range []string{"closing", "closing/"} {
		if _, err := FindCase(topic); err == nil || !strings.Contains(err.Error(), "closing is a topic and no scenario: tcping-cmp suite --list closing/ ") {
			t.Errorf("%s: %v", topic, err)
		}
	}
}
