package recovery

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// rack is the state of RFC 8985 §5.3. Times are nanoseconds of the book.
type rack struct {
	at       int64    // RACK.xmit_ts: when the last delivered segment was sent
	end      wire.Seq // RACK.end_seq
	rtt      int64    // RACK.rtt
	fack     wire.Seq // highest end delivered
	reorders bool     // RACK.reordering_seen
	mult     int64    // RACK.reo_wnd_mult
	persist  int      // recoveries until mult falls back to 1
	round    wire.Seq // RACK.dsack_round, if inRound
	inRound  bool
	timer    int64 // when the reordering window is over; 0: not running
}

// reoPersist is the number of recoveries that a larger window lasts (§6.2).
const reoPersist = 16

// delivered takes a segment that was newly acknowledged or SACKed (§6.2 steps 2
// and 3). Call it in order of sequence numbers.
func (k *rack) delivered(b *Book, d *delivery, e *entry) {
	if e.end().After(k.fack) {
		k.fack = e.end()
	} else if e.end().Before(k.fack) && !e.resent() {
		k.reorders = true
	}
	rtt := max(d.t-e.at, 1)
	if !e.resent() {
		b.noteMinRTT(d.t, rtt)
	}
	if e.resent() && (rtt < b.minRTT || d.original(e)) {
		return // the first transmission was delivered, not this one
	}
	if later(e.at, e.end(), k.at, k.end) {
		k.at, k.end, k.rtt = e.at, e.end(), rtt
	}
}

// original reports whether TSecr says that what arrived was sent before the
// last transmission of e.
func (d *delivery) original(e *entry) bool {
	return d.age > d.t-e.at+int64(time.Millisecond)
}

// later orders transmissions by time and, in the same instant, by sequence
// number (§6.2, RACK_sent_after).
func later(t1 int64, s1 wire.Seq, t2 int64, s2 wire.Seq) bool {
	return t1 > t2 || t1 == t2 && s1.After(s2)
}

// update adapts the factor of the reordering window to reported duplicates
// (§6.2 step 4): a duplicate means that a loss was declared too early.
func (k *rack) update(b *Book, r *Result) {
	if k.inRound && !b.una.Before(k.round) {
		k.inRound = false
	}
	if r.DSACK && !k.inRound {
		k.inRound, k.round = true, b.nxt
		k.mult, k.persist = min(k.mult+1, 255), reoPersist
	}
}

// exit counts a recovery that ended.
func (k *rack) exit() {
	if k.persist--; k.persist <= 0 {
		k.persist, k.mult = 0, 1
	}
}

// window returns the reordering window (§6.2 step 4): none while no reordering
// was seen and enough is known of the loss, else a quarter of the smallest
// round trip, more after needless retransmissions, at most SRTT.
func (k *rack) window(b *Book) int64 {
	if !k.reorders && (b.phase != open || b.sackedSegs >= dupThresh) {
		return 0
	}
	return min(k.mult*b.minRTT/4, int64(b.est.srtt))
}

// detect takes for lost what was sent a reordering window before something that
// was delivered (§6.2 step 5), and sets the timer for what may become so.
func (k *rack) detect(b *Book, t int64, r *Result) {
	k.timer = 0
	if k.rtt == 0 || b.sacked == 0 && b.rex == 0 {
		return
	}
	wait, wnd := int64(0), k.window(b)
	for i := range b.ring.n {
		e := b.ring.at(i)
		if e.has(fSacked) {
			continue
		}
		if !later(k.at, k.end, e.at, e.end()) {
			if !e.resent() {
				break // all above were sent later still
			}
			continue
		}
		if e.waiting() {
			continue
		}
		if left := e.at + k.rtt + wnd - t; left > 0 {
			wait = max(wait, left)
		} else {
			b.lose(e, r)
		}
	}
	if wait > 0 {
		k.timer = t + wait
	}
}
