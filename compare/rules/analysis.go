package rules

import "tcping-cmp/compare/capture"

// Analysis is what a frame looks like to somebody who watches the wire, in
// Wireshark's vocabulary: each bit is the field tcp.analysis of that name.
type Analysis uint16

// The fields of tcp.analysis.
const (
	Retransmission Analysis = 1 << iota
	FastRetransmission
	SpuriousRetransmission
	OutOfOrder
	LostSegment
	AckLostSegment
	DuplicateACK
	ZeroWindow
	ZeroWindowProbe
	ZeroWindowProbeACK
	WindowUpdate
	WindowFull
	KeepAlive
	KeepAliveACK
	ReusedPorts
)

var analysisNames = [...]string{
	"retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order", "lost_segment",
	"ack_lost_segment", "duplicate_ack", "zero_window", "zero_window_probe", "zero_window_probe_ack",
	"window_update", "window_full", "keep_alive", "keep_alive_ack", "reused_ports",
}

const analysisPrefix = "tcp.analysis."

// Names lists the fields that are set, as Wireshark names them.
func (a Analysis) Names() []string {
	names := []string{}
	for n, name := range analysisNames {
		if a&(1<<n) != 0 {
			names = append(names, analysisPrefix+name)
		}
	}
	return names
}

// fastWithin is how soon after an acknowledgement a retransmission counts as
// fast, and disorderWithin how soon after newer octets older ones count as out
// of order if the round trip is not known; nanoseconds, as Wireshark has them.
const (
	fastWithin     = 20e6
	disorderWithin = 3e6
)

// watched is one direction as a bystander sees it.
type watched struct {
	known     bool
	next      int64 // the octet after the highest
	nextAt    int64
	toBeAcked int64 // up to here every octet was seen
	window    uint16
	ack       int64
	ackAt     int64
	acked     bool
	una       int64 // the highest number that it has acknowledged
	dups      int
	last      Analysis
	flight    flight
	sacked    int64 // octets beyond its acknowledgement that it reports to have
	uncertain bool  // something was not captured: what is in flight is not known
}

// Watch looks at the frames of a conversation one after the other. It agrees
// with tshark 4.0 but for three things: which of the octets that come again
// within a round trip are retransmissions and which are out of order; when the
// octets in flight are counted again after the capture itself lacked some; and
// what is in flight, which is what was sent and neither acknowledged nor
// reported by SACK. There tshark counts acknowledged octets that are sent again,
// takes off what D-SACK says came twice, and does not see a fourth block.
type Watch struct {
	c         *capture.Conversation
	sides     [2]watched
	scale     [2]int // -1 while it is not known
	synAt     int64
	synACKAt  int64
	Handshake int64 // tcp.analysis.initial_rtt in nanoseconds; 0 until it is known
	InFlight  int64 // tcp.analysis.bytes_in_flight of the last frame; 0 if it has none
	AckRTT    int64 // its tcp.analysis.ack_rtt in nanoseconds; 0 if it has none
	Duplicate int   // its tcp.analysis.duplicate_ack_num; 0 if it has none
}

// NewWatch begins to watch.
func NewWatch(c *capture.Conversation) *Watch { return &Watch{c: c, scale: [2]int{-1, -1}} }

// Frame looks at the next frame.
func (w *Watch) Frame(e *capture.Event) Analysis {
	w.InFlight, w.AckRTT, w.Duplicate = 0, 0, 0
	if e.Kind != capture.TCP || e.Marks.Has(capture.HeaderBad) {
		return 0
	}
	w.handshake(e)
	f, r := &w.sides[e.Dir], &w.sides[1-e.Dir]
	a := w.kinds(e, f, r)
	if e.Flags.Has(capture.ACK) && r.known && e.RelAck > r.toBeAcked {
		a |= AckLostSegment
		r.toBeAcked, r.uncertain = e.RelAck, true
	}
	if e.SegLen() > 0 && a&(KeepAlive|ZeroWindowProbe) == 0 {
		a |= w.repeats(e, f, r)
	}
	w.note(e, f, r, a)
	return a
}

func (w *Watch) handshake(e *capture.Event) {
	switch {
	case e.Flags.Has(capture.SYN):
		if w.scale[e.Dir] = 0; e.Marks.Has(capture.HasWindowScale) {
			w.scale[e.Dir] = int(min(e.WindowScale, 14))
		}
		if !e.Flags.Has(capture.ACK) {
			w.synAt = e.Time
		}
		if e.Flags.Has(capture.ACK) {
			w.synACKAt = e.Time
		}
	case w.synACKAt != 0 && w.synAt != 0 && w.Handshake == 0 && e.Flags.Has(capture.ACK) && !e.Flags.Any(capture.RST) && e.RelSeq == 1 && e.RelAck == 1:
		w.Handshake = e.Time - w.synAt
	}
}

// kinds names what the numbers and the window show.
func (w *Watch) kinds(e *capture.Event, f, r *watched) (a Analysis) {
	plain := !e.Flags.Any(capture.SYN | capture.FIN | capture.RST)
	n := int64(e.PayloadLen)
	if f.known && n == 1 && e.RelSeq == f.next && r.known && r.window == 0 {
		return ZeroWindowProbe
	}
	if e.Window == 0 && plain {
		a |= ZeroWindow
	}
	if f.known && e.RelSeq > f.next && !e.Flags.Has(capture.RST) {
		a |= LostSegment
	}
	if f.known && n <= 1 && e.RelSeq == f.next-1 && plain {
		a |= KeepAlive
	}
	same := f.known && f.acked && n == 0 && plain && e.RelSeq == f.next && e.RelAck == f.ack
	switch {
	case same && e.Window != 0 && e.Window != f.window:
		a |= WindowUpdate
	case same && e.Window != 0 && r.last&KeepAlive != 0:
		return a | KeepAliveACK
	case n == 0 && e.Window == 0 && f.window == 0 && f.known && e.RelSeq == f.next && (e.RelAck == f.ack || e.RelAck == f.ack+1) && r.last&ZeroWindowProbe != 0:
		return a | ZeroWindowProbeACK
	case same && e.Window != 0:
		a |= DuplicateACK
	}
	if n > 0 && w.scale[1-e.Dir] >= 0 && r.acked && plain && e.RelSeq+n == r.ack+int64(r.window)<<w.scale[1-e.Dir] {
		a |= WindowFull
	}
	return a
}

// repeats tells octets that were sent before from octets that were overtaken.
func (w *Watch) repeats(e *capture.Event, f, r *watched) Analysis {
	if !f.known || e.RelSeq >= f.next {
		return 0
	}
	dups := r.dups
	if dups >= 2 && r.ack == e.RelSeq && e.Time-r.ackAt < fastWithin {
		return Retransmission | FastRetransmission
	}
	if e.PayloadLen > 0 && r.acked && e.RelSeq+int64(e.PayloadLen) <= r.ack {
		return Retransmission | SpuriousRetransmission
	}
	limit := w.Handshake
	if limit == 0 {
		limit = disorderWithin
	}
	if e.Time-f.nextAt < limit && f.next != e.RelEnd() && !f.flight.sees(span{e.RelSeq, e.RelEnd()}) {
		return OutOfOrder
	}
	return Retransmission
}

// note takes the frame into account.
func (w *Watch) note(e *capture.Event, f, r *watched, a Analysis) {
	if a&DuplicateACK != 0 {
		f.dups++
		w.Duplicate = f.dups
	} else if f.ack != e.RelAck {
		f.dups = 0
	}
	end := e.RelEnd()
	if e.SegLen() > 0 && !e.Flags.Has(capture.RST) {
		if e.RelSeq == f.toBeAcked || !f.known || a&LostSegment != 0 {
			f.toBeAcked = max(f.toBeAcked, f.next, end)
		}
		f.flight.add(span{e.RelSeq, end}, e.Time)
	}
	if !e.Flags.Has(capture.RST) && (!f.known || end > f.next) && a&ZeroWindowProbe == 0 {
		f.next, f.nextAt, f.known = end, e.Time, true
	}
	f.window, f.last = e.Window, a
	f.uncertain = (f.uncertain || a&LostSegment != 0) && a&Retransmission == 0
	if e.Flags.Has(capture.ACK) {
		f.ack, f.ackAt, f.acked = e.RelAck, e.Time, true
		f.una = max(f.una, e.RelAck)
		f.sacked = w.reported(e)
		if sentAt := r.flight.acknowledged(e.RelAck); sentAt != 0 {
			w.AckRTT = e.Time - sentAt
			r.uncertain = false // it was captured, and what came before is done
		}
	}
	if e.PayloadLen > 0 && !f.flight.empty() && !f.uncertain && !e.Flags.Any(capture.SYN|capture.FIN|capture.RST) {
		w.InFlight = max(f.flight.octets(r.una)-r.sacked, 0)
	}
}

// reported is how many octets the SACK blocks of a segment hold, without those
// that tell of octets that came twice (RFC 2883).
func (w *Watch) reported(e *capture.Event) (octets int64) {
	for _, b := range w.c.SACK(e) {
		if int32(b.Left-e.Ack) > 0 && int32(b.Right-b.Left) > 0 {
			octets += int64(b.Right - b.Left)
		}
	}
	return octets
}
