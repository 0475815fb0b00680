package compare

import (
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// identification compares how the two stacks number their IP packets.
func (d *differ) identification() {
	x, i := d.a.ref.idPolicy()
	y, j := d.a.test.idPolicy()
	if x == "" || y == "" || x == y {
		return
	}
	o := opinion{Permitted, "RFC 6864 §4.1", "the identification of a packet that may not be fragmented means nothing"}
	if !d.a.ref.c.Events[i].Marks.Has(capture.DontFragment) || !d.a.test.c.Events[j].Marks.Has(capture.DontFragment) {
		o = opinion{Permitted, "RFC 6864 §4.3", "identifications may be chosen in any way that does not repeat them too soon"}
	}
	d.add(groupKey{class: Field, field: "ip.id", role: "all frames", dir: tap.Out}, o, Occurrence{Ref: i, Test: j})
}

// idPolicy tells how the client numbers its IPv4 packets, and its first one.
func (v *view) idPolicy() (policy string, firstFrame int32) {
	var ids []uint16
	for i, e := range v.c.Events {
		if e.Dir == tap.Out && e.Kind == capture.TCP && !e.Marks.Has(capture.IPv6) {
			if len(ids) == 0 {
				firstFrame = int32(i)
			}
			if ids = append(ids, e.IPID); len(ids) == 64 {
				break
			}
		}
	}
	switch {
	case len(ids) < 3:
		return "", 0
	case same(ids, 0):
		if ids[0] == 0 {
			return "always 0", firstFrame
		}
		return "always the same", firstFrame
	case same(ids, 1):
		return "counting", firstFrame
	}
	return "varying", firstFrame
}

// same reports whether each number is step more than the one before, give or
// take one that starts afresh: a SYN may be numbered by another counter.
func same(ids []uint16, step uint16) bool {
	off := 0
	for i := 1; i < len(ids); i++ {
		if ids[i]-ids[i-1] != step {
			off++
		}
	}
	return off <= min(int(step), 1)
}
