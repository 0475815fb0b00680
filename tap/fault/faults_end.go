package fault

import "time"

// The faults that wait for the end of a conversation.
var endFaults = []Fault{
	{Name: "half-closed-deaf", Rule: "MUST-40", dir: in, when: with(isData, halfClosed),
		Does: "After the stack's own FIN was acknowledged, the peer's data is not taken any more.", do: drop},
	{Name: "half-closed-window-shut", Rule: "SHLD-14", dir: out, when: with(isPureACK, halfClosed),
		Does: "After the stack's own FIN was acknowledged, its window is zero.",
		do:   edit(func(p *packet) { p.window = 0 })},
	{Name: "fin-counted-twice", Rule: "R9293:3.4:ack-received", dir: out, watch: keepArrived, when: answers(func(c *conn, p *packet) bool { return isFIN(c, p) && c.out().acked == p.end() }),
		Does: "A FIN that comes again is counted again: the number behind it is acknowledged.",
		do:   edit(func(p *packet) { p.ack++ })},
	{Name: "fin-behind-data-unacknowledged", Rule: "R9293:3.10.7.4:fin-ack", dir: out, watch: keepArrived, when: answers(with(isFIN, isData)),
		Does: "Of a segment with data and FIN the data alone is acknowledged.",
		do:   edit(func(p *packet) { p.ack-- })},
	{Name: "fin-acknowledged-late", Rule: "MUST-40", Times: 1, dir: out, watch: keepArrived, when: answers(isFIN),
		Does: "The peer's FIN is acknowledged after a second.", do: hold(time.Second)},
	{Name: "time-wait-resets", Rule: "MUST-13", Times: 1, dir: in, when: func(c *conn, p *packet) bool { return isFIN(c, p) && c.in().finished && halfClosed(c, p) },
		Does: "A FIN that comes again in TIME-WAIT draws a RST.", do: refuse},
	{Name: "keepalive-at-the-next-number", Rule: "MUST-18", dir: out, when: isKeepAlive,
		Does: "A keep-alive probe carries an octet of garbage at the next number, where data will come.",
		do:   edit(func(p *packet) { p.seq, p.payload = p.seq+1, []byte{0} })},
}

// halfClosed: the peer has acknowledged the stack's FIN.
func halfClosed(c *conn, _ *packet) bool {
	return c.out().finished && c.in().hasAcked && after(c.in().acked, c.out().finAt)
}
