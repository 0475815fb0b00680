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
	{Name: "retransmission-of-the-last", Rule: "R9293:3.10.8:rto-front", dir: out, when: with(isDataAgain, notLast),
		Does: "The timer sends the last segment again instead of the first.",
		do: func(c *conn, p *packet, o *outcome) {
			p.seq = c.out().next - uint32(len(p.payload))
		}},
	{Name: "fast-retransmission-missing", Rule: "5681:3.2:fr3", dir: in, when: isDuplicateACK,
		Does: "Duplicate acknowledgements do not bring a retransmission about.", do: drop},
	{Name: "syn-repeated-early", Rule: "6298:2.1:init", Times: 1, dir: out, when: isSYN,
		Does: "The SYN is repeated after 200 ms.",
		do:   func(_ *conn, p *packet, o *outcome) { o.send(p.clone(), 200*time.Millisecond) }},
	{Name: "initial-window-too-large", Rule: "5681:3.1:iw", Times: 12, dir: out, when: isNewData,
		Does: "More is sent at once than the initial window allows.", do: pretendAcknowledged},
	{Name: "slow-start-too-fast", Rule: "5681:3.1:ss", dir: out, when: isNewData,
		Does: "The congestion window opens without acknowledgements.", do: pretendAcknowledged},
	{Name: "keepalive-uncalled", Rule: "MUST-25", Times: 1, dir: out, when: isPureACK,
		Does: "A keep-alive probe leaves after a second though nobody asked for keep-alives.",
		do: func(_ *conn, p *packet, o *outcome) {
			q := p.clone()
			q.seq--
			o.send(q, 1500*time.Millisecond)
		}},
	{Name: "keepalive-with-data-outstanding", Rule: "MUST-26", Times: 1, dir: out, when: isNewData,
		Does: "A keep-alive probe leaves while data is outstanding.",
		do: func(c *conn, p *packet, o *outcome) {
			q := p.clone()
			q.seq, q.payload, q.flags = c.out().next-1, nil, ack
			o.send(q, 500*time.Millisecond)
		}},
	{Name: "nagle-missing", Rule: "SHLD-7", Times: 1, dir: out, when: with(isNewData, splittable),
		Does: "A small segment is split in two that leave one after the other.",
		do: func(_ *conn, p *packet, o *outcome) {
			q := p.clone()
			half := len(p.payload) / 2
			q.seq, q.payload = p.seq+uint32(half), q.payload[half:]
			p.payload, p.flags = p.payload[:half], p.flags&^fin
			o.send(q, 0)
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

func splittable(c *conn, p *packet) bool {
	return len(p.payload) >= 2 && len(p.payload) < int(c.in().mss)/2
}
