package rules

import "tcping-cmp/compare/capture"

var closedRules = []Rule{
	{ID: "R9293:3.5.2:closed-rst", Clause: "RFC 9293 §3.5.2, §3.10.7.1", Level: Must, Field: "tcp.flags.reset",
		Meaning: "A segment to no connection draws a RST that its sender can accept: at the number that it acknowledges, or at zero with an ACK of all that it holds.",
		When:    "a connection to a port where nobody listens, or a segment after the end of a connection",
		Says:    "the RST has %[1]d where %[2]d would be acceptable", check: refusal, needs: seesRST},
}

// noConnection reports whether the end has no connection any more: it was
// reset, has reset it, or closed last and saw its FIN acknowledged.
func (s *Side) noConnection() bool {
	return s.Reset || s.Closed != 0 || s.over() && !s.first
}

// closedAt is when the connection ended that way.
func (s *Side) closedAt() int64 { return max(s.ResetAt, s.Closed) }

// stray notes a segment that comes to an end without a connection, or to one
// that has not sent anything yet: it has none either, unless it listens.
func (t *Track) stray(e *capture.Event, to *Side) {
	if t.seen(1-int(e.Dir)) && !e.Flags.Has(capture.RST) && !e.Marks.Any(capture.ChecksumBad|capture.IPChecksumBad) &&
		to.strays == 0 && (to.noConnection() || !to.Started && t.C.HasSYN) {
		to.strays = int32(t.I) + 1
	}
}

// refusal judges a RST from an end without a connection. Of the capture's own
// end it is known what came to it; the other end has none where a SYN is all
// that it has got.
func refusal(t *Track, f *Finding) Answer {
	e, own, peer := t.E, t.Own(), t.Peer()
	switch {
	case !e.Flags.Has(capture.RST):
		return NotExercised
	case own.strays != 0:
		return t.answersStray(own, f)
	case t.seen(int(e.Dir)) || own.Started || !peer.Opened || peer.HasAcked || !t.C.HasSYN:
		return NotExercised
	}
	f.Got, f.Want = e.RelAck, peer.Next
	return holdsUnless(!e.Flags.Has(capture.ACK) || e.RelAck != peer.Next)
}

// refusesStray is Holds if the RST answers a segment that came to an end
// without a connection: a connection that had lived on would have taken it. A
// RST that answers none may be an abort that was on its way.
func (t *Track) refusesStray(own *Side) Answer {
	if own.strays == 0 || t.answersStray(own, &Finding{}) != Holds {
		return NotExercised
	}
	return Holds
}

// answersStray looks for the segment that the RST answers.
func (t *Track) answersStray(own *Side, f *Finding) Answer {
	e := t.E
	f.Got, f.Want = int64(e.Seq), -1
	for i := t.I - 1; i >= int(own.strays)-1 && t.budget > 0; i-- {
		t.budget--
		s := t.C.Events[i]
		if s.Dir == e.Dir || s.Kind != capture.TCP || s.Marks.Has(capture.HeaderBad) || s.Flags.Has(capture.RST) {
			continue
		}
		want := uint32(0)
		if s.Flags.Has(capture.ACK) {
			want = s.Ack
		}
		if f.Want < 0 {
			f.Want = int64(want)
			if e.Seq == want && !s.Flags.Has(capture.ACK) {
				f.Got, f.Want = int64(e.Ack), int64(s.Seq+uint32(s.SegLen()))
			}
		}
		if e.Seq == want && (s.Flags.Has(capture.ACK) || e.Flags.Has(capture.ACK) && e.Ack == s.Seq+uint32(s.SegLen())) {
			return Holds
		}
	}
	if f.Want < 0 || !own.Started || e.Time-own.closedAt() <= queueLate {
		return NotExercised // its own, from before it knew
	}
	return Broken
}
