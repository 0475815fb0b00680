package main

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// terminal is a program on a terminal of its own, and all that it has printed.
type terminal struct {
	t   *testing.T
	cmd *exec.Cmd
	tty *os.File

	mu      sync.Mutex
	printed strings.Builder
	more    chan struct{} // closed and made anew when something was printed
	ended   chan struct{} // closed when nothing more will be
}

// inTerminal starts a program on a terminal of so many columns and lines.
func inTerminal(t *testing.T, columns, lines int, env []string, name string, args ...string) *terminal {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), append([]string{"TERM=xterm", "LC_ALL=C.UTF-8", "CI="}, env...)...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(lines), Cols: uint16(columns)})
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, cmd: cmd, tty: tty, more: make(chan struct{}), ended: make(chan struct{})}
	go term.read()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-term.ended
		cmd.Wait()
		tty.Close()
	})
	return term
}

// read collects what is printed until the last program has left the terminal.
func (term *terminal) read() {
	defer close(term.ended)
	buf := make([]byte, 4096)
	for {
		n, err := term.tty.Read(buf)
		term.mu.Lock()
		term.printed.Write(buf[:n])
		close(term.more)
		term.more = make(chan struct{})
		term.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (term *terminal) text() (string, chan struct{}) {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.printed.String(), term.more
}

// write types.
func (term *terminal) write(keys string) {
	term.t.Helper()
	if _, err := term.tty.WriteString(keys); err != nil {
		term.t.Fatal(err)
	}
}

// patience is how long a test waits for what never comes.
const patience = 30 * time.Second

// await waits until the text has been printed so many times and returns all
// that was.
func (term *terminal) await(text string, times int) string {
	term.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		all, more := term.text()
		if strings.Count(all, text) >= times {
			return all
		}
		select {
		case <-more:
		case <-term.ended:
			if all, _ := term.text(); strings.Count(all, text) < times {
				term.t.Fatalf("the program ended without %q:\n%s", text, all)
			}
		case <-limit.C:
			term.t.Fatalf("waited for %q in vain:\n%s", text, all)
		}
	}
}

// wait waits for the end and returns what was printed and the exit status.
func (term *terminal) wait() (string, int) {
	term.t.Helper()
	select {
	case <-term.ended:
	case <-time.After(patience):
		all, _ := term.text()
		term.t.Fatalf("the program does not end:\n%s", all)
	}
	term.cmd.Wait()
	all, _ := term.text()
	return strings.ReplaceAll(all, "\r\n", "\n"), term.cmd.ProcessState.ExitCode()
}

// needTool skips a test, or fails it where everything is required.
func needTool(t *testing.T, name string) {
	t.Helper()
	if ok, err := condition("tool:" + name); err != nil {
		t.Fatal(err)
	} else if !ok {
		t.Skipf("needs %s", name)
	}
}
