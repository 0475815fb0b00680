package rules

// stamps are the last timestamps that an end has sent, each once.
type stamps struct {
	values [16]stamp
	n      int    // how many there were
	gone   uint32 // the latest that is not kept any more
}

// stamp is a timestamp with the lowest number of the segments that carried it.
type stamp struct {
	value uint32
	seq   int64
}

// add notes a segment's timestamp.
func (s *stamps) add(value uint32, seq int64) {
	if known := s.find(value); known != nil {
		known.seq = min(known.seq, seq)
		return
	}
	at := s.n % len(s.values)
	if old := s.values[at].value; s.n >= len(s.values) && (s.n == len(s.values) || int32(old-s.gone) > 0) {
		s.gone = old
	}
	s.values[at] = stamp{value, seq}
	s.n++
}

// find looks for a timestamp from the latest back: nearly always it is that.
func (s *stamps) find(value uint32) *stamp {
	for i := s.n - 1; i >= max(0, s.n-len(s.values)); i-- {
		if known := &s.values[i%len(s.values)]; known.value == value {
			return known
		}
	}
	return nil
}

// never reports whether it is certain that no segment with a number up to ack
// has carried the timestamp.
func (s *stamps) never(value uint32, ack int64) bool {
	if known := s.find(value); known != nil {
		return known.seq > ack
	}
	return s.n <= len(s.values) || int32(value-s.gone) > 0
}
