package main

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/netstack"
)

var selfSeeds = flag.Uint64("self.seeds", 1, "with how many pairs of seeds the library is played when a stack is compared with itself")

// TestNothingIsInventedInVirtualTime compares a stack with itself, its
// randomness seeded otherwise: no difference between the two may count, and no
// rule but those that are known may be broken.
func TestNothingIsInventedInVirtualTime(t *testing.T) {
	compared := 0
	for _, entry := range library.All() {
		script, err := entry.Script(entry.Versions[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, stack := range virtualStacks() {
			for seed := range *selfSeeds {
				pair := playedTwice(stack, script, 1+2*seed)
				if pair == nil {
					continue
				}
				compared++
				r := compare.Compare(pair[:1:1], pair[1:], compare.Options{Environment: []compare.Setting{{Name: "server", Value: netstack.Name}}})
				for _, text := range invented(r, script.Conversation, asked[entry.Name]) {
					t.Errorf("%s, %s, seed %d: %s", entry.Name, stack.Name(), 1+2*seed, text)
				}
			}
		}
	}
	t.Logf("%d pairs of conversations", compared)
	if compared < 100 {
		t.Errorf("only %d pairs of conversations", compared)
	}
}

// playedTwice plays a script with this seed and the next; nil if it cannot be
// played, or there is no conversation.
func playedTwice(stack lab.VirtualStack, script *scenario.Script, seed uint64) (pair []*capture.Conversation) {
	for k := range uint64(2) {
		p := playTo(stack, script, lab.PlayOptions{Patient: true, Seed: seed + k})
		c, err := capture.FromRecording(p.Stack, p.Recording, p.Remote)
		if p.NotRun != "" || err != nil {
			return nil
		}
		pair = append(pair, c)
	}
	return pair
}

// invented lists what a comparison of a stack with itself should not find, but
// for a rule that the scenario's application breaks on purpose. A peer that is
// scripted may break any; a real one counts as well.
func invented(r *compare.Report, peers bool, onPurpose string) (list []string) {
	for n := range r.Differences {
		d := &r.Differences[n]
		if d.Verdict < compare.Deviation || d.Known != nil || d.Rule != "" && d.Rule == onPurpose {
			continue
		}
		if !peers && d.By != 0 && d.By&(compare.Reference|compare.Tested) == 0 {
			continue
		}
		o := d.Occurrences[0]
		x, y := r.Values(d, o)
		list = append(list, fmt.Sprintf("%s %s %s %s %s by %s, frames %d and %d: %s | %s: %s", d.Verdict, d.Class, d.Field, d.Role, d.Rule,
			strings.Join(d.By.Names(), "+"), o.Ref+1, o.Test+1, x, y, d.Finding(o)))
	}
	return list
}
