//go:build unix

package main

import (
	"io"

	"golang.org/x/sys/unix"
)

// terminalSize returns the columns and lines of a terminal, and 0 of anything
// else.
func terminalSize(w io.Writer) (columns, lines int) {
	onTerminal(w, func(fd int) {
		if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil {
			columns, lines = int(size.Col), int(size.Row)
		}
	})
	return columns, lines
}

// terminalWidth returns the columns of a terminal, and 0 of anything else.
func terminalWidth(w io.Writer) int {
	columns, _ := terminalSize(w)
	return columns
}

// inForeground reports whether what is typed on a terminal comes to us, or to
// a program that we start.
func inForeground(w io.Writer) (yes bool) {
	onTerminal(w, func(fd int) {
		group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
		yes = err == nil && group == unix.Getpgrp()
	})
	return yes
}

func onTerminal(w io.Writer, do func(fd int)) {
	if !isTerminal(w) {
		return
	}
	raw, err := terminalOf(w).SyscallConn()
	if err != nil {
		return
	}
	raw.Control(func(fd uintptr) { do(int(fd)) })
}
