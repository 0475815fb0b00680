package rules

import "testing"

func TestVersionsInARange(t *testing.T) {
	for _, c := range []struct {
		from, to, version string
		want              bool
	}{
		{"6.18", "", "Linux 6.18.44-fc-v595", true},
		{"6.18", "", "Linux 6.17.9", false},
		{"6.18", "", "Linux 7.0", true},
		{"6.5", "6.20", "Linux 6.20.3", true}, // of the last one every patch
		{"6.5", "6.20", "Linux 6.21", false},
		{"6.5", "", "Linux 6.12.1+deb13", true}, // numbers, not letters
		{gVisor, "", gVisor, true},
		{gVisor, "", "v0.0.0-20260101000000-0123456789ab", false},
		{"v0.0.0-20260101000000-0123456789ab", gVisor, "v0.0.0-20260301000000-abcdef012345", true},
		{"v0.0.0-20260101000000-0123456789ab", "v0.0.0-20260201000000-0123456789ab", gVisor, false},
		{"6.18", "", "", true}, // nobody knows
		{"6.18", "", "unknown: no access", true},
	} {
		k := Known{From: c.from, To: c.to}
		if got := k.covers(c.version); got != c.want {
			t.Errorf("%s in %q to %q: %v", c.version, c.from, c.to, got)
		}
	}
}

func TestEveryKnownDifferenceHasAVersionToBeginWith(t *testing.T) {
	for _, k := range KnownDifferences {
		if len(versionNumbers(k.From)) < 2 || VersionSetting(k.Stack) == "" {
			t.Errorf("%s of %s: from %q", k.Rule, k.Stack, k.From)
		}
	}
}
