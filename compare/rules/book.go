package rules

// Book is every rule there is, in the order in which a reader meets a header:
// IP, flags, numbers, window, options, timing.
var Book = func() []Rule {
	var all []Rule
	for _, chapter := range [][]Rule{
		ipRules, flagRules, numberRules, windowRules, optionRules, timestampRules, timingRules,
		answerRules, closedRules, retransmitRules, probeRules, sackRules, icmpRules,
	} {
		all = append(all, chapter...)
	}
	return all
}()

// kernelLate is how late a timer of an ordinary kernel may fire, in
// nanoseconds: every timing rule allows for it.
const kernelLate = 30e6

// queueLate is how long a segment may have waited in a queue between stack and
// capture on a busy machine, in nanoseconds.
const queueLate = 300e6

// holdsUnless is Broken if the condition is met.
func holdsUnless(broken bool) Answer {
	if broken {
		return Broken
	}
	return Holds
}
