package congestion

// window is what Reno and CUBIC share: cwnd, ssthresh and the reactions of RFC
// 5681 that differ only in how far the window falls.
type window struct {
	mss      int
	cwnd     int
	ssthresh int

	priorCwnd, priorThresh int  // before the last reduction, for Undo; 0 if none
	undone                 bool // the last reduction was taken back; so is the end of its recovery

	// The highest flight in this round and in the one before; a round is over
	// when a window of octets has been acknowledged.
	peak, lastPeak, acked int
}

func newWindow(mss int) window {
	mss = max(mss, 1)
	return window{mss: mss, cwnd: InitialWindow(mss), ssthresh: Unlimited}
}

// Window returns cwnd in octets.
func (w *window) Window() int { return w.cwnd }

// Threshold returns ssthresh in octets.
func (w *window) Threshold() int { return w.ssthresh }

// SetMSS changes SMSS. See Controller.
func (w *window) SetMSS(mss int) {
	mss = max(mss, 1)
	if mss < w.mss {
		w.cwnd = int(int64(w.cwnd) * int64(mss) / int64(w.mss))
	}
	w.mss = mss
	w.cwnd = max(w.cwnd, mss)
	w.ssthresh = max(w.ssthresh, 2*mss)
}

// round enters an ACK into the measure of how much of the window is in use.
func (w *window) round(a Ack) {
	w.peak = max(w.peak, a.Flight)
	w.acked += a.Bytes
	if w.acked >= w.cwnd {
		w.lastPeak, w.peak, w.acked = w.peak, 0, 0
	}
}

// inUse reports whether the window, and not the application or the peer, was
// what held the sender back; only then it may grow.
func (w *window) inUse() bool {
	flight := max(w.peak, w.lastPeak)
	if w.cwnd < w.ssthresh {
		return 2*flight > w.cwnd
	}
	return flight+w.mss > w.cwnd
}

// slowStart grows the window for an ACK of n octets (RFC 5681 §3.1 equation 2),
// not past ssthresh.
func (w *window) slowStart(n int) {
	w.grow(min(n, w.mss, max(w.ssthresh-w.cwnd, 0)))
}

func (w *window) grow(n int) { w.cwnd = min(w.cwnd+n, Unlimited) }

// loss reports whether the kind makes the window smaller because of congestion.
func (k Kind) loss() bool {
	return k == FastRetransmit || k == Timeout || k == RepeatedTimeout || k == ECE
}

// event reacts to e; num/den is the factor that ssthresh falls by.
func (w *window) event(e Event, num, den int) {
	switch e.Kind {
	case FastRetransmit, Timeout:
		w.priorCwnd, w.priorThresh, w.undone = w.cwnd, w.ssthresh, false
	case ECE: // a mark is never spurious
		w.priorCwnd, w.priorThresh, w.undone = 0, 0, false
	}
	switch e.Kind {
	case FastRetransmit, ECE:
		w.ssthresh = w.reduced(e.Flight, num, den)
		w.cwnd = min(w.cwnd, w.ssthresh)
	case Timeout:
		w.ssthresh = w.reduced(e.Flight, num, den)
		w.cwnd = w.mss // LW, the loss window
	case RepeatedTimeout:
		w.cwnd = w.mss
	case Recovered:
		// RFC 6582 §3.2 step 3 option 1: no burst when little is in flight.
		if !w.undone {
			w.cwnd = min(w.ssthresh, max(e.Flight, w.mss)+w.mss)
		}
	case SYNLost:
		w.cwnd = w.mss
	case Idle:
		w.cwnd = min(InitialWindow(w.mss), w.cwnd)
	case Undo:
		w.undo()
	}
}

// reduced returns ssthresh after a loss: max(FlightSize*num/den, 2*SMSS), RFC
// 5681 §3.1 equation 4. A flight larger than cwnd counts as cwnd.
func (w *window) reduced(flight, num, den int) int {
	return max(int(int64(min(flight, w.cwnd))*int64(num)/int64(den)), 2*w.mss)
}

func (w *window) undo() {
	if w.priorCwnd == 0 {
		return
	}
	w.cwnd = max(w.cwnd, w.priorCwnd)
	w.ssthresh = max(w.ssthresh, w.priorThresh)
	w.priorCwnd, w.priorThresh, w.undone = 0, 0, true
}
