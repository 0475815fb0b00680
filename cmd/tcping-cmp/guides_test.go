package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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
			commands := commandsIn(e.Command)
			if len(commands) == 0 || !strings.HasPrefix(commands[0], path) {
				t.Errorf("%s: %q is about another command", path, e.Command)
			}
			for _, command := range commands {
				parses(t, path, command)
			}
		}
	}
}

// parses gives what follows the program's name to the parser.
func parses(t *testing.T, place, command string) {
	t.Helper()
	_, parse, _ := parserForTest()
	if err := parse(strings.Fields(command)); err != nil {
		t.Errorf("%s: tcping-cmp %s: %v", place, command, err)
	}
}

// aCommand is the program with its arguments in a line of a shell: up to what
// ends a command there. What other programs do with that name is none: an
// image, a profile, a package of Go.
var (
	aCommand = regexp.MustCompile(`(?:-[A-Za-z] [.~/a-z]*|(?:test|build|install) \./cmd/)?\btcping-cmp( [^|>&;#()\n]*?)(?:$|2?>|[|&;#()\n])`)
	another  = regexp.MustCompile(`^(-|test|build|install)`)
)

// commandsIn are what follows the program's name in a line of a shell.
func commandsIn(line string) (list []string) {
	for _, m := range aCommand.FindAllStringSubmatch(line, -1) {
		if command := strings.Trim(m[1], " '\""); command != "" && !another.MatchString(m[0]) {
			list = append(list, command)
		}
	}
	return list
}

// TestDocumentedCommandsParse gives the commands of every block of a shell, and
// of those for CI systems, in the README and the documents to the parser.
func TestDocumentedCommandsParse(t *testing.T) {
	paths := []string{"../../README.md"}
	err := filepath.WalkDir("../../docs", func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, path := range paths {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for number, line := range shellLines(string(page)) {
			for _, command := range commandsIn(line) {
				parses(t, fmt.Sprintf("%s:%d", path, number), command)
				seen++
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d commands were found in the documents", seen)
	}
}

// shellLines are the lines of a page that somebody could give to a shell, by
// their numbers. What is no prompt on a console is output.
func shellLines(page string) map[int]string {
	lines, language, number := map[int]string{}, "", 0
	for line := range strings.Lines(page) {
		number++
		if fence, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			language = fence
			continue
		}
		switch language {
		case "console":
			if strings.HasPrefix(line, "$ ") {
				lines[number] = line
			}
		case "sh", "yaml", "groovy":
			lines[number] = line
		}
	}
	return lines
}
