package tap

import (
	"fmt"
	"time"
)

// Impairment says what a bad wire does to the frames on it: how likely each
// mishap is for one frame, from 0 (never) to 1 (always). The zero value is a
// good wire.
type Impairment struct {
	Seed      uint64  // the same seed treats the same frames in the same way
	Drop      float64 // the frame is lost
	Duplicate float64 // the frame comes twice
	Reorder   float64 // the frame is held, and those behind overtake it
	Delay     float64 // the frame is held, and those behind wait for it
	Corrupt   float64 // one bit behind the Ethernet header is inverted
	// Hold is the longest that a frame is held; each is held for a random
	// time up to it. 0 means DefaultHold.
	Hold time.Duration
}

// DefaultHold is the longest hold of an Impairment that does not say.
const DefaultHold = 10 * time.Millisecond

// Check returns an error for a probability that is none or a negative hold.
func (i Impairment) Check() error {
	for _, p := range []struct {
		name  string
		value float64
	}{
		{"drop", i.Drop}, {"duplicate", i.Duplicate}, {"reorder", i.Reorder}, {"delay", i.Delay}, {"corrupt", i.Corrupt},
	} {
		if !(p.value >= 0 && p.value <= 1) { // NaN too
			return fmt.Errorf("impairment: the probability to %s is %v; give one from 0 to 1", p.name, p.value)
		}
	}
	if i.Hold < 0 {
		return fmt.Errorf("impairment: frames cannot be held for %v; give a positive time", i.Hold)
	}
	return nil
}

// Fate is what happens to one frame.
type Fate struct {
	Drop      bool
	Duplicate bool
	Overtaken bool          // those behind do not wait for it
	Hold      time.Duration // how long it is held
	FlipBit   int           // bit to invert, from the first byte's highest; -1 for none
}

// Fate decides about the frame of size bytes that is the index-th of its
// direction, from 0. It depends on nothing else: not on a clock, on other
// frames or on the other direction. Nor does the draw for one mishap depend
// on the probability of another, so raising one leaves the others' victims
// the same.
func (i Impairment) Fate(dir Direction, index uint64, size int) Fate {
	draw := newDraws(i.Seed, dir, index)
	fate := Fate{FlipBit: -1}
	fate.Drop = draw.chance(i.Drop)
	fate.Duplicate = draw.chance(i.Duplicate)
	fate.Overtaken = draw.chance(i.Reorder)
	delayed := draw.chance(i.Delay)
	corrupt := draw.chance(i.Corrupt)
	hold, bit := draw.next(), draw.next()
	if fate.Overtaken || delayed {
		longest := i.Hold
		if longest == 0 {
			longest = DefaultHold
		}
		fate.Hold = 1 + time.Duration(hold%uint64(longest))
	}
	if corrupt && size > etherLen {
		fate.FlipBit = 8*etherLen + int(bit%uint64(8*(size-etherLen)))
	}
	return fate
}

// draws are the random numbers of one frame: splitmix64 (Steele, Lea and
// Flood, 2014), which is a counter and a mixing function, so that any frame's
// numbers can be had without those before.
type draws uint64

const goldenGamma = 0x9e3779b97f4a7c15

func newDraws(seed uint64, dir Direction, index uint64) draws {
	start := mix64(seed + goldenGamma*(uint64(dir)+1))
	return draws(mix64(start + goldenGamma*(index+1)))
}

func (d *draws) next() uint64 {
	*d += goldenGamma
	return mix64(uint64(*d))
}

// chance is true with probability p.
func (d *draws) chance(p float64) bool {
	return float64(d.next()>>11)/(1<<53) < p
}

func mix64(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
