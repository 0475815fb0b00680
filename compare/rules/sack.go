package rules

import "tcping-cmp/compare/capture"

var sackRules = []Rule{
	{ID: "2018:4:all-acks", Clause: "RFC 2018 §4", Level: Should, Field: "tcp.options.sack",
		Meaning: "While octets lie behind a gap every acknowledgement reports them.", When: "a loss or reordering, both SYNs with SACK-permitted",
		Says: "acknowledges %[1]d without SACK, octets from %[2]d on have arrived behind a gap", check: sackOnAll, needs: seesNear},
	{ID: "2018:4:first-block", Clause: "RFC 2018 §4", Level: Must, Field: "tcp.options.sack",
		Meaning: "The first block holds the segment that caused the acknowledgement, unless that moved the number on.", When: "several gaps",
		Says: "the first SACK block ends at %[1]d, the latest octets to arrive are those from %[2]d", check: firstBlock, needs: seesNear | seesSACK},
	{ID: "2883:4:dsack", Clause: "RFC 2883 §4", Level: Must, Field: "tcp.options.sack",
		Meaning: "Octets that arrived twice are reported in the first block only, and only if they did.", When: "a duplicate",
		Says: "a SACK block ends at %[1]d, below the acknowledgement %[2]d, and reports no duplicate", check: duplicateReport, needs: seesNear | seesSACK},
}

func sackOnAll(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || !t.tailProbes() || len(own.holes) == 0 || !e.Flags.Has(capture.ACK) || e.Flags.Any(capture.RST|capture.SYN) || e.RelAck >= own.holes[0].from {
		return NotExercised
	}
	if e.SACKCount > 0 {
		return Holds
	}
	f.Got, f.Want = e.RelAck, own.holes[0].from
	if own.reported || own.hitAt != 0 && e.Time-own.hitAt > queueLate {
		return Broken
	}
	return NotExercised
}

// knowsGap notes that the end has reported octets behind the first gap: what
// it reports of gaps that are gone says nothing of this one.
func (s *Side) knowsGap(blocks []capture.SACKBlock, e *capture.Event) {
	for _, b := range blocks {
		if len(s.holes) > 0 && sacked(e, b).to > s.holes[0].from {
			s.reported = true
		}
	}
}

func firstBlock(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || e.SACKCount == 0 || own.arrived.count == 0 || e.RelAck > own.Acked {
		return NotExercised
	}
	blocks := t.C.SACK(e)
	first := sacked(e, blocks[0])
	if own.arrived.within(first, false) >= 0 {
		return Holds
	}
	for _, b := range blocks[1:] {
		if i := own.arrived.within(sacked(e, b), true); i >= 0 {
			f.Got, f.Want = first.to, own.arrived.list[i].from
			return Broken
		}
	}
	return NotExercised // it left before they were taken in
}

// sacked is a SACK block in relative numbers.
func sacked(e *capture.Event, b capture.SACKBlock) span {
	return span{e.RelAck + int64(int32(b.Left-e.Ack)), e.RelAck + int64(int32(b.Right-e.Ack))}
}

func duplicateReport(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || e.SACKCount == 0 {
		return NotExercised
	}
	for i, b := range t.C.SACK(e) {
		right := e.RelAck + int64(int32(b.Right-e.Ack))
		if right > e.RelAck {
			continue
		}
		f.Got, f.Want = right, e.RelAck
		if i > 0 || !own.twice {
			return Broken
		}
	}
	return Holds
}

// sackReceived holds the blocks above the acknowledgement against what came.
// Between capture and TCP there may be a queue: what the blocks name is then
// less than what was captured, and never more.
func sackReceived(t *Track, f *Finding) Answer {
	e, own, peer := t.E, t.Own(), t.Peer()
	if !t.near() || e.SACKCount == 0 || !own.Synced || own.refused || len(own.holes) == maxHoles {
		return NotExercised
	}
	for _, b := range t.C.SACK(e) {
		x := sacked(e, b)
		if x.to <= e.RelAck || x.from >= x.to || x.to > peer.Next {
			continue // a duplicate, or nonsense of which another rule speaks
		}
		f.Got, f.Want = x.from, x.to
		if !own.twice && own.splits(x) {
			return Broken
		}
		if peer.Finished && x.to == peer.Fin+1 {
			x.to-- // a FIN is no octet that is kept
		}
		if x.from < x.to && x.to > own.Rcv && !own.beyond(x) {
			return Broken
		}
	}
	return Holds
}

// splits reports whether a block ends in the middle of a segment that arrived
// behind a gap, though none of it was outside of the window.
func (s *Side) splits(block span) bool {
	for i := range s.arrived.list[:s.arrived.count] {
		a := &s.arrived.list[i]
		if a.fresh && a.to <= s.lastEdge && (a.from < block.from && block.from < a.to || a.from < block.to && block.to < a.to) {
			return true
		}
	}
	return false
}
