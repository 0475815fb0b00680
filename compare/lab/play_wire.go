package lab

import (
	"encoding/binary"
	"slices"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// wireDelay is how long a frame is under way from end to end: a network of a
// building.
const wireDelay = 500 * time.Microsecond

// maxOnWire bounds the frames under way.
const maxOnWire = 1 << 16

// wire carries frames in virtual time and does to them what the impairment
// lines of a script say.
type wire struct {
	rules   []wireRule
	under   []wireFrame // under way, by the time of their arrival
	held    []wireFrame // until frames have overtaken them
	entered uint64
}

// wireRule is an impairment with how many frames it has counted so far.
type wireRule struct {
	scenario.Impairment
	counted int
	random  uint64
}

// wireFrame is a frame under way.
type wireFrame struct {
	dir   tap.Direction
	data  []byte
	at    time.Time // of arrival
	order uint64    // of entering, for those that arrive together
	after int       // frames that have to overtake it first
}

func newWire(list []scenario.Impairment) *wire {
	w := &wire{}
	for _, i := range list {
		w.rules = append(w.rules, wireRule{Impairment: i, random: i.Seed})
	}
	return w
}

// enter takes a frame; data belongs to the wire from now on. Every rule counts
// it, also when another has it dropped.
func (w *wire) enter(now time.Time, dir tap.Direction, data []byte) {
	f := wireFrame{dir: dir, data: data, at: now.Add(wireDelay)}
	s, ok := readFrame(data)
	copies, dropped := 0, false
	for i := range w.rules {
		r := &w.rules[i]
		if !ok || !s.tcp || !r.counts(dir, s) || !r.picks() {
			continue
		}
		switch r.Kind {
		case scenario.Drop:
			dropped = true
		case scenario.Duplicate:
			copies += max(r.By, 1)
		case scenario.Delay:
			f.at = f.at.Add(r.Time)
		case scenario.Reorder:
			f.after = max(r.By, 1)
		case scenario.Corrupt:
			f.data = corrupted(f.data, s, r.By)
		}
	}
	for range copies + 1 {
		if !dropped {
			w.put(f)
		}
	}
	w.overtaken(dir)
}

// put places a frame by its time of arrival.
func (w *wire) put(f wireFrame) {
	if len(w.under)+len(w.held) >= maxOnWire {
		return
	}
	w.entered++
	f.order = w.entered
	if f.after > 0 {
		w.held = append(w.held, f)
		return
	}
	at := len(w.under)
	for at > 0 && w.under[at-1].at.After(f.at) {
		at--
	}
	w.under = slices.Insert(w.under, at, f)
}

// overtaken counts a frame that has passed those that are held. One that has
// been passed often enough follows right behind.
func (w *wire) overtaken(dir tap.Direction) {
	for i := 0; i < len(w.held); {
		f := &w.held[i]
		if f.dir == dir && f.order != w.entered {
			if f.after--; f.after == 0 {
				late := *f
				w.held = slices.Delete(w.held, i, i+1)
				for _, other := range w.under {
					if other.dir == dir && other.at.After(late.at) {
						late.at = other.at
					}
				}
				w.put(late)
				continue
			}
		}
		i++
	}
}

// holdLimit is when a frame that waits to be overtaken comes anyway.
const holdLimit = 100 * time.Millisecond

// leave returns the next frame that has arrived by now.
func (w *wire) leave(now time.Time) (wireFrame, bool) {
	for i, f := range w.held {
		if !f.at.Add(holdLimit).After(now) {
			w.held = slices.Delete(w.held, i, i+1)
			return f, true
		}
	}
	if len(w.under) == 0 || w.under[0].at.After(now) {
		return wireFrame{}, false
	}
	f := w.under[0]
	w.under = w.under[1:]
	return f, true
}

// next is when leave has something; zero if the wire is empty.
func (w *wire) next() time.Time {
	var first time.Time
	if len(w.under) > 0 {
		first = w.under[0].at
	}
	for _, f := range w.held {
		first = earliest(first, f.at.Add(holdLimit))
	}
	return first
}

// busy says whether anything is under way.
func (w *wire) busy() bool { return len(w.under)+len(w.held) > 0 }

// counts says whether a rule is about a segment.
func (r *wireRule) counts(dir tap.Direction, s *seen) bool {
	switch r.Dir {
	case scenario.FromStack:
		if dir != tap.Out {
			return false
		}
	case scenario.FromPeer:
		if dir != tap.In {
			return false
		}
	}
	switch r.What {
	case scenario.DataSeg:
		return len(s.payload) > 0
	case scenario.SYNSeg:
		return s.flags&(flagSYN|flagACK) == flagSYN
	case scenario.SYNACKSeg:
		return s.flags&(flagSYN|flagACK) == flagSYN|flagACK
	case scenario.PureACK:
		return s.flags&(flagSYN|flagFIN|flagRST|flagACK) == flagACK && len(s.payload) == 0
	case scenario.FINSeg:
		return s.flags&flagFIN != 0
	case scenario.RSTSeg:
		return s.flags&flagRST != 0
	}
	return true
}

// picks counts a segment and says whether it is one of those that are meant.
func (r *wireRule) picks() bool {
	r.counted++
	switch p := r.Pick; {
	case p.PPM > 0:
		return uint32(r.next()%1_000_000) < p.PPM
	case p.Every > 0:
		return r.counted%p.Every == 0
	default:
		return r.counted >= p.First && (p.Last == 0 || r.counted <= p.Last)
	}
}

// next is splitmix64 (Steele, Lea and Flood, 2014).
func (r *wireRule) next() uint64 {
	r.random += 0x9e3779b97f4a7c15
	z := r.random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// corrupted is a copy of a frame with one bit of its payload flipped, of the
// TCP checksum if the payload has no such byte.
func corrupted(frame []byte, s *seen, at int) []byte {
	b := slices.Clone(frame)
	if at < len(s.payload) {
		b[len(b)-len(s.payload)+at] ^= 1
		return b
	}
	tcp := len(b) - len(s.payload) - len(s.options) - 20
	binary.BigEndian.PutUint16(b[tcp+16:], binary.BigEndian.Uint16(b[tcp+16:])^1)
	return b
}
