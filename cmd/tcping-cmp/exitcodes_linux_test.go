package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

//go:generate go test -run TestExitCodesPageIsFresh -update

// exitCodesPage writes docs/exit-codes.md from the tables that the program
// itself uses.
func exitCodesPage() []byte {
	var b bytes.Buffer
	b.WriteString(exitCodesIntroduction)
	b.WriteString("| status | meaning |\n|---|---|\n")
	for _, s := range guides[""].Statuses {
		fmt.Fprintf(&b, "| %s | %s |\n", s.Code, s.Meaning)
	}
	b.WriteString("\nA second SIGINT or SIGTERM ends the program at once.\n\n## Command by command\n\n| command | status | meaning |\n|---|---|---|\n")
	_, _, paths := parserForTest()
	for _, path := range paths {
		for i, s := range guides[path].Statuses {
			name := ""
			if i == 0 {
				name = "`" + path + "`"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", name, s.Code, s.Meaning)
		}
	}
	b.WriteString(errorCodesIntroduction)
	for _, c := range errorCodes {
		fmt.Fprintf(&b, "| `%s` | 2 | %s |\n", c.code, c.meaning)
	}
	fmt.Fprintf(&b, "| `%s` | 130, 143 | a signal ended it |\n", codeInterrupted)
	fmt.Fprintf(&b, "| `%s` | 2 | whatever else; the message says what, and what to do |\n", codeTrouble)
	return b.Bytes()
}

const exitCodesIntroduction = `# Exit statuses and error codes

This page is made from the code; go generate ./cmd/tcping-cmp makes it anew.

The stack under test decides between 0 and 1; what is found out about the
reference is shown and does not count.

Trouble counts for more than what was found. A stack that breaks a MUST and then
does not come to the end of its conversation ends the command with 2: what was
found until then is shown, saved and written all the same, but nobody can say
that it is all. With JSON, verdict in the summary says what was found.

`

const errorCodesIntroduction = `
## Error codes

With --format json the summary at the end has the exit status, and where that is
2, 130 or 143 an object error with a sentence for people and one of these words
for programs.

| code | status | meaning |
|---|---|---|
`

func TestExitCodesPageIsFresh(t *testing.T) {
	fresh(t, "../../docs/exit-codes.md", exitCodesPage())
}

// TestEveryExitStatusIsShown: each status of every command, and each code, is
// what some script in testdata/script waits for.
func TestEveryExitStatusIsShown(t *testing.T) {
	scripts, err := os.ReadDir("testdata/script")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range scripts {
		text, err := os.ReadFile("testdata/script/" + s.Name())
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(string(text), "\n")...)
	}
	_, _, paths := parserForTest()
	for _, path := range paths {
		for _, s := range guides[path].Statuses {
			for status := range strings.SplitSeq(s.Code, ", ") {
				if !slices.ContainsFunc(lines, func(line string) bool { return endsWith(line, path, status) }) {
					t.Errorf("no script shows %s end with %s", path, status)
				}
			}
		}
	}
	for _, c := range errorCodes {
		if c.code == "tun" { // it would take another kernel
			continue
		}
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, `"code":"`+c.code+`"`) }) {
			t.Errorf("no script shows the code %s", c.code)
		}
	}
}

// endsWith reports whether a line of a script runs the command and waits for
// the status.
func endsWith(line, path, status string) bool {
	if !strings.Contains(line, "tcping-cmp "+path+" ") && !strings.HasSuffix(line, "tcping-cmp "+path) {
		return false
	}
	switch status {
	case "any":
		return true
	case "0":
		return strings.HasPrefix(line, "exec ") && (!strings.Contains(line, "exits ") || strings.Contains(line, "exits 0 "))
	case "130":
		if path == "suite" || path == "script" || path == "bench" {
			return true // TestInterrupted, TestInterruptedBench
		}
	case "143":
		if path != "serve" {
			return true // the way is the same for all, and serve is the one that it is the usual end of
		}
	}
	return strings.Contains(line, "exits "+status+" ") || (status == "1" || status == "2") && strings.HasPrefix(line, "! exec ")
}
