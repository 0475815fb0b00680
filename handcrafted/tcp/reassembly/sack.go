package reassembly

import (
	"tcping-cmp/handcrafted/wire"
)

// SACK appends to dst the blocks for the next ACK, at most room of them: 3 with
// timestamps, 4 without (RFC 2018 §3). First comes the D-SACK block if a
// duplicate arrived since the last call, and it is reported this once (RFC 2883
// §4); then the ranges, the most recently received first (RFC 2018 §4). Call it
// only if the peer permitted SACK.
func (q *Queue) SACK(dst []wire.SACKBlock, room int) []wire.SACKBlock {
	room = min(room, 4)
	if q.hasDSACK && room > 0 {
		q.hasDSACK = false
		dst, room = append(dst, q.dsack), room-1
	}
	var top [4]int // indices of spans, most recent first
	n := 0
	for i := range q.spans {
		at := n
		for at > 0 && q.spans[top[at-1]].stamp < q.spans[i].stamp {
			at--
		}
		if at >= room {
			continue
		}
		n = min(n+1, room)
		copy(top[at+1:n], top[at:n-1])
		top[at] = i
	}
	for _, i := range top[:n] {
		dst = append(dst, wire.SACKBlock{Left: q.spans[i].left, Right: q.spans[i].right})
	}
	return dst
}

// noteDuplicate remembers the first contiguous part of a segment that had been
// received before (RFC 2883 §4.2), and reports whether there is one. The range
// that it lies in becomes the most recent: it has to be the next block.
func (q *Queue) noteDuplicate(left, right wire.Seq, fin bool) bool {
	if fin {
		right++
	}
	if !right.After(left) {
		return false
	}
	if left.Before(q.next) {
		if right.After(q.next) {
			right = q.next
		}
		q.dsack, q.hasDSACK = wire.SACKBlock{Left: left, Right: right}, true
		return true
	}
	i := q.find(left + 1)
	if i == len(q.spans) || !q.spans[i].left.Before(right) {
		return false
	}
	s := &q.spans[i]
	q.stamp++
	s.stamp = q.stamp
	if left.Before(s.left) {
		left = s.left
	}
	if right.After(s.right) {
		right = s.right
	}
	q.dsack, q.hasDSACK = wire.SACKBlock{Left: left, Right: right}, true
	return true
}
