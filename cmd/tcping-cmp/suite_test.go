package main

import (
	"bytes"
	"context"
	"io"
	"slices"
	"testing"

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
// IP. Everything once more, with more jobs than processors, gives the same
// frames at the same times and the same findings.
func TestLibrary(t *testing.T) {
	first := playLibrary(t, netstack.Name, lab.Shape, 1)
	holdsWhatIsDeclared(t, first)
	if testing.Short() {
		return
	}
	again := playLibrary(t, netstack.Name, lab.Shape, 8)
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
