package rules

import "testing"

func TestStamps(t *testing.T) {
	var s stamps
	if !s.never(7, 0) {
		t.Error("nothing was sent, and 7 may have been")
	}
	first := uint32(0xffff_fff0) // the clock wraps around
	for n := range uint32(40) {
		s.add(first+10*n, int64(n))
		s.add(first+10*n, int64(n)+50) // again
	}
	for n := range uint32(40) {
		if s.never(first+10*n, int64(n)) {
			t.Errorf("value %d was sent", n)
		}
	}
	if !s.never(first+390, 38) {
		t.Error("sent, but behind what is acknowledged")
	}
	if !s.never(first+395, 39) {
		t.Error("between the last two: it was never sent")
	}
	if s.never(first+5, 39) {
		t.Error("long ago: nobody knows any more")
	}
}
