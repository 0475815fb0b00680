package compare

import (
	"net/netip"
	"slices"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// CheckedSeries is what the rules over several conversations say of those of
// one client.
type CheckedSeries struct {
	Client        netip.Addr
	Conversations []int // their numbers in the capture, from 1, in the order in which they were held
	Rules         []SeriesAnswer
}

// SeriesAnswer is what one of them says.
type SeriesAnswer struct {
	ID     string
	Answer rules.Answer
}

// CheckSeries takes the conversations of each client of a capture together.
// What is broken is told of the conversation that shows it, and what was looked
// at of the first. A client is an address on an interface.
func CheckSeries(list []*Checked, stack string) {
	type client struct {
		address   netip.Addr
		recording string
	}
	of := map[client][]int{}
	var clients []client // in the order of the capture
	for n, c := range list {
		who := client{c.Conversation.Client.Addr(), c.Conversation.Stack}
		if of[who] == nil {
			clients = append(clients, who)
		}
		of[who] = append(of[who], n)
	}
	for _, who := range clients {
		if members := of[who]; len(members) > 1 {
			checkSeries(list, members, stack)
		}
	}
}

func checkSeries(list []*Checked, members []int, stack string) {
	slices.SortStableFunc(members, func(a, b int) int {
		return int(list[a].Conversation.StartOfFrames - list[b].Conversation.StartOfFrames)
	})
	var held []*capture.Conversation
	series := &CheckedSeries{Client: list[members[0]].Conversation.Client.Addr()}
	for _, n := range members {
		held = append(held, list[n].Conversation)
		series.Conversations = append(series.Conversations, n+1)
	}
	for _, r := range rules.JudgeSeries(held) {
		if r.Answer == rules.Broken {
			list[members[r.At]].breaks(&r, stack)
		}
		if r.Answer != rules.NotExercised {
			series.Rules = append(series.Rules, SeriesAnswer{r.Rule.ID, r.Answer})
		}
	}
	if len(series.Rules) > 0 {
		list[members[0]].Series = series
	}
}

// breaks enters a rule that a series breaks, at the client's SYN.
func (c *Checked) breaks(r *rules.SeriesResult, stack string) {
	syn := slices.IndexFunc(c.Conversation.Events, func(e *capture.Event) bool {
		return e.Dir == tap.Out && e.Kind == capture.TCP && e.Flags.Has(capture.SYN)
	})
	f := rules.Finding{Rule: r.Rule, Event: max(syn, 0), Got: r.Got, Want: r.Want}
	b := brokenRule(&f, stack)
	b.Places = []rules.Finding{f}
	c.Broken = append(c.Broken, b)
	c.worstFirst()
}
