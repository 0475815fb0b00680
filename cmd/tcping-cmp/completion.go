package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/alecthomas/kong"

	"tcping-cmp/cmd/tcping-cmp/completion"
	"tcping-cmp/cmd/tcping-cmp/manual"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/rules"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/netstack"
	"tcping-cmp/tap/fault"
)

// completionCommand prints what a shell has to be told.
type completionCommand struct {
	What string `arg:"" enum:"bash,zsh,fish,man,markdown" help:"bash, zsh or fish: the shell's script. man: the manual page. markdown: the same as a document."`
}

// Run prints.
func (c *completionCommand) Run(a *app, model *kong.Kong) error {
	switch c.What {
	case "man":
		built := builtOf()
		return manual.Man(a.Out, model.Model, guides, "tcping-cmp "+built.Version, built.date())
	case "markdown":
		return manual.Markdown(a.Out, model.Model, guides)
	}
	_, err := fmt.Fprint(a.Out, completion.Script(c.What))
	return err
}

// completeCommand answers the shell's script.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:"" help:"The words of the command line so far, the last to be completed."`
}

// Run prints what can stand at the cursor.
func (c *completeCommand) Run(a *app, model *kong.Kong) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	asked := completion.Completer{App: model.Model, Sources: names}
	return asked.Complete(words).Write(a.Out)
}

// names are the values that only the program knows.
var names = map[string]func() []completion.Candidate{
	"scenario":     func() []completion.Candidate { return scenarioNames("") },
	"conversation": func() []completion.Candidate { return scenarioNames("conversation/") },
	"rule":         ruleNames,
	"fault":        faultNames,
	"interface":    interfaceNames,
	"known-stack": func() []completion.Candidate {
		return []completion.Candidate{{Value: netstack.Name}, {Value: lab.KernelName}}
	},
}

func scenarioNames(topic string) (list []completion.Candidate) {
	for _, c := range library.Cases() {
		if strings.HasPrefix(c.ID(), topic) {
			list = append(list, completion.Candidate{Value: c.ID(), About: c.Claim})
		}
	}
	return list
}

func ruleNames() (list []completion.Candidate) {
	for _, id := range rules.IDs() {
		x, _ := rules.Explain(id)
		list = append(list, completion.Candidate{Value: id, About: x.Meaning})
	}
	return list
}

func faultNames() (list []completion.Candidate) {
	for _, f := range fault.All() {
		list = append(list, completion.Candidate{Value: f.Name, About: f.Does})
	}
	return list
}

func interfaceNames() (list []completion.Candidate) {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	for _, i := range all {
		list = append(list, completion.Candidate{Value: i.Name, About: i.HardwareAddr.String()})
	}
	return list
}
