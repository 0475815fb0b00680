package rules

import "tcping-cmp/compare/capture"

// damageMarks are what shows that a frame was damaged, on its way or by its
// sender.
const damageMarks = capture.IPChecksumBad | capture.ChecksumBad

// fewFrames is how many frames with wrong checksums, and no others, it takes
// to blame the sender for them.
const fewFrames = 3

// suspicion is whether an end far from the capture can be blamed for its wrong
// checksums.
type suspicion uint8

const (
	unasked suspicion = iota
	blamed            // all its checksums are wrong
	excused           // others are right: the way has damaged some
)

// damaged reports whether something on the way to where the capture was made
// has changed the frame: then its header says nothing of its sender. Only of
// an end whose every checksum is wrong it is believed that it means it.
func (t *Track) damaged() bool {
	own := t.Own()
	if t.E.Marks.Has(capture.ChecksumPartial) && !t.near() {
		if own.offloads == unasked {
			own.offloads = t.offloads()
		}
		return own.offloads == excused
	}
	if !t.E.Marks.Any(damageMarks) || t.near() && !t.lone() {
		return false
	}
	if own.suspect == unasked {
		own.suspect = t.suspect()
	}
	return own.suspect == excused
}

// seldom is how many right checksums to one make that one no sender's habit.
const seldom = 100

// offloads tells whether the frame's sender leaves checksums to its hardware,
// which all its frames show, or whether the damaged one happens to have the sum
// of the pseudo-header, as one in 65536 does.
func (t *Track) offloads() suspicion {
	partial, right := 0, 0
	for _, e := range t.C.Events {
		switch {
		case e.Kind != capture.TCP || e.Dir != t.E.Dir || e.Marks.Any(damageMarks|capture.ChecksumUnverified|capture.ChecksumCompleted):
		case e.Marks.Has(capture.ChecksumPartial):
			partial++
		default:
			right++
		}
	}
	if partial*seldom <= right {
		return excused
	}
	return blamed
}

// lone reports whether a capture from elsewhere has next to nothing of the
// conversation: damage to an address or a port makes one of its own, and whose
// it is nobody knows.
func (t *Track) lone() bool {
	return t.C.Link.Kind == "" && !LabStack(t.C.Stack) && len(t.C.Events) < fewFrames
}

// suspect looks at all frames of the frame's sender.
func (t *Track) suspect() suspicion {
	bad := 0
	for _, e := range t.C.Events {
		switch {
		case e.Kind != capture.TCP || e.Dir != t.E.Dir || e.Marks.Has(capture.ChecksumUnverified):
		case !e.Marks.Any(damageMarks):
			return excused
		default:
			bad++
		}
	}
	if bad < fewFrames {
		return excused
	}
	return blamed
}

// skip counts the octets of a damaged frame as sent, if its number is the one
// that had to come.
func (t *Track) skip() {
	if own := t.Own(); t.E.RelSeq == own.Next {
		own.Next += int64(t.E.PayloadLen)
	}
	t.Peer().refused = true
	t.Peer().asks++
}

// damage says what is wrong with a damaged frame, and whose fault it is not.
func (out *Outcome) damage(t *Track) {
	for _, id := range [...]string{"791:3.1:checksum", "MUST-2"} {
		n := ruleIndex(id)
		f := Finding{Artefact: artefactDamage}
		if Book[n].check(t, &f) == Broken {
			out.answer(n, Broken, f, t.I, t.E.Dir)
		}
	}
}
