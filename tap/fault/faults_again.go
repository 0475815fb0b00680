package fault

import "time"

// The faults in what is sent again: fields that are out of date, other octets
// than before, too much, or what has long arrived.
var againFaults = []Fault{
	{Name: "ack-stale-in-retransmission", Rule: "R9293:3.4:ack-monotone", Times: 1, dir: out, watch: keepFirstData, when: with(isKeptAgain, moreAcked),
		Does: "A retransmission has the acknowledgement number of the segment that it repeats, though more was acknowledged meanwhile.",
		do:   func(c *conn, p *packet, _ *outcome) { p.ack = c.kept.ack }},
	{Name: "tsecr-stale-in-retransmission", Rule: "7323:4.3:echo", Times: 1, dir: out, watch: keepFirstData, when: with(isKeptAgain, otherEcho),
		Does: "A retransmission echoes what the segment that it repeats has echoed, though the peer's clock went on.",
		do: func(c *conn, p *packet, _ *outcome) {
			_, ecr, _ := c.kept.timestamps()
			p.setTSEcr(ecr)
		}},
	{Name: "retransmission-skips-an-octet", Rule: "6298:5.4:front", Times: 1, dir: out, when: with(isDataAgain, longer),
		Does: "A retransmission begins one octet too late.",
		do:   edit(func(p *packet) { p.seq, p.payload = p.seq+1, p.payload[1:] })},
	{Name: "retransmission-of-the-acknowledged", Rule: "R9293:3.10.7.4:acked-gone", Times: 1, dir: out, watch: keepFirstData, when: with(isOrdinary, keptIsAcked),
		Does: "Data is sent again though the peer has acknowledged it.", do: sendKept},
	{Name: "fin-again-though-acknowledged", Rule: "R9293:3.10.7.4:acked-gone", Times: 1, dir: out, watch: keepFIN, when: with(isOrdinary, keptIsAcked),
		Does: "The FIN is sent again though the peer has acknowledged it.", do: sendKept},
	{Name: "df-cleared-in-retransmission", Rule: "1191:2:df", dir: out, when: with(isDataAgain, v4, dfSet),
		Does: "A retransmission may be fragmented, and its identification is zero.",
		do:   edit(func(p *packet) { p.setID(0) })},
	{Name: "go-back-n", Rule: "5681:3.1:loss-cwnd", Times: 1, dir: out, watch: keepFlight, when: with(isDataAgain, afterSilence),
		Does: "After a timeout everything that is in flight is sent again at once.",
		do: func(c *conn, p *packet, o *outcome) {
			if o.missed = len(c.queue) < 3; o.missed {
				return
			}
			for _, q := range c.queue {
				if q.seq != p.seq {
					o.send(q.clone(), 0)
				}
			}
		}},
}

// isKeptAgain: the data that is kept is sent again.
func isKeptAgain(c *conn, p *packet) bool {
	return c.kept != nil && isDataAgain(c, p) && p.seq == c.kept.seq
}

func moreAcked(c *conn, p *packet) bool { return after(p.ack, c.kept.ack) }

func otherEcho(c *conn, p *packet) bool {
	_, was, _ := c.kept.timestamps()
	_, is, ok := p.timestamps()
	return ok && is != was
}

func longer(_ *conn, p *packet) bool { return len(p.payload) > 1 }

// keptIsAcked: the peer has acknowledged what is kept.
func keptIsAcked(c *conn, _ *packet) bool {
	return c.kept != nil && c.in().hasAcked && !after(c.kept.end(), c.in().acked)
}

func dfSet(_ *conn, p *packet) bool { return p.ip[6]&(dontFragment>>8) != 0 }

// afterSilence: nothing was sent for 200 ms, so that it is the timer's doing.
func afterSilence(c *conn, p *packet) bool {
	return c.duplicates == 0 && c.now.Sub(c.out().last) > 200*time.Millisecond
}

// sendKept sends what is kept once more, with the other fields of today.
func sendKept(c *conn, p *packet, o *outcome) {
	q := c.kept.clone()
	q.ack, q.window, q.options = p.ack, p.window, p.options
	o.send(q, 0)
}
