package main

import (
	"fmt"
	"net/netip"
	"slices"

	"tcping-cmp/compare"
	"tcping-cmp/compare/baseline"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/scenario"
)

// against is a stack under test held against the reference: what the
// differential oracle has to say.
type against struct {
	reference, tested string
	reports           []*compare.Report // one for each connection that both have
	lonely            []string          // connections that only one of them has, a clause each
	calls             []callDifference
	not               string // why nothing was compared

	accepted map[string]bool // sentences that are in the baseline
	excused  bool            // what would have been found is in the baseline
	isNew    bool            // something is not in the baseline
}

// callDifference is a call whose result differs from stack to stack.
type callDifference struct {
	reference, tested lab.CallResult
	stack             string // under test
}

// reports are those of all stacks under test.
func (o *scriptOutcome) reports() (all []*compare.Report) {
	for _, a := range o.against {
		all = append(all, a.reports...)
	}
	return all
}

// compare holds every stack under test against the reference.
func (o *scriptOutcome) compare() {
	environment := []compare.Setting{{Name: "scenario", Value: o.name}, {Name: "time", Value: "virtual"}}
	for _, p := range o.plays[1:] {
		o.against = append(o.against, holdAgainst(o.plays[0], p, environment))
	}
}

// holdAgainst pairs the connections of two plays and compares each pair.
func holdAgainst(reference, tested *lab.Play, environment []compare.Setting) *against {
	a := &against{reference: reference.Stack, tested: tested.Stack}
	for _, p := range []*lab.Play{reference, tested} {
		if p.NotRun != "" {
			a.not = p.Stack + " did not play it"
			return a
		}
	}
	ref := capture.EachFromRecording(reference.Stack, reference.Recording)
	test := capture.EachFromRecording(tested.Stack, tested.Recording)
	for _, pair := range pairConnections(ref, test) {
		switch {
		case pair[0] == nil:
			a.lonely = append(a.lonely, aloneIn(tested, pair[1]))
		case pair[1] == nil:
			a.lonely = append(a.lonely, aloneIn(reference, pair[0]))
		default:
			opts := compare.Options{Environment: environment, Reference: playedRun(reference), Tested: playedRun(tested)}
			a.reports = append(a.reports, compare.Compare(pair[:1:1], pair[1:], opts))
		}
	}
	a.calls = differentCalls(reference, tested)
	return a
}

func playedRun(p *lab.Play) compare.Run {
	return compare.Run{Stack: p.Stack, Settings: settings(p.Settings), State: p.State, Duration: p.Virtual}
}

func aloneIn(p *lab.Play, c *capture.Conversation) string {
	return fmt.Sprintf("only %s sends segments from %v to %v", p.Stack, c.Client, c.Server)
}

// pairConnections pairs the connections of two stacks: those between the same
// ports in their order, then the others to the same port of the peer. A
// connection that is left stands beside nil.
func pairConnections(ref, test []*capture.Conversation) (pairs [][2]*capture.Conversation) {
	partner := make([]*capture.Conversation, len(ref))
	taken := map[*capture.Conversation]bool{}
	find := func(same func(a, b *capture.Conversation) bool) {
		for i, r := range ref {
			for _, t := range test {
				if partner[i] == nil && !taken[t] && same(r, t) {
					partner[i], taken[t] = t, true
				}
			}
		}
	}
	type ends struct{ client, server netip.AddrPort }
	find(func(a, b *capture.Conversation) bool { return ends{a.Client, a.Server} == ends{b.Client, b.Server} })
	find(func(a, b *capture.Conversation) bool { return a.Server == b.Server })
	for i, r := range ref {
		pairs = append(pairs, [2]*capture.Conversation{r, partner[i]})
	}
	for _, t := range test {
		if !taken[t] {
			pairs = append(pairs, [2]*capture.Conversation{nil, t})
		}
	}
	return pairs
}

// differentCalls finds the calls of two plays that returned different things.
func differentCalls(reference, tested *lab.Play) (list []callDifference) {
	at := map[scenario.Pos]lab.CallResult{}
	for _, c := range reference.Calls {
		at[c.Pos] = c
	}
	for _, c := range tested.Calls {
		if r, ok := at[c.Pos]; ok && (r.Result != c.Result || r.Errno != c.Errno) {
			list = append(list, callDifference{r, c, tested.Stack})
		}
	}
	return list
}

// counts says whether a call decides: which error it is concerns no peer.
func (c *callDifference) counts() bool { return c.tested.Result != c.reference.Result }

func (c *callDifference) String() string {
	return fmt.Sprintf("%s:%d: %s returned %s from %s and %s from the reference",
		c.tested.Pos.File, c.tested.Pos.Line, c.tested.Call, c.tested, c.stack, c.reference)
}

// worst is the worst verdict that counts against the stack under test.
func (a *against) worst() (worst compare.Verdict) {
	for _, r := range a.reports {
		worst = max(worst, r.Worst())
	}
	if len(a.sentences()) > 0 {
		worst = max(worst, compare.Unspecified)
	}
	return worst
}

// sentences say what is found beside the reports, but for what is accepted.
func (a *against) sentences() (list []string) {
	for _, text := range a.allSentences() {
		if !a.accepted[text] {
			list = append(list, text)
		}
	}
	return list
}

func (a *against) allSentences() []string {
	list := slices.Clone(a.lonely)
	for i := range a.calls {
		if a.calls[i].counts() {
			list = append(list, a.calls[i].String())
		}
	}
	return list
}

// found says whether the stack under test breaks a MUST, or shows a difference
// that no rule explains: what decides the exit status.
func (a *against) found() bool { return a.worst() >= compare.Unspecified || a.isNew }

// why says in a sentence each what was found.
func (a *against) why() (list []string) {
	for _, r := range a.reports {
		list = append(list, report.Counting(r)...)
	}
	return append(list, a.sentences()...)
}

// differences counts the differences by verdict.
func (a *against) differences() map[compare.Verdict]int {
	counts := map[compare.Verdict]int{}
	for _, r := range a.reports {
		for i := range r.Differences {
			counts[r.Differences[i].Verdict]++
		}
	}
	if n := len(a.lonely); n > 0 {
		counts[compare.Unspecified] += n
	}
	return counts
}

// kinds are the kinds of difference, whatever they mean: those of frames, the
// connections that only one stack has, and the calls whose results differ.
func (a *against) kinds() []kindRecord {
	var seen baseline.Seen
	a.seen(&seen, "")
	isNew := map[string]bool{}
	for _, r := range a.reports {
		for i := range r.Differences {
			isNew[r.Differences[i].ID] = isNew[r.Differences[i].ID] || r.Differences[i].New
		}
	}
	list := []kindRecord{}
	for _, e := range seen.Entries {
		list = append(list, kindRecord{ID: e.ID, Verdict: e.Verdict, By: append([]string{}, e.By...), What: e.What, Field: e.Field, Role: e.Role, Rule: e.Rule, Clause: e.Clause, New: isNew[e.ID]})
	}
	return list
}

// seen adds what a baseline would keep.
func (a *against) seen(to *baseline.Seen, scenario string) {
	for _, r := range a.reports {
		to.Report(r, scenario)
	}
	var sentences []baseline.Entry
	for _, text := range a.allSentences() {
		sentences = append(sentences, baseline.Sentence(text))
	}
	to.Add(scenario, a.tested, a.reference, sentences...)
}

// holdAgainstBaseline marks what a baseline accepts and what is new.
func (a *against) holdAgainstBaseline(f *baseline.File, scenario string) {
	before := a.found()
	for _, r := range a.reports {
		f.Mark(r, scenario)
		for i := range r.Differences {
			a.isNew = a.isNew || r.Differences[i].New
		}
	}
	a.accepted = map[string]bool{}
	for _, text := range a.allSentences() {
		a.accepted[text] = f.Accepts(scenario, a.tested, a.reference, baseline.Sentence(text))
	}
	a.excused = before && !a.found()
}
