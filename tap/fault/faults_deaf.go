package fault

import "time"

// The faults of a stack that does not notice what it should answer, or takes
// what it should not.
var deafFaults = []Fault{
	{Name: "checksum-not-verified", Rule: "MUST-3", dir: in, when: func(c *conn, p *packet) bool { return !p.sumOK },
		Does: "A segment with a wrong checksum is taken.",
		do:   edit(func(p *packet) {})},
	{Name: "challenge-to-rst-missing", Rule: "5961:3.2:rst", dir: in, when: with(isRST, inside),
		Does: "A RST in the window, but not at its beginning, draws no challenge.", do: drop},
	{Name: "rst-in-window-believed", Rule: "5961:3.2:rst", dir: in, when: with(isRST, inside),
		Does: "A RST anywhere in the window ends the connection.",
		do:   func(c *conn, p *packet, _ *outcome) { p.seq = c.out().acked }},
	{Name: "challenge-to-syn-missing", Rule: "5961:4.2:syn", dir: in, when: with(the(syn), synced),
		Does: "A SYN on an open connection draws no challenge.", do: drop},
	{Name: "ack-of-the-future-unanswered", Rule: "R9293:3.10.7.4:ack-future", dir: in, when: with(isOrdinary, ofTheFuture),
		Does: "An acknowledgement of what was never sent draws no answer.", do: drop},
	{Name: "ack-of-the-future-believed", Rule: "R9293:3.10.7.4:ack-future", dir: in, when: with(isData, ofTheFuture),
		Does: "Data with an acknowledgement of what was never sent is taken.",
		do:   func(c *conn, p *packet, _ *outcome) { p.ack = c.out().next }},
	{Name: "data-without-ack-taken", Rule: "R9293:3.10.7.4:noack-drop", dir: in, when: func(c *conn, p *packet) bool { return len(p.payload) > 0 && p.flags&(ack|syn|rst) == 0 },
		Does: "Data without an ACK is taken.",
		do:   func(c *conn, p *packet, _ *outcome) { p.flags, p.ack = p.flags|ack, c.out().next }},
	{Name: "wrong-ack-in-syn-sent-unanswered", Rule: "R9293:3.5.2:nonsync-rst", dir: in, when: wrongAnswer,
		Does: "A SYN-ACK of another SYN draws no RST.", do: drop},
	{Name: "repeated-fin-unanswered", Rule: "R9293:3.10.7.4:tw-fin", dir: in, when: func(c *conn, p *packet) bool { return p.flags&fin != 0 && c.in().finished },
		Does: "A FIN that comes again in TIME-WAIT is not acknowledged.", do: drop},
	{Name: "simultaneous-open-missing", Rule: "R9293:3.10.7.3:simopen", dir: in, when: func(c *conn, p *packet) bool { return isSYN(c, p) && c.out().open && !c.in().open },
		Does: "A SYN that crosses one's own draws no SYN-ACK.", do: drop},
	{Name: "outside-the-window-unanswered", Rule: "R9293:3.5.2:sync-ack", dir: in, when: with(isData, beyond),
		Does: "Data beyond the window draws no acknowledgement.", do: drop},
	{Name: "ack-every-second-missing", Rule: "SHLD-19", dir: out, when: with(isPureACK, dataReceived),
		Does: "Every acknowledgement is delayed by 400 ms, however much data it covers.", do: hold(400 * time.Millisecond)},
}

// synced: the connection is past its handshake.
func synced(c *conn, p *packet) bool { return c.established() && c.out().hasAcked }

// inside: within the stack's window, not at its beginning.
func inside(c *conn, p *packet) bool {
	return synced(c, p) && after(p.seq, c.out().acked) && after(c.edge(out), p.seq)
}

func beyond(c *conn, p *packet) bool {
	return synced(c, p) && !after(c.edge(out), p.seq)
}

func ofTheFuture(c *conn, p *packet) bool { return p.flags&ack != 0 && after(p.ack, c.out().next) }

// wrongAnswer: an ACK in SYN-SENT of something else than the SYN.
func wrongAnswer(c *conn, p *packet) bool {
	return c.out().open && !c.in().open && p.flags&(ack|rst) == ack && p.ack != c.out().next
}
