package congestion

import "time"

// Reno is the congestion control of RFC 5681 with byte counting.
type Reno struct {
	window
	counted int // octets acknowledged since cwnd last grew in congestion avoidance
}

// NewReno returns a Reno controller with the initial window of RFC 6928 §2.
func NewReno(mss int) *Reno { return &Reno{window: newWindow(mss)} }

// Acked grows the window: by at most SMSS for an ACK in slow start, by at most
// SMSS for a window of octets in congestion avoidance (RFC 5681 §3.1).
func (r *Reno) Acked(_ time.Time, a Ack) {
	r.round(a)
	if !r.inUse() {
		return
	}
	if r.cwnd < r.ssthresh {
		r.slowStart(a.Bytes)
		return
	}
	r.counted += a.Bytes
	if r.counted >= r.cwnd {
		r.counted = min(r.counted-r.cwnd, r.cwnd)
		r.grow(r.mss)
	}
}

// Event moves the window as RFC 5681 says for what happened.
func (r *Reno) Event(_ time.Time, e Event) {
	if e.Kind.loss() {
		r.counted = 0
	}
	r.event(e, 1, 2)
}
