package rules

import "sort"

// flight is what one end has sent and the other has not acknowledged, segment
// by segment.
type flight struct {
	fresh []shot // octets beyond all before them, in order
	gone  int    // so many of fresh are acknowledged
	top   int64  // the end of the last of fresh that there was
	again []shot // the others, in the order in which they were sent
	reach span   // from the first octet in again to the last
}

// shot is a segment in flight.
type shot struct {
	span
	at int64 // when it passed
}

// maxShots and maxAgain bound the memory, and the time for an acknowledgement,
// where acknowledgements are missing from the capture. Wireshark stops at the
// first number as well.
const (
	maxShots = 10000
	maxAgain = 500
)

func (f *flight) add(s span, at int64) {
	switch {
	case len(f.fresh)-f.gone+len(f.again) >= maxShots:
	case s.from >= f.top || f.fresh == nil:
		f.fresh, f.top = append(f.fresh, shot{s, at}), s.to
	case len(f.again) < maxAgain:
		f.again = append(f.again, shot{s, at})
		f.stretch(s)
	}
}

// stretch lets reach reach over one more of again.
func (f *flight) stretch(s span) {
	if len(f.again) == 1 {
		f.reach = s
	}
	f.reach = span{min(f.reach.from, s.from), max(f.reach.to, s.to)}
}

// left are the fresh segments that are not acknowledged.
func (f *flight) left() []shot { return f.fresh[f.gone:] }

func (f *flight) empty() bool { return f.gone == len(f.fresh) && len(f.again) == 0 }

// sees reports whether a segment in flight holds all these octets.
func (f *flight) sees(s span) bool {
	fresh := f.left()
	i := sort.Search(len(fresh), func(i int) bool { return fresh[i].to >= s.to })
	if i < len(fresh) && fresh[i].from <= s.from {
		return true
	}
	for _, a := range f.again {
		if a.from <= s.from && a.to >= s.to {
			return true
		}
	}
	return false
}

// acknowledged takes out what lies below the number, and cuts what lies below
// it in part. It returns when the first segment passed that ends there; 0 if
// none does.
func (f *flight) acknowledged(ack int64) (sentAt int64) {
	for f.gone < len(f.fresh) && f.fresh[f.gone].from < ack {
		s := &f.fresh[f.gone]
		if s.to > ack {
			s.from = ack
			break
		}
		if s.to == ack {
			sentAt = s.at
		}
		f.gone++
	}
	if f.gone > 64 && f.gone > len(f.fresh)/2 {
		f.fresh, f.gone = f.fresh[:copy(f.fresh, f.fresh[f.gone:])], 0
	}
	if len(f.again) == 0 || ack <= f.reach.from {
		return sentAt
	}
	again := f.again
	f.again = f.again[:0]
	for _, s := range again {
		if s.to == ack && sentAt == 0 {
			sentAt = s.at
		}
		if s.to > ack {
			s.from = max(s.from, ack)
			f.again = append(f.again, s)
			f.stretch(s.span)
		}
	}
	return sentAt
}

// octets is the distance from the first octet in flight to the last. What has
// been acknowledged and is sent again all the same is not in flight: una is the
// first that has not.
func (f *flight) octets(una int64) int64 {
	first, last := int64(0), int64(0)
	if fresh := f.left(); len(fresh) > 0 {
		first, last = fresh[0].from, fresh[len(fresh)-1].to
	} else if len(f.again) > 0 {
		first, last = f.reach.from, f.reach.to
	}
	if len(f.again) > 0 {
		first, last = min(first, f.reach.from), max(last, f.reach.to)
	}
	return max(last-max(first, una), 0)
}
