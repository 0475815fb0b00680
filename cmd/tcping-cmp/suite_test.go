package main

import (
	"bytes"
	"context"
	"io"
	"slices"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/netstack"
	"tcping-cmp/tap"
)

// playLibrary plays every case of the library to the hand-made stack and the
// reference.
func playLibrary(t *testing.T, reference string, oracle lab.Oracle, jobs int) *suiteResult {
	t.Helper()
	c := &suiteCommand{Stack: []string{handcraftedName}, Reference: reference, Oracle: string(oracle), Profile: "rfc"}
	b := &scriptBatch{stacks: c.stacks(), oracle: oracle, jobs: jobs}
	cases := library.Cases()
	s := newSuiteResult(c, b, cases)
	a := &app{streams: streams{Out: io.Discard, Err: io.Discard}, ctx: context.Background()}
	b.each(a, sourcesOf(cases), func(o *scriptOutcome) { s.add(o) })
	if len(s.done) != len(cases) {
		t.Fatalf("%d of %d cases were played", len(s.done), len(cases))
	}
	return s
}

// The hand-made stack does what every scenario expects; what netstack does
// not do is declared, and what is declared still occurs, over either version of
// IP. Held against each other, the two differ in nothing that neither a rule
// nor a declaration explains. Everything once more, with more jobs than
// processors, gives the same frames at the same times and the same findings.
func TestLibrary(t *testing.T) {
	first := playLibrary(t, netstack.Name, lab.Differential, 1)
	holdsWhatIsDeclared(t, first)
	differsAsDeclared(t, first)
	if first.found() {
		t.Error("the suite would end with status 1")
	}
	if testing.Short() {
		return
	}
	again := playLibrary(t, netstack.Name, lab.Differential, 8)
	for i := range first.done {
		sameCase(t, first.stacks, first.done[i], again.done[i])
	}
}

func holdsWhatIsDeclared(t *testing.T, s *suiteResult) {
	for _, one := range s.done {
		if one.outcome.err != nil {
			t.Errorf("%s: %v", one.ID(), one.outcome.err)
			continue
		}
		for i, c := range one.cells {
			_, declared := library.KnownDifference(s.stacks[i], one.Name)
			switch {
			case c.verdict == cellNotRun:
				t.Errorf("%s: %s: %s", one.ID(), s.stacks[i], c.play.NotRun)
			case c.verdict == cellFound:
				for _, f := range c.findings {
					t.Errorf("%s: %s: %v: %s", one.ID(), s.stacks[i], f.Pos, f.Text)
				}
			case c.verdict == cellOK && declared:
				t.Errorf("%s: %s does what the scenario expects, but a difference is declared", one.ID(), s.stacks[i])
			}
		}
	}
	if n := s.count("", 1); n[cellOK] != len(s.done) {
		t.Errorf("%s: %v", s.stacks[1], n)
	}
}

// differsAsDeclared looks at the comparisons. What is declared to show beside
// another stack only still does.
func differsAsDeclared(t *testing.T, s *suiteResult) {
	shown := map[string]bool{}
	for _, one := range s.done {
		for i := range one.held {
			switch h := &one.held[i]; h.verdict {
			case cellFound:
				for _, why := range h.why() {
					t.Errorf("%s: %s against %s: %s", one.ID(), h.tested, h.reference, why)
				}
			case cellNotRun:
				t.Errorf("%s: not compared: %s", one.ID(), h.not)
			case cellKnown:
				shown[one.Name] = true
			case cellOK:
			default:
				t.Fatalf("verdict %d", h.verdict)
			}
		}
	}
	for _, d := range library.Known {
		for _, name := range d.Beside {
			if !shown[name] {
				t.Errorf("%s: %s does not differ from the other any more, but a difference is declared", name, d.Stack)
			}
		}
	}
}

// The strict oracle too finds nothing wrong with the hand-made stack: times,
// options, windows and marks are as the scripts say.
func TestLibraryStrictly(t *testing.T) {
	for _, one := range playLibrary(t, handcraftedName, lab.Strict, 0).done {
		for _, c := range one.cells {
			for _, f := range c.findings {
				t.Errorf("%s: %v: %s", one.ID(), f.Pos, f.Text)
			}
		}
	}
}

func sameCase(t *testing.T, stacks []string, first, again *suiteCase) {
	for i, c := range first.cells {
		d := again.cells[i]
		if !sameFrames(c.play.Recording.Frames, d.play.Recording.Frames) {
			t.Errorf("%s: %s sent other frames the second time", first.ID(), stacks[i])
		}
		if i > 0 && (first.held[i-1].verdict != again.held[i-1].verdict || !slices.Equal(first.held[i-1].why(), again.held[i-1].why())) {
			t.Errorf("%s: the stacks compared otherwise the second time", first.ID())
		}
		if c.verdict != d.verdict || !slices.Equal(c.findings, d.findings) || !slices.Equal(c.play.Calls, d.play.Calls) {
			t.Errorf("%s: %s was judged otherwise the second time", first.ID(), stacks[i])
		}
	}
}

func sameFrames(a, b []tap.Frame) bool {
	return slices.EqualFunc(a, b, func(a, b tap.Frame) bool {
		return a.Time.Equal(b.Time) && a.Dir == b.Dir && bytes.Equal(a.Data, b.Data)
	})
}

// The differential oracle has no expectation: two stacks that stray from the
// script in the same way agree, and one that strays alone is found, unless that
// is declared of it. What the stack under test breaks is excused by nothing
// that is declared of the reference, and nothing is explained when both stray.
func TestWhatADeclaredDifferenceExplains(t *testing.T) {
	const declared = "timewait/reset-ends-it" // of netstack
	one := &suiteCase{Case: library.Case{Entry: library.Entry{Name: declared}}}
	known, _ := library.KnownDifference(netstack.Name, declared)
	cellOf := func(stack string, v cellVerdict) *cell {
		return &cell{play: &lab.Play{Stack: stack}, verdict: v, known: known}
	}
	unexplained := &against{lonely: []string{"only one sends segments"}}
	broken := &against{reports: []*compare.Report{{Differences: []compare.Difference{{Verdict: compare.Violation, By: compare.Tested}}}}}
	for _, c := range []struct {
		name              string
		a                 *against
		reference, tested *cell
		want              cellVerdict
	}{
		{"no difference", &against{}, cellOf(netstack.Name, cellFound), cellOf(handcraftedName, cellFound), cellOK},
		{"nobody strays", unexplained, cellOf(netstack.Name, cellOK), cellOf(handcraftedName, cellOK), cellFound},
		{"the reference strays as declared", unexplained, cellOf(netstack.Name, cellKnown), cellOf(handcraftedName, cellOK), cellKnown},
		{"the tested strays as declared", unexplained, cellOf(handcraftedName, cellOK), cellOf(netstack.Name, cellKnown), cellKnown},
		{"both stray", unexplained, cellOf(netstack.Name, cellKnown), cellOf(handcraftedName, cellFound), cellFound},
		{"the tested breaks a MUST", broken, cellOf(netstack.Name, cellKnown), cellOf(handcraftedName, cellOK), cellFound},
		{"it does so as declared", broken, cellOf(handcraftedName, cellOK), cellOf(netstack.Name, cellKnown), cellKnown},
		{"one did not play it", &against{not: "netstack did not play it"}, cellOf(netstack.Name, cellNotRun), cellOf(handcraftedName, cellOK), cellNotRun},
	} {
		if got := one.hold(c.a, c.reference, c.tested).verdict; got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Shards are disjoint and make up the whole.
func TestSuiteShards(t *testing.T) {
	seen := map[string]int{}
	for _, shard := range []string{"1/3", "2/3", "3/3"} {
		cases, err := (&suiteCommand{Shard: shard}).cases()
		if err != nil {
			t.Fatal(err)
		}
		if want := len(library.Cases()) / 3; len(cases) < want || len(cases) > want+1 {
			t.Errorf("%s: %d cases", shard, len(cases))
		}
		for _, c := range cases {
			seen[c.ID()]++
		}
	}
	for _, c := range library.Cases() {
		if seen[c.ID()] != 1 {
			t.Errorf("%s is in %d shards", c.ID(), seen[c.ID()])
		}
	}
	for _, bad := range []string{"0/3", "4/3", "1", "1/0", "a/b", "1/3/5", "-1/3"} {
		if err := (&suiteCommand{Shard: bad}).Validate(); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
