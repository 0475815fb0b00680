package library

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"tcping-cmp/compare/rules"
)

var update = flag.Bool("update", false, "write docs/library.md anew")

// Every scenario is read, can be played in full, and says what it claims and
// exercises.
func TestScenarios(t *testing.T) {
	if len(All()) < 120 {
		t.Fatalf("%d scenarios", len(All()))
	}
	name := regexp.MustCompile(`^[a-z-]+/[a-z0-9-]+$`)
	claims := map[string]string{}
	for _, e := range All() {
		if !name.MatchString(e.Name) {
			t.Errorf("%s is no name", e.Name)
		}
		if len(e.Claim) < 20 || !strings.HasSuffix(e.Claim, ".") {
			t.Errorf("%s: the claim is %q", e.Name, e.Claim)
		}
		key := e.Claim + string(rune('0'+e.Versions[0]))
		if other := claims[key]; other != "" {
			t.Errorf("%s and %s claim the same", e.Name, other)
		}
		claims[key] = e.Name
		for _, version := range e.Versions {
			s, err := e.Script(version)
			if err != nil {
				t.Error(err)
				continue
			}
			if s.Config.IPVersion != version {
				t.Errorf("%s: IPv%d, want IPv%d", e.Name, s.Config.IPVersion, version)
			}
			if s.Unsupported != nil || s.Ignored != nil {
				t.Errorf("%s: not all of it can be played: %v %v", e.Name, s.Unsupported, s.Ignored)
			}
		}
	}
}

// Every requirement that frames can show of a client is exercised, and nothing
// else is named.
func TestEveryRequirementIsExercised(t *testing.T) {
	exercised := map[string]bool{}
	for _, e := range All() {
		if len(e.Exercises) == 0 {
			t.Errorf("%s exercises nothing", e.Name)
		}
		for _, id := range e.Exercises {
			if _, ok := rules.FindRequirement(id); !ok {
				t.Errorf("%s: no requirement has the id %q", e.Name, id)
			}
			exercised[id] = true
		}
	}
	for _, r := range rules.Requirements {
		visible := r.Visible == rules.InAny || r.Visible == rules.InScripts
		if visible && !exercised[r.ID] {
			t.Errorf("no scenario exercises %s: %s", r.ID, r.Meaning)
		}
	}
}

func TestFind(t *testing.T) {
	for _, e := range All() {
		if got, ok := Find(e.Name); !ok || got.Name != e.Name {
			t.Errorf("%s is not found", e.Name)
		}
	}
	for _, name := range []string{"", "opening", "opening/nothing", "zzz"} {
		if _, ok := Find(name); ok {
			t.Errorf("%q was found", name)
		}
	}
}

func TestWrongVersion(t *testing.T) {
	e, _ := Find("damage/bad-ip-checksum-is-dropped")
	if _, err := e.Script(6); err == nil {
		t.Fatal("an IPv4 header checksum over IPv6")
	}
}

func TestListIsUpToDate(t *testing.T) {
	const file = "../../../docs/library.md"
	var want bytes.Buffer
	if err := WriteList(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is out of date: go generate ./compare/scenario/library", file)
	}
}

// What is declared names a requirement and scenarios that exist, and each
// scenario once for a stack.
func TestKnownDifferences(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Known {
		r, ok := rules.FindRequirement(d.Requirement)
		if !ok {
			t.Errorf("no requirement has the id %q", d.Requirement)
			continue
		}
		binding := r.Level == "MUST" || r.Level == "rule"
		if d.Verdict == Violation && !binding || d.Verdict == Deviation && !binding && r.Level != "SHOULD" {
			t.Errorf("%s, which says %s: %s", d.Requirement, r.Level, d.Verdict)
		}
		if !strings.HasPrefix(d.Clause(), "RFC ") || d.What == "" || len(d.Scenarios) == 0 {
			t.Errorf("%s: clause %q, what %q", d.Requirement, d.Clause(), d.What)
		}
		for _, name := range d.Scenarios {
			if _, ok := Find(name); !ok {
				t.Errorf("%s: no scenario is called %s", d.Requirement, name)
			}
			if seen[d.Stack+" "+name] {
				t.Errorf("%s in %s is declared twice", d.Stack, name)
			}
			seen[d.Stack+" "+name] = true
			if got, ok := KnownDifference(d.Stack, name); !ok || got.Requirement != d.Requirement {
				t.Errorf("%s in %s is not found", d.Stack, name)
			}
		}
	}
	for _, d := range Known {
		for _, name := range d.Beside {
			if _, ok := Find(name); !ok {
				t.Errorf("%s: no scenario is called %s", d.Requirement, name)
			}
			if got, ok := KnownBeside(d.Stack, name); !ok || got.Requirement != d.Requirement {
				t.Errorf("%s in %s beside another stack is not found", d.Stack, name)
			}
			if seen[d.Stack+" "+name] {
				t.Errorf("%s in %s is declared for the shape as well", d.Stack, name)
			}
		}
	}
	if _, ok := KnownDifference("handcrafted", "opening/simultaneous-open"); ok {
		t.Error("a difference that nobody declared was found")
	}
}
