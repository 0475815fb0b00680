package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
)

// TestPagerCounts: text is held back until the terminal is full; colours and
// the end of a full line take no room.
func TestPagerCounts(t *testing.T) {
	for _, c := range []struct {
		text string
		room int // of 3 lines of 10 columns
	}{
		{"", 3},
		{"one\ntwo\n", 1},
		{"0123456789\n", 2},
		{"0123456789x\n", 1},
		{"\x1b[31;1m0123456789\x1b[0m\n", 2},
		{"──────────\n", 2},
		{"a\nb\nc\nd\n", -1},
	} {
		p := &pager{columns: 10, room: 3}
		p.count([]byte(c.text))
		if p.room != c.room {
			t.Errorf("%q leaves %d lines, want %d", c.text, p.room, c.room)
		}
	}
}

// TestPager runs the program on terminals with programs that show what they
// are given.
func TestPager(t *testing.T) {
	whole, err := exec.Command("tcping-cmp", "rules").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, args string
		env        string
		paged      bool
	}{
		{"what fits is printed", "rules MUST-34", "TCPING_CMP_PAGER=PROGRAM", false},
		{"what does not fit is shown", "rules", "TCPING_CMP_PAGER=PROGRAM", true},
		{"by PAGER, too", "rules", "PAGER=PROGRAM", true},
		{"ours beats PAGER", "rules", "PAGER=PROGRAM TCPING_CMP_PAGER=", false},
		{"cat is no pager", "rules", "TCPING_CMP_PAGER=cat", false},
		{"none that is not there", "rules", "TCPING_CMP_PAGER=no-such-pager", false},
		{"never", "rules --pager never", "TCPING_CMP_PAGER=PROGRAM", false},
		{"not on a dumb terminal", "rules", "TCPING_CMP_PAGER=PROGRAM TERM=dumb", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "shown")
			program := filepath.Join(t.TempDir(), "program")
			if err := os.WriteFile(program, []byte("#!/bin/sh\ncat > "+file+"\n"), 0o777); err != nil {
				t.Fatal(err)
			}
			env := strings.Fields(strings.ReplaceAll(c.env, "PROGRAM", program))
			printed, status := inTerminal(t, 100, 40, env, "tcping-cmp", strings.Fields(c.args)...).wait()
			if status != 0 {
				t.Errorf("status %d", status)
			}
			shown, err := os.ReadFile(file)
			switch {
			case (err == nil) != c.paged:
				t.Errorf("paged: %v, want %v", err == nil, c.paged)
			case c.paged && (string(shown) != string(whole) || printed != ""):
				t.Errorf("the pager got %d bytes of %d, the terminal %q", len(shown), len(whole), printed)
			case !c.paged && !strings.Contains(printed, "MUST-34"):
				t.Errorf("printed %q", printed)
			}
		})
	}
}

// TestPagerKeepsColoursAndStatus: the pager is on a terminal, so the report is
// as coloured as without it, and what was found is the exit status.
func TestPagerKeepsColoursAndStatus(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shown")
	term := inTerminal(t, 100, 10, []string{"TCPING_CMP_PAGER=X=1 cat > " + file}, "tcping-cmp", "run", "--link", "mem", "--profile", "tcping.py")
	if printed, status := term.wait(); status != 1 || strings.Contains(printed, "Verdict") {
		t.Errorf("status %d, printed %q", status, printed)
	}
	shown, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(shown), "\x1b[") || !strings.Contains(string(shown), "Verdict") {
		t.Errorf("%v: %q", err, shown)
	}
}

// TestPagerThatQuitsEarly: the reader has seen enough, which is no error.
func TestPagerThatQuitsEarly(t *testing.T) {
	for _, pager := range []string{"head -1", "true"} {
		printed, status := inTerminal(t, 100, 10, []string{"TCPING_CMP_PAGER=" + pager}, "tcping-cmp", "rules").wait()
		if status != 0 || strings.Count(printed, "\n") > 1 {
			t.Errorf("%s: status %d, printed %q", pager, status, printed)
		}
	}
}

// TestLess reads in the pager that people have.
func TestLess(t *testing.T) {
	needTool(t, "less")
	term := inTerminal(t, 100, 10, []string{"PAGER=less", "LESSHISTFILE=-"}, "tcping-cmp", "rules")
	term.await(":\x1b[K", 1)
	term.write("q")
	if _, status := term.wait(); status != 0 {
		t.Errorf("status %d", status)
	}
}

// TestInterruptIsThePagers: Ctrl-C while somebody reads is for the pager, as
// in less it ends a search; it does not end us, who would leave the pager
// alone with the terminal.
func TestInterruptIsThePagers(t *testing.T) {
	term := inTerminal(t, 100, 10, []string{"PAGER=reader"}, "tcping-cmp", "rules")
	term.await("reading", 1)
	term.write("\x03")
	term.await("interrupted the pager", 1)
	term.write("q\r")
	if printed, status := term.wait(); status != 0 || !strings.Contains(printed, "leaving by q") {
		t.Errorf("status %d: %q", status, printed)
	}
}

// reader is a pager that says what reaches it from the keyboard.
func reader() {
	got := make(chan os.Signal, 1)
	signal.Notify(got, os.Interrupt)
	io.Copy(io.Discard, os.Stdin)
	keyboard, err := os.Open("/dev/tty")
	if err != nil {
		fatal(err)
	}
	fmt.Println("reading")
	<-got
	fmt.Println("interrupted the pager")
	line, _, err := bufio.NewReader(keyboard).ReadLine()
	if err != nil {
		fatal(err)
	}
	fmt.Printf("leaving by %s\n", line)
}

// TestProgressOnATerminal: the line is there for people who wait, and for
// nobody else.
func TestProgressOnATerminal(t *testing.T) {
	const work = "exec tcping-cmp run --link mem --repeat 10 >/dev/null"
	for _, c := range []struct {
		name, command, env string
		live               bool
	}{
		{"on a terminal", work, "A=b", true},
		{"quiet", work + " --quiet", "A=b", false},
		{"in CI", work, "CI=true", false},
		{"on a dumb terminal", work, "TERM=dumb", false},
		{"to a file", work + " 2>&1", "A=b", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			printed, status := inTerminal(t, 60, 20, []string{c.env}, "sh", "-c", c.command).wait()
			if live := strings.Contains(printed, " left: "); status != 0 || live != c.live {
				t.Errorf("status %d, printed %q", status, printed)
			}
			if c.live && !strings.HasSuffix(printed, "\r\x1b[K") {
				t.Errorf("the line stays: %q", printed[max(0, len(printed)-100):])
			}
			for line := range strings.SplitSeq(printed, "\r\x1b[K") {
				if len([]rune(line)) > 59 {
					t.Errorf("%q does not fit", line)
				}
			}
		})
	}
}
