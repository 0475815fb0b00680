package recovery

import "time"

// Deadline returns when Expired wants to be called next; zero if never.
func (b *Book) Deadline() time.Time {
	d := b.rtoDue()
	for _, at := range [...]int64{b.tlp.at, b.r.timer} {
		if at != 0 && (d == 0 || at < d) {
			d = at
		}
	}
	if d == 0 {
		return time.Time{}
	}
	return b.epoch.Add(time.Duration(d))
}

// rtoDue returns when the retransmission timer fires: when it was set to, but
// not before the front segment has been out for an RTO (RFC 6298 §5: never
// retransmit too early). 0 if it is off.
func (b *Book) rtoDue() int64 {
	if b.rtoAt == 0 || b.ring.n == 0 {
		return 0
	}
	return max(b.rtoAt, b.ring.at(0).at+int64(b.est.rto))
}

// restartTimer restarts the retransmission timer for new data acknowledged, or
// stops it if nothing is left (RFC 6298 §5.2, §5.3).
func (b *Book) restartTimer(t int64) {
	b.rtoAt = 0
	if b.Flight() > 0 {
		b.rtoAt = t + int64(b.est.rto)
	}
}

// Expired runs the first timer that is due at now. Call it until it says
// NotDue, then Next.
func (b *Book) Expired(now time.Time) Action {
	t := b.clock(now)
	due := func(at int64) bool { return at != 0 && at <= t }
	switch {
	case due(b.r.timer):
		var r Result
		b.detect(t, &r)
		return Action{Expiry: ReorderExpired, Reduce: r.Reduce, Flight: r.Flight}
	case due(b.tlp.at):
		b.tlp.at = 0
		b.force = forceProbe
		b.rtoAt = t + int64(b.est.rto)
		return Action{Expiry: ProbeDue, Flight: b.Flight()}
	case due(b.rtoDue()):
		return b.timeout(t)
	}
	return Action{}
}

// timeout is RFC 6298 §5.4 to §5.6: what is not SACKed counts as lost, the
// front goes first.
func (b *Book) timeout(t int64) Action {
	front := b.ring.at(0)
	a := Action{
		Expiry: RTOExpired, Repeated: front.has(fTimer),
		Flight: b.Flight() - b.limited, SYN: front.has(fSYN),
	}
	b.synLost = b.synLost || a.SYN
	b.est.backOff()
	b.rtoAt = t + int64(b.est.rto)
	var r Result
	for i := range b.ring.n {
		if e := b.ring.at(i); i == 0 || b.overdue(e, t) {
			b.lose(e, &r)
		}
	}
	front.flags |= fTimer
	b.repairFrom()
	b.tlp.out, b.r.timer = false, 0
	b.lossMark, b.reduced = b.una, b.nxt
	b.force = forceLost
	if !a.Repeated {
		b.un.arm(b)
	}
	return a
}

// overdue reports whether a segment is lost when the timer fires: with RACK if
// it has been out for a round trip and the reordering window (RFC 8985 §6.3),
// else always.
func (b *Book) overdue(e *entry, t int64) bool {
	if !b.rack || b.r.rtt == 0 {
		return true
	}
	return e.at+b.r.rtt+b.r.window(b) <= t
}
