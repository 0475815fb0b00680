package recovery

// Next says what to send (NextSeg of RFC 6675 §4). room is cwnd - Pipe(); fresh
// says that there is unsent data which the peer's window and Nagle let go. Call
// it again after each Sent until it says Nothing, or NewData that does not fit
// into room.
//
// The first retransmission of a recovery, the one after a timeout and a tail
// loss probe are returned whatever room is (RFC 6675 §5 step 4.3, RFC 6298
// §5.4, RFC 8985 §7.3).
func (b *Book) Next(room int, fresh bool) Choice {
	switch b.force {
	case forceProbe:
		return b.probeChoice(fresh)
	case forceLost:
		if e := b.firstWaiting(); e != nil {
			return b.retransmit(e)
		}
		b.force = noForce
	case noForce:
	}
	if b.waiting > 0 { // rule 1
		e := b.firstWaiting()
		if room < min(int(e.n), b.cfg.MSS) {
			return Choice{}
		}
		return b.retransmit(e)
	}
	if fresh && room > 0 { // rule 2
		return Choice{Kind: NewData}
	}
	if b.phase != fast || !b.sack || b.rack || room < b.cfg.MSS {
		return Choice{}
	}
	return b.lastResort()
}

// lastResort are the rules 3 and 4: a hole that is not taken for lost yet, and
// once a recovery the highest segment. RACK needs neither: it waits on purpose
// before it takes a hole for lost, and the delivery of a retransmission shows
// the loss of the tail (RFC 8985 §6.2).
func (b *Book) lastResort() Choice {
	if b.sacked > 0 {
		for i := range b.ring.n {
			e := b.ring.at(i)
			if !e.seq.Before(b.sackHigh) {
				break
			}
			if e.flags&(fSacked|fRex) == 0 {
				return b.retransmit(e)
			}
		}
	}
	if b.rescued {
		return Choice{}
	}
	for i := b.ring.n - 1; i >= 0; i-- {
		e := b.ring.at(i)
		if e.has(fSacked) {
			continue
		}
		b.rescued = true
		if e.has(fRex) {
			return Choice{}
		}
		return b.tail(e)
	}
	return Choice{}
}

// probeChoice is the tail loss probe: new data, else the highest segment (RFC
// 8985 §7.3).
func (b *Book) probeChoice(fresh bool) Choice {
	if fresh {
		return Choice{Kind: NewData, Probe: true}
	}
	if b.ring.n == 0 {
		b.force = noForce
		return Choice{}
	}
	c := b.tail(b.ring.at(b.ring.n - 1))
	c.Probe = true
	return c
}

// firstWaiting returns the first segment that is lost and not resent.
func (b *Book) firstWaiting() *entry {
	if b.waiting == 0 {
		return nil
	}
	for i := b.ring.find(b.hint); i < b.ring.n; i++ {
		if e := b.ring.at(i); e.waiting() {
			b.hint = e.seq
			return e
		}
	}
	panic("BUG: a lost segment below the hint")
}

// retransmit chooses an entry, or its first part if the MSS has shrunk.
func (b *Book) retransmit(e *entry) Choice {
	return Choice{Kind: Retransmit, Seq: e.seq, Len: min(int(e.n), b.limit(e))}
}

// tail chooses an entry, or its last part.
func (b *Book) tail(e *entry) Choice {
	n := min(int(e.n), b.limit(e))
	return Choice{Kind: Retransmit, Seq: e.end().Add(-n), Len: n}
}

// limit returns the octets of an entry that one segment takes: MSS, and the FIN
// besides.
func (b *Book) limit(e *entry) int {
	if b.hasFIN && e.end() == b.fin+1 && int(e.n) <= b.cfg.MSS+1 {
		return b.cfg.MSS + 1
	}
	return b.cfg.MSS
}

// SetMSS changes the effective send MSS. What is in flight in larger segments
// cannot arrive when path MTU discovery made it smaller: it is sent again in
// pieces, without a congestion signal (RFC 1191 §6.4).
func (b *Book) SetMSS(mss int) {
	mss = max(mss, 1)
	smaller := mss < b.cfg.MSS
	b.cfg.MSS = mss
	if !smaller {
		return
	}
	var r Result
	for i := range b.ring.n {
		if e := b.ring.at(i); int(e.n) > b.limit(e) {
			b.lose(e, &r)
		}
	}
	if r.Lost > 0 && b.phase == open {
		b.repairFrom()
	}
}

// CongestionMark says whether an ECE calls for a reduction: once a window, and
// not while a loss has been answered in it (RFC 3168 §6.1.2). flight is
// FlightSize for congestion.ECE.
func (b *Book) CongestionMark() (flight int, reduce bool) {
	if b.phase != open || b.una.Before(b.reduced) || b.Flight() == 0 {
		return 0, false
	}
	b.reduced = b.nxt
	return b.Flight() - b.limited, true
}
