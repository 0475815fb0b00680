package rules

import "tcping-cmp/compare/capture"

// Meets is what a frame is to the end that gets it, by that end's state as
// the frames before have shown it (RFC 9293 §3.10.7). It is known only of the
// end at whose own link the capture was made: towards the other one a frame
// may still get lost.
type Meets uint32

// What a frame may meet.
const (
	metBadChecksum   Meets = 1 << iota // a checksum that is wrong
	metSYNACK                          // the SYN-ACK that was waited for
	metSimultaneous                    // a SYN without ACK in SYN-SENT
	metWrongACK                        // an ACK in SYN-SENT of what was not sent
	metStrayRST                        // a RST in SYN-SENT without the right ACK
	metRefusal                         // a RST in SYN-SENT with the right ACK
	metOldTimestamp                    // a timestamp before the latest
	metNoTimestamp                     // none, though they were agreed
	metUnacceptable                    // a number outside of the window
	metSYN                             // a SYN in a synchronized state
	metRSTExact                        // a RST at RCV.NXT
	metRSTInWindow                     // a RST elsewhere in the window
	metRSTOutside                      // a RST outside of it
	metNoACK                           // no ACK bit
	metFutureACK                       // an ACK of what was not sent
	metAncientACK                      // an ACK older than the largest window
	metOutOfOrder                      // octets behind a gap
	metFillsGap                        // octets that fill one
	metInOrder                         // the next octets
	metDuplicate                       // octets that are all known
	metFIN                             // the FIN, in order
	metFINAgain                        // the FIN again, after both ends have closed
	metMalformed                       // options of illegal length
	metStrangeOption                   // an option that nobody knows, or of a SYN, beside data
	metUrgent                          // urgent data
	metZeroWindow                      // a window of zero
	metUnsentSYN                       // an ACK of what was not sent, in SYN-RECEIVED
	metFragment                        // only the beginning of a packet
	metText                            // payload, in order or not
	metUnsure                          // a timestamp that is old or not, as one reads RFC 7323
)

// receiver is what one end has taken in, by the rules of RFC 9293 §3.10.7.4.
// Numbers are the other end's.
type receiver struct {
	Synced     bool   // the other end's SYN was accepted
	Rcv        int64  // RCV.NXT
	holes      []span // what lies beyond a gap, in order
	doubtful   int64  // RCV.NXT if it has taken what has an old timestamp
	PeerFIN    bool   // the other end's FIN was accepted
	Recent     uint32 // TS.Recent
	recentOK   bool
	latest     uint32 // what TS.Recent is if duplicates count as well
	MaxWnd     int64  // the largest window it was offered
	SndWnd     int64  // the window it was offered last, by SND.WL1 and SND.WL2
	wl1, wl2   int64
	wndKnown   bool
	Met        Meets // all that it has met
	arrived    arrivals
	taken      int64 // RCV.NXT before the last frame
	zeroFrom   int64 // since when it has been offered a window of zero; 0 if it has not
	zeroSeq    int64 // what it had sent then
	first      bool  // it has closed before the other end
	doneAt     int64 // time of the last FIN once both ends have closed
	doneBefore int64 // of the one before

	validEdge  int64 // the right edge that it may send up to, the highest that was ever valid
	nowEdge    int64 // the one that is valid now
	stale      bool  // it was sent windows that are not valid
	staleEdge  int64 // the right edge of the last of them
	staleAt    int64 // when it came; 0 if a valid one has come since
	shrunk     bool  // the valid edge lies before what it has sent
	shrunkAt   int64
	hitAt      int64 // since when there is a gap
	twice      bool  // octets have arrived twice
	reported   bool  // it has reported octets behind it
	refused    bool  // octets came to it that it should drop: whether it did is for other rules to say
	asks       int32 // segments that ask for an acknowledgement although they bring no octets in order
	markedAt   int64 // octet after data that came with CE, until CWR comes; 0 if there is none
	congestion bool  // a mark has come since the last CWR
	reducedTo  int64 // octet after the data that came with CWR last
	echoAt     int64 // time of an ECE that it has not answered with CWR; 0 if there is none
}

// span is a range of octets.
type span struct{ from, to int64 }

// maxHoles bounds the memory for a peer that sends nothing but gaps.
const maxHoles = 64

// seen reports whether the capture shows all that the end gets, and in the
// order in which it gets it.
func (t *Track) seen(dir int) bool { return t.C.Exact && dir == 0 && t.C.Dropped == 0 }

// classify says what the frame meets.
func (t *Track) classify() Meets {
	e, to := t.E, t.Peer()
	if !t.seen(1-int(e.Dir)) || !to.Started || to.Closed != 0 || to.Reset {
		return 0
	}
	if e.Marks.Any(capture.ChecksumBad | capture.IPChecksumBad) {
		return metBadChecksum
	}
	if e.Marks.Has(capture.Fragmented) {
		return metFragment
	}
	if e.Marks.Has(capture.OptionsMalformed) {
		return metMalformed
	}
	if !to.Synced {
		return t.meetsSYNSent(e, to)
	}
	return t.meetsSynced(e, to)
}

// meetsSYNSent is RFC 9293 §3.10.7.3.
func (t *Track) meetsSYNSent(e *capture.Event, to *Side) Meets {
	rst := e.Flags.Has(capture.RST)
	if e.Flags.Has(capture.ACK) && (e.RelAck <= 0 || e.RelAck > to.Next) {
		if rst {
			return metStrayRST
		}
		return metWrongACK
	}
	switch {
	case rst && e.Flags.Has(capture.ACK):
		return metRefusal
	case rst:
		return metStrayRST
	case e.Flags.Has(capture.SYN | capture.ACK):
		return metSYNACK
	case e.Flags.Has(capture.SYN):
		return metSimultaneous
	}
	return 0
}

// meetsSynced is RFC 9293 §3.10.7.4, step by step.
func (t *Track) meetsSynced(e *capture.Event, to *Side) Meets {
	if m := t.meetsTimestamp(e, to); m != 0 {
		return m
	}
	rst := e.Flags.Has(capture.RST)
	if !to.acceptable(e) {
		switch {
		case rst:
			return metRSTOutside
		case e.Flags.Has(capture.SYN):
			return metSYN
		case to.PeerFIN && to.Finished && to.Una > to.Fin && e.Flags.Has(capture.FIN):
			return metFINAgain
		case e.SegLen() > 0 && e.RelEnd() <= to.Rcv:
			return metUnacceptable | metDuplicate
		}
		return metUnacceptable
	}
	switch {
	case rst && e.RelSeq == to.Rcv:
		return metRSTExact
	case rst:
		return metRSTInWindow
	case e.Flags.Has(capture.SYN):
		return metSYN
	case !e.Flags.Has(capture.ACK):
		return metNoACK
	case e.RelAck > to.Next && to.Una < 1:
		return metUnsentSYN
	case e.RelAck > to.Next:
		return metFutureACK
	case to.wndKnown && e.RelAck < to.Una-to.MaxWnd:
		return metAncientACK
	}
	return t.meetsText(e, to)
}

func (t *Track) meetsTimestamp(e *capture.Event, to *Side) Meets {
	if !t.Timestamped() || e.Flags.Has(capture.RST) {
		return 0
	}
	if !e.Marks.Has(capture.HasTimestamps) {
		if e.Flags.Has(capture.SYN) {
			return 0
		}
		return metNoTimestamp
	}
	if to.recentOK && int32(e.TSVal-to.Recent) < 0 {
		if e.PayloadLen > 0 && e.RelEnd() <= to.Rcv {
			return metOldTimestamp | metDuplicate // dropped, but they did arrive twice
		}
		return metOldTimestamp
	}
	if to.recentOK && int32(e.TSVal-to.latest) < 0 && e.SegLen() > 0 {
		return metUnsure
	}
	return 0
}

// acceptable is the four-row test, RFC 9293 §3.10.7.4 first, table 6.
func (s *Side) acceptable(e *capture.Event) bool {
	n := e.SegLen()
	open := s.Edge > s.Rcv
	switch {
	case n == 0 && !open:
		return e.RelSeq == s.Rcv
	case n == 0:
		return e.RelSeq >= s.Rcv && e.RelSeq <= s.Edge // the edge itself: a newer window may be on its way
	case !open:
		return e.RelSeq == s.Rcv && n == 1 && e.Flags.Has(capture.FIN)
	}
	return e.RelEnd() > s.Rcv && e.RelSeq <= s.Edge
}

func (t *Track) meetsText(e *capture.Event, to *Side) (m Meets) {
	if e.Flags.Has(capture.URG) && e.PayloadLen > 0 {
		m |= metUrgent
	}
	if t.Window(e) == 0 {
		m |= metZeroWindow
	}
	if e.PayloadLen > 0 {
		m |= metText
		switch {
		case e.RelSeq > to.Rcv:
			m |= metOutOfOrder
		case e.RelSeq+int64(e.PayloadLen) <= to.Rcv:
			m |= metDuplicate
		case len(to.holes) > 0:
			m |= metFillsGap
		default:
			m |= metInOrder
		}
		if strangeOption(t.C.Layout(e)) {
			m |= metStrangeOption
		}
	}
	if e.Flags.Has(capture.FIN) && e.RelSeq <= to.Rcv {
		m |= metFIN
	}
	return m
}

// strangeOption reports whether the layout of a segment that is no SYN has an
// option that no stack knows, or one of a SYN: MSS, window scale or
// SACK-permitted.
func strangeOption(l capture.Layout) bool {
	for _, o := range l {
		if o.Kind >= 2 && o.Kind <= 4 || o.Kind > 8 && o.Kind != 28 && o.Kind != 30 && o.Kind != 34 && o.Kind != 172 && o.Kind != 174 && o.Kind != 19 && o.Kind != 29 {
			return true
		}
	}
	return false
}

// deliver takes the frame into the receiver's account.
func (t *Track) deliver(e *capture.Event, to *Side) {
	m := t.Meets
	to.Met |= m
	to.taken = to.Rcv
	if m&(metSYN|metRSTInWindow|metFutureACK|metAncientACK) != 0 {
		if e.Time-to.burstAt > 5e9 {
			to.burstAt, to.challenged, to.challenges = e.Time, 0, 0
		}
		to.challenged++
	}
	if m&(metOutOfOrder|metDuplicate|metUnsure|metOldTimestamp) != 0 && e.SegLen() > 0 {
		x := span{e.RelSeq, e.RelEnd()}
		to.arrived.add(x, m&metOutOfOrder != 0 && !to.beyond(x))
	}
	to.twice = to.twice || m&(metDuplicate|metFINAgain|metUnsure) != 0 || m&metText != 0 && to.overlaps(span{e.RelSeq, e.RelEnd()})
	switch {
	case m&(metSYNACK|metSimultaneous) != 0:
		to.Synced, to.Rcv = true, e.RelSeq+1
		to.take(e.RelSeq+1, e.RelSeq+1+int64(e.PayloadLen))
		to.offered(t, e)
	case m&metText != 0:
		to.take(e.RelSeq, e.RelSeq+int64(e.PayloadLen))
	case m&metUnacceptable != 0 && e.Flags.Has(capture.ACK):
		to.old(e, t.Window(e))
	}
	if m&(metUnsure|metOldTimestamp) != 0 && e.PayloadLen > 0 && e.RelSeq <= max(to.Rcv, to.doubtful) {
		to.doubtful = max(to.doubtful, e.RelEnd())
	}
	if m&metFIN != 0 && to.Rcv == e.RelEnd()-1 {
		to.Rcv, to.PeerFIN, to.doneAt = e.RelEnd(), true, e.Time
	}
	if m&metFINAgain != 0 {
		to.doneBefore = to.doneAt
		if e.Time-to.doneAt < timeWaitTime {
			to.doneAt = e.Time
		}
	}
	to.gaps(m, e.Time)
	if m&metInOrder != 0 && to.unackedFull == 0 && to.HasMSS && to.Rcv-to.Acked > 2*to.MSS && int64(e.PayloadLen) >= to.MSS-40 {
		to.unackedFull = e.Time
	}
	t.congested(e, to, m)
	to.refused = to.refused || m&metBadChecksum != 0
	const next = metSYNACK | metSimultaneous | metInOrder | metFillsGap | metFIN
	if m&^(next|metText|metZeroWindow|metUrgent|metStrangeOption) != 0 || m&next == 0 && e.SegLen() > 0 {
		to.asks++
	}
	const dropped = metNoACK | metFutureACK | metAncientACK | metOldTimestamp | metNoTimestamp |
		metUnacceptable | metSYN | metRSTExact | metRSTInWindow | metRSTOutside | metMalformed | metFragment | metUnsentSYN | metStrayRST | metWrongACK | metRefusal | metUnsure
	if e.Marks.Has(capture.HasTimestamps) && e.RelSeq <= to.Acked && m&metBadChecksum == 0 && (!to.recentOK || int32(e.TSVal-to.latest) > 0) {
		to.latest = e.TSVal // RFC 7323 §4.3 does not say that the segment has to be acceptable
	}
	if !to.Synced || m&dropped != 0 {
		to.refused = to.refused || e.SegLen() > 0 && m&metDuplicate == 0
		return
	}
	if e.Marks.Has(capture.HasTimestamps) && e.RelSeq <= to.Acked {
		to.Recent, to.recentOK = e.TSVal, true
	}
	if m&metSYNACK == 0 {
		to.offered(t, e)
	}
}

// offered notes the send window (RFC 9293 §3.10.7.4 fifth).
func (s *Side) offered(t *Track, e *capture.Event) {
	if !e.Flags.Has(capture.ACK) {
		return
	}
	wnd := t.Window(e)
	s.windows(t, e, wnd)
	if !s.wndKnown || s.wl1 < e.RelSeq || s.wl1 == e.RelSeq && s.wl2 <= e.RelAck {
		s.SndWnd, s.wl1, s.wl2, s.wndKnown = wnd, e.RelSeq, e.RelAck, true
	}
	s.MaxWnd = max(s.MaxWnd, wnd)
	if s.SndWnd > 0 {
		s.zeroFrom = 0
	} else if s.zeroFrom == 0 {
		s.zeroFrom, s.zeroSeq = e.Time, s.Next
	}
}

// take adds octets to what has arrived.
func (s *Side) take(from, to int64) {
	if to <= s.Rcv || from >= to {
		return
	}
	if from > s.Rcv {
		s.keep(span{from, to})
		return
	}
	s.Rcv = to
	s.absorb()
}

// absorb joins what lies beyond the gap once the gap is gone.
func (s *Side) absorb() {
	n := 0
	for n < len(s.holes) && s.holes[n].from <= s.Rcv {
		s.Rcv = max(s.Rcv, s.holes[n].to)
		n++
	}
	s.holes = s.holes[:copy(s.holes, s.holes[n:])]
}

// keep inserts a range beyond the gap and joins it with its neighbours.
func (s *Side) keep(x span) {
	i := 0
	for i < len(s.holes) && s.holes[i].to < x.from {
		i++
	}
	j := i
	for j < len(s.holes) && s.holes[j].from <= x.to {
		x.from, x.to = min(x.from, s.holes[j].from), max(x.to, s.holes[j].to)
		j++
	}
	if i == j {
		if len(s.holes) >= maxHoles {
			return
		}
		s.holes = append(s.holes, span{})
		copy(s.holes[i+1:], s.holes[i:])
	} else {
		s.holes = append(s.holes[:i+1], s.holes[j:]...)
	}
	s.holes[i] = x
}

// believe follows an acknowledgement beyond what was seen to arrive, once the
// rules have judged it.
func (s *Side) believe(ack int64) {
	if s.Synced && ack > s.Rcv {
		s.Rcv = ack
		s.absorb()
	}
}

// old notes a window that is not valid.
func (s *Side) old(e *capture.Event, wnd int64) {
	s.stale, s.staleEdge, s.staleAt = true, e.RelAck+wnd, e.Time
}

// windows follows the right edge that the end may send up to.
func (s *Side) windows(t *Track, e *capture.Event, wnd int64) {
	if s.wndKnown && (s.wl1 > e.RelSeq || s.wl1 == e.RelSeq && s.wl2 > e.RelAck) {
		s.old(e, wnd)
		return
	}
	if edge := e.RelAck + wnd; edge > s.nowEdge {
		s.openedAt = e.Time
	}
	s.nowEdge, s.staleAt = e.RelAck+wnd, 0
	s.validEdge = max(s.validEdge, s.nowEdge)
	shrunk := s.nowEdge < s.Next-(1<<min(t.Own().Shift, 14)) && s.nowEdge < s.validEdge
	if shrunk && !s.shrunk {
		s.shrunkAt = e.Time
	}
	s.shrunk = shrunk
}

// gaps counts what happens while there is one.
func (s *Side) gaps(m Meets, now int64) {
	if len(s.holes) == 0 {
		s.reported, s.hitAt = false, 0
	} else if m&(metOutOfOrder|metFillsGap|metDuplicate) != 0 {
		if s.hitAt == 0 {
			s.hitAt = now
		}
	}
}

// congested follows ECN (RFC 3168 §6.1).
func (t *Track) congested(e *capture.Event, to *Side, m Meets) {
	if !t.Sides[0].ECN || !t.Sides[1].ECN || t.Sides[0].AccECN {
		return
	}
	if e.Flags.Has(capture.CWR) && m&metText != 0 {
		to.markedAt, to.congestion, to.reducedTo = 0, false, e.RelEnd()
	}
	to.congestion = to.congestion || e.ECN() == 3
	if e.PayloadLen > 0 && e.ECN() != 0 {
		t.Own().ect = true
	}
	if e.ECN() == 3 && m&metInOrder != 0 && to.markedAt == 0 {
		to.markedAt = e.RelEnd()
	}
	if e.Flags.Has(capture.ECE) && !e.Flags.Has(capture.SYN) && to.echoAt == 0 {
		to.echoAt = e.Time
	}
}
