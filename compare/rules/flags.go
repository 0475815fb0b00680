package rules

import "tcping-cmp/compare/capture"

var flagRules = []Rule{
	{ID: "MUST-2", Clause: "RFC 9293 §3.1", Level: Must, Field: "tcp.checksum",
		Meaning: "The sender computes the TCP checksum.",
		Says:    "the TCP checksum is wrong", check: tcpChecksum, steady: true},
	{ID: "R9293:3.1:reserved", Clause: "RFC 9293 §3.1", Level: Must, Field: "tcp.flags.res",
		Meaning: "Reserved bits are sent as zero.",
		Says:    "reserved bits are set (%#[1]x)", check: reserved, steady: true},
	{ID: "R9293:3.10.1:syn-alone", Clause: "RFC 9293 §3.10.1", Level: Must, Field: "tcp.flags",
		Meaning: "A SYN comes without FIN and without RST.",
		Says:    "SYN together with FIN or RST", check: synAlone, needs: seesSYN},
	{ID: "R9293:3.1:ack-always", Clause: "RFC 9293 §3.1", Level: Must, Field: "tcp.flags.ack",
		Meaning: "Once a connection is established every segment carries ACK, a FIN too.",
		Says:    "the segment has no ACK", check: ackAlways, steady: true},
	{ID: "SHLD-13", Clause: "RFC 9293 §3.8.5", Level: Should, Field: "tcp.flags.urg",
		Meaning: "New applications do not use urgent data.",
		Says:    "URG is set", check: noUrgent, steady: true},
}

func tcpChecksum(t *Track, f *Finding) Answer {
	m := t.E.Marks
	switch {
	case m.Any(capture.ChecksumUnverified | capture.ChecksumCompleted):
		return NotExercised
	case m.Has(capture.ChecksumPartial):
		if t.C.Link.MTU == 0 || t.E.Dir != 0 { // the client's own frames cross no hardware on its own link
			f.Artefact = artefactOffload
		}
		return Broken
	}
	return holdsUnless(m.Has(capture.ChecksumBad))
}

func reserved(t *Track, f *Finding) Answer {
	bits := t.E.Flags & capture.Reserved
	if t.Sides[0].AccECN || t.E.Flags.Has(capture.SYN|capture.AE|capture.CWR|capture.ECE) {
		bits &^= capture.AE // RFC 9768 gives it a meaning
	}
	f.Got = int64(bits >> 8)
	return holdsUnless(bits != 0)
}

func synAlone(t *Track, _ *Finding) Answer {
	if !t.E.Flags.Has(capture.SYN) {
		return NotExercised
	}
	return holdsUnless(t.E.Flags.Any(capture.FIN | capture.RST))
}

func ackAlways(t *Track, _ *Finding) Answer {
	if t.E.Flags.Any(capture.SYN | capture.RST) {
		return NotExercised
	}
	return holdsUnless(!t.E.Flags.Has(capture.ACK))
}

func noUrgent(t *Track, _ *Finding) Answer { return holdsUnless(t.E.Flags.Has(capture.URG)) }
