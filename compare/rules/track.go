package rules

import "tcping-cmp/compare/capture"

// Track is what the frames before this one have shown. Rules read it; the
// walk alone changes it.
type Track struct {
	C     *capture.Conversation
	I     int            // index of the frame in C.Events
	E     *capture.Event // the frame
	Sides [2]Side        // by direction: the client's, the server's

	Rtx    Again // what the frame repeats, if it does
	Meets  Meets // what the frame is to the end that gets it; 0 where that end's state is not known
	budget int   // frames that may still be looked at ahead
	duties []duty
	owed   int // duties that are on

	challengeAt int64 // time of the last segment that draws a challenge
	icmp        icmpNews
	messages    bool // ICMP came to the client

	last    [2]last // by direction
	known   map[sight]calls
	finding Finding // what the check at work has found
}

// Own is the side that sent the frame, Peer the other.
func (t *Track) Own() *Side  { return &t.Sides[t.E.Dir] }
func (t *Track) Peer() *Side { return &t.Sides[1-t.E.Dir] }

// Established reports whether both SYNs have been seen.
func (t *Track) Established() bool { return t.Sides[0].Opened && t.Sides[1].Opened }

// Scaled reports whether both SYNs offered window scaling (RFC 7323 §2.2).
func (t *Track) Scaled() bool { return t.Sides[0].Scaling && t.Sides[1].Scaling }

// Timestamped reports whether both SYNs had timestamps (RFC 7323 §3.2).
func (t *Track) Timestamped() bool { return t.Sides[0].Timestamps && t.Sides[1].Timestamps }

// Side is what one end of a connection has shown so far. Numbers are
// relative: octets since that end's own initial sequence number, or, for what
// it says of the other end, since the other's.
type Side struct {
	Opened     bool // its SYN was seen
	Started    bool // any segment was seen
	MSS        int64
	HasMSS     bool
	Scaling    bool // its SYN had a window scale
	Shift      uint8
	Timestamps bool // its SYN had timestamps
	SACK       bool // its SYN permitted SACK
	AccECN     bool // its SYN asked for accurate ECN: the AE bit has a meaning
	ECN        bool // its SYN offered or accepted ECN

	Next     int64 // SND.NXT: the octet after the last it has sent
	Una      int64 // SND.UNA: what the other end has acknowledged
	Acked    int64 // RCV.NXT as it has said itself
	HasAcked bool
	Edge     int64 // highest right edge of its receive window
	lastEdge int64 // the last one
	HasEdge  bool
	Shrunk   bool  // the edge moved back at least once
	Fin      int64 // number of its FIN; valid if Finished
	Finished bool
	Closed   int64 // time at which an acceptable RST reached it; 0 if none
	strays   int32 // the first segment that came to it without a connection since it last answered one, plus one

	TSVal      uint32 // the last it sent
	HasTSVal   bool
	TSFirst    uint32 // that of its SYN: before it nobody takes one
	tsFrom     int64  // when it sent that
	TSMax      uint32 // the latest it sent
	stamps     stamps // the last ones it sent
	Owed       echo   // the timestamp it has to echo once it acknowledges the data that brought it
	Paid       uint32 // the last such timestamp whose data it has acknowledged
	HasPaid    bool
	TOS        uint8  // of its segments but resets
	newDSCPs   int    // how often the DSCP was not the one before
	FlowLabel  uint32 // of its last segment but resets, over IPv6
	LastTime   int64  // of its last segment
	Waiting    int64  // since when in-order data waits for its acknowledgement; 0 if none does
	WaitingFor int    // the frame with that data
	waitsAgain bool   // the data came a second time, and the wait began anew
	Partial    bool   // it leaves checksums to hardware
	Repeated   bool   // it has sent octets again

	plain capture.TCPFlags // of its last segment, if that was an acknowledgement and nothing else

	receiver
	sender
	suspect, offloads suspicion

	sent []piece  // unacknowledged payload, in order
	ids  *[]int32 // frame that used each IP ID last, plus one
}

// echo is a timestamp that came with in-order data and so became the one to
// echo (RFC 7323 §4.3), whatever else was on its way. When the data has been
// acknowledged the stack has seen it: a queue between stack and capture cannot
// excuse an older echo.
type echo struct {
	value   uint32
	end     int64 // the octet after the data
	pending bool
}

// piece is the payload of a segment that was sent.
type piece struct {
	seq    int64
	length uint32
	part   bool // of a segment that was sent: hash is that of the whole
	hash   uint64
	times
}

func (p *piece) end() int64 { return p.seq + int64(p.length) }

// Window is the receive window that the segment announces, in octets.
func (t *Track) Window(e *capture.Event) int64 {
	if e.Flags.Has(capture.SYN) || !t.Scaled() {
		return int64(e.Window)
	}
	return int64(e.Window) << min(t.Sides[e.Dir].Shift, 14)
}

// meantWindow is the window that a sender means which has forgotten to shift
// it: the rest of the conversation is judged by that.
func (t *Track) meantWindow(e *capture.Event) int64 {
	own := t.Own()
	if same, first := t.sameField(&Finding{}); first {
		own.forgets = same && unshifted(e)
	}
	if own.forgets = own.forgets && e.Window == own.firstWnd; own.forgets {
		return int64(e.Window)
	}
	return t.Window(e)
}

// retransmission reports whether the frame only repeats octets.
func (t *Track) retransmission() bool {
	own := t.Own()
	return own.Started && t.E.SegLen() > 0 && t.E.RelEnd() <= own.Next
}

// advance takes the frame into account.
func (t *Track) advance() {
	e, own, peer := t.E, t.Own(), t.Peer()
	first := e.Flags.Has(capture.SYN) && !own.Opened
	if first {
		own.open(e)
	}
	if !own.Started {
		own.Started, own.TOS = true, e.TOS
		own.Next = e.RelSeq
	}
	t.changes(own)
	own.Partial = own.Partial || e.Marks.Has(capture.ChecksumPartial)
	own.Before, own.LastTime = own.LastTime, e.Time
	if e.Marks.Has(capture.ChecksumBad) { // it was sent, but says nothing to the receiver
		if !e.Flags.Has(capture.RST) {
			own.Next = max(own.Next, e.RelEnd())
		}
		peer.refused = true
		return
	}
	t.stray(e, peer)
	t.receive(e, peer)
	t.deliver(e, peer)
	t.measure(e, own, peer)
	t.probing(e, own)
	t.acknowledge(e, own, peer)
	if e.Flags.Has(capture.RST) {
		if !own.Opened || own.Synced { // in SYN-SENT it refuses a wrong ACK, and the attempt goes on (RFC 9293 §3.10.7.3)
			own.Reset, own.ResetAt, own.strays = true, e.Time, 0
		}
		return
	}
	own.remember(e, &t.Rtx, int32(t.I))
	own.plain = 0
	if e.SegLen() == 0 && e.SACKCount == 0 {
		own.plain = e.Flags
	}
	own.Repeated = own.Repeated || t.Rtx.Kind != First
	if e.SegLen() > 0 {
		own.lastTx = e.Time
	}
	own.Next = max(own.Next, e.RelEnd())
	if e.Flags.Has(capture.FIN) && !own.Finished {
		own.Finished, own.Fin = true, e.RelEnd()-1
		own.first = !own.PeerFIN
	}
	if e.Marks.Has(capture.HasTimestamps) {
		if !own.HasTSVal {
			own.HasTSVal, own.TSMax = true, e.TSVal
		}
		if first {
			own.TSFirst, own.tsFrom = e.TSVal, e.Time
		}
		if int32(e.TSVal-own.TSMax) > 0 {
			own.TSMax = e.TSVal
		}
		own.TSVal = e.TSVal
		own.stamps.add(e.TSVal, e.RelSeq)
	}
}

// open notes what a SYN offers.
func (s *Side) open(e *capture.Event) {
	s.Opened = true
	s.MSS, s.HasMSS = int64(e.MSS), e.Marks.Has(capture.HasMSS)
	s.Scaling, s.Shift = e.Marks.Has(capture.HasWindowScale), e.WindowScale
	s.Timestamps = e.Marks.Has(capture.HasTimestamps)
	s.SACK = e.Marks.Has(capture.SACKPermitted)
	s.AccECN = e.Flags.Has(capture.AE)
	s.ECN = e.Flags.Has(capture.ECE)
}

// receive notes what the frame means to the side that gets it.
func (t *Track) receive(e *capture.Event, to *Side) {
	if e.Flags.Has(capture.RST) {
		exact := to.HasAcked && e.RelSeq == to.Acked
		refused := !to.HasAcked && e.Flags.Has(capture.ACK) && e.RelAck == to.Next
		if to.Closed == 0 && to.Started && !to.over() && (exact || refused) {
			to.Closed = e.Time
		}
		return
	}
	if t.Meets&(metNoACK|metFutureACK|metAncientACK|metOldTimestamp|metNoTimestamp|metMalformed|metUnsure) != 0 {
		return // dropped
	}
	if e.Marks.Has(capture.HasTimestamps) && !to.Owed.pending && e.SegLen() > 0 && t.Meets&(metDuplicate|metFINAgain) == 0 &&
		to.HasAcked && e.RelSeq == to.Acked && to.newer(e.TSVal) {
		to.Owed = echo{e.TSVal, e.RelEnd(), true}
	}
	t.again(e, to)
	if t.seen(1-int(e.Dir)) && to.Synced && t.Meets&(metInOrder|metFillsGap) == 0 {
		return // not taken
	}
	if e.PayloadLen > 0 && to.Waiting == 0 && to.HasAcked && e.RelSeq <= to.Acked && e.RelEnd() > to.Acked {
		to.Waiting, to.WaitingFor = e.Time, t.I
	}
}

// again lets the wait for an acknowledgement begin anew when the data comes a
// second time: between a capture and the TCP behind it a host may have had to
// drop the first. It may not do so twice.
func (t *Track) again(e *capture.Event, to *Side) {
	if to.Waiting != 0 && !to.waitsAgain && e.PayloadLen > 0 && e.RelSeq <= to.Acked && e.RelEnd() > to.Acked {
		to.Waiting, to.waitsAgain = e.Time, true
	}
}

// newer reports whether a timestamp is not before the one that is echoed.
func (s *Side) newer(value uint32) bool { return !s.HasPaid || int32(value-s.Paid) >= 0 }

// acknowledge notes the frame's acknowledgement and window.
func (t *Track) acknowledge(e *capture.Event, own, peer *Side) {
	if !e.Flags.Has(capture.ACK) {
		if e.Flags.Has(capture.SYN) {
			own.Edge, own.HasEdge = 1+int64(e.Window), true
			own.lastEdge = own.Edge
		}
		return
	}
	if !own.HasAcked || e.RelAck > own.Acked {
		own.Acked, own.HasAcked = e.RelAck, true
		own.Waiting, own.waitsAgain = 0, false
	}
	if own.Owed.pending && e.RelAck >= own.Owed.end {
		own.Paid, own.HasPaid, own.Owed.pending = own.Owed.value, true, false
	}
	const untrue = metFutureACK | metUnsentSYN | metWrongACK | metOldTimestamp | metNoTimestamp | metMalformed | metFragment
	if e.RelAck > peer.Una && t.Meets&untrue == 0 {
		peer.Una = e.RelAck
		peer.forget()
	}
	own.lastEdge = e.RelAck + t.meantWindow(e)
	if edge := own.lastEdge; !own.HasEdge || edge > own.Edge {
		own.Edge, own.HasEdge = edge, true
	} else if edge < own.Edge-int64(1)<<min(own.Shift, 14) && e.RelAck >= own.Acked {
		own.Shrunk = true
	}
}

// forget drops what has been acknowledged.
func (s *Side) forget() {
	n := 0
	for n < len(s.sent) && s.sent[n].end() <= s.Una {
		n++
	}
	if n == len(s.sent) {
		s.sent = s.sent[:0]
	} else if n > 64 && n > len(s.sent)/2 {
		s.sent = s.sent[:copy(s.sent, s.sent[n:])]
	}
}

// changes counts how often the DSCP of a connection changes.
func (t *Track) changes(s *Side) {
	e := t.E
	if e.Flags.Has(capture.RST) || !t.ordered() {
		return
	}
	if e.TOS>>2 != s.TOS>>2 {
		s.newDSCPs++
	}
	s.TOS, s.FlowLabel = e.TOS, e.FlowLabel
}
