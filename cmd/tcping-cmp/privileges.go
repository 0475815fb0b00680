package main

import (
	"slices"

	"github.com/alecthomas/kong"

	"tcping-cmp/compare/lab"
)

// capability is one of the parts that Linux has cut root's power into.
type capability int

// A privileged command needs capabilities while it works; every other one
// gives up all of them before it begins.
type privileged interface{ needs() []capability }

// laboratory is what it takes to make a namespace with a device in it for
// each conversation. Root of a container that may not make one directly makes
// a user namespace first.
func laboratory() []capability {
	list := []capability{netAdmin, netRaw, sysAdmin}
	if !has(sysAdmin) {
		list = append(list, rootMaps)
	}
	return list
}

// keeps is what the command of a command line has to keep. Root also keeps its
// way to files of other users if the command line names any: under sudo the
// folder that a capture goes to is seldom root's own.
func keeps(parsed *kong.Context) (list []capability) {
	node := parsed.Selected()
	if node == nil {
		return nil
	}
	if p, ok := node.Target.Addr().Interface().(privileged); ok {
		list = slices.Clone(p.needs())
	}
	if isRoot() && namesFiles(parsed, node) {
		list = append(list, allFiles)
	}
	return list
}

// namesFiles reports whether a flag or an argument has the name of a file.
func namesFiles(parsed *kong.Context, node *kong.Node) bool {
	values := slices.Clone(node.Positional)
	for _, f := range parsed.Flags() {
		values = append(values, f.Value)
	}
	return slices.ContainsFunc(values, func(v *kong.Value) bool {
		kind := v.Tag.Get("complete")
		return (kind == "files" || kind == "folders") && !v.Target.IsZero()
	})
}

// privileges are what the process has left.
type privileges struct {
	giveUp func(but []capability) error // nil in tests, which want to keep theirs
	left   []capability
}

// giveUpPrivileges is the option of execute by which the program, other than
// a test of it, has no more power than it needs.
func giveUpPrivileges(a *app) { a.giveUp = giveUp }

// keepNeeded gives up what the command does not need.
func (p *privileges) keepNeeded(parsed *kong.Context) error {
	if p.giveUp == nil {
		return nil
	}
	p.left = keeps(parsed)
	return p.giveUp(p.left)
}

// done gives up what was needed for devices, namespaces and sockets, when
// there will be no more of them. Root's way to files stays.
func (p *privileges) done() error {
	if p.giveUp == nil {
		return nil
	}
	p.left = slices.DeleteFunc(p.left, func(c capability) bool { return c != allFiles })
	return p.giveUp(p.left)
}

// onInterface is what it takes to have frames of an interface and, with the
// host's own address, a socket with a filter that keeps the kernel quiet.
func (f *linkFlags) onInterface() []capability {
	if f.Address != "" {
		return []capability{netRaw}
	}
	return []capability{netAdmin, netRaw}
}

// needs implements privileged: the kernel's stack has a namespace on an
// interface of the host, too.
func (c *runCommand) needs() []capability {
	if c.Target != "" && c.Reference != lab.KernelName && !slices.Contains(c.Stack, lab.KernelName) {
		return c.onInterface()
	}
	return laboratory()
}

func (c *pingCommand) needs() []capability {
	if c.Target != "" {
		return c.onInterface()
	}
	return laboratory()
}

func (c *benchCommand) needs() []capability { return laboratory() }

// needs implements privileged: doctor looks whether they are there.
func (c *doctorCommand) needs() []capability { return append(laboratory(), rootMaps) }

// needs implements privileged: until the ports are open.
func (c *serveCommand) needs() []capability { return []capability{lowPorts} }
