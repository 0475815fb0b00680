package reassembly

import (
	"testing"

	"tcping-cmp/handcrafted/wire"
)

// Sequence numbers half the space away are before and after at once. A segment
// there changes nothing, wherever it is.
func TestFarSegmentsChangeNothing(t *testing.T) {
	for _, size := range []int{1, 4000, 1 << 20, MaxSize} {
		q := New(100, size)
		q.Insert(100, []byte("in"), false)
		q.Insert(103, []byte("x"), false)
		for far := int64(1<<30 + 1); far < 1<<32-1<<30; far += 1<<22 - 7 {
			for _, fin := range []bool{false, true} {
				r := q.Insert(wire.Seq(102).Add(int(far)), []byte("forged"), fin)
				if r != (Inserted{Dropped: true}) {
					t.Fatalf("window %d, %d octets away: %+v", size, far, r)
				}
			}
		}
		for near := -20; near < 20; near++ { // around the opposite point
			q.Insert(wire.Seq(102).Add(1<<31+near), make([]byte, 15), false)
		}
		if q.Next() != 102 && size > 1 {
			t.Fatalf("RCV.NXT is %d", q.Next())
		}
		var b [4]wire.SACKBlock
		if got := q.SACK(b[:0], 4); len(got) > 1 || size > 4 && got[0] != (wire.SACKBlock{Left: 103, Right: 104}) {
			t.Fatalf("window %d: SACK %v", size, got)
		}
	}
}
