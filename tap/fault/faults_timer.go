package fault

import "time"

var timerFaults = []Fault{
	{Name: "retransmission-missing", Rule: "MUST-18", dir: out, when: isAgain,
		Does: "What is lost is never sent again.", do: drop},
	{Name: "retransmission-early", Rule: "6298:5:early", Times: 1, dir: out, when: isNewData,
		Does: "Data is sent again after 300 ms, long before the timeout.",
		do:   func(_ *conn, p *packet, o *outcome) { o.send(p.clone(), 300*time.Millisecond) }},
	{Name: "retransmission-not-backed-off", Rule: "6298:5.5:double", Times: 2, dir: out, when: isDataAgain,
		Does: "Retransmissions follow each other at a constant interval.", do: metronome},
	{Name: "retransmission-of-the-last", Rule: "6298:5.4:front", dir: out, when: with(isDataAgain, notLast),
		Does: "The timer sends the last segment again instead of the first.",
		do: func(c *conn, p *packet, o *outcome) {
			p.seq = c.out().next - uint32(len(p.payload))
		}},
	{Name: "fast-retransmission-missing", Rule: "5681:3.2:fr3", dir: out, when: with(isDataAgain, afterDuplicateACKs),
		Does: "Duplicate acknowledgements bring no retransmission about for a second.", do: drop},
	{Name: "syn-repeated-early", Rule: "6298:2.1:init", Times: 1, dir: out, when: isSYN,
		Does: "The SYN is repeated after 200 ms.",
		do:   func(_ *conn, p *packet, o *outcome) { o.send(p.clone(), 200*time.Millisecond) }},
	{Name: "initial-window-too-large", Rule: "5681:3.1:iw", Times: 12, dir: out, when: isNewData,
		Does: "More is sent at once than the initial window allows.", do: pretendAcknowledged},
	{Name: "slow-start-too-fast", Rule: "5681:3.1:ss", dir: out, when: with(isNewData, dataAcknowledged),
		Does: "The congestion window opens without acknowledgements.", do: pretendAcknowledged},
	{Name: "keepalive-with-data", Rule: "SHLD-12", dir: out, when: isKeepAlive,
		Does: "A keep-alive probe carries an octet of garbage.",
		do:   edit(func(p *packet) { p.payload = []byte{0} })},
	{Name: "keepalive-with-data-outstanding", Rule: "R9293:3.10.7.4:ack-seq", Times: 1, dir: out, when: isNewData,
		Does: "A keep-alive probe leaves while data is outstanding.",
		do: func(_ *conn, p *packet, o *outcome) {
			q := p.clone()
			q.seq, q.payload, q.flags = p.end()-1, nil, ack
			o.send(q, 500*time.Millisecond)
		}},
}

// metronome repeats a packet at the interval at which it was repeated first,
// and lets the stack's own repetitions vanish meanwhile.
func metronome(c *conn, p *packet, o *outcome) {
	if c.hits > 0 {
		o.drop = true
		return
	}
	gap := time.Second
	if t, ok := c.known[p.seq]; ok && c.now.Sub(t) > 0 {
		gap = c.now.Sub(t)
	}
	for n := range 3 {
		o.send(p.clone(), time.Duration(n+1)*gap)
	}
}

// pretendAcknowledged tells the stack that the peer has acknowledged what it
// has not.
func pretendAcknowledged(c *conn, p *packet, o *outcome) {
	q := reply(c, p)
	q.seq, q.ack, q.window = c.in().next, p.end(), c.in().window
	if c.timestamped() {
		q.options = append([]byte{optNOP, optNOP}, stamp(c.in().tsVal, c.out().tsVal)...)
	}
	o.tell(q, 0)
}

func notLast(c *conn, p *packet) bool { return after(c.out().next, p.end()) }

// dataAcknowledged: the peer has acknowledged data.
func dataAcknowledged(c *conn, _ *packet) bool {
	return c.in().hasAcked && after(c.in().acked, c.out().isn+1)
}

// isKeepAlive: an empty segment at the number of the last octet, when that was
// acknowledged and nothing has been heard for a second.
func isKeepAlive(c *conn, p *packet) bool {
	s := c.out()
	return isPureACK(c, p) && p.seq == s.next-1 && !after(s.next, c.in().acked) && c.now.Sub(s.last) >= time.Second
}

// afterDuplicateACKs: three of them came less than a second ago.
func afterDuplicateACKs(c *conn, _ *packet) bool {
	return c.duplicates >= 3 && c.now.Sub(c.duplicateAt) < time.Second
}
