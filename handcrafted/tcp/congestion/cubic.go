package congestion

import (
	"math"
	"time"
)

// Constants of RFC 9438 §4.1 and §4.6.
const (
	cubicC    = 0.4 // segments per cubed second
	betaNum   = 7   // beta is 0.7
	betaDen   = 10
	cubicBeta = float64(betaNum) / betaDen
	// renoAlpha makes the Reno-friendly region as fast as Reno would be that
	// falls by beta only (RFC 9438 §4.3).
	renoAlpha = 3 * (1 - cubicBeta) / (1 + cubicBeta)
)

// Cubic is the congestion control of RFC 9438. Below ssthresh it is Reno's slow
// start. It counts in segments, as the RFC does.
type Cubic struct {
	window
	wMax    float64   // window before the last reduction, in segments
	k       float64   // seconds until the curve is back at wMax
	wEst    float64   // what Reno would have
	prior   float64   // cwnd before the last reduction, in segments
	frac    float64   // octets of growth that are not a whole octet yet
	epoch   time.Time // beginning of this congestion avoidance stage; zero if none
	last    time.Time // last ACK in this stage
	flat    bool      // begin the next stage with K = 0 (RFC 9438 §4.2, §4.8)
	oldWMax float64   // before the last reduction, for Undo
	oldK    float64   //
	oldTime time.Time // epoch before the last reduction
}

// NewCubic returns a CUBIC controller with the initial window of RFC 6928 §2.
func NewCubic(mss int) *Cubic { return &Cubic{window: newWindow(mss), flat: true} }

// Acked grows the window along the cubic curve, or as Reno would where that is
// faster (RFC 9438 §4.2 to §4.5).
func (c *Cubic) Acked(now time.Time, a Ack) {
	c.round(a)
	if !c.inUse() {
		// The time in which the window was not in use is no time of the
		// curve (RFC 9438 §5.8).
		if !c.epoch.IsZero() {
			c.epoch = c.epoch.Add(now.Sub(c.last))
			c.last = now
		}
		return
	}
	if c.cwnd < c.ssthresh {
		c.slowStart(a.Bytes)
		return
	}
	if c.epoch.IsZero() {
		c.begin(now)
	}
	c.last = now
	c.avoid(now, a)
}

// begin starts a congestion avoidance stage.
func (c *Cubic) begin(now time.Time) {
	cwnd := c.segments()
	c.epoch, c.wEst, c.frac = now, cwnd, 0
	if c.flat || c.wMax <= cwnd {
		c.wMax, c.k, c.flat = cwnd, 0, false
		return
	}
	c.k = math.Cbrt((c.wMax - cwnd) / cubicC)
}

// avoid grows the window for one ACK in congestion avoidance.
func (c *Cubic) avoid(now time.Time, a Ack) {
	cwnd := c.segments()
	acked := float64(a.Bytes) / float64(c.mss)
	alpha := renoAlpha
	if c.wEst >= c.prior {
		alpha = 1
	}
	c.wEst += alpha * acked / cwnd
	t := now.Sub(c.epoch).Seconds()
	if c.curve(t) < c.wEst {
		c.raise(c.wEst - cwnd)
		return
	}
	target := min(max(c.curve(t+a.SRTT.Seconds()), cwnd), 1.5*cwnd)
	c.raise((target - cwnd) / cwnd * acked)
}

// curve is W_cubic(t) of RFC 9438 §4.2, in segments.
func (c *Cubic) curve(t float64) float64 {
	d := t - c.k
	return cubicC*d*d*d + c.wMax
}

// raise adds segments to cwnd; the part below an octet is kept for later.
func (c *Cubic) raise(segments float64) {
	if segments <= 0 {
		return
	}
	c.frac += min(segments*float64(c.mss), float64(c.cwnd)/2)
	n := math.Floor(c.frac)
	c.frac -= n
	c.grow(int(n))
}

func (c *Cubic) segments() float64 { return float64(c.cwnd) / float64(c.mss) }

// Event moves the window as RFC 9438 §4.6 to §4.9 say for what happened.
func (c *Cubic) Event(now time.Time, e Event) {
	switch e.Kind {
	case FastRetransmit, ECE, Timeout:
		c.remember(e.Kind)
	case RepeatedTimeout:
		c.epoch, c.flat = time.Time{}, true
	case Undo:
		if c.priorCwnd != 0 {
			c.wMax, c.k, c.epoch, c.last, c.flat = c.oldWMax, c.oldK, c.oldTime, now, c.oldTime.IsZero()
		}
	case Idle:
		c.epoch, c.flat = time.Time{}, true
	case Recovered, SYNLost:
	}
	c.event(e, betaNum, betaDen)
}

// remember keeps the window before a reduction as the plateau of the next
// stage; a little less if it did not reach the last plateau, to make room for
// others (fast convergence, RFC 9438 §4.7).
func (c *Cubic) remember(k Kind) {
	c.oldWMax, c.oldK, c.oldTime = c.wMax, c.k, c.epoch
	c.prior = c.segments()
	if c.prior < c.wMax {
		c.wMax = c.prior * (1 + cubicBeta) / 2
	} else {
		c.wMax = c.prior
	}
	c.epoch = time.Time{}
	c.flat = k == Timeout
}

// SetMSS changes SMSS and with it the unit of the curve.
func (c *Cubic) SetMSS(mss int) {
	c.window.SetMSS(mss)
	c.epoch, c.flat = time.Time{}, true
}
