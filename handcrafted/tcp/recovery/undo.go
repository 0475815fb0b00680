package recovery

import (
	"tcping-cmp/handcrafted/wire"
)

// undo finds out that a retransmission was needless, so that the congestion
// controller may take its reduction back.
type undo struct {
	armed  bool     // a reduction may be taken back
	eifel  bool     // the first ACK after the retransmission is still to come
	from   wire.Seq // SND.UNA at the reduction
	to     wire.Seq // SND.NXT then
	resent int      // retransmissions since then that no D-SACK has answered
}

func (u *undo) arm(b *Book) {
	*u = undo{armed: true, eifel: true, from: b.una, to: b.nxt}
}

// checkOriginal is the Eifel detection (RFC 3522): the first ACK after a
// retransmission echoes a timestamp from before it.
func (b *Book) checkOriginal(d *delivery, r *Result, e *entry) {
	if b.un.armed && b.un.eifel && e.count == 2 && d.original(e) {
		b.spurious(r)
	}
	b.un.eifel = false
}

// noteDSACK counts reported duplicates: when each retransmission of an episode
// was reported, none was needed (RFC 3708).
func (b *Book) noteDSACK(r *Result, a Ack) {
	if !r.DSACK || !b.un.armed {
		return
	}
	d := a.SACK[0]
	if d.Left.Before(b.un.from) || d.Right.After(b.un.to) || b.un.resent == 0 {
		return
	}
	if b.un.resent--; b.un.resent == 0 {
		b.spurious(r)
	}
}

// spurious takes the losses of the episode back: what was not resent is still
// on its way. In recovery with SACK the marks stay: they stand on what the peer
// has reported and not on the retransmission.
func (b *Book) spurious(r *Result) {
	r.Spurious = true
	b.un = undo{}
	if b.phase == open || b.phase == fast && b.sack {
		return
	}
	b.force = noForce
	for i := range b.ring.n {
		if e := b.ring.at(i); e.waiting() {
			b.change(e, e.flags&^fLost)
		}
	}
	b.lossMark = b.una
	b.phase, b.dups, b.dupOct = open, 0, 0
}
