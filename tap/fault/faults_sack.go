package fault

import "encoding/binary"

var sackFaults = []Fault{
	{Name: "sack-unasked", Rule: "2018:4:not-unasked", Times: 1, dir: out, when: with(isPureACK, sackRefused, hasRoom(10)),
		Does: "An acknowledgement has a SACK block though the peer permitted none.",
		do:   edit(func(p *packet) { p.put(sack(p.ack+100, p.ack+200)...) })},
	{Name: "sack-block-ahead", Rule: "2018:3:blocks", Times: 1, dir: out, when: with(isPureACK, sackAgreed, hasRoom(10)),
		Does: "A SACK block names octets that the peer has not sent.",
		do:   func(c *conn, p *packet, _ *outcome) { p.put(sack(c.in().next+1000, c.in().next+2000)...) }},
	{Name: "sack-block-reversed", Rule: "2018:3:blocks", Times: 1, dir: out, when: hasBlocks,
		Does: "The edges of a SACK block are in the wrong order.",
		do: edit(func(p *packet) {
			b := p.blocks()
			left, right := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
			binary.BigEndian.PutUint32(b, right)
			binary.BigEndian.PutUint32(b[4:], left)
		})},
	{Name: "sack-missing", Rule: "2018:4:all-acks", dir: out, when: hasBlocks,
		Does: "Data behind a hole is reported once and not in later acknowledgements.",
		do: func(c *conn, p *packet, o *outcome) {
			o.missed = c.mark == 0
			c.mark = 1
			p.blank(optSACK)
		}},
	{Name: "sack-oldest-first", Rule: "2018:4:first-block", dir: out, when: hasTwoBlocks,
		Does: "The SACK blocks are in the order of the numbers: the latest does not come first.",
		do: func(_ *conn, p *packet, o *outcome) {
			b := p.blocks()
			n := len(b)
			first := [8]byte(b[:8])
			copy(b, b[8:])
			copy(b[n-8:], first[:])
		}},
	{Name: "sack-right-edge-inclusive", Rule: "2018:3:received", dir: out, when: hasBlocks,
		Does: "The right edge of a SACK block is the last octet of the data, not the one behind it.",
		do: edit(func(p *packet) {
			for b := p.blocks(); len(b) > 0; b = b[8:] {
				binary.BigEndian.PutUint32(b[4:], binary.BigEndian.Uint32(b[4:])-1)
			}
		})},
	{Name: "sack-hides-the-hole", Rule: "2018:3:received", dir: out, when: hasBlocks,
		Does: "A SACK block begins where the hole does.",
		do:   edit(func(p *packet) { binary.BigEndian.PutUint32(p.blocks(), p.ack) })},
	{Name: "sack-block-stale", Rule: "2883:4:dsack", dir: out, when: with(hasBlocks, hasRoom(8), ackedData),
		Does: "Behind the SACK blocks of what waits is one of data that was acknowledged long ago.",
		do:   edit(func(p *packet) { p.addBlock(p.ack-2, p.ack-1) })},
	{Name: "sack-blocks-touch", Rule: "2018:3:received", dir: out, when: with(hasBlocks, hasRoom(8)),
		Does: "What waits behind a hole is reported as two SACK blocks that touch.",
		do: edit(func(p *packet) {
			b := p.blocks()
			left, right := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
			middle := left + (right-left)/2
			binary.BigEndian.PutUint32(b, middle)
			p.addBlock(left, middle)
		})},
	{Name: "dsack-uncalled", Rule: "2883:4:dsack", Times: 1, dir: out, when: with(isPureACK, sackAgreed, hasRoom(10)),
		Does: "A SACK block reports a duplicate though nothing arrived twice.",
		do:   edit(func(p *packet) { p.put(sack(p.ack-2, p.ack-1)...) })},
	{Name: "gap-unacknowledged", Rule: "5681:4.2:ooo-ack", dir: in, when: isGap,
		Does: "Data behind a gap draws no acknowledgement.", do: drop},
	{Name: "gap-data-forgotten", Rule: "SHLD-31", dir: in, when: isGap,
		Does: "Data behind a gap is not kept.",
		do: func(c *conn, p *packet, o *outcome) {
			p.seq, p.payload = c.out().acked-1, p.payload[:1]
		}},
	{Name: "duplicate-unacknowledged", Rule: "R9293:3.5.2:sync-ack", dir: in, when: isOldData,
		Does: "Data that arrived before draws no acknowledgement.", do: drop},
}

func sackRefused(c *conn, p *packet) bool { return !c.in().sack && dataReceived(c, p) }

func sackAgreed(c *conn, p *packet) bool {
	return c.in().sack && c.out().sack && !p.has(optSACK) && dataReceived(c, p)
}

func hasBlocks(c *conn, p *packet) bool { return isOrdinary(c, p) && p.blocks() != nil }

func hasTwoBlocks(c *conn, p *packet) bool { return isOrdinary(c, p) && len(p.blocks()) >= 16 }
