// Package manual makes of the model of the command line, and of what a person
// has to say beside it, the text below --help, the manual page and the page of
// the documents: one source, three looks.
//
// # Limitations
//
// A command is described by its flags, arguments, examples and statuses; there
// are no tables and no cross references.
package manual

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Guide is what the model does not know of a command.
type Guide struct {
	Title       string   // of the program: what it is, in a line
	About       []string // paragraphs
	Examples    []Example
	Statuses    []Status
	Environment []Variable // beside those of the flags
}

// Example is a command line and what it is good for.
type Example struct{ Does, Command string }

// Status is an exit status.
type Status struct {
	Code    string
	Meaning string
}

// Variable is an environment variable that is not a flag's.
type Variable struct{ Name, Meaning string }

// Guides have the guide of each command by its path, such as "baseline save";
// that of the program itself is "".
type Guides map[string]Guide

// Attach puts the guides below the help of their commands.
func (g Guides) Attach(app *kong.Application) {
	for _, n := range commands(app.Node) {
		n.Detail = g[pathOf(n)].detail()
	}
}

// Description is what the program's own help says.
func (g Guides) Description() string {
	guide := g[""]
	ends := make([]string, len(guide.Statuses))
	for i, s := range guide.Statuses {
		ends[i] = s.Code + " " + s.Meaning
	}
	parts := append([]string{guide.Title + "."}, guide.About...)
	return strings.Join(append(parts, "Exit status: "+strings.Join(ends, "; ")+"."), "\n\n")
}

// detail is the guide as kong prints it: paragraphs, and indented what is to
// stay as it is.
func (g Guide) detail() string {
	parts := append([]string(nil), g.About...)
	if len(g.Examples) > 0 {
		lines := []string{}
		for _, e := range g.Examples {
			lines = append(lines, "  # "+e.Does, "  "+e.Command)
		}
		parts = append(parts, "Examples:", strings.Join(lines, "\n"))
	}
	if len(g.Statuses) > 0 {
		lines := []string{}
		for _, s := range g.Statuses {
			lines = append(lines, fmt.Sprintf("  %-8s %s", s.Code, s.Meaning))
		}
		parts = append(parts, "Exit status:", strings.Join(lines, "\n"))
	}
	return strings.Join(parts, "\n\n")
}

// commands are the commands that do something, in their order.
func commands(n *kong.Node) (list []*kong.Node) {
	for _, child := range n.Children {
		switch {
		case child.Hidden || child.Type != kong.CommandNode:
		case len(child.Children) > 0:
			list = append(list, commands(child)...)
		default:
			list = append(list, child)
		}
	}
	return list
}

// Paths are the commands that do something.
func Paths(app *kong.Application) (list []string) {
	for _, n := range commands(app.Node) {
		list = append(list, pathOf(n))
	}
	return list
}

// pathOf is a command as it is written, without the program.
func pathOf(n *kong.Node) string {
	if n.Parent == nil {
		return ""
	}
	return strings.TrimSpace(pathOf(n.Parent) + " " + n.Name)
}
