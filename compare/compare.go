package compare

import (
	"strings"
	"sync"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
)

// Compare holds the stack under test against the reference. Each slice has
// the repeats of one stack, usually one; the first of each are compared, the
// others say what a stack does differently from itself. Both slices must have
// at least one conversation.
func Compare(reference, tested []*capture.Conversation, opts Options) *Report {
	r := &Report{
		Environment: opts.Environment,
		Reference:   opts.Reference, Tested: opts.Tested,
	}
	r.Reference.fill(reference)
	r.Tested.fill(tested)
	var refOut, tstOut *rules.Outcome
	var a *alignment
	var views, work sync.WaitGroup
	views.Go(func() { r.ref = newView(reference[0]) })
	views.Go(func() { r.test = newView(tested[0]) })
	work.Go(func() { refOut = rules.Judge(reference[0]) })
	work.Go(func() { tstOut = rules.Judge(tested[0]) })
	views.Wait()
	work.Go(func() { r.Normalised = normalised(r.ref, r.test) })
	a = align(r.ref, r.test)
	work.Wait()
	d := newDiffer(a, refOut, tstOut)
	d.run()
	d.repeats(reference, Reference)
	d.repeats(tested, Tested)
	series := d.series(reference, tested)
	r.Rows = a.rows
	r.Differences = d.list
	r.noise(reference, tested)
	r.seen(reference, tested)
	r.Differences = d.finish()
	r.known()
	r.causes()
	r.Rules = append(answers(refOut, tstOut), series...)
	return r
}

func (run *Run) fill(conversations []*capture.Conversation) {
	run.Conversations = conversations
	if run.Stack == "" {
		run.Stack = conversations[0].Stack
	}
	if run.Stack == "" {
		run.Stack = conversations[0].Source
	}
}

// answers lists what every rule says of the two stacks' own frames.
func answers(refOut, tstOut *rules.Outcome) []RuleResult {
	list := make([]RuleResult, len(rules.Book))
	for n := range rules.Book {
		list[n] = RuleResult{&rules.Book[n], refOut.Answers[n][0], tstOut.Answers[n][0]}
	}
	return list
}

func findRule(id string) *rules.Rule {
	for n := range rules.Book {
		if rules.Book[n].ID == id {
			return &rules.Book[n]
		}
	}
	for n := range rules.SeriesBook {
		if r := &rules.SeriesBook[n].Rule; r.ID == id {
			return r
		}
	}
	panic("BUG: no rule " + id)
}

// known marks what the stack at fault is known for. A frame that only one side
// has because it breaks a rule is told by the rule's own difference too; both
// are marked.
func (r *Report) known() {
	any := false
	for n := range r.Differences {
		d := &r.Differences[n]
		if d.Rule == "" || d.By == 0 {
			continue
		}
		d.Known = r.knownOfAll(d.Rule, d.By)
		any = any || d.Known != nil
	}
	if any {
		r.calmRows()
	}
}

// calmRows takes the alarm from rows in which nothing but what is known stands.
func (r *Report) calmRows() {
	ref, test := make([]bool, len(r.ref.c.Events)), make([]bool, len(r.test.c.Events)) // alarming frames
	for n := range r.Differences {
		d := &r.Differences[n]
		if d.Known != nil || d.Verdict < Deviation || d.Repeat > 1 {
			continue
		}
		for _, o := range d.Occurrences {
			if o.Ref != None {
				ref[o.Ref] = true
			}
			if o.Test != None {
				test[o.Test] = true
			}
		}
	}
	for n := range r.Rows {
		row := &r.Rows[n]
		alarming := row.Ref != None && ref[row.Ref] || row.Test != None && test[row.Test]
		if row.Worst >= Deviation && !alarming {
			row.Worst = Permitted
		}
	}
}

// knownOfAll returns the known difference if every party at fault has it.
func (r *Report) knownOfAll(rule string, by Sides) (k *rules.Known) {
	peer, peers := r.peer()
	for _, party := range [...]struct {
		side           Sides
		stack, version string
	}{
		{Tested, r.Tested.Stack, r.Tested.version()}, {Reference, r.Reference.Stack, r.Reference.version()},
		{TestedPeer, peer, peers}, {ReferencePeer, peer, peers},
	} {
		if by&party.side == 0 {
			continue
		}
		if k = rules.FindKnown(rule, party.stack, party.version); k == nil {
			return nil
		}
	}
	return k
}

// peer is the stack that the two talk to, as the environment says, and its
// version; the kernel if it says nothing.
func (r *Report) peer() (stack, version string) {
	stack, _, _ = strings.Cut(setting(r.Environment, "server"), " ")
	if rules.VersionSetting(stack) != "" {
		return stack, ""
	}
	return "kernel", setting(r.Environment, "server kernel")
}

// version is the stack's; empty if it is not known.
func (run *Run) version() string { return setting(run.Settings, rules.VersionSetting(run.Stack)) }

func setting(list []Setting, name string) string {
	for _, s := range list {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}
