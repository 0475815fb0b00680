package rules

import (
	"regexp"
	"testing"
)

func TestRequirements(t *testing.T) {
	if len(Requirements) < 200 {
		t.Fatalf("%d requirements", len(Requirements))
	}
	seen := map[string]bool{}
	for _, r := range Requirements {
		if seen[r.ID] {
			t.Errorf("%s stands there twice", r.ID)
		}
		seen[r.ID] = true
		if r.RFC == "" || r.Meaning == "" {
			t.Errorf("%s has no RFC or no meaning", r.ID)
		}
		switch r.Level {
		case "MUST", "SHOULD", "MAY", "rule", "other":
		default:
			t.Errorf("%s has level %q", r.ID, r.Level)
		}
		switch r.Visible {
		case InAny, InScripts, InServers, Nowhere:
		default:
			t.Errorf("%s: visibility %q", r.ID, r.Visible)
		}
		if got, ok := FindRequirement(r.ID); !ok || got != r {
			t.Errorf("%s is not found", r.ID)
		}
	}
	if _, ok := FindRequirement("MUST-0"); ok {
		t.Error("MUST-0 was found")
	}
}

// TestLevelsAgree: a rule is as binding as its requirement. Plain imperative
// text counts as MUST, and what is advice, description or experiment as MAY.
func TestLevelsAgree(t *testing.T) {
	levels := map[string]Level{"MUST": Must, "rule": Must, "SHOULD": Should, "MAY": May, "other": May}
	rules := map[string]Level{}
	for n := range Book {
		rules[Book[n].ID] = Book[n].Level
	}
	for _, r := range SeriesBook {
		rules[r.ID] = r.Level
	}
	for _, r := range Requirements {
		if level, ok := rules[r.ID]; ok && level != levels[r.Level] {
			t.Errorf("%s: the rule says %s, the requirement %s", r.ID, level, r.Level)
		}
	}
	for l := Must; l <= May; l++ {
		if got := LevelOf(l.String()); got != l {
			t.Errorf("%s is taken for %s", l, got)
		}
	}
}

// TestLinks: what an id is explained by can be gone to.
func TestLinks(t *testing.T) {
	place := regexp.MustCompile(`^https://www\.rfc-editor\.org/rfc/rfc\d+\.html(#section-\d+(\.\d+)*)?$`)
	for _, id := range IDs() {
		if x, _ := Explain(id); !place.MatchString(x.Link) {
			t.Errorf("%s: %q", id, x.Link)
		}
	}
	for clause, want := range map[string]string{
		"RFC 6298 §5.2/5.3":  "https://www.rfc-editor.org/rfc/rfc6298.html#section-5",
		"RFC 9293 §3.5.2(1)": "https://www.rfc-editor.org/rfc/rfc9293.html#section-3.5.2",
		"RFC 9293 §3.1, 3.8": "https://www.rfc-editor.org/rfc/rfc9293.html#section-3.1",
		"RFC 768/1071":       "https://www.rfc-editor.org/rfc/rfc768.html",
	} {
		if got := link(clause); got != want {
			t.Errorf("%s: %s", clause, got)
		}
	}
}
