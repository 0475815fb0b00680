package rules

import "tcping-cmp/compare/capture"

// SeriesRule is a requirement that only several conversations of one stack
// show.
type SeriesRule struct {
	Rule
	series func(*series) (Answer, int64, int64)
}

// SeriesBook is every rule over a series. RFC 7323 §5.4 recommends an offset
// of the timestamps for each connection; as it recommends no more, it is not
// judged.
var SeriesBook = []SeriesRule{
	{Rule{ID: "MUST-8", Clause: "RFC 9293 §3.4.1", Level: Must, Field: "tcp.seq",
		When:    "two conversations or more between the same ports, of one host that was not started anew (run --repeat 2 with the kernel)",
		Meaning: "The initial sequence number follows a clock: between the same ends a later one is ahead.",
		Says:    "the initial sequence number is %[1]d behind the one that the same two ends began with %[2]d ms before"}, clockISN},
	{Rule{ID: "SHLD-1", Clause: "RFC 9293 §3.4.1", Level: Should, Field: "tcp.seq",
		When:    "four conversations or more between other ports, of one host",
		Meaning: "The initial sequence number is a clock plus a keyed hash of the ends: conversations between other ports look unrelated.",
		Says:    "each of %[2]d initial sequence numbers is %[1]d more than the one before"}, unrelatedISN},
	{Rule{ID: "6056:3:port", Clause: "RFC 6056 §3", Level: Should, Field: "tcp.srcport",
		When:    "four conversations or more whose ports the client chose itself",
		Meaning: "The client's ports are hard to guess.",
		Says:    "each of %[2]d ports is %[1]d more than the one before"}, unrelatedPorts},
}

// series is the conversations of one stack in the order in which they were
// held.
type series struct {
	list    []*capture.Conversation
	oneHost bool // one host held them all: its secrets and clocks went on
	ports   bool // it chose the ports
}

// SeriesResult is what a rule says of a series.
type SeriesResult struct {
	Rule      *Rule
	Answer    Answer
	Got, Want int64
}

// JudgeSeries holds the conversations of one stack, in the order in which they
// were held, against the rules over a series. In the lab every conversation
// has a port that was chosen for it, and a host of its own: only the kernel
// keeps its secrets then.
func JudgeSeries(list []*capture.Conversation) []SeriesResult {
	recorded := len(list) > 0 && list[0].Link.Kind != ""
	s := &series{list: list, oneHost: !recorded || list[0].Stack == "kernel", ports: !recorded}
	results := make([]SeriesResult, len(SeriesBook))
	for n := range SeriesBook {
		r := &SeriesBook[n]
		a, got, want := r.series(s)
		results[n] = SeriesResult{&r.Rule, a, got, want}
	}
	return results
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
func clockISN(s *series) (answer Answer, got, want int64) {
	if !s.oneHost {
		return NotExercised, 0, 0
	}
	for i := 1; i < len(s.list); i++ {
		a, b := s.list[i-1], s.list[i]
		apart := b.StartOfFrames - a.StartOfFrames
		if !a.HasSYN || !b.HasSYN || a.Client != b.Client || a.Server != b.Server || apart <= 0 || apart > isnMinute {
			continue
		}
		if step := int64(int32(b.ISS - a.ISS)); step <= 0 {
			return Broken, -step, apart / 1e6
		}
		answer = Holds
	}
	return answer, 0, 0
}

func unrelatedISN(s *series) (Answer, int64, int64) {
	var numbers []int64
	for i, c := range s.list {
		if !s.oneHost || !c.HasSYN || i > 0 && c.Client == s.list[i-1].Client {
			return NotExercised, 0, 0
		}
		numbers = append(numbers, int64(c.ISS))
	}
	return unrelated(numbers, 1<<32)
}

func unrelatedPorts(s *series) (Answer, int64, int64) {
	var numbers []int64
	for _, c := range s.list {
		if !s.ports {
			return NotExercised, 0, 0
		}
		numbers = append(numbers, int64(c.Client.Port()))
	}
	return unrelated(numbers, 1<<16)
}

// unrelated reports whether the numbers go up, or stay, in equal steps.
func unrelated(numbers []int64, space int64) (Answer, int64, int64) {
	if len(numbers) < leastSeries {
		return NotExercised, 0, 0
	}
	step := (numbers[1] - numbers[0] + space) % space
	for i := 1; i < len(numbers); i++ {
		if (numbers[i]-numbers[i-1]+space)%space != step {
			return Holds, 0, 0
		}
	}
	return Broken, step, int64(len(numbers))
}
