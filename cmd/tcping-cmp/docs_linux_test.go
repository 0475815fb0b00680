package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcping-cmp/compare/rules"
	"tcping-cmp/compare/scenario/library"
)

var update = flag.Bool("update", false, "write the documents anew that are made from the code")

// example is a command of a document with the output it promises.
type example struct{ command, output string }

// examples reads the console blocks of a document: lines that begin with "$ "
// are commands, what follows is their output.
func examples(document string) (list []example) {
	inside := false
	for line := range strings.Lines(document) {
		switch {
		case strings.HasPrefix(line, "```console"):
			inside = true
		case strings.HasPrefix(line, "```"):
			inside = false
		case inside && strings.HasPrefix(line, "$ "):
			list = append(list, example{command: strings.TrimSpace(line[2:])})
		case inside && len(list) > 0:
			list[len(list)-1].output += line
		}
	}
	return list
}

// TestResearchNotes runs the commands of every research note. Where an
// acknowledgement may be sent at once or ride on something, it depends on how
// fast the machine is at that moment, so a note has several tries to show what
// it says.
func TestResearchNotes(t *testing.T) {
	needRoot(t)
	if ok, err := condition("tool:tshark"); err != nil || !ok {
		t.Skip("needs tshark: ", err)
	}
	notes, err := filepath.Glob("../../docs/research/*.md")
	if err != nil || len(notes) == 0 {
		t.Fatal("no research notes: ", err)
	}
	for _, path := range notes {
		if filepath.Base(path) == "README.md" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			keepsItsWord(t, path)
		})
	}
}

// keepsItsWord runs the commands of a page and compares their output with what
// the page says; with -update the page says what they print.
func keepsItsWord(t *testing.T, path string) {
	t.Helper()
	note, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list := examples(string(note))
	if len(list) == 0 {
		t.Fatal("the note has no commands")
	}
	if *update {
		if err := os.WriteFile(path, rewritten(t, string(note)), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	diff := ""
	for range 5 {
		if diff = runExamples(t.TempDir(), list); diff == "" {
			return
		}
	}
	t.Errorf("the note does not say what happens (-note +now):\n%s", diff)
}

// TestEveryKnownDifferenceHasANote looks for the id of each in the notes about
// its stack, and for each note in the list of them.
func TestEveryKnownDifferenceHasANote(t *testing.T) {
	const folder = "../../docs/research/"
	list, err := os.ReadFile(folder + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	notes := map[string]string{}
	for _, stack := range []string{"netstack", "kernel"} {
		paths, err := filepath.Glob(folder + stack + "-*.md")
		if err != nil || len(paths) == 0 {
			t.Fatal("no notes about ", stack, ": ", err)
		}
		for _, path := range paths {
			note, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			notes[stack] += string(note)
			if name := filepath.Base(path); !strings.Contains(string(list), "("+name+")") {
				t.Errorf("%s is not in the list of notes", name)
			}
		}
	}
	explained := func(stack, id string) bool {
		return regexp.MustCompile("(^|[ (|])" + regexp.QuoteMeta(id) + "[ ,)]").MatchString(notes[stack])
	}
	for _, k := range rules.KnownDifferences {
		if !explained(k.Stack, k.Rule) {
			t.Errorf("no note about %s explains %s", k.Stack, k.Rule)
		}
	}
	for _, k := range library.Known {
		if !explained(k.Stack, k.Requirement) {
			t.Errorf("no note about %s explains %s", k.Stack, k.Requirement)
		}
	}
}

// rewritten is a document with what its commands print now.
func rewritten(t *testing.T, document string) []byte {
	var out bytes.Buffer
	dir, inside, output := t.TempDir(), false, false
	for line := range strings.Lines(document) {
		switch {
		case strings.HasPrefix(line, "```console"):
			inside, output = true, false
		case strings.HasPrefix(line, "```"):
			inside, output = false, false
		case inside && strings.HasPrefix(line, "$ "):
			out.WriteString(line)
			now, _ := runExample(dir, strings.TrimSpace(line[2:]))
			out.WriteString(now)
			output = true
			continue
		case inside && output:
			continue
		}
		out.WriteString(line)
	}
	return out.Bytes()
}

// runExample runs a command and returns what it prints to standard output and
// to standard error.
func runExample(dir, command string) (string, string) {
	notes, err := filepath.Abs("../../docs/research")
	if err != nil {
		return "", err.Error()
	}
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "NOTES="+notes)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Run()
	return out.String(), errs.String()
}

// runExamples runs the commands one after the other in a directory and returns
// how their output differs.
func runExamples(dir string, list []example) (diff string) {
	for _, e := range list {
		out, errs := runExample(dir, e.command)
		if d := cmp.Diff(e.output, out); d != "" {
			diff += fmt.Sprintf("$ %s\n%s%s", e.command, d, errs)
		}
	}
	return diff
}

// readmeReport finds the report in the README: what follows the first command.
var readmeReport = regexp.MustCompile("(?s)```console\n\\$ go run ./cmd/tcping-cmp run\n(.*?)```")

// TestReadmeReport compares the shape of the report in the README with that of
// a new one.
func TestReadmeReport(t *testing.T) {
	needRoot(t)
	const path = "../../README.md"
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := readmeReport.FindSubmatchIndex(readme)
	if at == nil {
		t.Fatal("the README shows no report")
	}
	now, err := exec.Command("tcping-cmp", "run").Output()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		fresh := bytes.Join([][]byte{readme[:at[2]], now, readme[at[3]:]}, nil)
		if err := os.WriteFile(path, fresh, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(shape(readme[at[2]:at[3]]), shape(now)); d != "" {
		t.Errorf("the report in the README is stale (-README +now): go test ./cmd/tcping-cmp -run TestReadmeReport -update\n%s", d)
	}
}

// shape keeps of a report what does not depend on the machine or the moment:
// its headings, the names of the settings, and the verdict without its counts.
// Whether something known shows depends on the moment.
func shape(report []byte) (lines []string) {
	for line := range strings.Lines(string(report)) {
		line = strings.TrimRight(line, "\n")
		name, _, isSetting := strings.Cut(strings.TrimLeft(line, " "), "  ")
		switch {
		case strings.HasPrefix(line, "Known and accepted"):
		case strings.Contains(line, "───"):
			lines = append(lines, strings.Trim(line, "─ "))
		case strings.HasPrefix(line, "= ") || strings.HasPrefix(line, "! "):
			verdict, _, _ := strings.Cut(line, " (")
			lines = append(lines, verdict)
		case isSetting && strings.HasPrefix(line, "  ") && name != "" && strings.Trim(name, "0123456789") == name:
			lines = append(lines, name)
		}
	}
	return lines
}
