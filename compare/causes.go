package compare

import (
	"strings"

	"tcping-cmp/tap"
)

// causes finds for each difference the first one that it follows from: a
// different window makes the other end cut its data otherwise, that makes the
// acknowledgements differ, and so on. A difference has one cause at most, and
// that is the beginning of its chain.
func (r *Report) causes() {
	for n := range r.Differences {
		e := &r.Differences[n]
		best := -1
		for k := range r.Differences {
			c := &r.Differences[k]
			if !before(c, e) || !follows(e, c) {
				continue
			}
			if best < 0 || before(c, &r.Differences[best]) {
				best = k
			}
		}
		if best >= 0 {
			e.Cause = r.Differences[best].Number
		}
	}
	for n := range r.Differences {
		e := &r.Differences[n]
		for e.Cause != 0 && r.Differences[e.Cause-1].Cause != 0 {
			e.Cause = r.Differences[e.Cause-1].Cause
		}
	}
}

// before reports whether a difference begins before another one; of those that
// begin in the same frame, the one that the other can follow from.
func before(c, e *Difference) bool {
	if c.Repeat != e.Repeat {
		return false
	}
	if first(c) != first(e) {
		return first(c) < first(e)
	}
	return kindOfDifference(c) < kindOfDifference(e)
}

// differenceKind is what a difference is about, causes before effects.
type differenceKind uint8

const (
	aboutOffer     differenceKind = iota // what a SYN offers
	aboutRule                            // a requirement that is broken
	aboutWindow                          // how much an end takes
	aboutCutting                         // how the stream is cut
	aboutAnswers                         // how it is acknowledged
	aboutOptions                         // options after the handshake
	aboutEnd                             // frames that end it, and repetitions
	aboutSomething                       // independent of the rest
)

func kindOfDifference(d *Difference) differenceKind {
	syn := strings.HasPrefix(d.Role, "SYN")
	switch {
	case d.Class == Rule:
		return aboutRule
	case syn && (d.Class == Field) && (strings.HasPrefix(d.Field, "tcp.options") || strings.HasPrefix(d.Field, "tcp.window")):
		return aboutOffer
	case strings.HasPrefix(d.Field, "tcp.window"):
		return aboutWindow
	case d.Field == "tcp.len", d.Field == "tcp.seq", d.Field == "tcp.flags.push", d.Field == "frame" && (d.Role == "data" || d.Class == Order):
		return aboutCutting
	case d.Field == "tcp.ack", d.Field == "frame" && (d.Role == "ACK" || d.Role == "handshake ACK"):
		return aboutAnswers
	case strings.HasPrefix(d.Field, "tcp.options"):
		return aboutOptions
	case d.Field == "frame" && (strings.HasSuffix(d.Role, "retransmission") || d.Role == "RST" || d.Role == "FIN"):
		return aboutEnd
	}
	return aboutSomething
}

// follows reports whether a difference can be the effect of another one that
// begins no later.
func follows(e, c *Difference) bool {
	if e.Class == Rule {
		return false // who breaks a rule does so himself
	}
	effect, cause := kindOfDifference(e), kindOfDifference(c)
	other := e.Dir != c.Dir
	switch effect {
	case aboutOffer:
		return cause == aboutOffer && other && c.Field == "tcp.options" && e.Field == "tcp.options" // what is asked for is answered
	case aboutWindow:
		if cause == aboutOffer {
			return !other && (c.Field == "tcp.options.wscale.shift" || strings.HasPrefix(c.Field, "tcp.window") || c.Field == "tcp.options")
		}
		return cause == aboutCutting && other // the window shrinks by what has arrived
	case aboutCutting:
		switch cause {
		case aboutOffer:
			return other || c.Field == "tcp.options" // the room that the other end offers, and what options take of it
		case aboutWindow:
			return other
		case aboutCutting:
			return !other || e.Dir == tap.In // the peer answers what it gets
		case aboutAnswers:
			return other
		}
	case aboutAnswers:
		return cause == aboutCutting && other || cause == aboutAnswers && !other
	case aboutOptions:
		return cause == aboutOffer && c.Field == "tcp.options" || cause == aboutCutting && other
	case aboutEnd:
		return cause == aboutCutting || cause == aboutAnswers
	}
	return cause == aboutRule && c.Verdict >= Deviation && e.Field == "frame"
}

// Following are the differences that follow from one.
func (r *Report) Following(d *Difference) []*Difference {
	var list []*Difference
	for n := range r.Differences {
		if r.Differences[n].Cause == d.Number {
			list = append(list, &r.Differences[n])
		}
	}
	return list
}
