package rules

import "tcping-cmp/compare/capture"

// SeriesRule is a requirement that only several conversations of one stack
// show.
type SeriesRule struct {
	ID      string
	Clause  string
	Level   Level
	Meaning string
	When    string
	Says    string // two verbs for numbers
	check   func([]*capture.Conversation) (Answer, int64, int64)
}

// SeriesBook is every rule over a series.
var SeriesBook = []SeriesRule{
	{ID: "SHLD-1", Clause: "RFC 9293 §3.4.1", Level: Should, When: "four conversations or more between other ports (run --repeat 4)",
		Meaning: "The initial sequence number is a clock plus a keyed hash of the ends: conversations between other ports look unrelated.",
		Says:    "each of %[2]d initial sequence numbers is %[1]d more than the one before", check: unrelatedISN},
	{ID: "6056:3:port", Clause: "RFC 6056 §3", Level: Should, When: "four conversations or more (run --repeat 4)",
		Meaning: "The client's ports are hard to guess.",
		Says:    "each of %[2]d ports is %[1]d more than the one before", check: unrelatedPorts},
}

// SeriesResult is what a rule says of a series.
type SeriesResult struct {
	Rule      *SeriesRule
	Answer    Answer
	Got, Want int64
}

// JudgeSeries holds the conversations of one stack, in the order in which they
// were held, against the rules over a series.
func JudgeSeries(list []*capture.Conversation) []SeriesResult {
	results := make([]SeriesResult, len(SeriesBook))
	for n := range SeriesBook {
		r := &SeriesBook[n]
		a, got, want := r.check(list)
		results[n] = SeriesResult{r, a, got, want}
	}
	return results
}

// leastSeries is how many conversations it takes: three equal steps are no
// accident among 2^32 numbers, and rare among ports.
const leastSeries = 4

func unrelatedISN(list []*capture.Conversation) (Answer, int64, int64) {
	numbers := make([]int64, 0, len(list))
	for _, c := range list {
		if c.HasSYN {
			numbers = append(numbers, int64(c.ISS))
		}
	}
	return unrelated(numbers, 1<<32)
}

func unrelatedPorts(list []*capture.Conversation) (Answer, int64, int64) {
	numbers := make([]int64, 0, len(list))
	for _, c := range list {
		numbers = append(numbers, int64(c.Client.Port()))
	}
	return unrelated(numbers, 1<<16)
}

// unrelated reports whether the numbers go up, or stay, in equal small steps.
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
