package main

import (
	"fmt"
	"io"
	"strings"

	"tcping-cmp/compare/rules"
	"tcping-cmp/tap/fault"
)

// faultsCommand lists what a stack can be made to do wrong.
type faultsCommand struct {
	Name string `arg:"" complete:"fault" optional:"" help:"The fault to explain. Without it, all are listed."`
}

// Run prints the list or the explanation.
func (c *faultsCommand) Run(a *app) error {
	if c.Name == "" {
		return listFaults(a.Out)
	}
	f, err := fault.Find(c.Name)
	if err != nil {
		return fmt.Errorf("%w: without a name tcping-cmp faults lists all%s", err, meantFault(c.Name, err))
	}
	return explainFault(a.Out, f)
}

// listFaults prints one line a fault.
func listFaults(w io.Writer) error {
	width := 0
	for _, f := range fault.All() {
		width = max(width, len(f.Name))
	}
	var b strings.Builder
	for _, f := range fault.All() {
		fmt.Fprintf(&b, "%-*s  %s\n", width, f.Name, f.Does)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// explainFault prints what a fault is, what it breaks and how to see it.
func explainFault(w io.Writer, f fault.Fault) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  %s\n  %s\n", f.Name, f.Does, strikes(f.Times))
	for _, r := range rules.Book {
		if r.ID == f.Rule {
			fmt.Fprintf(&b, "  It breaks %s, %s (%s): %s\n", r.ID, r.Clause, r.Level, r.Meaning)
		}
	}
	scene := sceneOf(f.Name)
	fmt.Fprintf(&b, "  It shows in the scenario %s:\n    tcping-cmp script --fault %s %s\n", scene, f.Name, sceneFile(scene))
	if scene == usualScene {
		fmt.Fprintf(&b, "  and in any conversation:\n    tcping-cmp run --fault %s\n", f.Name)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func strikes(times int) string {
	switch times {
	case 0:
		return "It strikes always."
	case 1:
		return "It strikes once in a connection."
	}
	return fmt.Sprintf("It strikes %d times in a connection.", times)
}
