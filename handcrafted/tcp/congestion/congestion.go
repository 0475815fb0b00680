// Package congestion decides how much a TCP sender may have in flight: Reno
// (RFC 5681) and CUBIC (RFC 9438) behind one small interface. A controller
// knows octets and time and nothing else; which octets are lost is the
// business of package recovery.
//
// What the RFCs leave open, and what is chosen here:
//
//   - Slow start grows by min(N, SMSS) for an ACK of N octets: RFC 5681 §3.1
//     equation 2, which is RFC 3465 with L = 1. It keeps "at most SMSS for each
//     ACK" true, also when the peer stretches its ACKs.
//   - Congestion avoidance counts octets (RFC 3465 §2.1): one SMSS for each
//     cwnd octets acknowledged. ACK division gains nothing.
//   - The window grows only while it is in use (in the spirit of RFC 7661 and of
//     RFC 9438 §5.8): in slow start while more than half of it was in flight
//     during the last round, in congestion avoidance while less than SMSS of it
//     was left.
//   - The window is not inflated by duplicate ACKs. The pipe of package recovery
//     shrinks instead, which permits the same segments (RFC 5681 §3.2 step 4).
//   - The default is Reno: it is the one the MUSTs of RFC 9293 §3.8.2 (MUST-19)
//     are written for. CUBIC is the better choice on long fat paths (MAY-18).
//
// # Limitations
//
// No HyStart (RFC 9406), no pacing, no Proportional Rate Reduction (RFC 6937).
package congestion

import (
	"errors"
	"fmt"
	"time"
)

// ErrUnknown says that no controller has the name that was asked for.
var ErrUnknown = errors.New("unknown congestion control")

// Controller decides the congestion window of one connection. All sizes are in
// octets. It is not safe for concurrent use.
type Controller interface {
	// Window returns cwnd: at most so much may be in the pipe. Never below SMSS.
	Window() int
	// Threshold returns ssthresh; below it the window grows by slow start.
	Threshold() int
	// Acked is called for each ACK that acknowledges new data outside fast
	// recovery (also while recovering from a timeout, RFC 5681 §3.1).
	Acked(now time.Time, a Ack)
	// Event is called for everything else that moves the window.
	Event(now time.Time, e Event)
	// SetMSS changes SMSS, as path MTU discovery does. When it shrinks, cwnd
	// shrinks in proportion (RFC 5681 §3.1): no burst of small segments.
	SetMSS(mss int)
}

// Ack is an acknowledgement of new data.
type Ack struct {
	Bytes  int           // newly acknowledged; not counting SYN (RFC 5681 §3.1)
	Flight int           // octets outstanding before this ACK
	SRTT   time.Duration // smoothed round-trip time; 0 if unknown
}

// Event is something other than an ACK that concerns the window.
type Event struct {
	Kind   Kind
	Flight int // FlightSize, without what Limited Transmit added (RFC 5681 §3.2 step 2)
}

// Kind says what happened.
type Kind uint8

const (
	// FastRetransmit: duplicate ACKs, SACK, RACK or a loss probe showed a loss
	// and recovery begins (RFC 5681 §3.2, RFC 6675 §5). Flight counts.
	FastRetransmit Kind = iota + 1
	// Recovered: fast recovery ends (RFC 6582 §3.2 step 3). Flight counts.
	Recovered
	// Timeout: the retransmission timer fired for a segment that it has not
	// retransmitted before (RFC 5681 §3.1 equation 4). Flight counts.
	Timeout
	// RepeatedTimeout: it fired again for the same segment; ssthresh stays.
	RepeatedTimeout
	// ECE: the peer echoed a congestion mark (RFC 3168 §6.1.2). The caller sees
	// to it that this happens once a round trip. Flight counts.
	ECE
	// SYNLost: the SYN or the SYN,ACK had to be retransmitted (RFC 5681 §3.1).
	SYNLost
	// Idle: nothing was sent for longer than the RTO (RFC 5681 §4.1).
	Idle
	// Undo: the last FastRetransmit or Timeout was spurious (RFC 4015,
	// RFC 9438 §4.9).
	Undo
)

// Unlimited is the first ssthresh: "arbitrarily high" (RFC 5681 §3.1).
const Unlimited = 1 << 30

// InitialWindow returns IW of RFC 6928 §2 in octets:
// min(10*MSS, max(2*MSS, 14600)).
func InitialWindow(mss int) int { return min(10*mss, max(2*mss, 14600)) }

// New returns a controller by name: "reno" (also ""), or "cubic". mss is the
// effective send MSS (RFC 9293 §3.7.1, MUST-16), so call it when the peer's
// SYN has been seen. The error is ErrUnknown.
func New(name string, mss int) (Controller, error) {
	switch name {
	case "", "reno":
		return NewReno(mss), nil
	case "cubic":
		return NewCubic(mss), nil
	}
	return nil, fmt.Errorf("congestion control %q: %w; use reno or cubic", name, ErrUnknown)
}
