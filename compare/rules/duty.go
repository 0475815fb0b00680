package rules

import (
	"slices"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// answerTime is how long an answer that is due at once may take: the half
// second of a delayed acknowledgement, a busy machine and a late timer.
const answerTime = 500e6 + queueLate + 2*kernelLate

// duty is an answer that an end owes.
type duty struct {
	on    bool
	event int32 // the frame it follows from
	since int64
	due   int64 // nanoseconds since 1970; 0: no hurry
	seq   int64 // the numbers of that frame, as its sender counts
	end   int64
	ack   int64
	next  int64 // what the end had sent then
	rcv   int64 // what it had received then
}

// the parts of the Book by form.
var checks, dutyRules, lateRules []int
var dutyMask Meets

func init() {
	for n := range Book {
		r := &Book[n]
		switch {
		case r.met != nil:
			dutyRules = append(dutyRules, n)
			dutyMask |= r.on
		case r.late != nil:
			lateRules = append(lateRules, n)
		default:
			checks = append(checks, n)
		}
	}
}

// settle looks at what is owed: whether the frame is the answer, or comes too
// late for one.
func (t *Track) settle(out *Outcome) {
	if t.owed == 0 {
		return
	}
	for k := range t.duties {
		d := &t.duties[k]
		if !d.on {
			continue
		}
		n := dutyRules[k]
		if t.E.Dir == tap.Out {
			var f Finding
			f.Got, f.Want = t.E.RelAck, d.end
			a, done := Book[n].met(t, d, &f)
			out.answer(n, a, f, t.I, tap.Out)
			if done {
				t.discharge(d)
				continue
			}
		}
		t.expire(out, k, t.E.Time)
	}
}

func (t *Track) discharge(d *duty) {
	d.on = false
	t.owed--
}

// expire ends a duty whose time is over.
func (t *Track) expire(out *Outcome, k int, now int64) {
	d := &t.duties[k]
	if d.on && d.due != 0 && now > d.due {
		t.discharge(d)
		out.answer(dutyRules[k], Broken, Finding{Got: (now - d.since) / 1e6, Want: (d.due - d.since) / 1e6}, int(d.event), tap.Out)
	}
}

// incur notes what follows from the frame, once it is taken into account.
func (t *Track) incur() {
	if t.Meets&dutyMask == 0 {
		return
	}
	to := t.Peer()
	for k, n := range dutyRules {
		r := &Book[n]
		if t.Meets&r.on == 0 || t.duties[k].on {
			continue
		}
		d := duty{on: true, event: int32(t.I), since: t.E.Time, seq: t.E.RelSeq, end: t.E.RelEnd(), ack: t.E.RelAck, next: to.Next, rcv: to.Rcv}
		if r.within > 0 {
			d.due = t.E.Time + r.within
		}
		if r.arise == nil || r.arise(t, &d) {
			t.duties[k] = d
			t.owed++
		}
	}
	const challenged = metSYN | metRSTInWindow | metUnacceptable | metFutureACK | metAncientACK
	if t.Meets&challenged != 0 && t.E.PayloadLen == 0 {
		t.challengeAt = t.E.Time
	}
}

// unhurried reports whether challenges have been rare enough that the limit of
// RFC 5961 §7 cannot be why one is not answered.
func (t *Track) unhurried() bool { return t.challengeAt == 0 || t.E.Time-t.challengeAt > 1e9 }

// answer enters what a rule says.
func (out *Outcome) answer(n int, a Answer, f Finding, event int, dir tap.Direction) {
	if a == NotExercised {
		return
	}
	rule := &Book[n]
	if a == Broken {
		f.Rule, f.Event, f.Dir = rule, event, dir
		if f.Artefact == "" && stalled(out.about, &f, event, rule.timed) {
			f.Artefact = artefactStall
		}
		if !rule.once || out.Answers[n][dir] != Broken {
			if have := len(out.Findings); have == cap(out.Findings) {
				out.Findings = slices.Grow(out.Findings, have+1) // there may be as many as frames
			}
			out.Findings = append(out.Findings, f)
		}
		if f.Artefact != "" {
			return // nobody can tell
		}
	}
	out.Answers[n][dir] = max(out.Answers[n][dir], a)
}

// overdue asks for what should have happened by now.
func (t *Track) overdue(out *Outcome, now int64) {
	s := &t.Sides[tap.Out]
	if !t.seen(int(tap.Out)) || !s.Started || s.Reset || s.Closed != 0 {
		return
	}
	for _, n := range lateRules {
		f := Finding{Event: -1}
		if a := Book[n].late(t, s, now, &f); a != NotExercised {
			event := t.I
			if f.Event >= 0 {
				event = f.Event
			}
			out.answer(n, a, f, event, tap.Out)
		}
	}
}

// sorted puts the findings in the order of the frames.
func (out *Outcome) sorted() {
	byFrame := func(a, b Finding) int { return a.Event - b.Event }
	if !slices.IsSortedFunc(out.Findings, byFrame) {
		slices.SortStableFunc(out.Findings, byFrame)
	}
}

// answered is met by an acknowledgement of what has been received.
func answered(t *Track, _ *duty, _ *Finding) (Answer, bool) {
	switch {
	case t.E.Flags.Has(capture.RST):
		return NotExercised, true
	case t.E.Flags.Has(capture.ACK):
		return Holds, true
	}
	return NotExercised, false
}

// challenge is met by an acknowledgement, and broken by a RST.
func challenge(t *Track, _ *duty, _ *Finding) (Answer, bool) {
	switch {
	case t.E.Flags.Has(capture.RST):
		return Broken, true
	case t.E.Flags.Has(capture.ACK):
		return Holds, true
	}
	return NotExercised, false
}

// covered is met by an acknowledgement of the octets.
func covered(t *Track, d *duty, _ *Finding) (Answer, bool) {
	switch {
	case t.E.Flags.Has(capture.RST):
		return NotExercised, true
	case t.E.Flags.Has(capture.ACK) && t.E.RelAck >= d.end:
		return Holds, true
	}
	return NotExercised, false
}

// refused is met by an acknowledgement that leaves the octets out, and broken
// by one that covers them, unless they have come again.
func refused(t *Track, d *duty, f *Finding) (Answer, bool) {
	own, e := t.Own(), t.E
	switch {
	case e.Flags.Has(capture.RST):
		return NotExercised, true
	case own.Rcv >= d.end:
		return Holds, true // they have come again
	case !e.Flags.Has(capture.ACK):
		return NotExercised, false
	case e.RelAck > d.rcv && e.RelAck >= d.end:
		f.Got, f.Want = e.RelAck, d.seq
		return Broken, true
	}
	d.due = 0 // answered; it may still take the octets
	return Holds, false
}
