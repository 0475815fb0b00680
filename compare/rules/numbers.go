package rules

import (
	"sort"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

var numberRules = []Rule{
	{ID: "R9293:3.4:seq-continuous", Clause: "RFC 9293 §3.4", Level: Must, Field: "tcp.seq",
		Meaning: "New octets follow the last ones without a gap.",
		Says:    "begins at octet %[1]d, but the sender had only come to %[2]d", check: seqContinuous},
	{ID: "R9293:3.10.7.4:ack-seq", Clause: "RFC 9293 §3.10.7.4", Level: Must, Field: "tcp.seq",
		Meaning: "A segment without octets carries the next sequence number to be sent.",
		Says:    "an empty segment carries number %[1]d, the next one is %[2]d", check: emptySeq, needs: seesNear},
	{ID: "R9293:3.5.2:rst-seq", Clause: "RFC 9293 §3.5.2, §3.10.5", Level: Must, Field: "tcp.seq",
		Meaning: "A RST carries a number that the other end can accept.",
		Says:    "a RST carries number %[1]d, the next one is %[2]d", check: rstSeq, needs: seesNear | seesRST},
	{ID: "R9293:3.4:ack-received", Clause: "RFC 9293 §3.4", Level: Must, Field: "tcp.ack",
		Meaning: "An acknowledgement never covers octets that were not received.",
		Says:    "acknowledges up to %[1]d, but octets have come only up to %[2]d", check: ackReceived},
	{ID: "R9293:3.4:ack-monotone", Clause: "RFC 9293 §3.4", Level: Must, Field: "tcp.ack",
		Meaning: "Acknowledgements are cumulative: they do not go back.",
		Says:    "acknowledges %[1]d after %[2]d", check: ackMonotone, needs: seesNear},
	{ID: "5681:4.2:one-ack", Clause: "RFC 5681 §4.2, RFC 9293 §3.10.7.4", Level: Must, Field: "tcp.ack",
		Meaning: "A segment draws one acknowledgement at the most, and none of them draws one itself; only a new window is worth another.",
		When:    "any data", Says: "acknowledges %[1]d once more, and nothing that asks for it has come since", check: oneACK, needs: seesNear},
	{ID: "R9293:3.4:same-octets", Clause: "RFC 9293 §3.4, §3.8", Level: Must, Field: "tcp.payload",
		Meaning: "A retransmission carries the octets that were sent at that place before.",
		Says:    "the retransmission at %[1]d carries other octets than before", check: sameOctets, needs: seesAgain | seesData},
	{ID: "R9293:3.6:fin-last", Clause: "RFC 9293 §3.6", Level: Must, Field: "tcp.seq",
		Meaning: "Nothing follows a FIN.",
		Says:    "octets up to %[1]d follow the FIN at %[2]d", check: finLast, needs: seesFinished | seesData},
	{ID: "R9293:3.6:fin-once", Clause: "RFC 9293 §3.6", Level: Must, Field: "tcp.seq",
		Meaning: "A FIN that is sent again has the same number.",
		Says:    "a FIN at %[1]d, but it was at %[2]d before", check: finOnce, needs: seesFinished | seesFIN},
	{ID: "R9293:3.10.7.4:rst5961", Clause: "RFC 9293 §3.10.7.4, §3.5.3", Level: Must, Field: "tcp.flags.reset",
		Meaning: "After an acceptable RST the connection is gone.",
		Says:    "goes on %[1]d ms after it was reset", check: rstObeyed, needs: seesNear | seesClosed, timed: gotTime},
}

// countable reports whether the sender's numbers can be followed.
func (t *Track) countable() bool {
	return t.Own().Started && t.E.Flags&(capture.SYN|capture.RST) == 0
}

func seqContinuous(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.countable() || e.SegLen() == 0 {
		return NotExercised
	}
	if e.RelSeq <= own.Next {
		return Holds
	}
	if t.E.Dir == tap.In && t.C.Exact || t.lostBefore(own.Next, e.RelSeq) {
		return NotExercised
	}
	f.Got, f.Want = e.RelSeq, own.Next
	return Broken
}

// near reports whether the frame was recorded where it was sent, so that
// nothing is out of order.
func (t *Track) near() bool { return t.C.Exact && t.E.Dir == tap.Out && t.C.Dropped == 0 }

// ordered reports whether the frame is known to have left after all that were
// seen of its sender: on the way to where the capture was made one may have
// overtaken another.
func (t *Track) ordered() bool {
	e, own := t.E, t.Own()
	return t.near() || own.HasAcked && e.Flags.Has(capture.ACK) && e.RelAck > own.Acked ||
		e.PayloadLen > 0 && e.RelSeq >= own.Next && !own.Repeated
}

// lookAhead is how many frames are looked at to tell a sender's gap from one
// that a queue or the capture has made.
const lookAhead = 20000

// ahead returns the frames to come, as far as there is time to look: a
// capture full of gaps must not take longer than its length allows.
func (t *Track) ahead() []*capture.Event {
	n := min(lookAhead, len(t.C.Events)-t.I-1, t.budget)
	t.budget -= n
	return t.C.Events[t.I+1 : t.I+1+n]
}

// shortestTimer is the shortest retransmission timer that stacks use, in
// nanoseconds.
const shortestTimer = 150e6

// lostBefore reports whether octets [from, to) of the frame's sender were on
// their way but got lost before they were captured: they turn up again, cut
// where they had been cut before, or the peer acknowledges them although they
// were never seen. A sender resends only what it has heard of or what its
// timer tells it to: octets that merely leave in the wrong order are not
// excused. Without time to look the answer is yes, and far from the sender
// also if the connection or the capture ends before it can have sent again.
func (t *Track) lostBefore(from, to int64) bool {
	if t.budget <= 0 {
		return true
	}
	again, heard := false, false
	ahead := t.ahead()
	for _, e := range ahead {
		if e.Kind != capture.TCP || e.Marks.Has(capture.HeaderBad) {
			continue
		}
		if e.Flags.Has(capture.RST) && !t.near() {
			return true // nothing is sent again any more
		}
		if e.Dir == t.E.Dir {
			again = again || e.RelSeq <= from && e.RelEnd() > from
			if again && e.RelEnd() == to {
				return heard || !t.near() || e.Time-t.E.Time > shortestTimer
			}
			continue
		}
		heard = true
		if e.Flags.Has(capture.ACK) && e.RelAck >= to {
			return !again || !t.near()
		}
	}
	rest := len(t.C.Events) - t.I - 1
	return !t.near() && len(ahead) == rest && t.C.Events[t.I+rest].Time-t.E.Time <= patience
}

func emptySeq(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || !t.countable() || e.SegLen() > 0 || t.Peer().Shrunk || t.probe() {
		return NotExercised // what a window probe carries is for another rule to say
	}
	if e.RelSeq > own.Next && t.lostBefore(own.Next, e.RelSeq) {
		return NotExercised
	}
	keepAlive := e.RelSeq == own.Next-1 && own.Una >= own.Next && e.Time-own.LastTime >= 1e9
	f.Got, f.Want = e.RelSeq, own.Next
	return holdsUnless(e.RelSeq != own.Next && !keepAlive)
}

func rstSeq(t *Track, f *Finding) Answer {
	e, own, peer := t.E, t.Own(), t.Peer()
	if !t.near() || !e.Flags.Has(capture.RST) || !own.Opened || !own.Synced {
		return NotExercised
	}
	f.Got, f.Want = e.RelSeq, own.Next
	inFlight := e.RelSeq >= own.Una && e.RelSeq <= own.Next
	answers := peer.HasAcked && e.RelSeq == peer.Acked
	return holdsUnless(!inFlight && !answers && !t.answersLately())
}

// answersLately reports whether the RST has the acknowledgement number of a
// segment that has just arrived: one that was late may draw it.
func (t *Track) answersLately() bool {
	for i := t.I - 1; i >= 0 && t.budget > 0; i-- {
		t.budget--
		e := t.C.Events[i]
		if t.E.Time-e.Time > queueLate {
			return false
		}
		if e.Kind == capture.TCP && e.Dir != t.E.Dir && e.Flags.Has(capture.ACK) && e.RelAck == t.E.RelSeq {
			return true
		}
	}
	return false
}

func ackReceived(t *Track, f *Finding) Answer {
	e, peer := t.E, t.Peer()
	if !e.Flags.Has(capture.ACK) || !t.C.FromStart() || !peer.Started {
		return NotExercised
	}
	if e.RelAck <= peer.Next {
		f.Got, f.Want = e.RelAck, t.Own().Rcv
		return holdsUnless(t.fillsGap())
	}
	if e.Flags.Has(capture.RST) && e.RelSeq == 0 {
		return NotExercised // answers a segment to a closed port
	}
	if t.C.HasSYN && !t.Own().Opened && !e.Flags.Has(capture.SYN) {
		return NotExercised // of an earlier connection with the same ports, which this end still has
	}
	f.Got, f.Want = e.RelAck, peer.Next
	if (!t.C.Exact || t.C.Dropped > 0) && t.continuesAt(e.RelAck) {
		f.Artefact = artefactLost
	}
	return Broken
}

// fillsGap reports whether the segment acknowledges octets that never came to
// its sender, though others behind them did.
func (t *Track) fillsGap() bool {
	e, own, peer := t.E, t.Own(), t.Peer()
	if e.RelAck <= own.Rcv || !t.near() || !own.Synced || own.refused || len(own.holes) == maxHoles || e.Flags.Has(capture.RST) {
		return false
	}
	lastIsFIN := peer.Finished && own.Rcv == peer.Fin && e.RelAck == peer.Fin+1
	return !lastIsFIN
}

// continuesAt reports whether the other end's next new octets begin at or
// behind the number: then those before it were sent and the capture lacks
// them.
func (t *Track) continuesAt(number int64) bool {
	for _, e := range t.ahead() {
		if e.Kind == capture.TCP && e.Dir != t.E.Dir && !e.Flags.Has(capture.RST) {
			return e.RelSeq >= number || e.RelEnd() >= number
		}
	}
	return false
}

func ackMonotone(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || !own.HasAcked || !e.Flags.Has(capture.ACK) || e.Flags.Any(capture.RST) {
		return NotExercised
	}
	f.Got, f.Want = e.RelAck, own.Acked
	return holdsUnless(e.RelAck < own.Acked)
}

// oneACK judges an acknowledgement that says nothing but what the segment before
// it has said. All that came in order is acknowledged; each other segment, such
// as one behind a gap, a duplicate or a probe, asks for one.
func oneACK(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if own.plain == 0 || e.SegLen() > 0 || e.SACKCount > 0 || e.Flags != own.plain || e.RelAck != own.Acked || e.RelSeq != own.Next ||
		!t.near() || own.Acked != own.Rcv || !t.sameWindow() {
		return NotExercised
	}
	f.Got = e.RelAck
	return holdsUnless(own.asks == 0)
}

// sameWindow reports whether the window ends where it ended before.
func (t *Track) sameWindow() bool {
	e, own := t.E, t.Own()
	if own.forgets {
		return e.RelAck+int64(e.Window) == own.lastEdge
	}
	return e.RelAck+t.Window(e) == own.lastEdge
}

func sameOctets(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if e.PayloadLen == 0 || !t.retransmission() || e.Marks.Has(capture.CutShort) {
		return NotExercised
	}
	i := sort.Search(len(own.sent), func(i int) bool { return own.sent[i].seq >= e.RelSeq })
	if i == len(own.sent) || own.sent[i].seq != e.RelSeq || own.sent[i].length != e.PayloadLen || own.sent[i].part {
		return NotExercised
	}
	f.Got = e.RelSeq
	return holdsUnless(own.sent[i].hash != e.PayloadHash)
}

func finLast(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !own.Finished || e.PayloadLen == 0 {
		return NotExercised
	}
	f.Got, f.Want = e.RelSeq+int64(e.PayloadLen), own.Fin
	return holdsUnless(f.Got > f.Want)
}

func finOnce(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !own.Finished || !e.Flags.Has(capture.FIN) {
		return NotExercised
	}
	f.Got, f.Want = e.RelEnd()-1, own.Fin
	return holdsUnless(f.Got != f.Want)
}

func rstObeyed(t *Track, f *Finding) Answer {
	e, own := t.E, t.Own()
	if !t.near() || own.Closed == 0 {
		return NotExercised
	}
	late := e.Time - own.Closed
	f.Got = late / 1e6
	if e.Flags.Has(capture.RST) {
		if !own.Synced && own.strays == 0 {
			return Broken // an attempt that was refused has nothing to abort: the RST answers the RST
		}
		return t.refusesStray(own)
	}
	return holdsUnless(late > queueLate)
}
