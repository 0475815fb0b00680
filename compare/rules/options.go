package rules

import "tcping-cmp/compare/capture"

var optionRules = []Rule{
	{ID: "MUST-68", Clause: "RFC 9293 §3.1", Level: Must, Field: "tcp.options",
		Meaning: "Every option but the one-octet ones has a length that is right.",
		Says:    "an option has an illegal length", check: optionLengths, steady: true},
	{ID: "MUST-69", Clause: "RFC 9293 §3.1", Level: Must, Field: "tcp.options",
		Meaning: "What follows the end of the option list is zero.",
		Says:    "octets after the end of the options are not zero", check: zeroPadding, steady: true},
	{ID: "SHLD-5", Clause: "RFC 9293 §3.7.1", Level: Should, Field: "tcp.options.mss",
		Meaning: "A SYN carries the MSS option unless the MSS is the default.",
		Says:    "the SYN has no MSS option", check: mssSent, needs: seesSYN},
	{ID: "MUST-65", Clause: "RFC 9293 §3.2", Level: Must, Field: "tcp.options.mss",
		Meaning: "The MSS option is on SYN segments only.",
		Says:    "MSS %[1]d on a segment that is no SYN", check: mssOnSYN, steady: true},
	{ID: "MUST-67", Clause: "RFC 9293 §3.7.1", Level: Must, Field: "tcp.options.mss_val",
		Meaning: "The MSS that is announced can be received: no packet of IP is longer, headers included, than 65535 octets.",
		Says:    "announces MSS %[1]d, %[2]d is the most that a packet can carry", check: mssReceivable, needs: seesSYN},
	{ID: "MUST-14", Clause: "RFC 9293 §3.7.1", Level: Must, Field: "tcp.options.mss_val",
		Meaning: "The MSS that is announced is what can be received: more than nothing.",
		Says:    "announces MSS %[1]d: no segment with data is as short", check: mssOfUse, needs: seesSYN},
	{ID: "R9293:3.7.1:mss-mtu", Clause: "RFC 9293 §3.7.1, RFC 6691 §2", Level: Should, Field: "tcp.options.mss_val",
		Meaning: "The MSS that is announced is the MTU less the fixed headers, and no more.", When: "a SYN at its sender's own link",
		Says: "announces MSS %[1]d, the link carries %[2]d", check: mssFitsMTU, needs: seesSYN},
	{ID: "7323:2.3:max14", Clause: "RFC 7323 §2.3", Level: Must, Field: "tcp.options.wscale.shift",
		Meaning: "A window is shifted by 14 at most.",
		Says:    "offers a shift of %[1]d, %[2]d is the most", check: shiftLimit, steady: true},
	{ID: "7323:2.1:syn-only", Clause: "RFC 7323 §2.1, §2.2", Level: Must, Field: "tcp.options.wscale",
		Meaning: "The window scale option is on SYN segments only.",
		Says:    "a window scale on a segment that is no SYN", check: scaleOnSYN, steady: true},
	{ID: "7323:2.2:both-syn", Clause: "RFC 7323 §2.2", Level: Must, Field: "tcp.options.wscale",
		Meaning: "A SYN-ACK has a window scale only if the SYN had one.",
		Says:    "the SYN-ACK has a window scale, the SYN had none", check: scaleAsked, needs: seesSYN},
	{ID: "2018:2:syn-only", Clause: "RFC 2018 §2", Level: Must, Field: "tcp.options.sack_perm",
		Meaning: "SACK-permitted is on SYN segments only.",
		Says:    "SACK-permitted on a segment that is no SYN", check: sackPermittedOnSYN, steady: true},
	{ID: "2018:4:not-unasked", Clause: "RFC 2018 §4", Level: Must, Field: "tcp.options.sack",
		Meaning: "SACK blocks go only to an end that permitted them.",
		Says:    "SACK blocks that the other end did not permit", check: sackAsked},
	{ID: "2018:3:blocks", Clause: "RFC 2018 §3", Level: Must, Field: "tcp.options.sack",
		Meaning: "A SACK block names octets that were received.",
		Says:    "a SACK block ends at %[1]d, the other end has sent up to %[2]d", check: sackBlocks, needs: seesSACK},
	{ID: "2018:3:received", Clause: "RFC 2018 §3", Level: Must, Field: "tcp.options.sack",
		Meaning: "A SACK block names what has arrived, whole and nothing else: the hole before it is not in it, and its edges are where segments end.", When: "a loss or reordering, both SYNs with SACK-permitted",
		Says: "a SACK block from %[1]d to %[2]d is not what has arrived", check: sackReceived, needs: seesNear | seesSACK},
}

func optionLengths(t *Track, _ *Finding) Answer {
	if t.E.PayloadOffset-t.E.L4Offset <= 20 {
		return NotExercised
	}
	return holdsUnless(t.E.Marks.Has(capture.OptionsMalformed))
}

func zeroPadding(t *Track, _ *Finding) Answer {
	if t.E.PayloadOffset-t.E.L4Offset <= 20 {
		return NotExercised
	}
	return holdsUnless(t.E.Marks.Has(capture.EndPaddingNotZero))
}

func mssSent(t *Track, _ *Finding) Answer {
	if !t.E.Flags.Has(capture.SYN) || t.retransmission() {
		return NotExercised
	}
	return holdsUnless(!t.E.Marks.Has(capture.HasMSS))
}

func mssOnSYN(t *Track, f *Finding) Answer {
	if t.E.Flags.Has(capture.SYN) {
		return NotExercised
	}
	f.Got = int64(t.E.MSS)
	return holdsUnless(t.E.Marks.Has(capture.HasMSS))
}

// anyMSS announces over IPv6 that there is no limit (RFC 2675 §5.1).
const anyMSS = 65535

func mssReceivable(t *Track, f *Finding) Answer {
	e := t.E
	if !e.Flags.Has(capture.SYN) || !e.Marks.Has(capture.HasMSS) {
		return NotExercised
	}
	f.Got, f.Want = int64(e.MSS), 65535-40
	if e.Marks.Has(capture.IPv6) {
		f.Want = 65535 - 20 // the length there does not count the header of IP
		if f.Got == anyMSS {
			return Holds
		}
	}
	return holdsUnless(f.Got > f.Want)
}

func mssOfUse(t *Track, _ *Finding) Answer {
	if !t.E.Flags.Has(capture.SYN) || !t.E.Marks.Has(capture.HasMSS) {
		return NotExercised
	}
	return holdsUnless(t.E.MSS == 0)
}

func mssFitsMTU(t *Track, f *Finding) Answer {
	e := t.E
	if t.C.Link.MTU == 0 || e.Dir != 0 || !e.Flags.Has(capture.SYN) || !e.Marks.Has(capture.HasMSS) {
		return NotExercised
	}
	f.Got, f.Want = int64(e.MSS), int64(t.C.Link.MTU)-fixedHeaders(e)
	return holdsUnless(f.Got > f.Want)
}

func shiftLimit(t *Track, f *Finding) Answer {
	if !t.E.Marks.Has(capture.HasWindowScale) {
		return NotExercised
	}
	f.Got, f.Want = int64(t.E.WindowScale), 14
	return holdsUnless(f.Got > f.Want)
}

func scaleOnSYN(t *Track, _ *Finding) Answer {
	if t.E.Flags.Has(capture.SYN) {
		return NotExercised
	}
	return holdsUnless(t.E.Marks.Has(capture.HasWindowScale))
}

func scaleAsked(t *Track, _ *Finding) Answer {
	if !t.E.Flags.Has(capture.SYN|capture.ACK) || !t.Peer().Opened {
		return NotExercised
	}
	return holdsUnless(t.E.Marks.Has(capture.HasWindowScale) && !t.Peer().Scaling)
}

func sackPermittedOnSYN(t *Track, _ *Finding) Answer {
	if t.E.Flags.Has(capture.SYN) {
		return NotExercised
	}
	return holdsUnless(t.E.Marks.Has(capture.SACKPermitted))
}

func sackAsked(t *Track, _ *Finding) Answer {
	e, own, peer := t.E, t.Own(), t.Peer()
	gap := len(own.holes) > 0 && e.Flags.Has(capture.ACK) && !e.Flags.Any(capture.SYN|capture.RST)
	if !peer.Opened || e.SACKCount == 0 && (peer.SACK || !gap) {
		return NotExercised
	}
	return holdsUnless(e.SACKCount > 0 && !peer.SACK)
}

// sackBlocks checks that each block is a range of octets that the other end
// has sent. Blocks below the acknowledgement are D-SACKs (RFC 2883).
func sackBlocks(t *Track, f *Finding) Answer {
	if t.E.SACKCount == 0 || !t.C.FromStart() {
		return NotExercised
	}
	peer := t.Peer()
	for _, b := range t.C.SACK(t.E) {
		x := sacked(t.E, b)
		f.Got, f.Want = x.to, peer.Next
		if x.from >= x.to || x.to > peer.Next {
			if t.C.Dropped > 0 || !t.C.Exact && x.to > x.from && t.continuesAt(x.to) {
				f.Artefact = artefactLost
			}
			return Broken
		}
	}
	return Holds
}
