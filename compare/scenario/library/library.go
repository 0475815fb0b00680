// Package library holds the scenarios of the project itself: one claim about
// TCP each, played by a scripted peer in virtual time to every stack.
//
// A scenario is a file in packetdrill's notation (docs/scenarios.md) in a
// folder of its topic. Its name is the claim in short; the first comment says
// it in words, and a line that begins with "exercises:" names the requirements
// of package rules that the conversation brings up. docs/library.md is the
// list of them all.
//
// What a script expects is what the RFCs ask of a conforming stack, and where
// they leave a choice, what most stacks do. It is not adjusted to any stack;
// Known says where one of them differs, and why.
//
// # Limitations
//
// A scenario brings a requirement up; whether the stack keeps it is for the
// oracles and for the rules to say. Requirements that only an API shows are
// not here.
package library

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"tcping-cmp/compare/scenario"
)

//go:embed */*.pkt
var files embed.FS

// Entry is one scenario of the library.
type Entry struct {
	Name      string   // topic/claim, without the ending of the file
	Claim     string   // the claim in words, one paragraph
	Exercises []string // ids of rules.Requirements, in the order of the file
	Versions  []int    // of IP in which it can be played: 4, 6 or both
	Source    []byte   // must not be changed
}

// Topic returns the folder of the scenario.
func (e Entry) Topic() string { return path.Dir(e.Name) }

// File returns the name of the scenario's file, for messages.
func (e Entry) File() string { return e.Name + ".pkt" }

// Script reads the scenario for a version of IP, one of Versions.
func (e Entry) Script(version int) (*scenario.Script, error) {
	if !slices.Contains(e.Versions, version) {
		return nil, fmt.Errorf("scenario %s cannot be played over IPv%d", e.Name, version)
	}
	s, err := scenario.Read(e.File(), e.Source)
	if err != nil {
		return nil, err
	}
	s.Config.IPVersion = version
	return s, nil
}

// All returns every scenario in the order of the names.
func All() []Entry { return slices.Clone(entries()) }

// Find returns the scenario with a name.
func Find(name string) (e Entry, ok bool) {
	i, ok := slices.BinarySearchFunc(entries(), name, func(e Entry, name string) int {
		return strings.Compare(e.Name, name)
	})
	if !ok {
		return e, false
	}
	return entries()[i], true
}

var entries = sync.OnceValue(load)

// load reads the embedded files. It panics on a bad one: the tests have read
// them all.
func load() (all []Entry) {
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		all = append(all, entry(strings.TrimSuffix(name, ".pkt"), src))
		return nil
	})
	if err != nil {
		panic("BUG: " + err.Error())
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return all
}

const exercises = "exercises:"

// entry reads the comment at the head of a file. Everything else is the
// parser's business.
func entry(name string, src []byte) Entry {
	e := Entry{Name: name, Source: src, Versions: []int{4, 6}}
	var claim []string
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		comment, isComment := strings.CutPrefix(line, "//")
		comment = strings.TrimSpace(comment)
		ids, isIDs := strings.CutPrefix(comment, exercises)
		switch {
		case isComment && isIDs:
			for id := range strings.SplitSeq(ids, ", ") {
				e.Exercises = append(e.Exercises, strings.TrimSpace(id))
			}
		case isComment && e.Exercises == nil:
			claim = append(claim, comment)
		case line == "--ip_version=ipv4":
			e.Versions = []int{4}
		case line == "--ip_version=ipv6":
			e.Versions = []int{6}
		}
	}
	e.Claim = strings.Join(claim, " ")
	return e
}
