package rules

import "tcping-cmp/compare/capture"

// patience is how long the first timer of an end may take at the most before
// a retransmission counts as missing: four times the longest initial timeout
// in use.
const patience = 4e9

// firstTimeout is the second of RFC 6298 §2.1 and §2.4, less what a clock of
// coarse ticks may lack.
const firstTimeout = 950e6

// leastR2 is how long an end tries at the least before it may give up
// (RFC 9293 §3.8.3, SHLD-11), in nanoseconds.
const leastR2 = 100e9

// longRTT is how long a round trip is at the least whose multiples can be told
// from the time that a segment waits in a queue between stack and capture.
const longRTT = 50e6

var retransmitRules = []Rule{
	{ID: "MUST-18", Clause: "RFC 9293 §3.8.1, RFC 6298 §5.4", Level: Must, Field: "tcp.analysis.retransmission",
		Meaning: "What is not acknowledged is sent again each time that the timer expires.", When: "data or a FIN that is never acknowledged",
		Says: "octet %[2]d is not acknowledged and has not been sent again for %[1]d ms", late: retransmissionDue, once: true, timed: gotTime},
	{ID: "MUST-23", Clause: "RFC 9293 §3.8.3", Level: Must, Field: "tcp.analysis.retransmission",
		Meaning: "A SYN is tried for three minutes at least.", When: "a SYN that nobody answers",
		Says: "the last of %[2]d SYNs was sent %[1]d s after the first: the stack has to go on for three minutes", late: synGivenUp, once: true},
	{ID: "6298:2.1:init", Clause: "RFC 6298 §2.1", Level: Should, Field: "tcp.analysis.rto",
		Meaning: "The first timeout is a second or more.", When: "a SYN that is lost",
		Says: "the SYN is sent again after %[1]d ms, %[2]d are asked for", check: initialTimeout, needs: seesNear | seesAgain | seesSYN, timed: bothTimes},
	{ID: "6298:2.2:first", Clause: "RFC 6298 §2.2", Level: Must, Field: "tcp.analysis.rto",
		Meaning: "After the first sample R the timeout is three times R, or more.", When: "a first data segment that is lost on a path with a delay",
		Says: "the first timeout is %[1]d ms, the handshake asks for %[2]d", check: firstSample, needs: seesNear | seesAgain, timed: bothTimes},
	{ID: "6298:2.4:min", Clause: "RFC 6298 §2.4", Level: Should, Field: "tcp.analysis.rto",
		Meaning: "The timeout is a second or more.", When: "a segment that is lost, with nothing behind it",
		Says: "sent again by the timer after %[1]d ms, %[2]d are asked for", check: minimumTimeout, needs: seesNear | seesAgain, timed: bothTimes},
	{ID: "6298:3:karn", Clause: "RFC 6298 §3", Level: Must, Field: "tcp.analysis.rto",
		Meaning: "The time of a segment that was sent more than once is no sample.", When: "a lost SYN, no timestamps, then lost data",
		Says: "the first timeout is %[1]d ms: the %[2]d ms that the lost SYN took are in it", check: karn, needs: seesNear | seesAgain | seesData, timed: bothTimes},
	{ID: "6298:5:early", Clause: "RFC 6298 §5", Level: Must, Field: "tcp.analysis.rto",
		Meaning: "The timer does not expire before its time.", When: "a segment that is lost",
		Says: "sent again after %[1]d ms, the round trips so far ask for %[2]d", check: tooEarly, needs: seesNear | seesAgain, timed: bothTimes},
	{ID: "R9293:3.10.7.4:acked-gone", Clause: "RFC 9293 §3.10.7.4, RFC 6298 §5.2", Level: Must, Field: "tcp.analysis.spurious_retransmission",
		Meaning: "Octets that are acknowledged leave the retransmission queue.", When: "any transfer",
		Says: "octet %[2]d is sent again %[1]d ms after it was acknowledged", check: ackedGone, needs: seesNear, timed: gotTime},
	{ID: "6298:5.4:front", Clause: "RFC 6298 §5.4, RFC 9293 §3.10.8", Level: Should, Field: "tcp.seq",
		Meaning: "The timer sends the earliest octets again that are not acknowledged.", When: "several segments that are lost",
		Says: "the timer sends octet %[1]d again, %[2]d is the first that is not acknowledged", check: frontFirst, needs: seesNear | seesAgain | seesData},
	{ID: "6298:5.5:double", Clause: "RFC 6298 §5.5", Level: Must, Field: "tcp.analysis.rto",
		Meaning: "Each expiry of the timer doubles the timeout.", When: "a segment or a SYN that is lost twice or more",
		Says: "sent again after %[1]d ms, after %[2]d ms the time before", check: backsOff, needs: seesNear | seesAgain, timed: bothTimes},
	{ID: "6298:5.7:syn3s", Clause: "RFC 6298 §5.7", Level: Must, Field: "tcp.analysis.rto",
		Meaning: "After a lost SYN the timeout of the first data is three seconds, unless timestamps gave a sample.", When: "a lost SYN, no timestamps, then lost data",
		Says: "the first timeout is %[1]d ms, %[2]d are asked for", check: afterLostSYN, needs: seesNear | seesAgain | seesData, timed: bothTimes},
	{ID: "8985:7.2:pto", Clause: "RFC 8985 §7.2", Level: Should, Field: "tcp.analysis.rto",
		Meaning: "A probe for a lost tail waits for two round trips.", When: "a lost tail on a path with a delay",
		Says: "the probe follows after %[1]d ms, the round trip is %[2]d ms", check: probeTime, needs: seesNear | seesAgain, timed: bothTimes},
	{ID: "7323:3.2/4:tsval-clock", Clause: "RFC 7323 §3.2, §4.1", Level: Must, Field: "tcp.options.timestamp.tsval",
		Meaning: "A retransmission has the timestamp of its own time.", When: "a retransmission after a second or more",
		Says: "sent again after %[1]d ms with the same timestamp %[2]d", check: freshTimestamp, needs: seesNear | seesAgain, timed: gotTime},
	{ID: "5681:3.2:fr3", Clause: "RFC 5681 §3.2", Level: Should, Field: "tcp.analysis.fast_retransmission",
		Meaning: "The third duplicate acknowledgement retransmits.", When: "one lost segment with three or more behind it",
		Says: "%[2]d duplicate acknowledgements have brought no retransmission for %[1]d ms", late: fastRetransmit, once: true, timed: gotTime},
	{ID: "5681:3.1:iw", Clause: "RFC 5681 §3.1, RFC 6928 §2", Level: Must, Field: "tcp.analysis.bytes_in_flight",
		Meaning: "The first flight is an initial window at most: ten segments by RFC 6928, which is more than RFC 5681 allows.", When: "more than ten segments to send at once",
		Says: "the first flight reaches %[1]d octets, %[2]d are allowed", check: initialWindow, needs: seesData},
	{ID: "5681:3.1:iw-synloss", Clause: "RFC 5681 §3.1, RFC 6928 §2", Level: Must, Field: "tcp.analysis.bytes_in_flight",
		Meaning: "After a SYN that was lost more than once the first flight is one segment.", When: "two lost SYNs, then data",
		Says: "the first flight reaches %[1]d octets, %[2]d are allowed after lost SYNs", check: initialWindowAfterLoss, needs: seesNear | seesData},
	{ID: "5681:3.1:ss", Clause: "RFC 5681 §3.1", Level: Must, Field: "tcp.analysis.bytes_in_flight",
		Meaning: "Each acknowledgement of new octets opens the flight by a segment, or by what it acknowledges, at the most.", When: "any transfer of more than the initial window",
		Says: "%[1]d octets are in flight, %[2]d are the most that acknowledgements can have opened", check: slowStart, needs: seesNear | seesData},
	{ID: "5681:3.1:loss-cwnd", Clause: "RFC 5681 §3.1", Level: Must, Field: "tcp.analysis.bytes_in_flight",
		Meaning: "After a timeout one segment is sent until something comes back.", When: "a whole flight that is lost",
		Says: "%[1]d octets follow a timeout without an answer, %[2]d are allowed", check: lossWindow, needs: seesNear},
}

// timer reports whether the retransmission can only be the timer's: nothing
// has come back for a while and the front is sent again.
func (t *Track) timer() bool {
	own, a := t.Own(), &t.Rtx
	return t.near() && a.known && a.Kind == ByTimer && t.E.Time-own.lastACK > shortestTimer &&
		(own.dupAt == 0 || t.E.Time-own.dupAt > shortestTimer)
}

func retransmissionDue(t *Track, s *Side, now int64, f *Finding) Answer {
	if s.InFlight() == 0 || !s.HasAcked || s.zeroFrom != 0 || s.shrunk {
		return NotExercised
	}
	first, last, gap := s.FINs.first, s.FINs.last, s.FINs.gap
	if len(s.sent) > 0 {
		p := s.front()
		if p == nil {
			return NotExercised
		}
		first, last, gap = p.first, p.last, p.gap
	} else if s.FINs.count == 0 {
		return NotExercised
	}
	again := len(s.sent) > 0 && s.front().count > 1 || len(s.sent) == 0 && s.FINs.count > 1
	wait := now - max(last, s.lastACK, s.dupAt, s.lastData)
	if again && (wait <= max(patience, 4*gap) || last-first >= leastR2 || t.icmp.any) {
		return Holds
	}
	if wait <= max(patience, 4*gap, 4*s.RTO()) {
		return NotExercised
	}
	f.Got, f.Want, f.Event = wait/1e6, s.Una, int(s.lastEvent)
	return Broken
}

// front is the piece with the first octet that is not acknowledged.
func (s *Side) front() *piece {
	for i := range s.sent {
		if s.sent[i].end() > s.Una {
			return &s.sent[i]
		}
	}
	return nil
}

func synGivenUp(t *Track, s *Side, now int64, f *Finding) Answer {
	c := &s.SYNs
	if c.count == 0 || s.Synced || s.HasAcked || t.icmp.any {
		return NotExercised
	}
	tried := c.last - c.first
	if tried >= 180e9 {
		return Holds
	}
	if now-c.last <= max(patience, 4*c.gap) {
		return NotExercised
	}
	f.Got, f.Want, f.Artefact = tried/1e9, int64(c.count), artefactGivenUp
	return Broken
}

func initialTimeout(t *Track, f *Finding) Answer {
	if !t.near() || !t.E.Flags.Has(capture.SYN) || t.E.Flags.Has(capture.ACK) || t.Rtx.Count != 1 {
		return NotExercised
	}
	f.Got, f.Want = t.Rtx.Gap/1e6, 1000
	return holdsUnless(t.Rtx.Gap < firstTimeout)
}

func firstSample(t *Track, f *Finding) Answer {
	own := t.Own()
	if own.samples != 1 || own.Handshake < longRTT || t.Rtx.Count != 1 || !t.timer() {
		return NotExercised
	}
	f.Got, f.Want = t.Rtx.Gap/1e6, 3*own.Handshake/1e6
	return holdsUnless(t.Rtx.Gap < 27*own.Handshake/10)
}

func minimumTimeout(t *Track, f *Finding) Answer {
	if t.E.Flags.Has(capture.SYN) || !t.timer() || !t.Rtx.Front || t.Own().timedOut > 0 && t.Rtx.Count == 1 {
		return NotExercised
	}
	f.Got, f.Want = t.Rtx.Gap/1e6, 1000
	return holdsUnless(t.Rtx.Gap < firstTimeout)
}

func karn(t *Track, f *Finding) Answer {
	own := t.Own()
	if own.SYNs.count < 2 || t.Timestamped() || own.samples > 0 || t.Rtx.Count != 1 || t.E.PayloadLen == 0 || !t.timer() {
		return NotExercised
	}
	lost := own.SYNs.last - own.SYNs.first
	f.Got, f.Want = t.Rtx.Gap/1e6, lost/1e6
	return holdsUnless(t.Rtx.Gap > 4e9 && t.Rtx.Gap > 27*lost/10)
}

func tooEarly(t *Track, f *Finding) Answer {
	own, a := t.Own(), &t.Rtx
	if !t.near() || !a.known || own.samples == 0 || a.Kind != ByTimer && a.Kind != Unknown || own.timedOut > 0 || t.E.Flags.Has(capture.SYN) {
		return NotExercised
	}
	least := own.SRTT
	if own.samples == 1 {
		least = own.RTO()
	}
	if least < longRTT && a.Gap <= least+queueLate {
		return NotExercised
	}
	f.Got, f.Want = a.Gap/1e6, least/1e6
	return holdsUnless(a.Gap < least*9/10)
}

func ackedGone(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if e.Flags.Has(capture.SYN) && t.near() && own.thirdSeen && own.Met&metSYNACK != 0 && e.RelSeq == 0 {
		f.Got = (e.Time - own.lastACK) / 1e6
		return Broken // what it has sent since the SYN-ACK shows that it knows
	}
	if !t.near() || t.Rtx.Kind != Spurious || e.PayloadLen <= 1 && !e.Flags.Has(capture.FIN) {
		if t.near() && own.lastACK != 0 && own.InFlight() == 0 {
			return Holds
		}
		return NotExercised
	}
	f.Got, f.Want = (e.Time-own.lastACK)/1e6, e.RelSeq
	return holdsUnless(e.Time-own.lastACK > 1e9)
}

func frontFirst(t *Track, f *Finding) Answer {
	own := t.Own()
	if t.E.PayloadLen == 0 || own.timedOut > 0 || !t.timer() {
		return NotExercised
	}
	f.Got, f.Want = t.E.RelSeq, own.Una
	return holdsUnless(t.E.RelSeq > own.Una)
}

func backsOff(t *Track, f *Finding) Answer {
	a := &t.Rtx
	if a.prev != ByTimer || a.Prior == 0 || a.Prior >= 57e9 || !t.timer() || !t.E.Flags.Has(capture.SYN) && !a.Front {
		return NotExercised
	}
	f.Got, f.Want = a.Timer/1e6, a.Prior/1e6
	return holdsUnless(a.Timer < 18*a.Prior/10-2*kernelLate)
}

// afterLostSYN leaves connections with timestamps out: there the repeated SYN
// gives a sample, and the timeout follows from that (RFC 6298 §3, §2.2).
func afterLostSYN(t *Track, f *Finding) Answer {
	own := t.Own()
	if own.SYNs.count < 2 || t.Timestamped() || own.samples > 0 || t.Rtx.Count != 1 || t.E.PayloadLen == 0 || !t.timer() {
		return NotExercised
	}
	f.Got, f.Want = t.Rtx.Gap/1e6, 3000
	return holdsUnless(t.Rtx.Gap < 3*firstTimeout)
}

func probeTime(t *Track, f *Finding) Answer {
	own, a := t.Own(), &t.Rtx
	if !t.near() || a.Kind != TailProbe || own.MinRTT < longRTT {
		return NotExercised
	}
	f.Got, f.Want = a.Gap/1e6, own.MinRTT/1e6
	return holdsUnless(a.Gap < own.MinRTT*3/2)
}

func freshTimestamp(t *Track, f *Finding) Answer {
	a := &t.Rtx
	if !t.near() || !a.known || !t.E.Marks.Has(capture.HasTimestamps) || a.Gap < 1e9 {
		return NotExercised
	}
	f.Got, f.Want = a.Gap/1e6, int64(t.E.TSVal)
	return holdsUnless(a.tsval == t.E.TSVal)
}

func fastRetransmit(_ *Track, s *Side, now int64, f *Finding) Answer {
	if s.DupACKs < 3 || s.zeroFrom != 0 || s.shrunk {
		return NotExercised
	}
	p := s.front()
	if p == nil || p.end() >= s.Next {
		return NotExercised
	}
	if p.count > 1 {
		return Holds
	}
	if wait := now - max(s.dupAt, s.lastACK); wait > queueLate+kernelLate+s.SRTT { // RACK may wait for a round trip (RFC 8985 §6.2)
		f.Got, f.Want, f.Event = wait/1e6, int64(s.DupACKs), int(s.lastEvent)
		return Broken
	}
	return NotExercised
}

// initialLimit is the initial window of RFC 6928 §2, in octets.
func initialLimit(mss int64) int64 { return min(10*mss, max(2*mss, 14600)) }

func initialWindow(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if e.PayloadLen == 0 || !t.Established() || own.Una > 1 || own.SYNs.count > 2 || t.retransmission() || own.dupAt != 0 || !t.C.FromStart() {
		return NotExercised
	}
	f.Got, f.Want = e.RelSeq+int64(e.PayloadLen)-1, initialLimit(t.peerMSS())
	if t.mayProbe() {
		f.Want += t.peerMSS()
	}
	if f.Got > f.Want && (!t.near() || e.Marks.Has(capture.SuperFrame)) {
		return NotExercised
	}
	return holdsUnless(f.Got > f.Want)
}

// clockShows is how long a round trip is at the least, in nanoseconds, if two of
// them show in timestamps: their clock ticks once in ten milliseconds or faster
// in every stack in wide use.
const clockShows = 10e6

// mayProbe reports whether new octets may be a probe for a lost tail (RFC 8985
// §7.3). It leaves two round trips after what left before it. Both may have
// waited in one queue on their way to the capture, but then their timestamps
// tell them apart.
func (t *Track) mayProbe() bool {
	e, own := t.E, t.Own()
	if !t.tailProbes() || e.Time-own.lastACK <= own.Handshake || len(own.sent) == 0 {
		return false
	}
	if e.Time-own.lastTx >= own.Handshake*3/2 || own.Handshake < clockShows || !e.Marks.Has(capture.HasTimestamps) {
		return true
	}
	return own.sent[len(own.sent)-1].tsval != e.TSVal
}

func initialWindowAfterLoss(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if e.PayloadLen == 0 || !t.near() || own.Una > 1 || own.SYNs.count <= 2 || t.retransmission() {
		return NotExercised
	}
	f.Got, f.Want = e.RelSeq+int64(e.PayloadLen)-1, t.peerMSS()
	return holdsUnless(f.Got > f.Want)
}

// peerMSS is the MSS that the frame's sender has been told, or its default.
func (t *Track) peerMSS() int64 {
	switch peer := t.Peer(); {
	case peer.HasMSS:
		return max(peer.MSS, leastMSS)
	case t.E.Marks.Has(capture.IPv6):
		return 1220
	}
	return 536
}

// slowStart allows each acknowledgement what RFC 5681 does, a segment however
// little it acknowledges, and what stacks that count octets take from it, all
// that it acknowledges (RFC 3465 tries two segments).
func slowStart(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if e.PayloadLen == 0 || !t.near() || own.Una <= 1 || !t.C.FromStart() || own.DupACKs > 0 || own.dupAt > own.lastACK || own.sackedTo > own.Una || own.recover > own.Una {
		return NotExercised
	}
	mss := t.peerMSS()
	f.Got = max(own.Next, e.RelEnd()) - own.Una
	f.Want = initialLimit(mss) + own.opened + 10*mss // limited transmit, tail probes and repairs may exceed the window
	return holdsUnless(f.Got > f.Want)
}

func lossWindow(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if t.near() && own.heldBack {
		return Holds
	}
	if e.PayloadLen == 0 || !t.near() || own.sinceTimer <= 0 {
		return NotExercised
	}
	if t.Rtx.Kind == ByTimer && e.Time-own.timerAt > shortestTimer {
		return Holds // it has expired again
	}
	f.Got, f.Want = own.sinceTimer+int64(e.PayloadLen), t.peerMSS()
	return holdsUnless(f.Got > f.Want)
}
