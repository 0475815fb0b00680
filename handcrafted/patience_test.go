package handcrafted

import (
	"testing"
	"time"
)

// waits lets waits take what the two ways take, and counts those that began
// with asking.
func (p *patience) spend(waits int, asleep, asking time.Duration) (asked int) {
	for range waits {
		ask, took := p.ask(), asleep
		if ask {
			asked++
			took = asking
		}
		p.waited(ask, took)
	}
	return asked
}

func TestPatienceTakesTheQuickerWay(t *testing.T) {
	const µs = time.Microsecond
	for _, c := range []struct {
		name           string
		asleep, asking time.Duration
		least, most    int // asked, of 10 × tryEvery waits
	}{
		{"asking is quicker", 40 * µs, 15 * µs, 9 * tryEvery, 10*tryEvery - 10*tryFor},
		{"sleeping is quicker", 9 * µs, 22 * µs, tryFor, 11 * tryFor},
		{"asking is in vain", 9 * µs, askFor + µs, 1, 11},
		{"the peer is far", far, 15 * µs, 0, 0},
		{"the clock stands still", 0, 0, tryFor, 11 * tryFor},
	} {
		var p patience
		if asked := p.spend(10*tryEvery, c.asleep, c.asking); asked < c.least || asked > c.most {
			t.Errorf("%s: asked %d times, want %d to %d", c.name, asked, c.least, c.most)
		}
	}
}

// What was better an hour ago need not be so now.
func TestPatienceChangesItsMind(t *testing.T) {
	const µs = time.Microsecond
	var p patience
	p.spend(tryEvery, 40*µs, 15*µs)
	p.spend(4*tryEvery, 9*µs, 22*µs) // the peer has moved
	if asked := p.spend(tryEvery, 9*µs, 22*µs); asked > tryFor {
		t.Errorf("still asks, %d times of %d", asked, tryEvery)
	}
	p.spend(4*tryEvery, 40*µs, 15*µs)
	if asked := p.spend(tryEvery, 40*µs, 15*µs); asked < tryEvery-tryFor {
		t.Errorf("asks only %d times of %d", asked, tryEvery)
	}
	p.spend(100, time.Second, time.Second) // nobody says anything for long
	if asked := p.spend(4*tryEvery, time.Second, time.Second); asked > 0 {
		t.Errorf("asks %d times for what takes seconds", asked)
	}
}
