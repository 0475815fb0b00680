package rules

import "tcping-cmp/compare/capture"

// State is a state of RFC 9293 §3.3.2, as the frames imply it.
type State uint8

// The states.
const (
	UnknownState State = iota // the capture begins in the middle
	Closed
	Listen
	SynSent
	SynReceived
	Established
	FinWait1
	FinWait2
	CloseWait
	Closing
	LastAck
	TimeWait
)

var stateNames = [...]string{
	"", "CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
	"CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT",
}

// String is the RFC's name; empty if the state is not known.
func (s State) String() string { return stateNames[s] }

// ending is what one end's state follows from.
type ending struct {
	idle     State // before anything was seen
	opened   bool  // it has sent something, or got a SYN
	sent     bool  // it has sent something
	synced   bool  // it has got the other end's SYN
	synAcked bool  // its own is acknowledged
	finished bool  // it has sent its FIN
	finAcked bool
	peerFIN  bool // it has got the other end's
	last     bool // and had when it sent its own
	gone     bool // reset
}

func (s *ending) state() State {
	switch {
	case s.gone:
		return Closed
	case !s.opened:
		return s.idle
	case s.finished && s.peerFIN:
		return s.bothFinished()
	case s.finished && s.finAcked:
		return FinWait2
	case s.finished:
		return FinWait1
	case s.peerFIN:
		return CloseWait
	case s.synced && s.synAcked:
		return Established
	case s.synced:
		return SynReceived
	}
	return SynSent
}

func (s *ending) bothFinished() State {
	switch {
	case s.finAcked && s.last:
		return Closed
	case s.finAcked:
		return TimeWait
	case s.last:
		return LastAck
	}
	return Closing
}

// sends changes the state of the end that sends the frame. What its frames
// prove corrects what was assumed to have reached it.
func (s *ending) sends(e *capture.Event, peer *Side) {
	ack, syn := e.Flags.Has(capture.ACK), e.Flags.Has(capture.SYN)
	if e.Flags.Has(capture.RST) {
		// In SYN-SENT and SYN-RECEIVED a RST answers a wrong ACK, and the attempt goes on (RFC 9293 §3.10.7.3).
		s.gone = s.gone || !s.sent || s.synced && s.synAcked
		return
	}
	s.opened, s.sent = true, true
	s.synced = s.synced || ack
	if syn {
		s.synAcked = false // sent again: the acknowledgement was lost
		return
	}
	s.synAcked = true
	heard := ack && peer.Finished && e.RelAck > peer.Fin
	s.peerFIN = s.peerFIN || heard
	if e.Flags.Has(capture.FIN) {
		if !s.finished {
			s.last = heard || !ack && s.peerFIN
		}
		s.finished, s.finAcked = true, false
	}
}

// gets changes the state of the end that the frame is for. reset: it is a RST
// that ends the connection. fin: it brings the other end's FIN.
func (s *ending) gets(e *capture.Event, own *Side, reset, fin bool) {
	if e.Flags.Has(capture.RST) {
		s.gone = s.gone || reset
		return
	}
	if e.Flags.Has(capture.SYN) {
		s.opened, s.synced = true, true
	}
	s.peerFIN = s.peerFIN || fin
	if !e.Flags.Has(capture.ACK) {
		return
	}
	s.synAcked = s.synAcked || own.Started && e.RelAck >= 1
	s.finAcked = s.finAcked || s.finished && own.Finished && e.RelAck > own.Fin
}
