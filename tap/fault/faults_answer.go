package fault

import "time"

// The faults of a stack that answers wrongly what it should, or answers what
// it should not.
var answerFaults = []Fault{
	{Name: "third-ack-with-the-isn", Rule: "R9293:3.10.7.4:ack-seq", Times: 1, dir: out, when: isThird,
		Does: "The ACK that ends the handshake has the number of the SYN, not the one behind it.",
		do:   edit(func(p *packet) { p.seq-- })},
	{Name: "syn-on-first-data", Rule: "R9293:3.10.7.4:acked-gone", Times: 1, dir: out, when: isNewData,
		Does: "The first data segment has a SYN once more, and begins at its number.",
		do:   edit(func(p *packet) { p.seq, p.flags = p.seq-1, p.flags|syn })},
	{Name: "ack-of-acks", Rule: "5681:4.2:one-ack", dir: in, when: isNextPureACK,
		Does: "An acknowledgement of the peer's that asks for nothing is acknowledged.",
		do: func(c *conn, p *packet, o *outcome) {
			q := reply(c, p)
			if val, _, ok := p.timestamps(); ok {
				q.setTSEcr(val)
			}
			o.send(q, 0)
		}},
	{Name: "ack-thrice", Rule: "5681:4.2:one-ack", dir: out, when: with(isPureACK, dataReceived),
		Does: "Every acknowledgement is sent three times: the peer takes it for a loss.",
		do: func(_ *conn, p *packet, o *outcome) {
			o.send(p.clone(), 0)
			o.send(p.clone(), 0)
		}},
	{Name: "ack-carry-lost", Rule: "R9293:3.4:ack-monotone", dir: out, when: with(isOrdinary, carries),
		Does: "The acknowledgement number is added up in 16 bits: the upper half stays as it was in the SYN.",
		do:   func(c *conn, p *packet, _ *outcome) { p.ack = p.ack&0xffff | c.in().isn&^0xffff }},
	{Name: "gap-acknowledged", Rule: "R9293:3.4:ack-received", Times: 1, dir: out, watch: keepGap, when: answersGap,
		Does: "Data behind a gap is acknowledged as if the gap were filled.",
		do:   func(c *conn, p *packet, _ *outcome) { p.ack = c.kept.end(); p.blank(optSACK) }},
	{Name: "gap-acknowledged-late", Rule: "5681:4.2:ooo-ack", dir: out, watch: keepGap, when: answersGap,
		Does: "The acknowledgement of data behind a gap waits 600 ms.", do: hold(600 * time.Millisecond)},
	{Name: "beyond-the-window-acknowledged", Rule: "R9293:3.4:ack-monotone", Times: 1, dir: out, watch: keepArrived, when: answers(beyondWindow),
		Does: "Data behind the window is acknowledged.",
		do:   func(c *conn, p *packet, _ *outcome) { p.ack = c.kept.end() }},
	{Name: "duplicate-takes-ack-back", Rule: "R9293:3.4:ack-monotone", Times: 1, dir: out, watch: keepArrived, when: answers(isOlder),
		Does: "The answer to old data acknowledges no more than that data.",
		do:   func(c *conn, p *packet, _ *outcome) { p.ack = c.kept.end() }},
	{Name: "synack-again-unanswered", Rule: "5961:4.2:syn", dir: in, when: with(isSYNACK, synced),
		Does: "A SYN-ACK that comes again draws no acknowledgement.", do: drop},
	{Name: "synack-again-reset", Rule: "5961:4.2:syn", Times: 1, dir: in, when: with(isSYNACK, synced),
		Does: "A SYN-ACK that comes again draws a RST.", do: refuse},
	{Name: "simultaneous-open-behind-the-isn", Rule: "R9293:3.10.7.3:simopen", dir: out, when: isSYNACK,
		Does: "The SYN-ACK of a simultaneous open has the number behind the SYN's.",
		do:   edit(func(p *packet) { p.seq++ })},
	{Name: "rst-answers-rst", Rule: "R9293:3.10.7.4:rst5961", dir: in, when: with(isRST, the(ack)),
		Does: "A RST draws a RST.", do: reset},
	{Name: "rst-number-of-the-next", Rule: "R9293:3.5.2:nonsync-rst", dir: out, when: func(c *conn, p *packet) bool { return isRST(c, p) && !c.in().open },
		Does: "The RST that answers a wrong SYN-ACK has the number that the stack would send next, not the one that was acknowledged.",
		do:   func(c *conn, p *packet, _ *outcome) { p.seq = c.out().next }},
	{Name: "rst-ack-without-length", Rule: "R9293:3.5.2:closed-rst", dir: out, watch: keepArrived, when: with(isRST, the(ack), answersWithout),
		Does: "The RST that answers a segment without ACK does not count that segment's octets.",
		do:   func(c *conn, p *packet, _ *outcome) { p.ack = c.kept.seq }},
}

// isThird: the ACK that ends the handshake.
func isThird(c *conn, p *packet) bool {
	return isPureACK(c, p) && !c.out().hasAcked && c.out().next == c.out().isn+1
}

// isNextPureACK: an acknowledgement of the peer's in its place.
func isNextPureACK(c *conn, p *packet) bool {
	return isPureACK(c, p) && p.sumOK && synced(c, p) && p.seq == c.out().acked && !after(p.ack, c.out().next)
}

// carries: the peer's numbers have passed a multiple of 65536.
func carries(c *conn, p *packet) bool { return p.flags&ack != 0 && (p.ack^c.in().isn)>>16 != 0 }

func beyondWindow(c *conn, p *packet) bool { return isData(c, p) && beyond(c, p) }

// isOlder: data of the peer's of which all was acknowledged before, and more.
func isOlder(c *conn, p *packet) bool { return isData(c, p) && after(c.out().acked, p.end()) }

// answersWithout: what arrived last has no ACK.
func answersWithout(c *conn, _ *packet) bool {
	return c.kept != nil && c.kept.flags&(ack|rst) == 0 && c.kept.segLen() > 0
}

// reset answers with a RST.
func reset(c *conn, p *packet, o *outcome) {
	q := reply(c, p)
	q.seq, q.ack, q.flags, q.options = p.ack, 0, rst, nil
	o.send(q, time.Microsecond)
}

// refuse answers with a RST and keeps the segment from the stack.
func refuse(c *conn, p *packet, o *outcome) {
	reset(c, p, o)
	o.drop = true
}
