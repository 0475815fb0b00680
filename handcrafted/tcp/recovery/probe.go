package recovery

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// probe is the state of the tail loss probe (RFC 8985 §7.1).
type probe struct {
	at  int64    // when it is due; 0: not scheduled
	out bool     // one was sent and is not decided
	end wire.Seq // TLP.end_seq
	old bool     // TLP.is_retrans: it was a retransmission
}

// scheduleProbe sets the probe timer after new data or an ACK (RFC 8985 §7.2):
// only with SACK, while no loss is known and nothing is SACKed.
func (b *Book) scheduleProbe(t int64) {
	b.tlp.at = 0
	if !b.rack || b.phase != open || b.tlp.out || b.sacked > 0 || b.Flight() == 0 {
		return
	}
	b.tlp.at = t + int64(b.pto())
	if due := b.rtoDue(); due != 0 {
		b.tlp.at = min(b.tlp.at, due)
	}
}

// pto returns the probe timeout: two round trips, and the peer's delayed ACK if
// only one segment is out; 1 s without a sample.
func (b *Book) pto() time.Duration {
	if b.est.srtt == 0 {
		return time.Second
	}
	d := max(2*b.est.srtt, b.cfg.MinPTO)
	if b.ring.n == 1 {
		d += b.cfg.MaxAckDelay
	}
	return d
}

// acked decides what the probe has shown (RFC 8985 §7.4).
func (p *probe) acked(b *Book, r *Result, a Ack) {
	if !p.out || a.Ack.Before(p.end) {
		return
	}
	switch {
	case !p.old:
		p.out = false
	case r.DSACK && a.SACK[0].Right == p.end:
		p.out = false // both arrived: no loss
	case a.Ack.After(p.end):
		p.out = false
		if b.phase == open && !b.una.Before(b.reduced) {
			// The probe repaired a loss that nothing else showed.
			r.Reduce, b.reduced = true, b.nxt
		}
	case r.Acked == 0 && len(a.SACK) == 0:
		p.out = false // a plain duplicate ACK for the needless probe
	}
}
