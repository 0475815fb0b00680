package main

import (
	"io"
	"os"
)

// lookupEnv is os.LookupEnv, or a test's.
type lookupEnv func(string) (string, bool)

// wantColor decides whether w gets colour: the flag first, then NO_COLOR, then
// CLICOLOR_FORCE and FORCE_COLOR, then TERM=dumb, then whether w is a
// terminal. A variable counts when it is not empty, and the two that force
// also when it is not 0.
func wantColor(flag string, env lookupEnv, w io.Writer) bool {
	set := func(name string) bool { v, _ := env(name); return v != "" }
	forced := func(name string) bool { v, _ := env(name); return v != "" && v != "0" }
	term, _ := env("TERM")
	switch {
	case flag == "always":
		return true
	case flag == "never", set("NO_COLOR"):
		return false
	case forced("CLICOLOR_FORCE"), forced("FORCE_COLOR"):
		return true
	case term == "dumb":
		return false
	}
	return isTerminal(w)
}

// isTerminal reports whether w is a character device that is not /dev/null:
// a terminal, for all that a report can meet.
func isTerminal(w io.Writer) bool {
	f := terminalOf(w)
	if f == nil {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// terminalOf returns the file behind w, or nil: a pager stands before one.
func terminalOf(w io.Writer) *os.File {
	switch w := w.(type) {
	case *os.File:
		return w
	case *pager:
		return w.terminal
	}
	return nil
}
