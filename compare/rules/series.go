package rules

import (
	"net/netip"

	"tcping-cmp/compare/capture"
)

// SeriesRule is a requirement that only several conversations of one stack
// show.
type SeriesRule struct {
	Rule
	series func(*series, *SeriesResult)
}

// SeriesBook is every rule over a series. RFC 7323 §5.4 recommends an offset
// of the timestamps for each connection; as it recommends no more, it is not
// judged.
var SeriesBook = []SeriesRule{
	{Rule{ID: "MUST-8", Clause: "RFC 9293 §3.4.1", Level: Must, Field: "tcp.seq",
		When:    "two conversations or more between the same ports, of one host that was not started anew (run --repeat 2 with the kernel, or a capture at the client)",
		Meaning: "The initial sequence number follows a clock: between the same ends a later one is ahead.",
		Says:    "the initial sequence number is %[1]d behind the one that the same two ends began with %[2]d ms before"}, clockISN},
	{Rule{ID: "SHLD-1", Clause: "RFC 9293 §3.4.1", Level: Should, Field: "tcp.seq",
		When:    "four conversations or more between other ports, of one host",
		Meaning: "The initial sequence number is a clock plus a keyed hash of the ends: conversations between other ports look unrelated.",
		Says:    "each of %[2]d initial sequence numbers is %[1]d more than the one before"}, unrelatedISN},
	{Rule{ID: "6056:3:port", Clause: "RFC 6056 §3.3", Level: Should, Field: "tcp.srcport",
		When:    "four conversations or more with several servers, whose ports the client chose itself",
		Meaning: "The client's ports are hard to guess.",
		Says:    "each of %[2]d ports is %[1]d more than the one before"}, unrelatedPorts},
}

// series is the conversations of one stack in the order in which they were
// held.
type series struct {
	list    []*capture.Conversation
	oneHost bool // one host held them all: its secrets and clocks went on
	sure    bool // that is not only taken from its address, which a NAT may share out
	ports   bool // it chose the ports
}

// SeriesResult is what a rule says of a series.
type SeriesResult struct {
	Rule      *Rule
	Answer    Answer
	At        int // the conversation that shows it, in the list
	Got, Want int64
}

// JudgeSeries holds the conversations of one stack, in the order in which they
// were held, against the rules over a series. In the lab every conversation
// has a port that was chosen for it, and a host of its own: only the kernel
// keeps its secrets then. A capture from anywhere shows the conversations of
// one address.
func JudgeSeries(list []*capture.Conversation) []SeriesResult {
	s := &series{list: list, oneHost: true, sure: true, ports: true}
	for _, c := range list {
		lab := c.Link.Kind != "" || LabStack(c.Stack)
		s.oneHost = s.oneHost && (!lab || c.Stack == "kernel")
		s.sure = s.sure && (c.Exact || c.Stack == "kernel")
		s.ports = s.ports && !lab
	}
	results := make([]SeriesResult, len(SeriesBook))
	for n := range SeriesBook {
		results[n].Rule = &SeriesBook[n].Rule
		SeriesBook[n].series(s, &results[n])
	}
	return results
}

// LabStack reports whether a capture's interface has the name of one of the
// stacks that tcping-cmp itself records.
func LabStack(name string) bool {
	return name == "handcrafted" || name == "netstack" || name == "kernel"
}

// leastSeries is how many conversations it takes: three equal steps are no
// accident among 2^32 numbers, and rare among ports.
const leastSeries = 4

// isnMinute is how far apart two conversations may be at the most, in
// nanoseconds, if the clock of the initial sequence numbers is not to have
// gone half around: one that ticks every 64 ns, as those of gVisor and Linux
// do, takes 137 seconds for that, and the RFC's two hours.
const isnMinute = 60e9

// clockISN compares each conversation with the one before it between the same
// ends.
func clockISN(s *series, r *SeriesResult) {
	if !s.oneHost || !s.sure {
		return
	}
	before := map[[2]netip.AddrPort]*capture.Conversation{}
	for i, b := range s.list {
		ends := [2]netip.AddrPort{b.Client, b.Server}
		a := before[ends]
		if !b.HasSYN {
			delete(before, ends)
			continue
		}
		before[ends] = b
		if a == nil {
			continue
		}
		apart := b.StartOfFrames - a.StartOfFrames
		if apart <= 0 || apart > isnMinute {
			continue
		}
		if step := int64(int32(b.ISS - a.ISS)); step <= 0 {
			r.Answer, r.At, r.Got, r.Want = Broken, i, -step, apart/1e6
			return
		}
		r.Answer, r.At = Holds, i
	}
}

// unrelatedISN looks at the first conversation between each two ends.
func unrelatedISN(s *series, r *SeriesResult) {
	if !s.oneHost {
		return
	}
	seen := map[[2]netip.AddrPort]bool{}
	var steps steps
	for i, c := range s.list {
		if ends := [2]netip.AddrPort{c.Client, c.Server}; c.HasSYN && !seen[ends] {
			seen[ends] = true
			steps.add(int64(c.ISS), i)
		}
	}
	steps.judge(1<<32, r)
}

// unrelatedPorts leaves out what an algorithm of RFC 6056 may do: towards one
// server, ports may follow each other from a place that only the client knows
// (§3.3.3). A port that stays was chosen by the application.
func unrelatedPorts(s *series, r *SeriesResult) {
	if !s.ports {
		return
	}
	servers := map[netip.AddrPort]bool{}
	var steps steps
	for i, c := range s.list {
		if c.HasSYN {
			servers[c.Server] = true
			steps.add(int64(c.Client.Port()), i)
		}
	}
	steps.judge(1<<16, r)
	if r.Answer == Broken && (r.Got == 0 || len(servers) < 2) {
		*r = SeriesResult{Rule: r.Rule}
	}
}

// steps are numbers, and the conversations that they are from.
type steps struct {
	numbers []int64
	from    []int
}

func (s *steps) add(number int64, from int) {
	s.numbers, s.from = append(s.numbers, number), append(s.from, from)
}

// judge tells whether the numbers go up, or stay, in equal steps.
func (s *steps) judge(space int64, r *SeriesResult) {
	n := len(s.numbers)
	if n < leastSeries {
		return
	}
	step := (s.numbers[1] - s.numbers[0] + space) % space
	r.At = s.from[n-1]
	for i := 1; i < n; i++ {
		if (s.numbers[i]-s.numbers[i-1]+space)%space != step {
			r.Answer = Holds
			return
		}
	}
	r.Answer, r.Got, r.Want = Broken, step, int64(n)
}
