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

// likeness is all that a steady check sees of a frame and of the connection: what
// it says of a frame is true of the next one of that direction with the same
// likeness. PSH has no part in it, nor have numbers and times.
type likeness struct {
	sight   sight
	marks   capture.Marks
	flags   capture.TCPFlags
	options bool    // there are any
	shift   uint8   // the option's
	tos     uint8   // with ECN
	ttl     uint8   // or hop limit
	offered [2]bool // by direction: its SYN was seen, and what that offered is known
}

// likeness looks at the frame and its sender.
func (t *Track) likeness() likeness {
	e := t.E
	return likeness{
		sight: t.sight(), marks: e.Marks, flags: e.Flags &^ capture.PSH, options: e.PayloadOffset-e.L4Offset > 20,
		shift: e.WindowScale, tos: e.TOS, ttl: e.TTL,
		offered: [2]bool{t.Sides[0].Opened, t.Sides[1].Opened},
	}
}

// called is a check that is called for a frame.
type called struct {
	check  func(*Track, *Finding) Answer
	rule   int // in Book
	steady bool
}

// calls are the checks for frames of one sight, and those that are not steady.
type calls struct{ all, unsteady []called }

// last is the last frame of a direction.
type last struct {
	likeness
	calls
	calm bool // no steady check found that it breaks a rule
}

// callsFor returns the checks for a frame. Most frames are like the last one
// of their direction, of which the steady checks have spoken.
func (t *Track) callsFor(l likeness) []called {
	last := &t.last[t.E.Dir]
	if last.calm && last.likeness == l {
		return last.unsteady
	}
	if last.all == nil || last.sight != l.sight {
		last.calls = t.callsOf(l.sight)
	}
	last.likeness, last.calm = l, true
	return last.all
}

func (t *Track) callsOf(s sight) calls {
	if t.known == nil {
		t.known = map[sight]calls{}
	}
	c, ok := t.known[s]
	if !ok {
		for _, n := range checks {
			r := &Book[n]
			if r.needs&s != r.needs {
				continue
			}
			one := called{r.check, n, r.steady}
			c.all = append(c.all, one)
			if !one.steady {
				c.unsteady = append(c.unsteady, one)
			}
		}
		t.known[s] = c
	}
	return c
}
