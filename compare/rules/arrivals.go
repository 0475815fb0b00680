package rules

// arrival is octets that reached an end out of order or twice.
type arrival struct {
	span
	fresh bool // the end did not have them
}

// arrivals are the latest ones that no acknowledgement has reported first so
// far. Between the capture and the end there may be a queue: an
// acknowledgement that is captured now may have been caused by any of them.
type arrivals struct {
	list  [64]arrival
	count int
}

// add notes octets that arrived; of too many the oldest is forgotten.
func (a *arrivals) add(s span, fresh bool) {
	if a.count == len(a.list) {
		a.count = copy(a.list[:], a.list[1:])
	}
	a.list[a.count] = arrival{s, fresh}
	a.count++
}

// within returns the earliest arrival that lies in a block, of all or of the
// fresh ones; -1 if none does.
func (a *arrivals) within(block span, fresh bool) int {
	for i := range a.list[:a.count] {
		if s := &a.list[i]; s.from >= block.from && s.to <= block.to && (s.fresh || !fresh) {
			return i
		}
	}
	return -1
}

// reported forgets the arrivals up to i: the end takes what arrives in order.
func (a *arrivals) reported(i int) { a.count = copy(a.list[:], a.list[i+1:a.count]) }

// overlaps reports whether the end has some of the octets (RFC 2883 §4.2: it
// reports those).
func (s *Side) overlaps(x span) bool {
	if x.from < s.Rcv {
		return true
	}
	for _, h := range s.holes {
		if x.from < h.to && x.to > h.from {
			return true
		}
	}
	return false
}

// beyond reports whether the end has octets behind a gap.
func (s *Side) beyond(x span) bool {
	for _, h := range s.holes {
		if x.from >= h.from && x.to <= h.to {
			return true
		}
	}
	return false
}
