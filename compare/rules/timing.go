package rules

import "tcping-cmp/compare/capture"

var timestampRules = []Rule{
	{ID: "7323:3.2:every", Clause: "RFC 7323 §3.2", Level: Must, Field: "tcp.options.timestamp",
		Meaning: "Once both SYNs had timestamps every segment but a RST has them.",
		Says:    "the segment lacks the timestamps that were agreed", check: timestampsKept, steady: true},
	{ID: "7323:3.2:unasked", Clause: "RFC 7323 §3.2", Level: Should, Field: "tcp.options.timestamp",
		Meaning: "Timestamps are sent only after both SYNs had them.",
		Says:    "the segment has timestamps that were not agreed", check: timestampsAsked, steady: true},
	{ID: "7323:3.2:syn-tsecr0", Clause: "RFC 7323 §3.2", Level: Should, Field: "tcp.options.timestamp.tsecr",
		Meaning: "A SYN without ACK echoes zero.",
		Says:    "the first SYN echoes %[1]d", check: synEcho, needs: seesSYN},
	{ID: "7323:5.4:clock", Clause: "RFC 7323 §5.4", Level: Must, Field: "tcp.options.timestamp.tsval",
		Meaning: "The timestamp clock never runs backwards.",
		Says:    "the timestamp goes back by %[1]d", check: clockForward},
	{ID: "7323:5.4:rate", Clause: "RFC 7323 §5.4", Level: Should, Field: "tcp.options.timestamp.tsval",
		Meaning: "The timestamp clock ticks once a millisecond at the most.", When: "a connection that lasts half a second",
		Says: "the timestamp has gone on by %[1]d in %[2]d ms", check: clockRate, needs: seesNear},
	{ID: "7323:4.3:echo", Clause: "RFC 7323 §4.3", Level: Must, Field: "tcp.options.timestamp.tsecr",
		Meaning: "The echo is a timestamp that was received, and not an older one than that of the earliest octets in order which the segment acknowledges, or of the octets that filled a gap.",
		Says:    "the echo is %[1]d away from a timestamp that it may be", check: echoRight},
}

const ackDelay = "MUST-40"

// ackDelayLimit is the half second of MUST-40 and what a kernel may be late.
const ackDelayLimit = 500e6 + kernelLate

var timingRules = []Rule{
	{ID: ackDelay, Clause: "RFC 9293 §3.8.6.3", Level: Must, Field: "tcp.time_delta",
		Meaning: "Data is acknowledged within half a second.",
		Says:    "the acknowledgement takes %[1]d ms, %[2]d are allowed", check: ackInTime, needs: seesNear, timed: bothTimes},
}

func timestampsKept(t *Track, _ *Finding) Answer {
	if !t.Timestamped() || t.E.Flags.Any(capture.RST|capture.SYN) {
		return NotExercised
	}
	return holdsUnless(!t.E.Marks.Has(capture.HasTimestamps))
}

// timestampsAsked lets a SYN-ACK have them whose own SYN crossed the other's.
func timestampsAsked(t *Track, _ *Finding) Answer {
	switch {
	case t.E.Flags.Has(capture.SYN | capture.ACK):
		if !t.Peer().Opened || t.Peer().Timestamps || t.Own().Opened {
			return NotExercised
		}
	case !t.Established() || t.Timestamped() || t.E.Flags.Has(capture.SYN):
		return NotExercised
	}
	return holdsUnless(t.E.Marks.Has(capture.HasTimestamps))
}

func synEcho(t *Track, f *Finding) Answer {
	if t.E.Flags&(capture.SYN|capture.ACK) != capture.SYN || !t.E.Marks.Has(capture.HasTimestamps) {
		return NotExercised
	}
	f.Got = int64(t.E.TSEcr)
	return holdsUnless(t.E.TSEcr != 0)
}

func clockForward(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !own.HasTSVal || !e.Marks.Has(capture.HasTimestamps) || !t.ordered() {
		return NotExercised
	}
	f.Got = int64(int32(own.TSVal - e.TSVal))
	return holdsUnless(f.Got > 0)
}

// clockRate looks at the clock once half a second has passed: before that a
// tick more or less would weigh.
func clockRate(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || !own.HasTSVal || !own.Opened || !e.Marks.Has(capture.HasTimestamps) || e.Time-own.tsFrom < 500e6 {
		return NotExercised
	}
	f.Got, f.Want = int64(int32(e.TSVal-own.TSFirst)), (e.Time-own.tsFrom)/1e6
	return holdsUnless(f.Got > 2*f.Want)
}

// echoRight compares with RFC 7323 §4.3: never a timestamp that the peer has
// not sent, or only behind what is acknowledged, and not an older one than that
// of in-order data which this or an earlier segment acknowledges.
func echoRight(t *Track, f *Finding) Answer {
	e, own, peer := t.E, t.Own(), t.Peer()
	if !e.Marks.Has(capture.HasTimestamps) || !e.Flags.Has(capture.ACK) || !peer.HasTSVal || !t.C.FromStart() {
		return NotExercised
	}
	if f.Got = int64(int32(e.TSEcr - peer.TSMax)); f.Got > 0 {
		return Broken
	}
	if f.Got = int64(int32(e.TSEcr - peer.TSFirst)); f.Got < 0 {
		return Broken
	}
	if t.C.Exact && t.C.Dropped == 0 && peer.stamps.never(e.TSEcr, e.RelAck) {
		f.Got = int64(int32(e.TSEcr - peer.TSVal))
		return Broken
	}
	owed, known := own.Paid, own.HasPaid
	if own.Owed.pending && e.RelAck >= own.Owed.end {
		owed, known = own.Owed.value, true
	}
	f.Got = int64(int32(e.TSEcr - owed))
	return holdsUnless(known && t.near() && f.Got < 0 && !e.Flags.Has(capture.RST)) // a reset may not wait its turn
}

func ackInTime(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || own.Waiting == 0 || !e.Flags.Has(capture.ACK) || e.RelAck <= own.Acked {
		return NotExercised
	}
	f.Got, f.Want = (e.Time-own.Waiting)/1e6, 500
	return holdsUnless(e.Time-own.Waiting > ackDelayLimit)
}
