package recovery

import (
	"testing"

	"tcping-cmp/handcrafted/wire"
)

// model is a naive scoreboard: one flag an octet, recomputed from nothing.
type model struct {
	una, nxt wire.Seq
	sacked   map[wire.Seq]bool
	isLost   bool // check RFC 6675 IsLost
	forced   bool // a timeout has marked segments for another reason
}

func newModel(start wire.Seq, isLost bool) *model {
	return &model{una: start, nxt: start, sacked: map[wire.Seq]bool{}, isLost: isLost}
}

func (m *model) sent(nxt wire.Seq) { m.nxt = nxt }

func (m *model) acked(ack wire.Seq, blocks []wire.SACKBlock) {
	for ; m.una.Before(ack); m.una++ {
		delete(m.sacked, m.una)
	}
	for _, b := range blocks {
		if !b.Left.After(ack) || b.Right.After(m.nxt) {
			continue
		}
		for s := b.Left; s != b.Right; s++ {
			m.sacked[s] = true
		}
	}
}

// check compares the sum of what is SACKed, each segment's mark, and for the
// segments that RFC 6675 calls lost whether the book does.
func (m *model) check(t *testing.T, name string, b *Book) {
	t.Helper()
	if b.una != m.una || b.nxt != m.nxt || b.sacked != len(m.sacked) {
		t.Fatalf("%s: book [%d,%d) with %d SACKed, model [%d,%d) with %d",
			name, b.una, b.nxt, b.sacked, m.una, m.nxt, len(m.sacked))
	}
	octets, runs, inRun := 0, 0, false
	for i := b.ring.n - 1; i >= 0; i-- {
		e := b.ring.at(i)
		if e.has(fSacked) != m.sacked[e.seq] {
			t.Fatalf("%s: segment %d SACKed %v, model says %v", name, e.seq, e.has(fSacked), m.sacked[e.seq])
		}
		if e.has(fSacked) {
			octets += int(e.n)
			if !inRun {
				runs, inRun = runs+1, true
			}
			continue
		}
		inRun = false
		lost := runs >= 3 || octets > 2*small
		if !m.isLost || !b.sack || m.forced {
			continue
		}
		if lost && !e.has(fLost) && !e.resent() {
			t.Fatalf("%s: segment %d is lost (%d ranges, %d octets above), the book disagrees", name, e.seq, runs, octets)
		}
		if !lost && e.has(fLost) && i > 0 && e.count == 1 {
			t.Fatalf("%s: segment %d is not lost (%d ranges, %d octets above), the book disagrees", name, e.seq, runs, octets)
		}
	}
}
