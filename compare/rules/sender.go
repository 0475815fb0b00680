package rules

import (
	"slices"
	"sort"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// times is when something was sent.
type times struct {
	first, last int64 // nanoseconds since 1970
	gap         int64 // of the timer before the last time; 0 if it was sent once
	count       int32
	kind        Kind // of the last time
	tsval       uint32
}

func (t *times) again(now int64, kind Kind, tsval uint32, lastTx int64) {
	t.tsval = tsval
	if t.count == 0 {
		t.first = now
	} else {
		t.gap = now - max(t.last, lastTx)
	}
	t.last, t.kind = now, kind
	t.count++
}

// Kind is why octets are sent again.
type Kind uint8

// The kinds of retransmission.
const (
	First     Kind = iota // not a retransmission
	ByTimer               // the retransmission timer expired (RFC 6298 §5.4)
	Fast                  // duplicate acknowledgements or SACK told of a loss (RFC 5681 §3.2, RFC 6675 §5)
	TailProbe             // a probe for a lost tail (RFC 8985 §7.3)
	Spurious              // they had been acknowledged
	Probe                 // a window probe (RFC 9293 §3.8.6.1)
	Unknown
)

var kindNames = [...]string{"", "timer", "fast", "tail loss probe", "spurious", "window probe", "unknown"}

func (k Kind) String() string { return kindNames[k] }

// Again is a retransmission.
type Again struct {
	Kind  Kind
	Gap   int64  // since the octets were last sent; 0 if that is not known
	Timer int64  // since anything was last sent: the time of a timer that expires now
	Prior int64  // the same of the time before; 0 if there was none
	Count int32  // how often they had been sent
	prev  Kind   // why they were sent the last time
	tsval uint32 // the timestamp of the last time
	Front bool   // they begin with the first that is not acknowledged
	known bool   // they were seen before
}

// sender is what an end has shown of its timers and of its path.
type sender struct {
	SYNs, FINs   times
	lastTx       int64 // time of its last segment with octets: the timer runs from there
	Reset        bool  // it has sent a RST
	ResetAt      int64
	Before       int64 // time of its segment before the last
	SRTT, RTTVAR int64 // estimated by RFC 6298 §2 from what the frames show; nanoseconds
	MinRTT       int64
	Handshake    int64 // round trip of the handshake (tcp.analysis.initial_rtt is that of both ways)
	samples      int
	sampleSeq    int64 // the octet whose acknowledgement is timed
	sampleAt     int64
	DupACKs      int    // in a row, for what it has sent
	dupAt        int64  // time of the last
	lastACK      int64  // time of the last acknowledgement of new octets
	opened       int64  // what acknowledgements may have opened the congestion window by
	ect          bool   // it has sent ECN-capable data
	sackedTo     int64  // the highest octet that SACK has reported
	recover      int64  // recovery lasts until this is acknowledged; 0 if there is none
	repairTo     int64  // what had been sent when something was sent again last
	letGo        int64  // the same when an acknowledgement came last
	timedOut     int64  // a timer expired, and this had been sent; 0 if new octets were acknowledged since
	lastPush     bool   // its last new octets had PSH
	lastData     int64  // time of its last new octets
	lastEvent    int32  // the frame with them
	probes       times  // window probes in a row
	sinceTimer   int64  // octets sent since the timer expired, while nothing came back; 0 if something did
	timerAt      int64  // when it expired last
	heldBack     bool   // it kept more than it sent back after a timer, until something came
	openedAt     int64  // when the window was opened last
	room         int64  // what the window had left when its last new octets were sent
	firstWnd     uint16 // the window field of its SYN
	forgets      bool   // it announces the window of its SYN and does not shift it
	thirdSeen    bool   // it has sent something after its SYN
	bigWnd       int64  // the largest window it has announced after its SYN
	unackedFull  int64  // since when more than two full segments wait for its acknowledgement; 0 if they do not
	dataSeen     int64
	restart      int64 // the first octet after a pause; 0 if there was none
	challenged   int   // segments that draw a challenge, in five seconds
	challenges   int   // acknowledgements that followed
	burstAt      int64
	dataDF       bool // its first data had DF
}

// RTO is the retransmission timeout by RFC 6298 §2 without the minimum of a
// second, in nanoseconds; 0 before the first sample.
func (s *sender) RTO() int64 {
	if s.samples == 0 {
		return 0
	}
	return s.SRTT + 4*s.RTTVAR
}

// InFlight is what has been sent and not acknowledged, in octets.
func (s *Side) InFlight() int64 { return max(s.Next-s.Una, 0) }

// tailProbes reports whether the end may probe for a lost tail: RFC 8985 §4
// asks for SACK.
func (t *Track) tailProbes() bool { return t.Sides[0].SACK && t.Sides[1].SACK }

// lookAgain says whether and why the frame's octets are sent again.
func (t *Track) lookAgain() (a Again) {
	e, own := t.E, t.Own()
	if !t.retransmission() {
		return a
	}
	c := own.clockOf(e)
	a.Kind = Unknown
	if c != nil && c.count > 0 {
		a.known, a.Gap, a.Prior, a.Count, a.prev, a.tsval = true, e.Time-c.last, c.gap, c.count, c.kind, c.tsval
	}
	a.Timer = e.Time - own.lastTx
	a.Front = e.RelSeq <= own.Una && e.RelEnd() > own.Una
	switch {
	case e.Flags.Has(capture.SYN):
		a.Kind = ByTimer
	case e.RelEnd() <= own.Una:
		a.Kind = Spurious
	case own.zeroFrom != 0 && e.PayloadLen > 0:
		a.Kind = Probe
	case own.recover > own.Una || own.DupACKs >= 3 || own.sackedTo > e.RelSeq:
		a.Kind = Fast
	case a.Gap >= shortestTimer && e.Time-max(own.lastACK, own.dupAt) > shortestTimer:
		a.Kind = ByTimer
	case a.Gap >= shortestTimer || own.repairing(e):
		a.Kind = Fast // an acknowledgement let it go
	}
	if a.known && e.RelEnd() == own.Next && a.Count == 1 && a.Kind != Spurious && a.Kind != Fast && a.Kind != Probe && t.tailProbes() && !e.Flags.Has(capture.SYN) {
		a.Kind = TailProbe
	}
	return a
}

// repairing reports whether the octets follow an acknowledgement of what was
// sent again: it lets the others of that flight go at once, however lately they
// were repeated themselves (RFC 5681 §3.1 after a timeout, RFC 6582 §3.2, RFC
// 8985 §6.2).
func (s *Side) repairing(e *capture.Event) bool {
	return e.RelSeq < s.letGo && e.Time-max(s.lastACK, s.dupAt) <= kernelLate+s.SRTT
}

// clockOf finds when the frame's octets were sent before.
func (s *Side) clockOf(e *capture.Event) *times {
	switch {
	case e.Flags.Has(capture.SYN):
		return &s.SYNs
	case e.PayloadLen == 0:
		return &s.FINs
	}
	i := sort.Search(len(s.sent), func(i int) bool { return s.sent[i].end() > e.RelSeq })
	if i == len(s.sent) || s.sent[i].seq > e.RelSeq {
		return nil
	}
	return &s.sent[i].times
}

// remember keeps new payload until it is acknowledged, and when what was sent.
func (s *Side) remember(e *capture.Event, a *Again, event int32) {
	switch {
	case e.Flags.Has(capture.SYN):
		s.firstWnd = e.Window
		s.SYNs.again(e.Time, a.Kind, e.TSVal, s.lastTx)
	case e.Flags.Has(capture.FIN) && e.PayloadLen == 0:
		s.FINs.again(e.Time, a.Kind, e.TSVal, s.lastTx)
	}
	s.thirdSeen = s.thirdSeen || !e.Flags.Has(capture.SYN)
	if e.PayloadLen == 0 {
		return
	}
	if s.dataSeen++; s.dataSeen == 1 {
		s.dataDF = e.Marks.Has(capture.DontFragment)
	}
	if a.Kind == Fast && s.DupACKs+int(s.sackedTo-s.Una) > 0 && s.recover <= s.Una {
		s.recover = s.Next
	}
	if a.Kind == ByTimer {
		s.timedOut, s.recover = s.Next, 0
		s.sinceTimer, s.timerAt = int64(e.PayloadLen), e.Time
	} else if s.sinceTimer > 0 {
		s.sinceTimer += int64(e.PayloadLen)
	}
	if a.Kind != First {
		s.sampleAt = 0 // Karn
		s.repairTo = s.Next
		s.cut(e.RelSeq)
		s.cut(e.RelSeq + int64(e.PayloadLen))
		i := sort.Search(len(s.sent), func(i int) bool { return s.sent[i].end() > e.RelSeq })
		for ; i < len(s.sent) && s.sent[i].seq < e.RelSeq+int64(e.PayloadLen); i++ {
			s.sent[i].again(e.Time, a.Kind, e.TSVal, s.lastTx)
		}
		return
	}
	if e.RelSeq < s.Next {
		return
	}
	if s.Una >= s.Next && s.lastData != 0 {
		s.restart = 0
		if e.Time-s.lastData > max(1e9, s.RTO())+queueLate {
			s.restart = e.RelSeq
		}
	}
	s.room = s.nowEdge - e.RelEnd()
	s.lastPush, s.lastData, s.lastEvent = e.Flags.Has(capture.PSH), e.Time, event
	p := piece{seq: e.RelSeq, length: e.PayloadLen, hash: e.PayloadHash}
	p.again(e.Time, First, e.TSVal, 0)
	s.sent = append(s.sent, p)
	if s.sampleAt == 0 {
		s.sampleAt, s.sampleSeq = e.Time, e.RelSeq+int64(e.PayloadLen)
	}
}

// cut divides the piece that the octet lies in: of one that offloading had made
// of several segments each may go again at its own time.
func (s *Side) cut(at int64) {
	i := sort.Search(len(s.sent), func(i int) bool { return s.sent[i].end() > at })
	if i == len(s.sent) || s.sent[i].seq >= at {
		return
	}
	s.sent = slices.Insert(s.sent, i, s.sent[i])
	front, rest := &s.sent[i], &s.sent[i+1]
	front.part, rest.part = true, true
	front.length, rest.length = uint32(at-front.seq), uint32(rest.end()-at)
	rest.seq = at
}

// measure takes the frame's acknowledgement as news of the path, before it is
// noted.
func (t *Track) measure(e *capture.Event, own, peer *Side) {
	if !e.Flags.Has(capture.ACK) || e.Flags.Has(capture.RST) {
		return
	}
	own.believe(e.RelAck)
	peer.heldBack = peer.heldBack || peer.holdsBack(e.Time)
	peer.sinceTimer = 0
	if t.Meets&(metUnacceptable|metOldTimestamp|metNoTimestamp|metFutureACK|metAncientACK) != 0 {
		return
	}
	above := !t.tailProbes() // where SACK is agreed a duplicate tells what has arrived above it (RFC 6675 §2)
	for _, b := range t.C.SACK(e) {
		if right := e.RelAck + int64(int32(b.Right-e.Ack)); right <= peer.Next {
			peer.sackedTo = max(peer.sackedTo, right)
			above = above || right > e.RelAck
		}
	}
	if e.RelAck > peer.Una {
		t.sampled(e, peer)
		if peer.Una > 0 { // the SYN opens nothing
			peer.opened += max(e.RelAck-peer.Una, own.MSS, 536)
		}
		peer.DupACKs, peer.lastACK, peer.timedOut, peer.letGo = 0, e.Time, 0, peer.repairTo
		return
	}
	if e.RelAck == peer.Una && e.SegLen() == 0 && peer.InFlight() > 0 && own.HasEdge && (e.RelAck+t.Window(e) == own.lastEdge || e.SACKCount > 0) {
		if above {
			peer.DupACKs++
		}
		peer.dupAt, peer.letGo = e.Time, peer.repairTo
	}
}

// holdsBack reports whether the end has sent something again by its timer and
// has kept what else was lost, for longer than a segment waits in a queue.
func (s *Side) holdsBack(now int64) bool {
	return s.sinceTimer > 0 && now-s.timerAt > queueLate && !s.shrunk && s.sackedTo <= s.Una && s.timedOut > s.Una+s.sinceTimer
}

// sampled updates the estimate of the round trip (RFC 6298 §2).
func (t *Track) sampled(e *capture.Event, s *Side) {
	var r int64
	switch {
	case e.Flags.Has(capture.SYN) && s.SYNs.count == 1:
		r = e.Time - s.SYNs.last
		s.Handshake = r
	case s.sampleAt != 0 && e.RelAck >= s.sampleSeq:
		r = e.Time - s.sampleAt
		s.sampleAt = 0
	}
	if r <= 0 {
		return
	}
	if s.samples++; s.samples == 1 {
		s.SRTT, s.RTTVAR, s.MinRTT = r, r/2, r
		return
	}
	d := s.SRTT - r
	if d < 0 {
		d = -d
	}
	s.RTTVAR += (d - s.RTTVAR) / 4
	s.SRTT += (r - s.SRTT) / 8
	s.MinRTT = min(s.MinRTT, r)
}

// probing notes probes of a closed window, and what an acknowledgement ends.
func (t *Track) probing(e *capture.Event, own *Side) {
	if t.probe() {
		own.probes.again(e.Time, Probe, e.TSVal, 0)
	} else if own.zeroFrom == 0 {
		own.probes = times{}
	}
	if e.Flags.Has(capture.CWR) && e.PayloadLen > 0 {
		own.echoAt = 0
	}
	if e.PayloadLen > 0 && e.Dir == tap.Out {
		t.icmp.longest = max(t.icmp.longest, packetLen(e))
	}
	if !e.Flags.Has(capture.ACK) || e.Flags.Has(capture.RST) {
		return
	}
	switch {
	case e.RelAck > own.Acked:
		own.unackedFull = 0
	case e.SegLen() == 0:
		own.asks = max(own.asks-1, 0)
		if own.challenges < own.challenged {
			own.challenges++
		}
	}
	if e.SACKCount > 0 {
		own.knowsGap(t.C.SACK(e), e)
		if i := own.arrived.within(sacked(e, t.C.SACK(e)[0]), false); i >= 0 {
			own.arrived.reported(i)
		}
	}
	if !e.Flags.Has(capture.SYN) {
		own.bigWnd = max(own.bigWnd, t.Window(e))
	}
}
