package main

import (
	"testing"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/rules"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/tap"
)

// asked are the rules that a scenario's application breaks on purpose.
var asked = map[string]string{"urgent/sent-with-a-pointer-behind-it": "SHLD-13"}

// TestTheLibraryBreaksOnlyWhatIsKnown plays every scenario to the stacks that
// run in virtual time: the hand-made one breaks nothing, netstack what is
// known of it, and all of that.
func TestTheLibraryBreaksOnlyWhatIsKnown(t *testing.T) {
	occurred := map[string]bool{}
	for _, entry := range library.All() {
		script, err := entry.Script(entry.Versions[0])
		if err != nil {
			t.Fatalf("%s: %v", entry.Name, err)
		}
		for _, stack := range virtualStacks() {
			p := playTo(stack, script, lab.PlayOptions{Patient: true})
			if script.Conversation { // its server is netstack's
				for _, id := range brokenIn(p, tap.In) {
					occurred["netstack "+id+" "+entry.Name] = true
				}
			}
			for _, id := range brokenIn(p, tap.Out) {
				known := rules.FindKnown(id, stack.Name(), "")
				switch {
				case known != nil:
					occurred[stack.Name()+" "+id+" "+entry.Name] = true
				case asked[entry.Name] == id:
				default:
					t.Errorf("%s: %s breaks %s", entry.Name, stack.Name(), id)
				}
			}
		}
	}
	for _, k := range rules.KnownDifferences {
		if k.Stack == "netstack" && k.Where != "" && !occurred[k.Stack+" "+k.Rule+" "+k.Where] {
			t.Errorf("%s is known to break %s in %s, and does not any more: take it out of known.go", k.Stack, k.Rule, k.Where)
		}
	}
}

// brokenIn are the rules that the stack breaks, or its peer.
func brokenIn(p *lab.Play, dir tap.Direction) (ids []string) {
	c, err := capture.FromRecording(p.Stack, p.Recording, p.Remote)
	if p.NotRun != "" || err != nil {
		return nil
	}
	for n, answers := range rules.Judge(c).Answers {
		if answers[dir] == rules.Broken {
			ids = append(ids, rules.Book[n].ID)
		}
	}
	return ids
}
