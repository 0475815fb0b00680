package rules

import "tcping-cmp/compare/capture"

// answerRules are what an end owes to what it meets, RFC 9293 §3.10.7 in the
// order of its steps.
var answerRules = []Rule{
	{ID: "R9293:3.10.7.3:third-ack", Clause: "RFC 9293 §3.10.7.3", Level: Must, Field: "tcp.ack",
		Meaning: "A SYN-ACK is answered with an acknowledgement.", When: "any connection that opens",
		Says: "the SYN-ACK is not acknowledged within %[2]d ms", on: metSYNACK, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().Met&(metStrayRST|metWrongACK) == 0 }, met: answered, timed: bothTimes},
	{ID: "R9293:3.5.3:synsent-rst", Clause: "RFC 9293 §3.5.3", Level: Must, Field: "tcp.flags.reset",
		Meaning: "In SYN-SENT a RST that does not acknowledge the SYN changes nothing.", When: "a RST with a wrong ACK, or without, before the SYN-ACK",
		Says: "a RST that did not acknowledge the SYN has ended the attempt", on: metSYNACK, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().Met&metStrayRST != 0 }, met: challenge},
	{ID: "R9293:3.5.2:nonsync-rst", Clause: "RFC 9293 §3.5.2", Level: Must, Field: "tcp.flags.reset",
		Meaning: "In SYN-SENT an ACK of what was not sent draws a RST at its number.", When: "a wrong ACK number before the SYN-ACK",
		Says: "a wrong ACK before the handshake draws no RST with its number", on: metWrongACK, within: answerTime, met: resetAt},
	{ID: "R9293:3.10.7.3:simopen", Clause: "RFC 9293 §3.10.7.3, MUST-10", Level: Must, Field: "tcp.flags",
		Meaning: "A SYN without ACK in SYN-SENT is answered with SYN and ACK, the initial number unchanged.", When: "a simultaneous open",
		Says: "a simultaneous open is not answered with SYN,ACK at the same number", on: metSimultaneous, within: answerTime, met: simultaneous},
	{ID: "R9293:3.10.7.3:synack-text", Clause: "RFC 9293 §3.10.7.3", Level: Must, Field: "tcp.ack",
		Meaning: "Text in a SYN-ACK is not lost.", When: "a SYN-ACK with data",
		Says: "the text of the SYN-ACK is not acknowledged within %[2]d ms", on: metSYNACK, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.E.PayloadLen > 0 && t.E.Marks&capture.OptionsMalformed == 0 }, met: covered, timed: bothTimes},
	{ID: "R9293:3.5.2:sync-ack", Clause: "RFC 9293 §3.5.2, §3.10.7.4", Level: Must, Field: "tcp.ack",
		Meaning: "In a synchronized state an unacceptable segment draws an ACK of the true numbers.", When: "a number outside of the window, or octets that are known already",
		Says: "an unacceptable segment draws no ACK within %[2]d ms", on: metUnacceptable, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().answers() && (t.E.PayloadLen > 0 || t.unhurried()) }, met: answered, timed: bothTimes},
	{ID: "5961:4.2:syn", Clause: "RFC 5961 §4.2, RFC 9293 §3.10.7.4", Level: Should, Field: "tcp.flags.syn",
		Meaning: "A SYN on a synchronized connection draws a challenge ACK and changes nothing.", When: "a SYN with any number after the handshake",
		Says: "a SYN on an open connection draws no challenge ACK", on: metSYN, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().answers() && t.unhurried() }, met: challenge},
	{ID: "5961:3.2:rst", Clause: "RFC 5961 §3.2, RFC 9293 §3.10.7.4", Level: Should, Field: "tcp.flags.reset",
		Meaning: "A RST in the window but not at its edge draws a challenge ACK and changes nothing.", When: "a RST inside of the window",
		Says: "a RST inside of the window draws no challenge ACK", on: metRSTInWindow, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().answers() && t.unhurried() }, met: challenge},
	{ID: "R9293:3.10.7.4:noack-drop", Clause: "RFC 9293 §3.10.7.4", Level: Must, Field: "tcp.ack",
		Meaning: "A segment without ACK is dropped.", When: "data without ACK",
		Says: "acknowledges %[1]d: octets from %[2]d came without ACK", on: metNoACK, arise: brings, met: refused},
	{ID: "R9293:3.10.7.4:ack-future", Clause: "RFC 9293 §3.10.7.4", Level: Must, Field: "tcp.ack",
		Meaning: "An ACK of what was not sent draws an ACK, and its segment is dropped.", When: "an ACK number that is too high",
		Says: "an ACK of what was never sent is not answered, or its text is taken", on: metFutureACK, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().answers() && (t.E.PayloadLen > 0 || t.unhurried()) }, met: refused},
	{ID: "5961:5.2:ack", Clause: "RFC 5961 §5.2, RFC 9293 §3.10.7.4, MAY-12", Level: May, Field: "tcp.ack",
		Meaning: "An ACK older than the largest window may draw an ACK, and its segment be dropped.", When: "an ACK number far too low",
		Says: "an ACK older than the largest window is not answered, or its text is taken", on: metAncientACK, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().answers() && (t.E.PayloadLen > 0 || t.unhurried()) }, met: refused},
	{ID: "MUST-3", Clause: "RFC 9293 §3.1", Level: Must, Field: "tcp.ack",
		Meaning: "The receiver verifies the checksum.", When: "data with a wrong checksum",
		Says: "acknowledges %[1]d: octets from %[2]d came with a wrong checksum", on: metBadChecksum,
		arise: func(t *Track, d *duty) bool {
			brought := brings(t, d)
			d.end = d.rcv + 1 // what was damaged may be its length
			return brought
		}, met: corrupt},
	{ID: "7323:5.3:paws", Clause: "RFC 7323 §5.3, RFC 9293 §3.4.3", Level: Should, Field: "tcp.options.timestamp",
		Meaning: "A segment with an old timestamp is dropped and acknowledged.", When: "data with a timestamp before the latest",
		Says: "a segment with an old timestamp is not answered, or its octets are taken", on: metOldTimestamp, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().answers() && t.E.SegLen() > 0 }, met: refused},
	{ID: "7323:3.2:no-ts", Clause: "RFC 7323 §3.2", Level: Should, Field: "tcp.options.timestamp",
		Meaning: "A segment that lacks the agreed timestamps is dropped, and the connection goes on.", When: "data without timestamps after both SYNs had them",
		Says: "acknowledges %[1]d: octets from %[2]d came without the agreed timestamps", on: metNoTimestamp, arise: brings, met: refused},
	{ID: "R9293:3.10.7.4:trim", Clause: "RFC 9293 §3.10.7.4", Level: Must, Field: "tcp.ack",
		Meaning: "Of a segment that overlaps what is known, the new part is used.", When: "data that overlaps earlier data",
		Says: "the new part of an overlapping segment is not acknowledged within %[2]d ms", on: metText, within: answerTime,
		arise: func(t *Track, d *duty) bool {
			return d.seq < t.Peer().taken && d.end > t.Peer().taken && t.Peer().answers()
		}, met: covered, timed: bothTimes},
	{ID: "SHLD-31", Clause: "RFC 9293 §3.10.7.4", Level: Should, Field: "tcp.ack",
		Meaning: "Octets behind a gap are kept: when it fills, the acknowledgement jumps over them.", When: "reordered data, or a loss that is made good",
		Says: "acknowledges %[1]d once the gap is filled: octets behind it up to %[2]d were thrown away", on: metFillsGap, arise: keeps, met: kept},
	{ID: "5681:4.2:ooo-ack", Clause: "RFC 5681 §4.2", Level: Should, Field: "tcp.time_delta",
		Meaning: "Data that is out of order, or fills a gap, is acknowledged at once.", When: "reordered data, or a loss",
		Says: "data out of order is acknowledged after %[1]d ms", on: metOutOfOrder | metFillsGap, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().answers() }, met: atOnce, timed: bothTimes},
	{ID: "R9293:3.10.7.4:fin-ack", Clause: "RFC 9293 §3.10.7.4", Level: Must, Field: "tcp.ack",
		Meaning: "A FIN is acknowledged.", When: "any connection that the other end closes",
		Says: "the FIN is not acknowledged within %[2]d ms", on: metFIN, within: answerTime,
		arise: func(t *Track, d *duty) bool { return t.Peer().PeerFIN && t.Peer().Rcv == d.end }, met: covered, timed: bothTimes},
	{ID: "R9293:3.10.7.4:tw-fin", Clause: "RFC 9293 §3.10.7.4", Level: Must, Field: "tcp.ack",
		Meaning: "A FIN that is repeated in TIME-WAIT is acknowledged.", When: "a lost last ACK",
		Says: "a repeated FIN is not acknowledged within %[2]d ms", on: metFINAgain, within: answerTime,
		arise: func(t *Track, _ *duty) bool { return t.Peer().waits(t.E.Time) && t.unhurried() }, met: answered, timed: bothTimes},
	{ID: "MUST-13", Clause: "RFC 9293 §3.6.1", Level: Must, Field: "tcp.flags.reset",
		Meaning: "TIME-WAIT lasts twice the maximum segment lifetime, four minutes.", When: "a FIN that is repeated late",
		Says: "TIME-WAIT was over %[1]d s after the last FIN, %[2]d are asked for", on: metFINAgain,
		arise: func(t *Track, _ *duty) bool { return t.Peer().waits(t.E.Time) }, met: timeWait},
	{ID: "MUST-5", Clause: "RFC 9293 §3.1", Level: Must, Field: "tcp.options",
		Meaning: "Options are accepted in any segment.", When: "data with an option that nobody knows, or that belongs on a SYN",
		Says: "data with an option that does not belong there is not acknowledged within %[2]d ms", on: metStrangeOption, within: answerTime,
		arise: func(t *Track, d *duty) bool { return t.Peer().answers() && d.seq <= d.rcv }, met: covered, timed: bothTimes},
	{ID: "MUST-7", Clause: "RFC 9293 §3.1", Level: Must, Field: "tcp.options",
		Meaning: "Options of illegal length are survived, or reset the connection.", When: "data in order after a segment with an option of length zero",
		Says: "nothing is heard for %[1]d ms after data that follows an option of illegal length", on: metInOrder | metFillsGap, within: 10e9,
		arise: func(t *Track, _ *duty) bool { return t.Peer().Met&metMalformed != 0 && t.Peer().answers() },
		met:   func(*Track, *duty, *Finding) (Answer, bool) { return Holds, true }, timed: gotTime},
	{ID: "MUST-30", Clause: "RFC 9293 §3.8.5", Level: Must, Field: "tcp.flags.urg",
		Meaning: "Urgent data is received, however long.", When: "data with URG",
		Says: "urgent data is not acknowledged within %[2]d ms", on: metUrgent, within: answerTime,
		arise: func(t *Track, d *duty) bool { return t.Peer().answers() && d.seq <= d.rcv }, met: covered, timed: bothTimes},
	{ID: "MUST-50", Clause: "RFC 9293 §3.9.2", Level: Must, Field: "ip.options",
		Meaning: "IP options that TCP does not know are ignored.", When: "data, or the SYN of the other end, with IP options",
		Says: "a segment with IP options is not acknowledged within %[2]d ms", on: metText | metSYNACK | metSimultaneous, within: answerTime,
		arise: func(t *Track, d *duty) bool {
			return t.E.Marks.Has(capture.IPOptions) && t.Peer().answers() && d.seq <= d.rcv
		}, met: covered, timed: bothTimes},
	{ID: "MUST-66", Clause: "RFC 9293 §3.4", Level: Must, Field: "tcp.flags.reset",
		Meaning: "A RST is obeyed while the own window is zero.", When: "a RST to an end whose window is closed",
		Says: "goes on after a RST that came while its window was zero", on: metRSTExact,
		arise: func(t *Track, _ *duty) bool { return t.Peer().Edge <= t.Peer().Rcv }, met: goesOn},
	{ID: "7323:5.2:rst", Clause: "RFC 7323 §5.2", Level: Must, Field: "tcp.flags.reset",
		Meaning: "A RST is obeyed whatever its timestamp.", When: "a RST with an old timestamp",
		Says: "goes on after a RST with an old timestamp", on: metRSTExact,
		arise: func(t *Track, _ *duty) bool {
			to := t.Peer()
			return to.recentOK && t.E.Marks.Has(capture.HasTimestamps) && int32(t.E.TSVal-to.Recent) < 0
		}, met: goesOn},
	{ID: "SHLD-2", Clause: "RFC 9293 §3.5.3", Level: Should, Field: "tcp.flags.reset",
		Meaning: "A RST may carry data.", When: "a RST with a payload",
		Says: "goes on after a RST that carried data", on: metRSTExact,
		arise: func(t *Track, _ *duty) bool { return t.E.PayloadLen > 0 }, met: goesOn},
}

// answers reports whether the end still answers.
func (s *Side) answers() bool { return s.Synced && !s.Reset && s.Closed == 0 && !s.over() }

// over reports whether both directions are closed and acknowledged.
func (s *Side) over() bool { return s.PeerFIN && s.Finished && s.Una > s.Fin }

// waits reports whether the end, which closed first, is in TIME-WAIT.
func (s *Side) waits(now int64) bool {
	return s.over() && s.first && s.Met&metRSTExact == 0 && s.doneBefore != 0 && now-s.doneBefore < timeWaitTime
}

// timeWaitTime is twice the maximum segment lifetime of RFC 9293 §3.4.2.
const timeWaitTime = 240e9

// brings reports whether the segment has octets that the end did not have.
func brings(t *Track, d *duty) bool {
	return t.Peer().answers() && t.E.PayloadLen > 0 && d.end > d.rcv && d.seq <= d.rcv
}

// corrupt is refused, unless the octets may have come again meanwhile.
func corrupt(t *Track, d *duty, f *Finding) (Answer, bool) {
	if t.Own().doubtful >= d.end {
		return NotExercised, true
	}
	return refused(t, d, f)
}

func resetAt(t *Track, d *duty, _ *Finding) (Answer, bool) {
	if !t.E.Flags.Has(capture.RST) {
		return NotExercised, false
	}
	return holdsUnless(t.E.RelSeq != d.ack), true
}

func simultaneous(t *Track, _ *duty, _ *Finding) (Answer, bool) {
	switch {
	case t.E.Flags.Has(capture.RST):
		return Broken, true
	case t.E.Flags.Has(capture.SYN | capture.ACK):
		return holdsUnless(t.E.RelSeq != 0), true
	}
	return NotExercised, false
}

// keeps notes how far the octets behind the gap reach, and where the segment
// that fills it ends.
func keeps(t *Track, d *duty) bool {
	d.ack = t.Peer().Rcv
	return t.Peer().answers() && d.ack > d.end
}

func kept(t *Track, d *duty, f *Finding) (Answer, bool) {
	e := t.E
	switch {
	case e.Flags.Has(capture.RST):
		return NotExercised, true
	case e.RelAck >= d.ack:
		return Holds, true
	case e.RelAck >= d.end && e.Time > d.since:
		f.Got, f.Want = e.RelAck, d.ack
		return Broken, true
	}
	return NotExercised, false
}

func atOnce(t *Track, d *duty, f *Finding) (Answer, bool) {
	switch {
	case t.E.Flags.Has(capture.RST):
		return NotExercised, true
	case t.E.Flags.Has(capture.ACK):
		f.Got = (t.E.Time - d.since) / 1e6
		return holdsUnless(t.E.Time-d.since > queueLate+kernelLate), true
	}
	return NotExercised, false
}

func timeWait(t *Track, _ *duty, f *Finding) (Answer, bool) {
	if t.E.Flags.Has(capture.RST) {
		f.Got, f.Want = (t.E.Time-t.Own().doneBefore)/1e9, timeWaitTime/1e9
		return Broken, true
	}
	return holdsUnless(!t.E.Flags.Has(capture.ACK)), true
}

// goesOn is met by silence: any segment but a RST, later than what may have
// been on its way, shows that the connection lives, and a RST to what came
// since that it does not.
func goesOn(t *Track, d *duty, _ *Finding) (Answer, bool) {
	if t.E.Flags.Has(capture.RST) {
		return t.refusesStray(t.Own()), true
	}
	if t.E.Time-d.since <= queueLate {
		return NotExercised, false
	}
	return Broken, true
}
