package rules

import "tcping-cmp/compare/capture"

var windowRules = []Rule{
	{ID: "R9293:3.8.6:in-window", Clause: "RFC 9293 §3.8.6, RFC 7323 §2.4", Level: Must, Field: "tcp.len",
		Meaning: "New data stays within the window that the receiver announced, but for a probe of one octet.",
		Says:    "sends up to octet %[1]d, the window ends at %[2]d", check: inWindow, needs: seesData},
	{ID: "MUST-16", Clause: "RFC 9293 §3.7.1", Level: Must, Field: "tcp.len",
		Meaning: "Payload and options of TCP and IP together are no longer than the receiver's MSS, 536 or 1220 if it gave none.",
		Says:    "payload and options are %[1]d octets, the receiver's MSS is %[2]d", check: withinMSS, needs: seesData},
	{ID: "SHLD-14", Clause: "RFC 9293 §3.8.6", Level: Should, Field: "tcp.window_size",
		Meaning: "The right edge of the receive window does not move left.",
		Says:    "the right edge of the window moves back to %[1]d from %[2]d", check: edgeStays},
}

func inWindow(t *Track, f *Finding) Answer {
	e, own, peer := t.E, t.Own(), t.Peer()
	if e.PayloadLen == 0 || !t.C.FromStart() || !peer.HasEdge || !own.Started || e.Flags.Any(capture.SYN|capture.RST) {
		return NotExercised
	}
	end := e.RelSeq + int64(e.PayloadLen)
	if e.PayloadLen == 1 || end <= own.Next { // a probe, or MAY-7
		return NotExercised
	}
	f.Got, f.Want = end, peer.Edge
	if end > peer.Edge && t.C.Dropped > 0 {
		f.Artefact = artefactLost
	}
	return holdsUnless(end > peer.Edge)
}

// leastMSS is the smallest MSS that makes sense: the 68 octets that every
// link carries (RFC 791 §3.2), less headers.
const leastMSS = 28

func withinMSS(t *Track, f *Finding) Answer {
	e, peer := t.E, t.Peer()
	if e.PayloadLen == 0 || !peer.Opened || e.Flags.Has(capture.SYN) {
		return NotExercised
	}
	limit, headers := peer.MSS, fixedHeaders(e)
	if !peer.HasMSS {
		limit = 576 - headers // MUST-15
		if e.Marks.Has(capture.IPv6) {
			limit = 1280 - headers
		}
	}
	f.Got = packetLen(e) - headers
	if limit < leastMSS {
		return NotExercised // no stack takes it at its word
	}
	f.Want = limit
	if f.Got <= f.Want {
		return Holds
	}
	if e.Marks.Has(capture.SuperFrame) || t.Own().Partial && !t.C.Exact {
		f.Artefact = artefactSuper
	}
	return Broken
}

// fixedHeaders are the octets of the headers of IP and TCP without options.
func fixedHeaders(e *capture.Event) int64 {
	if e.Marks.Has(capture.IPv6) {
		return 60
	}
	return 40
}

func edgeStays(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.C.FromStart() || !own.HasEdge || !e.Flags.Has(capture.ACK) || e.Flags.Has(capture.RST) || e.RelAck < own.Acked || !t.ordered() {
		return NotExercised
	}
	f.Got, f.Want = e.RelAck+t.Window(e), own.Edge
	slack := int64(0)
	if t.Scaled() {
		slack = 1<<min(own.Shift, 14) - 1 // a scaled window cannot say it more exactly (RFC 7323 §2.4)
	}
	return holdsUnless(f.Got < f.Want-slack)
}
