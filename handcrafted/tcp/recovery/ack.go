package recovery

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// Acked enters an acknowledgement. One that is after SND.NXT is ignored (the
// caller answers it, RFC 9293 §3.10.7.4); one before SND.UNA counts for its SACK
// blocks only.
func (b *Book) Acked(now time.Time, a Ack) Result {
	t := b.clock(now)
	r := Result{Flight: b.Flight()}
	if a.Ack.After(b.nxt) {
		return r
	}
	r.DSACK = b.sack && isDSACK(a)
	d := delivery{t: t, age: -1}
	if a.HasTS {
		d.age = int64(int32(a.TSNow-a.TSEcr)) * int64(time.Millisecond)
	}
	if a.Ack.After(b.una) {
		b.cumulative(&d, &r, a.Ack)
		b.measure(&d, &r)
	}
	if b.sack && len(a.SACK) > 0 {
		b.scoreboard(&d, &r, a)
	}
	if b.ring.n > 0 && b.ring.at(0).has(fSacked) {
		b.renege(&r)
	}
	b.r.update(b, &r)
	b.countDuplicate(&r, a)
	b.noteDSACK(&r, a)
	b.progress(t, &r)
	b.detect(t, &r)
	b.tlp.acked(b, &r, a)
	if r.Acked > 0 {
		b.restartTimer(t)
	}
	if r.Acked > 0 || r.Sacked > 0 {
		b.scheduleProbe(t)
	}
	return r
}

// delivery collects what one ACK says about time.
type delivery struct {
	t         int64
	age       int64 // of TSecr, in ns at millisecond precision; negative: none
	oldest    int64 // when the first segment newly acknowledged was first sent
	single    int64 // when the oldest one that was sent once was sent
	ambiguous bool  // one of them had been retransmitted
	any, syn  bool
}

// cumulative moves SND.UNA to ack and drops what that covers.
func (b *Book) cumulative(d *delivery, r *Result, ack wire.Seq) {
	r.Acked = ack.Sub(b.una)
	for b.ring.n > 0 {
		e := b.ring.at(0)
		if e.end().After(ack) {
			if e.seq.Before(ack) {
				b.cut(e, ack)
			}
			break
		}
		if !e.has(fSacked) {
			b.delivered(d, r, e)
		}
		if e.has(fSYN) {
			d.syn = true
		}
		b.count(e, -1)
		b.ring.pop()
	}
	b.una = ack
	if b.phase != fast {
		r.Credit = r.Acked
		if d.syn {
			r.Credit--
		}
	}
	b.follow()
}

// follow keeps remembered sequence numbers from falling so far behind SND.UNA
// that they would seem to lie ahead.
func (b *Book) follow() {
	for _, s := range [...]*wire.Seq{&b.hint, &b.lossMark, &b.reduced} {
		if s.Before(b.una) {
			*s = b.una
		}
	}
	if b.sacked == 0 && b.seen[0].Left != b.seen[0].Right {
		b.seen = [4]wire.SACKBlock{}
	}
	if b.phase == open && b.una.After(b.recover) {
		b.recover = b.una - 1
	}
	if b.un.armed && b.una.Sub(b.un.to) > 1<<28 {
		b.un = undo{}
	}
}

// cut takes the acknowledged octets off the front of an entry.
func (b *Book) cut(e *entry, ack wire.Seq) {
	b.count(e, -1)
	e.n -= uint32(ack.Sub(e.seq))
	e.seq = ack
	e.flags &^= fSYN
	b.count(e, 1)
}

// delivered notes a segment that this ACK reports for the first time.
func (b *Book) delivered(d *delivery, r *Result, e *entry) {
	if !d.any {
		d.any, d.oldest = true, e.first
		if e.resent() {
			b.checkOriginal(d, r, e)
		}
	}
	if e.resent() {
		d.ambiguous = true
	} else if d.single == 0 {
		d.single = e.at
	}
	b.r.delivered(b, d, e)
}

// measure takes a round-trip sample from an ACK of new data (RFC 6298 §3): from
// this side's clock if nothing was sent twice, from TSecr if something was, and
// none without (Karn). One a round trip changes the estimator.
func (b *Book) measure(d *delivery, r *Result) {
	if !d.any {
		return
	}
	rtt := int64(0)
	if !d.ambiguous {
		rtt = max(d.t-d.single, 1)
	} else if d.age >= 0 && d.age <= d.t-d.oldest+int64(time.Millisecond) {
		// An age above the time since the first transmission is a lie.
		rtt = max(d.age, int64(time.Millisecond))
	}
	if rtt > 0 {
		r.RTT = time.Duration(rtt)
		if b.una.After(b.rttSeq) || b.est.srtt == 0 || b.est.backed {
			b.est.sample(r.RTT)
			b.rttSeq = b.nxt
		}
	}
	if d.syn && b.synLost && b.est.srtt == 0 && b.cfg.InitialRTO < synRTO {
		b.est.rto = synRTO // RFC 6298 §5.7
	}
}

// synRTO is the timeout for the first data after a lost SYN (RFC 6298 §5.7).
const synRTO = 3 * time.Second

// minRTTWindow is how long a smallest round-trip time is believed.
const minRTTWindow = int64(5 * time.Minute)

func (b *Book) noteMinRTT(t, rtt int64) {
	if b.minRTT == 0 || rtt <= b.minRTT || t-b.minRTTAt > minRTTWindow {
		b.minRTT, b.minRTTAt = rtt, t
	}
}

// countDuplicate decides whether the ACK is a duplicate: with SACK one that
// reports something new (RFC 6675 §2), without SACK by the rules of RFC 5681 §2.
func (b *Book) countDuplicate(r *Result, a Ack) {
	if r.Acked > 0 || a.Ack != b.una || b.Flight() == 0 {
		return
	}
	if b.sack {
		r.Duplicate = r.Sacked > 0
	} else {
		r.Duplicate = a.Pure
	}
	if !r.Duplicate || b.phase == repair {
		return
	}
	b.dups++
	if b.sack {
		return
	}
	// Not more than is outstanding has left, and before recovery two segments
	// at most (RFC 5681 §3.2 step 4, RFC 3042 §2).
	if b.phase == fast || b.dups <= 2 {
		b.dupOct = min(b.dupOct+b.cfg.MSS, max(b.Flight()-b.cfg.MSS, 0))
	}
}

// progress ends recovery, or moves on to the next hole, when SND.UNA moved.
func (b *Book) progress(t int64, r *Result) {
	if r.Acked == 0 {
		return
	}
	b.limited = 0
	switch b.phase {
	case open:
		b.dups, b.dupOct = 0, 0
	case fast:
		b.partial(r)
	case repair:
		if !b.una.Before(b.recover) {
			b.phase, b.dups, b.dupOct = open, 0, 0
			b.r.exit()
		}
	}
}

// partial handles an ACK in fast recovery: the end of it, or one that shows the
// next hole (RFC 6582 §3.2 step 3).
func (b *Book) partial(r *Result) {
	if !b.una.Before(b.recover) {
		b.phase, b.dups, b.dupOct = open, 0, 0
		b.force = noForce
		b.r.exit()
		r.Exited, r.Flight = true, b.Flight()
		return
	}
	if b.sack {
		return
	}
	back := 0
	if r.Acked >= b.cfg.MSS {
		back = b.cfg.MSS
	}
	b.dupOct = max(b.dupOct-r.Acked+back, 0)
	b.loseFront(r)
}

// loseFront takes the first segment for lost and has it sent again.
func (b *Book) loseFront(r *Result) {
	if b.ring.n == 0 {
		return
	}
	b.lose(b.ring.at(0), r)
	b.force = forceLost
}

// lose takes a segment for lost, its retransmission too.
func (b *Book) lose(e *entry, r *Result) {
	if !e.waiting() && !e.has(fSacked) {
		r.Lost += int(e.n)
		b.change(e, e.flags&^fRex|fLost)
	}
}
