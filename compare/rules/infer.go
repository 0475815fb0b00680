package rules

import (
	"fmt"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// Inferred is what the frames up to one of them, and that one, imply. Numbers
// are relative and times in nanoseconds.
//
// A frame that was damaged on its way changes nothing: its header says nothing
// of its sender, and its receiver drops it. The fields of tcp.analysis go on
// from it all the same, as Wireshark's do.
//
// Of the client of a capture that was made at the client's own link it is
// known what has reached it. Another end is taken to have got whatever passed
// the capture, until its own frames prove that something was lost behind it.
type Inferred struct {
	Client, Server State // after the frame

	// Of the frame's sender, after the frame; zero if it is no TCP segment.
	Una, Next int64 // SND.UNA and SND.NXT
	Rcv       int64 // RCV.NXT, as the sender says; 0 before it has said anything
	Window    int64 // SND.WND in octets after scaling; -1 if it is not known
	SRTT, RTO int64 // by RFC 6298 with its minimum of a second, the back-off counted in; SRTT 0 before the first sample

	// Of the frame.
	InFlight  int64    // tcp.analysis.bytes_in_flight as Watch has it; 0 if it has none
	AckRTT    int64    // tcp.analysis.ack_rtt; 0 if it has none
	Duplicate int      // tcp.analysis.duplicate_ack_num; 0 if it has none
	Analysis  Analysis // the other fields of tcp.analysis
	Kind      Kind     // why octets are sent again; Unknown where that cannot be told from this capture
}

// Words are the fields of tcp.analysis without that prefix, numbered where
// they are counted, and a probe for a lost tail by its name.
func (x *Inferred) Words() []string {
	names := x.Analysis.Names()
	for n := range names {
		names[n] = names[n][len(analysisPrefix):]
		if names[n] == "duplicate_ack" {
			names[n] = fmt.Sprintf("duplicate_ack #%d", x.Duplicate)
		}
	}
	if x.Kind == TailProbe {
		names = append(names, "tail loss probe")
	}
	return names
}

// Inference goes through a conversation frame by frame. It keeps what the
// next frame needs, not what it has told.
type Inference struct {
	track   *Track
	watch   *Watch
	ends    [2]ending
	windows [2]sendWindow
	backoff [2]uint // timers that expired since new octets were acknowledged
	next    int
}

// sendWindow is what an end may have in flight (RFC 9293 §3.10.7.4, fifth).
type sendWindow struct {
	octets   int64
	wl1, wl2 int64
	known    bool
}

// NewInference begins.
func NewInference(c *capture.Conversation) *Inference {
	f := &Inference{track: newTrack(c), watch: NewWatch(c)}
	if c.HasSYN {
		f.ends[tap.Out].idle, f.ends[tap.In].idle = Closed, Listen
	}
	return f
}

// Infer tells it of every frame.
func Infer(c *capture.Conversation) []Inferred {
	f := NewInference(c)
	all := make([]Inferred, len(c.Events))
	for i := range all {
		f.Next(&all[i])
	}
	return all
}

// Next tells it of the next frame, and sets x to what is implied then; there
// must be a next one.
func (f *Inference) Next(x *Inferred) {
	t := f.track
	i := f.next
	e := t.C.Events[i]
	f.next++
	*x = Inferred{Window: -1}
	if e.Kind == capture.TCP {
		x.Analysis = f.watch.Frame(e)
		x.InFlight, x.AckRTT, x.Duplicate = f.watch.InFlight, f.watch.AckRTT, f.watch.Duplicate
	}
	if t.C.Reused && e.Flags&(capture.SYN|capture.ACK) == capture.SYN && !t.Sides[e.Dir].Opened {
		x.Analysis |= ReusedPorts
	}
	if t.enter(i, e) {
		if t.damaged() {
			t.skip()
		} else {
			f.segment(e, x)
		}
		f.numbers(e, x)
	}
	x.Client, x.Server = f.ends[tap.Out].state(), f.ends[tap.In].state()
}

// Handshake is tcp.analysis.initial_rtt in nanoseconds; 0 until it is known.
func (f *Inference) Handshake() int64 { return f.watch.Handshake }

// refusedFrames are met by an end that then takes nothing of them.
const refusedFrames = metBadChecksum | metFragment | metMalformed | metOldTimestamp | metNoTimestamp |
	metWrongACK | metUnsentSYN | metFutureACK | metAncientACK | metNoACK

func (f *Inference) segment(e *capture.Event, x *Inferred) {
	t := f.track
	peer := t.Peer()
	una := peer.Una
	t.advance()
	sender, receiver := &f.ends[e.Dir], &f.ends[1-e.Dir]
	sender.sends(e, peer)
	if t.Meets&refusedFrames == 0 && !e.Marks.Has(capture.ChecksumBad) {
		fin := e.Flags.Has(capture.FIN)
		if t.seen(1 - int(e.Dir)) {
			fin = peer.PeerFIN
		}
		receiver.gets(e, peer, peer.Closed != 0, fin)
		if t.Meets&metUnacceptable == 0 {
			f.windows[1-e.Dir].offered(t, e)
		}
	}
	f.timers(e, peer.Una > una)
	x.Kind = t.Rtx.Kind
}

// numbers are those of the frame's sender.
func (f *Inference) numbers(e *capture.Event, x *Inferred) {
	own := f.track.Own()
	x.Una, x.Next, x.Rcv = own.Una, own.Next, own.Acked
	if w := &f.windows[e.Dir]; w.known {
		x.Window = w.octets
	}
	x.SRTT, x.RTO = own.SRTT, f.timeout(e.Dir)
}

// offered notes the window that a segment brings to the end it is for.
func (w *sendWindow) offered(t *Track, e *capture.Event) {
	if e.Flags.Has(capture.RST) || !t.C.FromStart() && !e.Flags.Has(capture.SYN) {
		return
	}
	if !w.known || w.wl1 < e.RelSeq || w.wl1 == e.RelSeq && w.wl2 <= e.RelAck {
		*w = sendWindow{t.Window(e), e.RelSeq, e.RelAck, true}
	}
}

// timers counts what the timer of the frame's sender has sent again, and
// forgets it where the frame acknowledges new octets of the other end's.
func (f *Inference) timers(e *capture.Event, news bool) {
	if f.track.Rtx.Kind == ByTimer {
		f.backoff[e.Dir]++
	}
	if news {
		f.backoff[1-e.Dir] = 0
	}
}

// The bounds of the timeout, in nanoseconds: RFC 6298 §2.1 and §2.4 ask for a
// second at the least, and §2.5 lets a minute be the most.
const (
	leastTimeout = 1e9
	mostTimeout  = 60e9
)

// timeout is the retransmission timeout of an end by RFC 6298 §2 and §5.5.
func (f *Inference) timeout(dir tap.Direction) int64 {
	return min(max(f.track.Sides[dir].RTO(), leastTimeout)<<min(f.backoff[dir], 6), mostTimeout)
}
