package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/rules"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/tap"
	"tcping-cmp/tap/fault"
)

var updateFaults = flag.Bool("faults.update", false, "write docs/faults.md anew")

const faultsPage = "../../docs/faults.md"

// trial is a fault in one stack over one version of IP, played in the scenario
// that brings it out, beside the same without the fault.
type trial struct {
	fault   fault.Fault
	stack   lab.VirtualStack
	version int

	struck  int    // how often the fault struck
	with    string // what the fault's rule answers about the stack
	without string // and about the same stack without the fault
	found   []rules.Finding
}

// caught says whether the rule that is named for the fault tells the faulty
// stack from the stack.
func (r trial) caught() bool {
	return r.struck > 0 && r.with == rules.Broken.String() && r.without != rules.Broken.String()
}

// excused says whether it is known that the fault does not show in the stack.
func (r trial) excused() bool { return cannotShow[r.fault.Name+" "+r.stack.Name()] != "" }

func (r trial) String() string {
	return fmt.Sprintf("%s in %s over IPv%d, %s: struck %d times; %s says %q, without the fault %q",
		r.fault.Name, r.stack.Name(), r.version, sceneOf(r.fault.Name), r.struck, r.fault.Rule, r.with, r.without)
}

// run plays the scenario twice and asks the rule.
func (r *trial) run(t *testing.T) {
	script := sceneScript(t, sceneOf(r.fault.Name), r.version)
	options := lab.PlayOptions{Patient: true, Seed: 1}
	sick := &countingStack{faultyVirtual: faultyVirtual{r.stack, []fault.Fault{r.fault}}}
	r.with, r.found = answerOf(r.fault.Rule, playTo(sick, script, options))
	r.without, _ = answerOf(r.fault.Rule, playTo(r.stack, script, options))
	for _, h := range sick.hosts {
		r.struck += h.injector.Struck()
	}
}

// sceneScript reads a scenario for a version of IP.
func sceneScript(t *testing.T, name string, version int) *scenario.Script {
	t.Helper()
	var script *scenario.Script
	var err error
	if entry, ok := library.Find(name); ok {
		script, err = entry.Script(version)
	} else if script, err = readScript("testdata/" + name + ".pkt"); err == nil {
		script.Config.IPVersion = version
	}
	if err != nil {
		t.Fatal(err)
	}
	return script
}

// sceneVersions are the versions of IP over which a scenario can be played.
func sceneVersions(name string) []int {
	if entry, ok := library.Find(name); ok {
		return entry.Versions
	}
	return []int{4, 6}
}

// countingStack keeps its hosts, to ask them afterwards.
type countingStack struct {
	faultyVirtual
	hosts []*faultyHost
}

func (c *countingStack) Start(cfg lab.VirtualConfig) (lab.VirtualHost, error) {
	h, err := c.faultyVirtual.Start(cfg)
	if err == nil {
		c.hosts = append(c.hosts, h.(*faultyHost))
	}
	return h, err
}

// answerOf is what a rule says of the stack in a play, and its findings about
// the stack.
func answerOf(rule string, p *lab.Play) (string, []rules.Finding) {
	if p.NotRun != "" {
		return "not played: " + p.NotRun, nil
	}
	c, err := capture.FromRecording(p.Stack, p.Recording, p.Remote)
	if err != nil {
		return err.Error(), nil
	}
	outcome := rules.Judge(c)
	for i, r := range rules.Book {
		if r.ID != rule {
			continue
		}
		var found []rules.Finding
		for _, f := range outcome.Findings {
			if f.Rule.ID == rule && f.Dir == tap.Out {
				found = append(found, f)
			}
		}
		return outcome.Answers[i][tap.Out].String(), found
	}
	return "not in the rule book", nil
}

// trials plays every fault.
func trials(t *testing.T) (all []trial) {
	for _, f := range fault.All() {
		for _, stack := range virtualStacks() {
			for _, version := range sceneVersions(sceneOf(f.Name)) {
				r := trial{fault: f, stack: stack, version: version}
				if only := onlyOver[f.Name]; only != 0 && only != version {
					continue
				}
				r.run(t)
				all = append(all, r)
			}
		}
	}
	return all
}

// onlyOver has the faults in fields that one version of IP alone has.
var onlyOver = map[string]int{"ip-checksum": 4, "ttl-zero": 4, "ip-id-repeated": 4, "ip-reserved-flag": 4, "flow-label-changes": 6, "df-cleared-in-retransmission": 4, "padding-is-data": 4}

// cannotShow says why a fault does not show in a stack: the stack does not do
// at all what the fault does wrong, or it does so by itself.
var cannotShow = map[string]string{
	"ect-on-probe netstack":                 "it does not use ECN",
	"cwr-missing netstack":                  "it does not use ECN",
	"ece-missing netstack":                  "it does not use ECN",
	"ece-after-cwr netstack":                "it does not use ECN",
	"probe-of-garbage netstack":             "its probes repeat an octet that was acknowledged",
	"timestamps-lack-accepted netstack":     "it does so by itself",
	"paws-missing netstack":                 "it does so by itself",
	"ack-of-the-future-unanswered netstack": "it does so by itself",
	"ack-of-the-future-believed netstack":   "it does so by itself",
}

// TestEveryFaultIsCaught plays every fault in both stacks and asks the rule
// that is named for it. The page in docs is what came out.
func TestEveryFaultIsCaught(t *testing.T) {
	all := trials(t)
	for _, r := range all {
		if r.excused() == r.caught() {
			t.Error(r)
		}
	}
	page := faultsDocument(all)
	if *updateFaults {
		if err := os.WriteFile(faultsPage, []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(faultsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != page {
		t.Errorf("%s is stale: go test ./cmd/tcping-cmp -run TestEveryFaultIsCaught -faults.update", faultsPage)
	}
}

// faultsDocument is the page: every fault, and whether it was caught.
func faultsDocument(all []trial) string {
	var b strings.Builder
	caught, excused := 0, 0
	for _, r := range all {
		switch {
		case r.excused():
			excused++
		case r.caught():
			caught++
		}
	}
	fmt.Fprintf(&b, faultsHead, len(fault.All()), caught, len(all)-excused, excused)
	for _, f := range fault.All() {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s | %s |\n", f.Name, f.Does, f.Rule, sceneOf(f.Name),
			faultCell(all, f.Name, "handcrafted"), faultCell(all, f.Name, "netstack"))
	}
	return b.String()
}

const faultsHead = `# Faults on purpose

Each row is one mistake that a TCP could make (package ` + "`tap/fault`" + `), put into a stack that does not make it, and the rule that has to notice. The scenario is played in virtual time, to the stack with the fault and to the stack without; a fault counts as caught when the rule says *broken* of the first and not of the second. This page is made by ` + "`go test ./cmd/tcping-cmp -run TestEveryFaultIsCaught -faults.update`" + `, and the same test fails when it is stale or when a fault is missed.

%d faults; %d of %d trials (fault × stack × version of IP) caught. %d more cannot show in the stack, for the reason that stands in their place.

` + "`tcping-cmp faults NAME`" + ` explains one, ` + "`tcping-cmp run --fault NAME`" + ` shows it in a real conversation, and ` + "`tcping-cmp script --fault NAME FILE`" + ` in a scenario. NAME:once, NAME:7 or NAME:always says how often it strikes.

| fault | what the stack does | rule | scenario | handcrafted | netstack |
|---|---|---|---|---|---|
`

// faultCell says over which versions of IP a stack's fault was caught.
func faultCell(all []trial, name, stack string) string {
	if why := cannotShow[name+" "+stack]; why != "" {
		return "— (" + why + ")"
	}
	var caught, missed []string
	for _, r := range all {
		if r.fault.Name != name || r.stack.Name() != stack {
			continue
		}
		version := fmt.Sprintf("IPv%d", r.version)
		if r.caught() {
			caught = append(caught, version)
		} else {
			missed = append(missed, version)
		}
	}
	switch {
	case missed == nil:
		return "caught (" + strings.Join(caught, ", ") + ")"
	case caught == nil:
		return "**missed**"
	}
	return "caught (" + strings.Join(caught, ", ") + "), **missed** (" + strings.Join(missed, ", ") + ")"
}

// A scenario is named for a fault that exists, and only where it is needed.
func TestScenesOfFaults(t *testing.T) {
	for name, scene := range faultScenes {
		if _, err := fault.Find(name); err != nil {
			t.Errorf("a scenario for %s: %v", name, err)
		}
		if _, ok := library.Find(scene); !ok && !strings.HasPrefix(scene, ownScenes) {
			t.Errorf("%s: there is no scenario %s", name, scene)
		}
		if scene == usualScene {
			t.Errorf("%s: the usual scenario need not be named", name)
		}
	}
}
