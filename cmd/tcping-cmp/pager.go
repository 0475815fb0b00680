package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// pager holds back what a command prints on a terminal until it does not fit
// there; then a program shows it that can go back and forth. What fits is
// printed as ever.
type pager struct {
	terminal      *os.File
	command       string
	columns, room int // of the terminal; room is how many lines are left
	held          bytes.Buffer
	column        int
	escape        bool // inside an escape sequence, which takes no room

	program *exec.Cmd
	input   io.WriteCloser
	gone    bool // the reader has seen enough
	failed  bool // there is no such program: print
}

// defaultPager leaves at once what fits after all, shows colours, and leaves
// what was read on the screen.
const defaultPager = "less -FRX"

// pagerCommand is what is to show long output, "" for nothing.
func pagerCommand(env lookupEnv) string {
	if term, _ := env("TERM"); term == "dumb" {
		return ""
	}
	for _, name := range []string{envPrefix + "_PAGER", "PAGER"} {
		if command, set := env(name); set {
			if command == "cat" || !installed(command) {
				return ""
			}
			return command
		}
	}
	if !installed(defaultPager) {
		return ""
	}
	return defaultPager
}

// installed reports whether the first word of a command is a program, or the
// shell's to understand.
func installed(command string) bool {
	words := strings.Fields(command)
	if len(words) == 0 {
		return false
	}
	_, err := exec.LookPath(words[0])
	return err == nil || strings.ContainsAny(words[0], "=$~'\"")
}

// newPager returns a pager in front of a terminal, or nil if none is wanted,
// or out is no terminal.
func newPager(out io.Writer, env lookupEnv) *pager {
	command := pagerCommand(env)
	columns, lines := terminalSize(out)
	if command == "" || columns == 0 || lines == 0 || !inForeground(out) {
		return nil
	}
	// The prompt that comes after it takes a line.
	return &pager{terminal: terminalOf(out), command: command, columns: columns, room: lines - 1}
}

// Write implements io.Writer. A reader who has seen enough is no error.
func (p *pager) Write(b []byte) (int, error) {
	switch {
	case p.gone:
	case p.program != nil:
		p.pass(b)
	case p.failed:
		return p.terminal.Write(b)
	default:
		p.held.Write(b)
		if p.count(b); p.room < 0 {
			p.start()
		}
	}
	return len(b), nil
}

// count takes away the lines that the text needs.
func (p *pager) count(b []byte) {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		b = b[size:]
		switch {
		case r == '\x1b':
			p.escape = true
		case p.escape:
			p.escape = r < '@' || r == '['
		case r == '\n':
			p.room--
			p.column = 0
		case p.column == p.columns: // it wraps
			p.room--
			p.column = 1
		default:
			p.column++
		}
	}
}

// start starts the program, or prints if there is none.
func (p *pager) start() {
	cmd := exec.Command("sh", "-c", p.command)
	cmd.Stdout, cmd.Stderr = p.terminal, os.Stderr
	if _, set := os.LookupEnv("LESS"); !set {
		cmd.Env = append(os.Environ(), "LESS=FRX") // colours, for $PAGER=less
	}
	input, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.failed = true
		p.terminal.Write(p.held.Bytes())
		return
	}
	p.program, p.input = cmd, input
	p.pass(p.held.Bytes())
	p.held.Reset()
}

// pass hands text to the program.
func (p *pager) pass(b []byte) {
	if _, err := p.input.Write(b); errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		p.gone = true
	}
}

// close prints what fits, or waits until the reader has read. Ctrl-C is the
// reader's then, not ours.
func (p *pager) close() {
	if p == nil || p.failed {
		return
	}
	if p.program == nil {
		p.terminal.Write(p.held.Bytes())
		return
	}
	signal.Ignore(os.Interrupt)
	defer signal.Reset(os.Interrupt)
	p.input.Close()
	p.program.Wait()
}

// streaming is a command whose lines are wanted as they come: no pager.
type streaming interface{ streams() bool }

func (c *pingCommand) streams() bool  { return true }
func (c *serveCommand) streams() bool { return true }

// paged runs a command with a pager before standard output where one is
// wanted.
func (a *app) paged(when string, parsed *kong.Context) error {
	command, _ := parsed.Selected().Target.Addr().Interface().(streaming)
	if when == "never" || command != nil && command.streams() {
		return parsed.Run(a)
	}
	if p := newPager(a.Out, a.env); p != nil {
		a.Out = p
		defer p.close()
	}
	return parsed.Run(a)
}
