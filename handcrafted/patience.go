package handcrafted

import "time"

// patience chooses how the leader waits for a frame: asleep, until the device
// has the thread woken, or asking the device again and again for a moment
// before that. Where a CPU takes long to wake up and the peer is near, asking
// is several times faster; where the peer runs on the CPU that sleeping would
// free, it is slower. So both are measured, and the better one is used.
type patience struct {
	asleep, asking recent
	waits          uint
	trial          int // waits that still try what seems to be worse
}

const (
	// askFor is how long the device is asked before the leader sleeps.
	askFor = 100 * time.Microsecond
	// askTimes is how often at most, for a clock that stands still.
	askTimes = 1000
	// far is a wait that asking would not shorten by much.
	far = 4 * askFor
	// After so many waits the other way is tried, several times in a row
	// because waits for an answer alternate with others.
	tryEvery = 512
	tryFor   = 16
)

// ask reports whether the next wait begins with asking.
func (p *patience) ask() bool {
	asleep := p.asleep.mean()
	if p.waits++; p.waits <= tryFor || asleep >= far {
		return false
	}
	if p.waits == tryFor+1 || p.waits%tryEvery == 0 {
		p.trial = tryFor
	}
	better := p.asking.n > 0 && p.asking.mean() < asleep
	if p.trial > 0 {
		p.trial--
		return !better
	}
	return better
}

// waited takes how long a wait was that had begun with asking, or not. One
// that was long ends a trial.
func (p *patience) waited(asked bool, took time.Duration) {
	if took > askFor {
		p.trial = 0
	}
	if asked {
		p.asking.add(took)
	} else {
		p.asleep.add(took)
	}
}

// recent is a mean in which older values weigh less and less.
type recent struct {
	sum time.Duration
	n   int
}

func (r *recent) add(took time.Duration) {
	if r.n == 4*tryFor {
		r.sum, r.n = r.sum/2, r.n/2
	}
	r.sum += min(took, 2*far) // one long wait is soon forgotten
	r.n++
}

func (r *recent) mean() time.Duration { return r.sum / time.Duration(max(r.n, 1)) }
