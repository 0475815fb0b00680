package report

import (
	"net/netip"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// Checked puts together again what check saved as JSON Lines. Where the frames
// were not saved the conversations have their number only.
type Checked struct {
	List   []*compare.Checked
	Ending Ending

	pending []*compare.Checked
	run     *pendingRun // the frames of the last one
}

// Add takes the next record. Records of an unknown kind are skipped.
func (c *Checked) Add(l *Line) error {
	switch l.Record {
	case "conversation":
		return c.conversation(l)
	case "frame":
		if c.run == nil {
			return l.Errorf("a frame stands before the run that it belongs to; was it changed by hand?")
		}
		return c.run.frame(l)
	case "finding":
		return c.finding(l)
	case "series":
		return c.series(l)
	case "summary":
		return c.finish(l)
	}
	return nil
}

func (c *Checked) conversation(l *Line) error {
	var record ConversationRecord
	if err := l.Into(&record); err != nil {
		return err
	}
	if record.Conversation != len(c.pending)+1 || record.Frames < 0 {
		return l.Errorf("conversation %d follows number %d; is a line missing?", record.Conversation, len(c.pending))
	}
	client, err1 := netip.ParseAddrPort(record.Client)
	server, err2 := netip.ParseAddrPort(record.Server)
	if err1 != nil || err2 != nil {
		return l.Errorf("the ends of a conversation, %q and %q, are no addresses; was it changed by hand?", record.Client, record.Server)
	}
	if err := c.decode(l); err != nil {
		return err
	}
	c.run = &pendingRun{}
	c.run.begin(l, &RunRecord{
		Repeat: 1, Stack: record.Stack, Client: record.Client, Server: record.Server, Frames: record.Frames, StartNS: record.StartNS, LinkType: record.LinkType, AtClient: record.AtClient,
	})
	c.pending = append(c.pending, &compare.Checked{
		Conversation: &capture.Conversation{
			Stack: record.Stack, StartOfFrames: record.StartNS, Type: capture.LinkType(record.LinkType),
			Client: client, Server: server, Events: make([]*capture.Event, min(record.Frames, 1<<24)),
			HasSYN: record.FromStart, HasSYNACK: record.FromStart, Exact: record.AtClient,
		},
		Held: record.Held, NotExercised: record.NotExercised,
	})
	return nil
}

// decode gives the last conversation its frames, if they were saved.
func (c *Checked) decode(l *Line) error {
	if c.run == nil || len(c.run.repeats[0].frames) == 0 {
		return nil
	}
	run, err := c.run.finish(l, nil)
	if err == nil {
		c.pending[len(c.pending)-1].Conversation = run.Conversations[0]
	}
	return err
}

func (c *Checked) finding(l *Line) error {
	var record FindingRecord
	if err := l.Into(&record); err != nil {
		return err
	}
	if record.Conversation != len(c.pending) || record.Conversation < 1 {
		return l.Errorf("a finding in conversation %d stands behind conversation %d; is a line missing?", record.Conversation, len(c.pending))
	}
	verdict, ok := compare.ParseVerdict(record.Verdict)
	if !ok {
		return l.Errorf("no verdict is called %q; a newer program may have saved it", record.Verdict)
	}
	broken := compare.BrokenRule{
		ID: record.ID, Rule: savedRule(record.Rule, record.Clause, record.Level, record.Meaning), Verdict: verdict, Dir: tap.Out, New: record.New,
		Places: make([]rules.Finding, len(record.Places)),
	}
	if record.By == end(tap.In) {
		broken.Dir = tap.In
	}
	if record.Known != "" {
		broken.Known = &rules.Known{Rule: record.Rule, Stack: record.KnownOf, Why: record.Known}
	}
	for n, p := range record.Places {
		f := rules.Finding{Rule: broken.Rule, Dir: broken.Dir, Event: p.Frame - 1, Got: p.Got, Want: p.Want}
		if broken.Rule.Words(p.Got, p.Want) != p.Says {
			f.Artefact = p.Says // the words that take the place of the rule's own
		}
		broken.Places[n] = f
	}
	checked := c.pending[len(c.pending)-1]
	checked.Broken = append(checked.Broken, broken)
	return nil
}

func (c *Checked) series(l *Line) error {
	var record SeriesRecord
	if err := l.Into(&record); err != nil {
		return err
	}
	client, err := netip.ParseAddr(record.Client)
	if err != nil {
		return l.Errorf("the client of a series, %q, is no address; was it changed by hand?", record.Client)
	}
	if len(record.Conversations) == 0 || record.Conversations[0] != len(c.pending) {
		return l.Errorf("a series of conversations %d stands behind conversation %d; is a line missing?", record.Conversations, len(c.pending))
	}
	series := &compare.CheckedSeries{Client: client, Conversations: record.Conversations}
	for _, r := range record.Rules {
		answer := rules.Holds
		switch r.Answer {
		case rules.Holds.String():
		case rules.Broken.String():
			answer = rules.Broken
		default:
			return l.Errorf("a rule over a series holds or is broken, and not %q; was it changed by hand?", r.Answer)
		}
		series.Rules = append(series.Rules, compare.SeriesAnswer{ID: r.Rule, Answer: answer})
	}
	c.pending[len(c.pending)-1].Series = series
	return nil
}

func (c *Checked) finish(l *Line) error {
	var record CheckedRecord
	if err := l.Into(&record); err != nil {
		return err
	}
	if record.Conversations != len(c.pending) {
		return l.Errorf("the summary tells of %d conversations, and the lines before it of %d; is a line missing?", record.Conversations, len(c.pending))
	}
	if err := c.decode(l); err != nil {
		return err
	}
	c.run = nil
	c.Ending.Add(record.ExitStatus, record.Error)
	c.List = append(c.List, c.pending...)
	c.pending = nil
	return nil
}
