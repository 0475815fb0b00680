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
		d.highest, d.lowest = d.a.around()
	}
	return j < d.highest[i] || j > d.lowest[i]
}

// around has for each frame of the reference the highest counterpart of the
// stream's frames that the client sends before it, and the lowest of those
// that it sends after it.
func (a *alignment) around() (highest, lowest []int32) {
	highest, lowest = make([]int32, len(a.refTo)), make([]int32, len(a.refTo))
	counts := func(i int) bool {
		return a.refTo[i] != None && a.ref.roles[i].inStream() && a.ref.c.Events[i].Dir == tap.Out
	}
	high, low := int32(None), int32(math.MaxInt32)
	for i := range highest {
		if highest[i] = high; counts(i) {
			high = max(high, a.refTo[i])
		}
	}
	for i := len(lowest) - 1; i >= 0; i-- {
		if lowest[i] = low; counts(i) {
			low = min(low, a.refTo[i])
		}
	}
	return highest, lowest
}
