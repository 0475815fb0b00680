package rules

import "tcping-cmp/compare/capture"

var probeRules = []Rule{
	{ID: "MUST-36", Clause: "RFC 9293 §3.8.6.1", Level: Must, Field: "tcp.analysis.zero_window_probe",
		Meaning: "A closed window is probed.", When: "a window of zero with data waiting",
		Says: "the window has been closed for %[1]d ms with octets waiting from %[2]d on, and there is no probe", late: probeDue, once: true, timed: gotTime},
	{ID: "MUST-34", Clause: "RFC 9293 §3.8.6", Level: Must, Field: "tcp.window_size",
		Meaning: "A sender stands a window that shrinks below what it has sent.", When: "a window that shrinks while data is in flight",
		Says: "gives up %[1]d ms after the window shrank to octet %[2]d", check: standsShrinking, needs: seesNear, timed: gotTime},
	{ID: "MUST-35", Clause: "RFC 9293 §3.8.6", Level: Must, Field: "tcp.analysis.zero_window_probe",
		Meaning: "A window that shrinks to zero is probed.", When: "a window that shrinks to zero while data is in flight",
		Says: "the window shrank to zero %[1]d ms ago below octet %[2]d, and there is no probe", late: shrunkProbeDue, once: true, timed: gotTime},
	{ID: "SHLD-15", Clause: "RFC 9293 §3.8.6", Level: Should, Field: "tcp.len",
		Meaning: "After the window has shrunk no new data goes beyond its edge.", When: "a window that shrinks while data is in flight",
		Says: "sends up to octet %[1]d after the window shrank to %[2]d", check: nothingPastShrunk, needs: seesNear | seesData},
	{ID: "R9293:3.10.7.4:wl1wl2", Clause: "RFC 9293 §3.10.7.4", Level: Must, Field: "tcp.len",
		Meaning: "An old segment does not change the send window.", When: "an old ACK with another window",
		Says: "sends up to octet %[1]d, the valid window ends at %[2]d: the wider one came with an old segment", check: validWindow, needs: seesNear | seesData},
	{ID: "SHLD-29", Clause: "RFC 9293 §3.8.6.1", Level: Should, Field: "tcp.analysis.zero_window_probe",
		Meaning: "The first probe of a closed window waits for a retransmission timeout.", When: "a window of zero with data waiting",
		Says: "the first probe follows after %[1]d ms, the round trip is %[2]d", check: firstProbe, needs: seesNear | seesZeroWindow, timed: bothTimes},
	{ID: "SHLD-30", Clause: "RFC 9293 §3.8.6.1", Level: Should, Field: "tcp.analysis.zero_window_probe",
		Meaning: "The time between probes grows exponentially.", When: "a window of zero for a while",
		Says: "a probe follows after %[1]d ms, the one before after %[2]d", check: probesBackOff, needs: seesNear | seesZeroWindow, timed: bothTimes},
	{ID: "R9293:3.8.6.1:probe-octet", Clause: "RFC 9293 §3.8.6.1", Level: Must, Field: "tcp.len",
		Meaning: "A window probe has an octet of new data, or is a retransmission.", When: "a window of zero with data waiting",
		Says: "a probe at octet %[1]d carries no octet", check: probeOctet, needs: seesNear | seesZeroWindow},
	{ID: "3168:6.1.6:probe", Clause: "RFC 3168 §6.1.6", Level: Must, Field: "ip.dsfield.ecn",
		Meaning: "A window probe is not ECN-capable and has no CWR.", When: "a window of zero after both ends agreed to ECN",
		Says: "a window probe carries ECN codepoint %[1]d or CWR", check: probeECN, needs: seesNear | seesZeroWindow},
	{ID: "MUST-38", Clause: "RFC 9293 §3.8.6.2.1", Level: Must, Field: "tcp.len",
		Meaning: "A sender does not send silly little segments while it has more.", When: "a window smaller than a segment",
		Says: "sends %[1]d octets and keeps more back: a full segment is %[2]d", check: sillySender, needs: seesNear | seesData},
	{ID: "MUST-39", Clause: "RFC 9293 §3.8.6.2.2", Level: Must, Field: "tcp.window_size",
		Meaning: "A receiver does not open its window in silly little steps.", When: "an application that does not read for a while",
		Says: "the window opens by %[1]d octets to %[2]d", check: sillyReceiver, needs: seesNear},
	{ID: "MUST-1", Clause: "RFC 9293 §3.1", Level: Must, Field: "tcp.window_size_value",
		Meaning: "The window is an unsigned number.", When: "a window of 32768 or more without scaling",
		Says: "sends %[1]d octet only into a window of %[2]d, as if that were negative", check: unsignedWindow, needs: seesNear | seesData},
	{ID: "7323:2.3:shift", Clause: "RFC 7323 §2.3", Level: Must, Field: "tcp.window_size_value",
		Meaning: "The window field is the window shifted right, from the third segment on.", When: "both SYNs with a window scale",
		Says: "announces %[1]d, the same as in the SYN where it was not shifted; the shift is %[2]d", check: windowShifted},
	{ID: "7323:2.2:syn-unscaled", Clause: "RFC 7323 §2.2", Level: Must, Field: "tcp.window_size_value",
		Meaning: "The window of a SYN is not scaled.", When: "a SYN with a window scale",
		Says: "announces %[1]d, the same as in the SYN: it was shifted by %[2]d there already", check: synUnscaled},
	{ID: "MUST-61", Clause: "RFC 9293 §3.9.1.2", Level: Must, Field: "tcp.flags.push",
		Meaning: "The last segment of what is queued has PSH.", When: "any data",
		Says: "the octets up to %[2]d were the last that were queued and had no PSH", check: pushed, needs: seesNear},
	{ID: "R9293:3.5.2:rst-last", Clause: "RFC 9293 §3.5.2, §3.10.5", Level: Must, Field: "tcp.flags.reset",
		Meaning: "An end that has sent a RST has no connection any more.", When: "a connection that is aborted",
		Says: "goes on %[1]d ms after its own RST", check: resetLast, needs: seesNear | seesReset, timed: gotTime},
	{ID: "SHLD-19", Clause: "RFC 9293 §3.8.6.3", Level: Should, Field: "tcp.time_delta",
		Meaning: "Every second full-sized segment is acknowledged.", When: "bulk data from the other end",
		Says: "%[2]d octets wait %[1]d ms for an acknowledgement: more than two full segments", check: everySecond, needs: seesNear, timed: gotTime},
	{ID: "MUST-46", Clause: "RFC 9293 §3.9.1.1", Level: Must, Field: "ip.dst",
		Meaning: "No connection is opened to a broadcast or multicast address.", When: "an attempt to",
		Says: "a SYN goes to an address of many", check: toOne, needs: seesSYN},
	{ID: "3168:6.1.1:setup", Clause: "RFC 3168 §6.1.1", Level: Should, Field: "tcp.flags.ece",
		Meaning: "A SYN that offers ECN has both ECE and CWR, and any other has neither.", When: "a SYN",
		Says: "the SYN has only one of ECE and CWR", check: ecnSetup, needs: seesSYN},
	{ID: "3168:6.1.2:cwr", Clause: "RFC 3168 §6.1.2, §6.1.1", Level: Must, Field: "tcp.flags.cwr",
		Meaning: "Who sends ECN-capable data answers an ECE with CWR on new data.", When: "an ECE from the other end",
		Says: "new data still has no CWR %[1]d ms after an ECE", check: answersECE, needs: seesNear | seesData, timed: gotTime},
	{ID: "3168:6.1.3:ece", Clause: "RFC 3168 §6.1.3", Level: Must, Field: "tcp.flags.ece",
		Meaning: "After a mark every acknowledgement has ECE until CWR comes.", When: "data that arrives marked",
		Says: "acknowledges %[1]d without ECE, the octets up to %[2]d were marked", check: echoesMark, needs: seesNear},
	{ID: "3168:6.1.3:unmarked", Clause: "RFC 3168 §6.1.3", Level: Must, Field: "tcp.flags.ece",
		Meaning: "Congestion is echoed only after a mark, and no longer than until CWR.", When: "any data; a mark that was answered with CWR",
		Says: "acknowledges %[1]d with ECE, and there is no mark to echo", check: echoesNothing, needs: seesNear},
	{ID: "SHLD-12", Clause: "RFC 9293 §3.8.4", Level: Should, Field: "tcp.len",
		Meaning: "A keep-alive probe carries no data.", When: "keep-alive",
		Says: "a keep-alive probe carries %[1]d octet", check: emptyKeepAlive, needs: seesNear},
	{ID: "5681:4.1:restart", Clause: "RFC 5681 §4.1", Level: Should, Field: "tcp.analysis.bytes_in_flight",
		Meaning: "After a pause longer than the timeout the first flight is an initial window at most.", When: "a pause in a transfer",
		Says: "%[1]d octets follow a pause at once, %[2]d are allowed", check: restartWindow, needs: seesNear | seesData},
	{ID: "5961:7:throttle", Clause: "RFC 5961 §7", Level: Should, Field: "tcp.ack",
		Meaning: "Challenge acknowledgements are limited.", When: "a burst of forged segments",
		Says: "%[1]d challenge acknowledgements in five seconds: the RFC's example is %[2]d", check: challengesLimited, needs: seesNear},
	{ID: "1191:2:df", Clause: "RFC 1191 §2", Level: May, Field: "ip.flags.df",
		Meaning: "DF stays set where path MTU discovery is used.", When: "data",
		Says: "DF is clear, it was set before", check: keepsDF, needs: seesData},
}

func probeDue(t *Track, s *Side, now int64, f *Finding) Answer {
	if s.zeroFrom == 0 || s.shrunk || s.PeerFIN && s.over() {
		return NotExercised
	}
	waiting := s.Next >= s.nowEdge && s.Next > 1 && !s.lastPush && !s.Finished || s.InFlight() > 0
	if !waiting {
		return NotExercised
	}
	if s.probes.count > 0 && s.probes.last >= s.zeroFrom {
		return Holds
	}
	if now-s.zeroFrom <= max(patience, 4*s.RTO()) {
		return NotExercised
	}
	f.Got, f.Want, f.Event = (now-s.zeroFrom)/1e6, s.Una, int(s.lastEvent)
	return Broken
}

// shrunkShock is how soon an end gives up, in nanoseconds, that does so for the
// window's sake.
const shrunkShock = 2e9

func standsShrinking(t *Track, f *Finding) Answer {
	own := t.Own()
	if !t.near() || !own.shrunk || own.shrunkAt == 0 || own.Closed != 0 {
		return NotExercised
	}
	rst := t.E.Flags.Has(capture.RST)
	if rst && t.E.Time-own.shrunkAt > shrunkShock {
		return NotExercised // the application may have lost its patience
	}
	f.Got, f.Want = (t.E.Time-own.shrunkAt)/1e6, own.nowEdge
	return holdsUnless(rst)
}

func shrunkProbeDue(t *Track, s *Side, now int64, f *Finding) Answer {
	if !s.shrunk || s.zeroFrom == 0 || s.InFlight() == 0 {
		return NotExercised
	}
	if s.probes.count > 0 && s.probes.last >= s.zeroFrom {
		return Holds
	}
	if now-s.zeroFrom <= max(patience, 4*s.RTO()) {
		return NotExercised
	}
	f.Got, f.Want, f.Event = (now-s.zeroFrom)/1e6, s.Next, int(s.lastEvent)
	return Broken
}

func nothingPastShrunk(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || !own.shrunk || e.PayloadLen <= 1 || e.Time-own.shrunkAt <= queueLate {
		return NotExercised
	}
	f.Got, f.Want = e.RelSeq+int64(e.PayloadLen), own.nowEdge
	return holdsUnless(f.Got > own.Next && f.Got > f.Want)
}

func validWindow(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || !own.stale || e.PayloadLen <= 1 || t.retransmission() {
		return NotExercised
	}
	f.Got, f.Want = e.RelSeq+int64(e.PayloadLen), own.validEdge
	if own.staleAt != 0 && e.Time-own.staleAt > queueLate && f.Got > own.staleEdge && f.Got <= own.nowEdge {
		return Holds // the window of the old segment would have held it back
	}
	if t.Peer().Edge <= own.validEdge {
		return NotExercised
	}
	return holdsUnless(f.Got > f.Want && f.Got <= t.Peer().Edge)
}

// probes reports whether the frame probes a closed window.
func (t *Track) probe() bool {
	e, own := t.E, t.Own()
	if !t.near() || own.zeroFrom == 0 || e.Flags.Any(capture.SYN|capture.RST|capture.FIN) {
		return false
	}
	return e.PayloadLen > 0 || e.RelSeq < own.Next && e.RelSeq < own.Una
}

func firstProbe(t *Track, f *Finding) Answer {
	own := t.Own()
	if !t.probe() || own.probes.last >= own.zeroFrom || t.E.Time-own.lastACK < own.MinRTT {
		return NotExercised
	}
	f.Got, f.Want = (t.E.Time-max(own.zeroFrom, own.LastTime))/1e6, own.SRTT/1e6
	wait := t.E.Time - own.zeroFrom
	return holdsUnless(wait < shortestTimer && wait > queueLate/10)
}

func probesBackOff(t *Track, f *Finding) Answer {
	own := t.Own()
	p := &own.probes
	if !t.probe() || own.Met&metFutureACK != 0 || p.count < 2 || p.gap == 0 || p.last < own.zeroFrom || p.gap >= 55e9 || p.last-p.gap < own.zeroFrom || own.lastACK > p.last {
		return NotExercised
	}
	gap := t.E.Time - p.last
	f.Got, f.Want = gap/1e6, p.gap/1e6
	return holdsUnless(gap < 15*p.gap/10-2*kernelLate)
}

func probeOctet(t *Track, f *Finding) Answer {
	own := t.Own()
	if !t.probe() || own.InFlight() == 0 && own.lastPush {
		return NotExercised
	}
	f.Got = t.E.RelSeq
	return holdsUnless(t.E.PayloadLen == 0)
}

func probeECN(t *Track, f *Finding) Answer {
	if !t.probe() || !t.Own().ECN || !t.Peer().ECN || t.Rtx.Kind != First && t.Rtx.Kind != Probe {
		return NotExercised
	}
	f.Got = int64(t.E.ECN())
	return holdsUnless((f.Got != 0 || t.E.Flags.Has(capture.CWR)) && t.Rtx.Kind == First)
}

func sillySender(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if e.PayloadLen == 0 || !t.near() || t.retransmission() || own.zeroFrom != 0 || !own.wndKnown || own.shrunk {
		return NotExercised
	}
	left := own.nowEdge - e.RelEnd()
	full := t.peerMSS() - 40
	f.Got, f.Want = int64(e.PayloadLen), t.peerMSS()
	small := f.Got < full && f.Got < own.MaxWnd/2
	if !small || e.Flags.Any(capture.PSH|capture.FIN) || left > 0 {
		return Holds // the window is not why it is small
	}
	idle := e.Time - max(own.lastData, own.openedAt)
	return holdsUnless(idle < 100e6-kernelLate)
}

func sillyReceiver(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || !t.C.FromStart() || !own.HasAcked || !own.HasMSS || !e.Flags.Has(capture.ACK) || e.Flags.Any(capture.RST|capture.SYN) {
		return NotExercised
	}
	window, edge := t.Window(e), e.RelAck+t.Window(e)
	before := own.Edge - e.RelAck
	opened := edge - own.Edge
	if before >= own.MSS || window == 0 || own.bigWnd == 0 || own.Edge-own.Acked > own.MSS {
		return NotExercised
	}
	offered, unit := int64(1)<<min(own.Shift, 14), int64(1)
	if t.Scaled() {
		unit = offered
	} else if before > 0 && before%offered == 0 && opened < offered {
		return NotExercised // the window had been rounded for a scale that was then refused
	}
	step := min(own.MSS-40, own.bigWnd/2) - 2*unit // options take of a segment, the scale rounds both edges
	f.Got, f.Want = opened, window
	return holdsUnless(opened >= unit && opened < step) // less is rounding
}

func unsignedWindow(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || e.PayloadLen == 0 || !own.wndKnown || t.Scaled() || own.SndWnd < 0x8000 || own.InFlight() > 0 || t.retransmission() {
		return NotExercised
	}
	f.Got, f.Want = int64(e.PayloadLen), own.SndWnd
	return holdsUnless(e.PayloadLen == 1 && !e.Flags.Has(capture.PSH) && e.Time-own.LastTime > shortestTimer)
}

// sameField reports whether the first window after the handshake has the
// number of the SYN's although there is a shift.
func (t *Track) sameField(f *Finding) (same, first bool) {
	e, own := t.E, t.Own()
	if !t.Scaled() || own.firstWnd == 0 || own.thirdSeen || own.Shift < 2 || e.Flags.Any(capture.SYN|capture.RST) {
		return false, false
	}
	f.Got, f.Want = int64(e.Window), int64(own.Shift)
	return e.Window == own.firstWnd, true
}

// shiftedField is how large a window field is at the least that has not been
// shifted.
const shiftedField = 4096

func unshifted(e *capture.Event) bool { return e.Window >= shiftedField && e.Window < 65535 }

func windowShifted(t *Track, f *Finding) Answer {
	same, first := t.sameField(f)
	if !first {
		return NotExercised
	}
	return holdsUnless(same && unshifted(t.E))
}

func synUnscaled(t *Track, f *Finding) Answer {
	same, first := t.sameField(f)
	if !first {
		return NotExercised
	}
	return holdsUnless(same && t.E.Window < shiftedField)
}

// pushed judges the last data before a pause: once everything was acknowledged
// for a while, or a FIN follows alone, it is known that no more was queued.
func pushed(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || own.lastData == 0 || e.SegLen() == 0 || t.retransmission() || e.Flags.Any(capture.SYN|capture.RST) || own.zeroFrom != 0 {
		return NotExercised
	}
	last := e.Flags.Has(capture.FIN) && e.PayloadLen == 0
	paused := own.Una >= own.Next && e.Time-max(own.lastData, own.lastACK) > queueLate && own.room > 0
	if !last && !paused {
		return NotExercised
	}
	f.Want = own.Next
	return holdsUnless(!own.lastPush)
}

// pushAtEnd judges the last data of a capture.
func (out *Outcome) pushAtEnd(t *Track) {
	s := &t.Sides[0]
	end := t.C.Events[len(t.C.Events)-1].Time
	if s.lastData == 0 || s.lastPush || s.Finished || s.Una < s.Next || s.room <= 0 || s.zeroFrom != 0 || end-s.lastData < 1e9 || s.Reset || s.Closed != 0 {
		return
	}
	out.answer(ruleIndex("MUST-61"), Broken, Finding{Want: s.Next}, int(s.lastEvent), 0)
}

func resetLast(t *Track, f *Finding) Answer {
	own := t.Own()
	if !t.near() || !own.Reset || !own.HasAcked {
		return NotExercised
	}
	if t.E.SegLen() == 0 && !t.E.Flags.Has(capture.RST) {
		return NotExercised // RFC 9293 §3.5.2 lets it wait in TIME-WAIT, where it answers
	}
	f.Got = (t.E.Time - own.ResetAt) / 1e6
	return holdsUnless(!t.E.Flags.Has(capture.RST))
}

func everySecond(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || own.unackedFull == 0 || !e.Flags.Has(capture.ACK) || e.RelAck <= own.Acked {
		return NotExercised
	}
	f.Got, f.Want = (e.Time-own.unackedFull)/1e6, own.Rcv-own.Acked
	return holdsUnless(e.Time-own.unackedFull > queueLate+kernelLate)
}

func toOne(t *Track, _ *Finding) Answer {
	if t.E.Dir != 0 || !t.E.Flags.Has(capture.SYN) {
		return NotExercised
	}
	to := t.C.Server.Addr()
	return holdsUnless(to.IsMulticast() || to.Is4() && to.As4() == [4]byte{255, 255, 255, 255})
}

func ecnSetup(t *Track, _ *Finding) Answer {
	if t.E.Flags&(capture.SYN|capture.ACK|capture.AE) != capture.SYN {
		return NotExercised
	}
	return holdsUnless(t.E.Flags.Has(capture.ECE) != t.E.Flags.Has(capture.CWR))
}

func answersECE(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || own.echoAt == 0 || !own.ect || e.PayloadLen == 0 || t.retransmission() {
		return NotExercised
	}
	wait := e.Time - own.echoAt
	f.Got = wait / 1e6
	if e.Flags.Has(capture.CWR) {
		return Holds
	}
	if wait <= queueLate+2*own.SRTT {
		return NotExercised
	}
	return Broken
}

func echoesMark(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || own.markedAt == 0 || !e.Flags.Has(capture.ACK) || e.RelAck < own.markedAt || e.Flags.Any(capture.RST) {
		return NotExercised
	}
	f.Got, f.Want = e.RelAck, own.markedAt
	return holdsUnless(!e.Flags.Has(capture.ECE))
}

// echoesNothing leaves the segments alone that may have left before the CWR
// was taken in, and accurate ECN, which counts in these bits (RFC 9768).
func echoesNothing(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || !t.Established() || t.Sides[0].AccECN || t.Sides[1].AccECN || e.Flags.Any(capture.SYN|capture.RST) {
		return NotExercised
	}
	if !e.Flags.Has(capture.ECE) {
		return Holds
	}
	f.Got = e.RelAck
	return holdsUnless(!own.ECN || !t.Peer().ECN || !own.congestion && e.RelAck >= own.reducedTo)
}

func keepsDF(t *Track, _ *Finding) Answer {
	e, own := t.E, t.Own()
	if e.PayloadLen == 0 || e.Marks.Has(capture.IPv6) || own.dataSeen == 0 || !own.dataDF {
		return NotExercised
	}
	clear := !e.Marks.Has(capture.DontFragment)
	if clear && t.icmp.any {
		return NotExercised // who is told that a packet was too big may let the network cut it
	}
	return holdsUnless(clear)
}

// keepAlive reports whether the frame is a keep-alive probe.
func (t *Track) keepAlive() bool {
	e, own := t.E, t.Own()
	return t.near() && t.countable() && e.PayloadLen <= 1 && !e.Flags.Has(capture.FIN) && (own.Next > 1 || t.Established()) && own.zeroFrom == 0 &&
		e.RelSeq == own.Next-1 && own.Una >= own.Next && e.Time-own.LastTime >= 1e9
}

func emptyKeepAlive(t *Track, f *Finding) Answer {
	if !t.keepAlive() {
		return NotExercised
	}
	f.Got = int64(t.E.PayloadLen)
	return holdsUnless(t.E.PayloadLen > 0)
}

func restartWindow(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || e.PayloadLen == 0 || t.retransmission() || own.Una <= 1 {
		return NotExercised
	}
	from := own.restart
	if own.InFlight() == 0 {
		if e.Time-own.lastData <= max(1e9, own.RTO())+queueLate || own.lastData == 0 {
			return NotExercised
		}
		from = e.RelSeq
	} else if from == 0 || own.Una > from {
		return NotExercised
	}
	f.Got, f.Want = e.RelEnd()-from, initialLimit(t.peerMSS())
	return holdsUnless(f.Got > f.Want)
}

// noLimit is how many challenges in five seconds count as none: the RFC's ten
// are an example, and the number may be set.
const noLimit = 100

func challengesLimited(t *Track, f *Finding) Answer {
	own := t.Own()
	if !t.near() || own.challenged < 10 {
		return NotExercised
	}
	f.Got, f.Want = int64(own.challenges), 10
	return holdsUnless(own.challenges > noLimit)
}
