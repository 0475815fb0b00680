package completion

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"strings"
)

// Command is the hidden sub-command by which the scripts ask.
const Command = "__complete"

// The scripts, and where packages put them.
var (
	//go:embed scripts/bash
	bash string
	//go:embed scripts/zsh
	zsh string
	//go:embed scripts/fish
	fish string
)

// Shells are those that there is a script for.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// Script is what a shell has to be told, and "" for one that is not known.
func Script(shell string) string {
	switch shell {
	case "bash":
		return bash
	case "zsh":
		return zsh
	case "fish":
		return fish
	}
	return ""
}

// Write answers a script: the kind on a line, then a candidate on each, with a
// tab before what it is.
func (a Answer) Write(to io.Writer) error {
	w := bufio.NewWriter(to)
	fmt.Fprintln(w, a.Kind)
	for _, c := range a.Candidates {
		if c.About == "" {
			fmt.Fprintln(w, c.Value)
		} else {
			fmt.Fprintf(w, "%s\t%s\n", c.Value, strings.Join(strings.Fields(c.About), " "))
		}
	}
	return w.Flush()
}
