package rules

import "tcping-cmp/compare/capture"

// sight is what there is to see of a frame. A check says what it needs, and is
// not called where that is missing: it could only answer that it is not
// exercised. Most frames are plain data and acknowledgements, which most
// checks have nothing to say of.
type sight uint16

const (
	seesNear sight = 1 << iota // the frame was captured as its sender sent it: Track.near
	seesData                   // it has payload
	seesSYN
	seesFIN
	seesRST
	seesSACK  // it has SACK blocks
	seesAgain // it repeats octets
	seesIPv6
	seesFinished   // its sender has sent a FIN before
	seesClosed     // its sender has got a RST
	seesReset      // its sender has sent one
	seesZeroWindow // its sender is not allowed to send anything
	seesMessage    // there was an ICMP message to its sender
)

// sight looks at the frame and its sender.
func (t *Track) sight() (s sight) {
	e, own := t.E, t.Own()
	if t.near() {
		s |= seesNear
	}
	if e.PayloadLen > 0 {
		s |= seesData
	}
	if e.Flags.Any(capture.SYN | capture.FIN | capture.RST) {
		s |= sightOfFlags(e.Flags)
	}
	if e.SACKCount > 0 {
		s |= seesSACK
	}
	if t.Rtx.Kind != First {
		s |= seesAgain
	}
	if e.Marks.Has(capture.IPv6) {
		s |= seesIPv6
	}
	if own.Finished {
		s |= seesFinished
	}
	if own.Closed != 0 {
		s |= seesClosed
	}
	if own.Reset {
		s |= seesReset
	}
	if own.zeroFrom != 0 {
		s |= seesZeroWindow
	}
	if t.messages {
		s |= seesMessage
	}
	return s
}

func sightOfFlags(flags capture.TCPFlags) (s sight) {
	if flags.Has(capture.SYN) {
		s |= seesSYN
	}
	if flags.Has(capture.FIN) {
		s |= seesFIN
	}
	if flags.Has(capture.RST) {
		s |= seesRST
	}
	return s
}

// called is a check that is called for a frame.
type called struct {
	check func(*Track, *Finding) Answer
	rule  int // in Book
}

// calls are the checks for frames of one sight.
type calls struct {
	sight sight
	list  []called
}

// callsFor returns the checks for a frame. Most frames are like the last one
// of their direction.
func (t *Track) callsFor(s sight) []called {
	last := &t.calls[t.E.Dir]
	if last.list != nil && last.sight == s {
		return last.list
	}
	if t.known == nil {
		t.known = map[sight][]called{}
	}
	list, ok := t.known[s]
	if !ok {
		list = make([]called, 0, len(checks))
		for _, n := range checks {
			if Book[n].needs&s == Book[n].needs {
				list = append(list, called{Book[n].check, n})
			}
		}
		t.known[s] = list
	}
	*last = calls{s, list}
	return list
}
