package compare

import (
	"math"

	"tcping-cmp/tap"
)

// order judges a pair that stands in another order than the rest.
func (d *differ) order(i, j int32) Verdict {
	dir, r := d.a.ref.c.Events[i].Dir, d.a.ref.roles[i]
	o := opinion{Permitted, "RFC 9293 §3.8", "which crosses first, of the two directions, of data, acknowledgements and retransmissions, is a matter of timing"}
	if dir == tap.Out && r.inStream() && d.crosses(i, j) {
		o = opinion{Unspecified, "", "new octets leave in another order"}
	}
	d.add(groupKey{class: Order, field: "frame", role: d.a.ref.name(i), dir: dir}, o, Occurrence{Ref: i, Test: j})
	return o.verdict
}

// inStream reports whether frames of this role are sent in the order of the
// stream.
func (r role) inStream() bool { return r == roleSYN || r == roleData || r == roleFIN }

// crosses reports whether another frame of the stream stands before this one
// on one side and after it on the other.
func (d *differ) crosses(i, j int32) bool {
	if d.lowest == nil {
		d.lowest = d.a.lowestAfter()
	}
	return j < d.highest || j > d.lowest[i]
}

// lowestAfter has for each frame of the reference the lowest counterpart of
// the stream's frames that the client sends after it.
func (a *alignment) lowestAfter() []int32 {
	lowest := make([]int32, len(a.refTo))
	low := int32(math.MaxInt32)
	for i := len(a.refTo) - 1; i >= 0; i-- {
		lowest[i] = low
		if a.refTo[i] != None && a.ref.roles[i].inStream() && a.ref.c.Events[i].Dir == tap.Out {
			low = min(low, a.refTo[i])
		}
	}
	return lowest
}
