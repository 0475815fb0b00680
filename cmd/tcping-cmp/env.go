package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// envPrefix begins every variable of ours.
const envPrefix = "TCPING_CMP"

// nameVariables gives every flag an environment variable of its own, so that
// what is meant for one command cannot trip another: --timeout of run is
// TCPING_CMP_RUN_TIMEOUT, and --color, which all have, TCPING_CMP_COLOR. A
// flag with env:"-" has none. The flag beats the variable.
func nameVariables(k *kong.Kong) error {
	var name func(n *kong.Node, prefix string)
	name = func(n *kong.Node, prefix string) {
		for _, f := range n.Flags {
			switch {
			case f.Name == "help" || f.Name == "version" || len(f.Envs) == 1 && f.Envs[0] == "-":
				f.Envs = nil
			case len(f.Envs) == 0:
				f.Envs = []string{prefix + "_" + variable(f.Name)}
			}
			f.Tag.Envs = f.Envs
		}
		for _, child := range n.Children {
			if !child.Hidden {
				name(child, prefix+"_"+variable(child.Name))
			}
		}
	}
	name(k.Model.Node, envPrefix)
	return nil
}

func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// fromVariables names the variables behind the flags that a complaint is
// about: whoever did not write a flag looks for it in vain.
func fromVariables(parsed *kong.Context, complaint string) string {
	if parsed == nil {
		return ""
	}
	written := map[*kong.Flag]bool{}
	for _, p := range parsed.Path {
		if p.Flag != nil {
			written[p.Flag] = true
		}
	}
	said := ""
	for _, f := range parsed.Flags() {
		if written[f] || !mentions(complaint, "--"+f.Name) {
			continue
		}
		for _, env := range f.Envs {
			if value, set := os.LookupEnv(env); set && !strings.Contains(complaint, env) {
				said += fmt.Sprintf("; the environment has %s=%q", env, value)
			}
		}
	}
	return said
}

// mentions reports whether a text has the flag's whole name.
func mentions(text, flag string) bool {
	for {
		_, after, found := strings.Cut(text, flag)
		if !found {
			return false
		}
		if after == "" || !strings.ContainsAny(after[:1], "-abcdefghijklmnopqrstuvwxyz0123456789") {
			return true
		}
		text = after
	}
}
