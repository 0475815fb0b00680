package recovery

import "time"

// estimator computes the retransmission timeout from round-trip samples (RFC
// 6298 §2).
type estimator struct {
	srtt, rttvar time.Duration // srtt is 0 before the first sample
	rto          time.Duration
	min, max     time.Duration
	granularity  time.Duration // G
	backed       bool          // rto is backed off
}

// sample enters the round-trip time r (RFC 6298 §2.2, §2.3) and ends a
// back-off.
func (e *estimator) sample(r time.Duration) {
	r = max(r, 1)
	e.backed = false
	if e.srtt == 0 {
		e.srtt, e.rttvar = r, r/2
	} else {
		d := e.srtt - r
		if d < 0 {
			d = -d
		}
		e.rttvar += (d - e.rttvar) / 4
		e.srtt = max(e.srtt+(r-e.srtt)/8, 1)
	}
	e.rto = min(max(e.srtt+max(e.granularity, 4*e.rttvar), e.min), e.max)
}

// backOff doubles the timeout (RFC 6298 §5.5) up to the maximum (§2.5).
func (e *estimator) backOff() {
	e.rto = min(2*e.rto, e.max)
	e.backed = true
}
