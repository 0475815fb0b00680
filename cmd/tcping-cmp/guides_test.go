package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"tcping-cmp/cmd/tcping-cmp/manual"
)

func parserForTest() (*cli, func(args []string) error, []string) {
	var c cli
	parser := newParser(&c, streams{Out: io.Discard, Err: io.Discard}, func(int) {})
	return &c, func(args []string) error { _, err := parser.Parse(args); return err }, manual.Paths(parser.Model)
}

// TestGuides: every command says by example what it is for, and how it ends.
func TestGuides(t *testing.T) {
	_, _, paths := parserForTest()
	for _, path := range append(paths, "") {
		g, ok := guides[path]
		if !ok {
			t.Errorf("%q has no guide: put one into guides.go", path)
			continue
		}
		if len(g.Examples) == 0 || len(g.Statuses) == 0 {
			t.Errorf("%q has %d examples and %d exit statuses", path, len(g.Examples), len(g.Statuses))
		}
	}
	for path := range guides {
		if path != "" && !slices.Contains(paths, path) {
			t.Errorf("there is a guide for %q, which is no command", path)
		}
	}
}

// TestExamplesParse gives every example of the help to the parser.
func TestExamplesParse(t *testing.T) {
	for path, g := range guides {
		for _, e := range g.Examples {
			_, command, _ := strings.Cut(e.Command, "tcping-cmp ")
			if end := strings.IndexAny(command, "|>)"); end >= 0 {
				command = command[:end]
			}
			_, parse, _ := parserForTest()
			if err := parse(strings.Fields(command)); err != nil {
				t.Errorf("%s: %q: %v", path, e.Command, err)
			}
			if !strings.HasPrefix(command, path) {
				t.Errorf("%s: %q is about another command", path, e.Command)
			}
		}
	}
}
