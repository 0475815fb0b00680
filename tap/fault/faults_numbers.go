package fault

import "time"

var numberFaults = []Fault{
	{Name: "seq-one-too-high", Rule: "R9293:3.4:seq-continuous", Times: 1, dir: out, when: isNewData,
		Does: "A data segment's number is one too high, which leaves a gap of an octet.",
		do:   edit(func(p *packet) { p.seq++ })},
	{Name: "seq-of-ack-too-low", Rule: "R9293:3.10.7.4:ack-seq", Times: 1, dir: out, when: with(isPureACK, dataSent),
		Does: "A pure acknowledgement has the number of an octet that was sent already.",
		do:   edit(func(p *packet) { p.seq-- })},
	{Name: "seq-of-ack-too-high", Rule: "R9293:3.10.7.4:ack-seq", Times: 1, dir: out, when: with(isPureACK, dataSent),
		Does: "A pure acknowledgement has the number after the next to be sent.",
		do:   edit(func(p *packet) { p.seq++ })},
	{Name: "ack-too-high", Rule: "R9293:3.4:ack-received", Times: 1, dir: out, when: isNews,
		Does: "An acknowledgement covers an octet that the peer has not sent.",
		do:   edit(func(p *packet) { p.ack++ })},
	{Name: "ack-too-low", Rule: "R9293:3.4:ack-monotone", Times: 1, dir: out, when: with(isOrdinary, ackedData),
		Does: "An acknowledgement goes back by one.",
		do:   func(c *conn, p *packet, _ *outcome) { p.ack = c.out().acked - 1 }},
	{Name: "retransmission-changed", Rule: "R9293:3.4:same-octets", Times: 1, dir: out, when: isDataAgain,
		Does: "A retransmission carries other octets than the segment did before.",
		do:   edit(func(p *packet) { p.payload[0] ^= 0xff })},
	{Name: "data-after-fin", Rule: "R9293:3.6:fin-last", Times: 1, dir: out, when: with(isFIN, the(ack)),
		Does: "Two octets follow the FIN.",
		do: func(_ *conn, p *packet, o *outcome) {
			q := p.clone()
			q.seq, q.flags, q.payload = p.end(), ack|psh, []byte("!!")
			o.send(q, 0)
		}},
	{Name: "fin-renumbered", Rule: "R9293:3.6:fin-once", Times: 1, dir: out, when: with(isFIN, the(ack)),
		Does: "The FIN is sent again at another number.",
		do: func(_ *conn, p *packet, o *outcome) {
			q := p.clone()
			q.seq++
			o.send(q, 0)
		}},
	{Name: "rst-invented", Rule: "R9293:3.5.2:rst-last", Times: 1, dir: out, when: isNewData,
		Does: "A RST follows a data segment, and the connection goes on as if nothing had been.",
		do: func(_ *conn, p *packet, o *outcome) {
			q := p.clone()
			q.seq, q.flags, q.payload = p.end(), rst|ack, nil
			o.send(q, 0)
		}},
	{Name: "rst-number-wrong", Rule: "R9293:3.5.2:rst-seq", dir: out, when: isRST,
		Does: "A RST has a number far away from any that the peer expects.",
		do:   edit(func(p *packet) { p.seq += 1 << 30 })},
	{Name: "rst-ignored", Rule: "R9293:3.10.7.4:rst5961", dir: in, when: isRST,
		Does: "A RST of the peer's has no effect.", do: drop},
	{Name: "ack-withheld", Rule: "MUST-40", dir: out, when: with(isPureACK, dataReceived),
		Does: "Received data is not acknowledged for 700 ms, whatever the peer does.",
		do: func(c *conn, _ *packet, o *outcome) {
			o.drop, o.missed = true, c.hits > 0 && c.now.Sub(c.first) > 700*time.Millisecond
		}},
	{Name: "ack-late", Rule: "MUST-40", Times: 1, dir: out, when: with(isPureACK, dataReceived),
		Does: "An acknowledgement is delayed by 700 ms.", do: hold(700 * time.Millisecond)},
	{Name: "fin-not-acknowledged", Rule: "R9293:3.10.7.4:fin-ack", dir: in, when: isFIN,
		Does: "The peer's FIN is not acknowledged, however often it comes.",
		do: func(_ *conn, p *packet, o *outcome) {
			p.flags &^= fin
			o.drop = len(p.payload) == 0
		}},
}

// dataSent: the stack has sent octets beside its SYN.
func dataSent(c *conn, p *packet) bool { return after(c.out().next, c.out().isn+1) }

// ackedData: the stack has acknowledged octets beside the peer's SYN.
func ackedData(c *conn, p *packet) bool {
	return c.out().hasAcked && after(c.out().acked, c.in().isn+1)
}

// dataReceived: the peer has sent octets beside its SYN.
func dataReceived(c *conn, p *packet) bool { return after(c.in().next, c.in().isn+1) }
