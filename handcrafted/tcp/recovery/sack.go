package recovery

import (
	"tcping-cmp/handcrafted/wire"
)

// isDSACK reports whether the first block reports a duplicate: it is below the
// ACK, or inside the second block (RFC 2883 §4).
func isDSACK(a Ack) bool {
	if len(a.SACK) == 0 {
		return false
	}
	d := a.SACK[0]
	if !d.Right.After(d.Left) {
		return false
	}
	if !d.Right.After(a.Ack) {
		return true
	}
	return len(a.SACK) > 1 &&
		!d.Left.Before(a.SACK[1].Left) && !d.Right.After(a.SACK[1].Right)
}

// scoreboard marks the segments that the blocks cover (RFC 6675 §3). A block
// that is not wholly after SND.UNA and up to SND.NXT is a lie or old and is
// ignored: the octet at SND.UNA is the one that the peer lacks.
func (b *Book) scoreboard(d *delivery, r *Result, a Ack) {
	var blocks [4]wire.SACKBlock
	n := 0
	for _, s := range a.SACK {
		if n == len(blocks) {
			break
		}
		if !s.Right.After(s.Left) || !s.Left.After(b.una) || s.Right.After(b.nxt) {
			continue
		}
		at := n
		for at > 0 && s.Left.Before(blocks[at-1].Left) {
			blocks[at] = blocks[at-1]
			at--
		}
		blocks[at] = s
		n++
	}
	var seen [4]wire.SACKBlock
	for i, s := range blocks[:n] {
		seen[i] = wire.SACKBlock{Left: s.Left, Right: b.cover(d, r, b.unseen(s))}
	}
	b.seen = seen
}

// unseen cuts what the ACK before has reported off the front of s: a block
// mostly repeats an earlier one and is a little longer.
func (b *Book) unseen(s wire.SACKBlock) wire.SACKBlock {
	for _, old := range b.seen {
		if old.Right != old.Left && !s.Left.Before(old.Left) && old.Right.After(s.Left) && !old.Right.After(s.Right) {
			s.Left = old.Right
		}
	}
	return s
}

// cover marks the segments that lie wholly in s, and returns where the last of
// them ends.
func (b *Book) cover(d *delivery, r *Result, s wire.SACKBlock) wire.Seq {
	end := s.Left
	i := b.ring.find(s.Left)
	if i < b.ring.n && b.ring.at(i).seq.Before(s.Left) {
		i++
	}
	for ; i < b.ring.n; i++ {
		e := b.ring.at(i)
		if e.end().After(s.Right) {
			break
		}
		end = e.end()
		if e.has(fSacked) {
			continue
		}
		if b.sacked == 0 || e.end().After(b.sackHigh) {
			b.sackHigh = e.end()
		}
		b.r.delivered(b, d, e)
		b.change(e, e.flags|fSacked)
		r.Sacked += int(e.n)
	}
	return end
}

// renege forgets what the peer has thrown away: it asks for an octet that it
// had reported (RFC 2018 §8). All that it reported is sent again.
func (b *Book) renege(r *Result) {
	r.Reneged = true
	for i := range b.ring.n {
		if e := b.ring.at(i); e.has(fSacked) {
			b.change(e, e.flags&^fSacked)
			b.lose(e, r)
		}
	}
	b.lossMark, b.seen = b.una, [4]wire.SACKBlock{}
	if b.phase == open {
		b.repairFrom()
	}
}

// repairFrom begins a repair that says nothing about congestion.
func (b *Book) repairFrom() {
	b.phase, b.recover = repair, b.nxt
	b.dups, b.dupOct, b.limited = 0, 0, 0
	b.tlp.at = 0
}

// detect finds losses: by duplicate ACKs, by SACK or by RACK, and enters fast
// recovery for the first of them.
func (b *Book) detect(t int64, r *Result) {
	if b.rack {
		b.r.detect(b, t, r)
	} else if b.sack && r.Sacked > 0 && b.sacked > 0 {
		b.markLost(r)
	}
	if b.phase != open || b.Flight() == 0 {
		return
	}
	switch {
	case b.waiting > 0:
		b.enter(r)
	case b.rack || b.dups < dupThresh:
	case b.sack:
		// RFC 6675 §5 step 1: the front is the presumed loss.
		b.loseFront(r)
		b.enter(r)
	case b.dups == dupThresh && b.una.After(b.recover):
		// RFC 6582 §3.2 step 2: only once for the same flight.
		b.loseFront(r)
		b.dupOct = min(dupThresh*b.cfg.MSS, max(b.Flight()-b.cfg.MSS, 0))
		b.enter(r)
	}
}

// enter begins fast recovery. A window that a congestion mark has just reduced
// is not reduced again (RFC 3168 §6.1.2).
func (b *Book) enter(r *Result) {
	b.phase, b.recover = fast, b.nxt
	b.force, b.rescued = forceLost, false
	b.tlp.at = 0
	if !b.una.Before(b.reduced) {
		r.Reduce, r.Flight = true, b.Flight()-b.limited
		b.un.arm(b)
	}
	b.reduced, b.limited = b.nxt, 0
}

// markLost is IsLost of RFC 6675 §4 for all segments at once: lost is what has
// dupThresh discontiguous SACKed ranges, or more than dupThresh-1 segments of
// SACKed octets, above it.
func (b *Book) markLost(r *Result) {
	octets, runs, inRun := 0, 0, false
	i := b.ring.find(b.sackHigh - 1)
	for ; i >= 0 && !b.ring.at(i).seq.Before(b.lossMark); i-- {
		e := b.ring.at(i)
		if !e.has(fSacked) {
			inRun = false
			if runs >= dupThresh || octets > (dupThresh-1)*b.cfg.MSS {
				break
			}
			continue
		}
		octets += int(e.n)
		if !inRun {
			runs, inRun = runs+1, true
		}
	}
	if i < 0 || b.ring.at(i).has(fSacked) {
		return
	}
	mark := b.ring.at(i).end()
	if !mark.After(b.lossMark) {
		return
	}
	for ; i >= 0 && !b.ring.at(i).seq.Before(b.lossMark); i-- {
		if e := b.ring.at(i); !e.has(fLost) {
			b.lose(e, r)
		}
	}
	b.lossMark = mark
}
