package manual

import (
	"strings"

	"github.com/alecthomas/kong"
)

// page is everything that there is to say, ready to be set in type.
type page struct {
	name     string
	guide    Guide
	flags    []entry // of all commands
	commands []section
}

// section is a command.
type section struct {
	path, synopsis, help string
	args, flags          []entry
	guide                Guide
}

// entry is a flag or an argument.
type entry struct {
	spelled string // -q, --quiet
	value   string // TEXT; empty for a flag that has none
	help    string
}

func newPage(app *kong.Application, guides Guides) page {
	p := page{name: app.Name, guide: guides[""], flags: entriesOf(app.Flags)}
	for _, n := range commands(app.Node) {
		s := section{path: pathOf(n), help: n.Help, guide: guides[pathOf(n)], flags: entriesOf(flagsOf(n))}
		s.synopsis = app.Name + " " + n.Summary()
		for _, arg := range n.Positional {
			s.args = append(s.args, entry{spelled: strings.Trim(arg.Summary(), "[]"), help: arg.Help})
		}
		p.commands = append(p.commands, s)
	}
	return p
}

// flagsOf are those of a command and of the groups that it is in, without
// those of the program.
func flagsOf(n *kong.Node) (list []*kong.Flag) {
	for ; n.Parent != nil; n = n.Parent {
		list = append(list, n.Flags...)
	}
	return list
}

func entriesOf(flags []*kong.Flag) (list []entry) {
	for _, f := range flags {
		if f.Hidden {
			continue
		}
		e := entry{spelled: "--" + f.Name, help: f.Help}
		if f.Short != 0 {
			e.spelled = "-" + string(f.Short) + ", " + e.spelled
		}
		if !f.IsBool() && !f.IsCounter() {
			e.value = strings.TrimSuffix(f.FormatPlaceHolder(), ",...")
		}
		list = append(list, e)
	}
	return list
}
