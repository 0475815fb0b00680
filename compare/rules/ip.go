package rules

import "tcping-cmp/compare/capture"

// The artefacts that are named more than once.
const (
	artefactOffload = "the sender left the checksum to its hardware, the capture shows it unfinished"
	artefactSuper   = "the frame is longer than the link allows: offloading merged segments before the capture saw them"
	artefactDamage  = "the frame was damaged on its way: other checksums of its sender are right, or there are too few to tell"
	artefactGivenUp = "the application may have given up before the stack did, which is not in the frames"
	artefactLost    = "the capture itself lacks frames at this place"
)

var ipRules = []Rule{
	{ID: "791:3.1:checksum", Clause: "RFC 791 §3.1", Level: Must, Field: "ip.checksum",
		Meaning: "The IPv4 header checksum is right.",
		Says:    "the IPv4 header checksum is wrong", check: ipChecksum, steady: true},
	{ID: "791:3.1:length", Clause: "RFC 791 §3.1, RFC 8200 §3", Level: Must, Field: "ip.len",
		Meaning: "The IP length says how long the packet is.",
		Says:    "the IP length does not fit the frame", check: ipLength, steady: true},
	{ID: "791:3.1:reserved", Clause: "RFC 791 §3.1", Level: Must, Field: "ip.flags.rb",
		Meaning: "The reserved flag of the IPv4 header is zero.",
		Says:    "the reserved flag of the IPv4 header is set", check: ipReserved, steady: true},
	{ID: "6437:3:flow-label", Clause: "RFC 6437 §3", Level: Should, Field: "ipv6.flow",
		Meaning: "All packets of a connection have the same flow label.", When: "a connection over IPv6",
		Says: "flow label %[1]d after %[2]d", check: constantFlowLabel, needs: seesIPv6},
	{ID: "6864:4.3:nonatomic", Clause: "RFC 6864 §4.3", Level: Must, Field: "ip.id",
		Meaning: "A packet that may be fragmented has an identification that no other has had lately.",
		Says:    "identification %[1]d was used %[2]d frames before, and the packet may be fragmented", check: ipID},
	{ID: "1122:3.2.1.7:ttl", Clause: "RFC 1122 §3.2.1.7", Level: Must, Field: "ip.ttl",
		Meaning: "No IPv4 packet leaves with a TTL of zero.",
		Says:    "the TTL is zero", check: liveTTL, steady: true},
	{ID: "SHLD-23", Clause: "RFC 9293 §3.9.2", Level: Should, Field: "ip.dsfield.dscp",
		Meaning: "The DSCP of a connection stays the same; an application may set it once.",
		Says:    "DSCP %[1]d after %[2]d", check: constantDSCP},
	{ID: "3168:6.1.1:syn-noect", Clause: "RFC 3168 §6.1.1", Level: Must, Field: "ip.dsfield.ecn",
		Meaning: "SYN and SYN-ACK are not ECN-capable.",
		Says:    "a SYN carries ECN codepoint %[1]d", check: ecnSYN, needs: seesSYN},
	{ID: "3168:6.1.4:pure-ack", Clause: "RFC 3168 §6.1.4", Level: Must, Field: "ip.dsfield.ecn",
		Meaning: "Pure acknowledgements are not ECN-capable.",
		Says:    "a pure ACK carries ECN codepoint %[1]d", check: ecnPureACK, steady: true},
	{ID: "3168:6.1.1:noect-unless", Clause: "RFC 3168 §6.1.1", Level: Must, Field: "ip.dsfield.ecn",
		Meaning: "Data is ECN-capable only after both ends agreed to ECN.",
		Says:    "data carries ECN codepoint %[1]d, but ECN was not agreed", check: ecnUnagreed, needs: seesData, steady: true},
	{ID: "3168:6.1.5:retx", Clause: "RFC 3168 §6.1.5", Level: Must, Field: "ip.dsfield.ecn",
		Meaning: "Retransmissions are not ECN-capable.",
		Says:    "a retransmission carries ECN codepoint %[1]d", check: ecnRetransmission, needs: seesAgain | seesData},
}

func ipChecksum(t *Track, _ *Finding) Answer {
	if t.E.Marks.Has(capture.IPv6) {
		return NotExercised
	}
	return holdsUnless(t.E.Marks.Has(capture.IPChecksumBad))
}

func ipLength(t *Track, f *Finding) Answer {
	if t.E.Marks.Has(capture.SuperFrame) {
		return NotExercised
	}
	return holdsUnless(t.E.Marks.Has(capture.LengthBad))
}

func ipReserved(t *Track, _ *Finding) Answer {
	if t.E.Marks.Has(capture.IPv6) {
		return NotExercised
	}
	return holdsUnless(t.E.Marks.Has(capture.IPReserved))
}

// constantFlowLabel leaves out resets: a host may send them without knowing of
// a connection.
func constantFlowLabel(t *Track, f *Finding) Answer {
	if !t.E.Marks.Has(capture.IPv6) || !t.Own().Started || t.E.Flags.Has(capture.RST) {
		return NotExercised
	}
	f.Got, f.Want = int64(t.E.FlowLabel), int64(t.Own().FlowLabel)
	return holdsUnless(f.Got != f.Want)
}

// idDistance is how many frames ago an identification may have been used: far
// enough back, the number space has simply been gone through.
const idDistance = 30000

func ipID(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if e.Marks.Any(capture.IPv6 | capture.DontFragment) {
		return NotExercised
	}
	if own.ids == nil {
		ids := make([]int32, 1<<16)
		own.ids = &ids
	}
	last := (*own.ids)[e.IPID]
	(*own.ids)[e.IPID] = int32(t.I + 1)
	ago := int64(t.I+1) - int64(last)
	if last == 0 || ago > idDistance || t.retransmission() { // RFC 9293, MAY-4, allows it to repeat, RFC 6864 §4.2 does not
		return Holds
	}
	if !t.near() && e.SameSegment(t.C.Events[last-1]) {
		return NotExercised // the network has doubled it
	}
	f.Got, f.Want = int64(e.IPID), ago
	return Broken
}

// liveTTL knows of the capture's own end only: routers count the TTL down. RFC
// 8200 does not forbid a hop limit of zero.
func liveTTL(t *Track, _ *Finding) Answer {
	if !t.near() || t.E.Marks.Has(capture.IPv6) {
		return NotExercised
	}
	return holdsUnless(t.E.TTL == 0)
}

func constantDSCP(t *Track, f *Finding) Answer {
	if !t.Own().Started || !t.ordered() || t.E.Flags.Has(capture.RST) {
		return NotExercised
	}
	f.Got, f.Want = int64(t.E.TOS>>2), int64(t.Own().TOS>>2)
	return holdsUnless(f.Got != f.Want && t.Own().newDSCPs > 1)
}

func ecnSYN(t *Track, f *Finding) Answer {
	if !t.E.Flags.Has(capture.SYN) {
		return NotExercised
	}
	f.Got = int64(t.E.ECN())
	return holdsUnless(f.Got != 0)
}

func ecnPureACK(t *Track, f *Finding) Answer {
	if t.E.SegLen() > 0 || t.E.Flags.Has(capture.RST) {
		return NotExercised
	}
	f.Got = int64(t.E.ECN())
	return holdsUnless(f.Got != 0)
}

func ecnUnagreed(t *Track, f *Finding) Answer {
	if t.E.PayloadLen == 0 || !t.Established() || t.Own().ECN && t.Peer().ECN {
		return NotExercised
	}
	f.Got = int64(t.E.ECN())
	return holdsUnless(f.Got != 0)
}

// ecnRetransmission knows away from the sender by the timestamp, later than all
// before, that octets were sent again: others may have overtaken them, or the
// network may have doubled them.
func ecnRetransmission(t *Track, f *Finding) Answer {
	if t.E.PayloadLen == 0 || !t.retransmission() {
		return NotExercised
	}
	if own := t.Own(); !t.near() && (!t.E.Marks.Has(capture.HasTimestamps) || !own.HasTSVal || int32(t.E.TSVal-own.TSMax) <= 0) {
		return NotExercised
	}
	f.Got = int64(t.E.ECN())
	return holdsUnless(f.Got != 0)
}
