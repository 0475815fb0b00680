package compare

import (
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// lonely judges a frame that only one side has.
func (d *differ) lonely(v, other *view, i int32, class Class) Verdict {
	e := v.c.Events[i]
	o := v.alone(other, i)
	occ := Occurrence{Ref: i, Test: None}
	out, by := d.refOut, Reference
	if class == Extra {
		occ = Occurrence{Ref: None, Test: i}
		out, by = d.tstOut, Tested
	}
	rule := ""
	if f := worstAt(out, i); o.verdict == Unspecified && f != nil {
		o = opinion{verdictOf(f), f.Rule.Clause, "the frame breaks a rule: " + f.Rule.Meaning}
		rule = f.Rule.ID
	} else {
		by = 0
	}
	diff := d.add(groupKey{class: class, field: "frame", role: v.name(i), dir: e.Dir}, o, occ)
	diff.By |= by
	diff.Rule = rule
	return o.verdict
}

// worstAt returns the worst finding about a frame; nil if there is none.
func worstAt(out *rules.Outcome, i int32) (worst *rules.Finding) {
	fs := at(out, i)
	for n := range fs {
		if worst == nil || verdictOf(&fs[n]) > verdictOf(worst) {
			worst = &fs[n]
		}
	}
	return worst
}

// alone says what it means that the other side lacks a frame.
func (v *view) alone(other *view, i int32) opinion {
	e, r := v.c.Events[i], v.roles[i]
	switch r {
	case roleARP:
		return opinion{Permitted, "RFC 826, RFC 1122 §2.3.2", "when a host resolves or confirms an address is its own business"}
	case roleNeighbour:
		return opinion{Permitted, "RFC 4861 §7.2", "when a host resolves or confirms an address is its own business"}
	}
	if r == roleRST && v.answersStray(i) {
		return opinion{Permitted, "RFC 9293 §3.5.2", "it answers a segment that came after the end of the connection; the other side has met none"}
	}
	if r == roleRST && v.refusesACK(i) {
		return opinion{Permitted, "RFC 9293 §3.5.2, §3.10.7.3", "it refuses the acknowledgement of an earlier connection with the same ports, which the peer still remembers; the attempt goes on"}
	}
	if e.Dir == tap.In {
		return v.aloneIn(i, r)
	}
	switch r {
	case roleSYN:
		return opinion{Unspecified, "", "only one side sends this SYN"}
	case roleSYNAgain:
		return opinion{Permitted, "RFC 9293 §3.8.3, MUST-23", "a SYN that is not answered in time is sent again"}
	case roleData:
		return v.aloneData(other, e)
	case roleDataAgain, roleFINAgain:
		return v.aloneAgain(i, e)
	case roleACK:
		return v.aloneACK(other, e)
	case roleProbe:
		return opinion{Permitted, "RFC 9293 §3.8.4, MAY-5", "keep-alive is optional"}
	case roleFIN:
		return opinion{Unspecified, "", "only one side closes its direction"}
	case roleRST:
		return opinion{Unspecified, "", "only one side resets the connection"}
	}
	return opinion{Unspecified, "", "only one side has this frame"}
}

// answersStray reports whether a RST is the answer to a segment that was late:
// both ends had closed, or one had reset, and it has the number that the
// segment acknowledges.
func (v *view) answersStray(i int32) bool {
	e := v.c.Events[i]
	var finished [2]bool
	over, late := false, false
	for _, before := range v.c.Events[:i] {
		if before.Kind != capture.TCP || before.Marks.Has(capture.HeaderBad) {
			continue
		}
		late = late || over && before.Dir != e.Dir && before.Flags.Has(capture.ACK) && before.Ack == e.Seq
		finished[before.Dir] = finished[before.Dir] || before.Flags.Has(capture.FIN)
		over = over || before.Flags.Has(capture.RST) || finished[0] && finished[1]
	}
	return late
}

// refusesACK reports whether a RST comes from SYN-SENT: before the other end's
// SYN, a segment acknowledged something that was not sent, and the RST has that
// number.
func (v *view) refusesACK(i int32) bool {
	e := v.c.Events[i]
	sent, wrong := int64(0), false
	for _, before := range v.c.Events[:i] {
		switch {
		case before.Kind != capture.TCP || before.Marks.Has(capture.HeaderBad):
		case before.Dir == e.Dir:
			sent = max(sent, before.RelEnd())
		case before.Flags.Has(capture.ACK) && (before.RelAck < 1 || before.RelAck > sent):
			wrong = wrong || before.Ack == e.Seq
		case before.Flags.Has(capture.SYN):
			return false
		}
	}
	return wrong && v.c.HasSYN && !e.Flags.Has(capture.ACK)
}

// aloneIn judges a frame of the peer's.
func (v *view) aloneIn(i int32, r role) opinion {
	switch {
	case r != roleRST:
		return opinion{Permitted, "", peerChoice}
	case v.overBefore(i):
		return opinion{Permitted, "RFC 9293 §3.10.7.1", "both directions were closed and acknowledged before: who has forgotten a connection answers what is late with a RST"}
	}
	return opinion{Unspecified, "", "the peer resets one of the two connections: look at what it was sent before"}
}

// overBefore reports whether both FINs had been sent and acknowledged before
// frame i.
func (v *view) overBefore(i int32) bool {
	var fin, acked [2]int64 // by who sent the FIN
	for _, e := range v.c.Events[:i] {
		if e.Kind != capture.TCP {
			continue
		}
		if e.Flags.Has(capture.FIN) {
			fin[e.Dir] = e.RelEnd()
		}
		if e.Flags.Has(capture.ACK) {
			acked[1-e.Dir] = max(acked[1-e.Dir], e.RelAck)
		}
	}
	return fin[0] != 0 && fin[1] != 0 && acked[0] >= fin[0] && acked[1] >= fin[1]
}

func (v *view) aloneData(other *view, e *capture.Event) opinion {
	if other.end[e.Dir] >= e.RelEnd() {
		return opinion{Permitted, "RFC 9293 §3.9.1.2, SHLD-28", "the other side sends these octets in other segments: a stream may be cut anywhere"}
	}
	return opinion{Unspecified, "", "the other side never sends these octets"}
}

// spuriousAfter is how long after the acknowledgement a retransmission may
// still have been waiting in a queue between stack and capture, in
// nanoseconds.
const spuriousAfter = 1e9

// spuriousLook is how many frames are looked back for the acknowledgement.
const spuriousLook = 1000

// aloneAgain judges a retransmission that the other side does not need. It is
// odd only if its sender knew of the acknowledgement: if the segment itself
// acknowledges data that came later, or the time is long past.
func (v *view) aloneAgain(i int32, e *capture.Event) opinion {
	odd := opinion{Unspecified, "", "octets are sent again that had been acknowledged before"}
	later := false // data that e acknowledges came after what was looked at
	for k := i - 1; k >= max(0, i-spuriousLook); k-- {
		before := v.c.Events[k]
		if before.Dir == e.Dir || before.Kind != capture.TCP || !before.Flags.Has(capture.ACK) {
			continue
		}
		if before.RelAck < e.RelEnd() {
			break // this one does not cover it yet
		}
		later = later || v.roles[k] == roleData && before.RelEnd() <= e.RelAck
		if later || e.Time-before.Time > spuriousAfter {
			return odd
		}
	}
	return opinion{Permitted, "RFC 6298 §5, RFC 8985 §7.3", "octets that are not acknowledged yet may be sent again, by the timer or as a probe for a lost tail"}
}

func (v *view) aloneACK(other *view, e *capture.Event) opinion {
	if other.ackMax[e.Dir] < e.RelAck {
		return opinion{Unspecified, "", "the other side never acknowledges these octets"}
	}
	return opinion{Permitted, "RFC 9293 §3.8.6.3, SHLD-18, MUST-58",
		"the other side acknowledges these octets in another segment: acknowledgements may be delayed, put together or ride on data"}
}
