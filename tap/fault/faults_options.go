package fault

var optionFaults = []Fault{
	{Name: "option-length-zero", Rule: "MUST-68", Times: 1, dir: out, when: with(isPureACK, hasRoom(4)),
		Does: "An option has a length of zero.", do: attach(253, 0, 0, 0)},
	{Name: "option-length-overrun", Rule: "MUST-68", Times: 1, dir: out, when: with(isPureACK, hasRoom(4)),
		Does: "An option is longer than the header.", do: attach(253, 40, 0, 0)},
	{Name: "option-padding", Rule: "MUST-69", Times: 1, dir: out, when: with(isPureACK, hasRoom(4)),
		Does: "What follows the end of the option list is not zero.", do: attach(optEnd, 0xde, 0xad, 0xff)},
	{Name: "mss-missing", Rule: "SHLD-5", dir: out, when: isSYN,
		Does: "The SYN has no MSS option.", do: blank(optMSS)},
	{Name: "mss-too-large", Rule: "R9293:3.7.1:mss-mtu", dir: out, when: with(isSYN, hasOption(optMSS)),
		Does: "The MSS that is announced is larger than the link carries.",
		do:   edit(func(p *packet) { v, _ := p.mss(); p.setMSS(v + 40) })},
	{Name: "mss-beyond-any-packet", Rule: "MUST-67", dir: out, when: with(isSYN, hasOption(optMSS)),
		Does: "The MSS that is announced is larger than any packet of IP carries.",
		do:   edit(func(p *packet) { p.setMSS(65520) })},
	{Name: "mss-on-data", Rule: "MUST-65", Times: 1, dir: out, when: with(isOrdinary, hasRoom(4)),
		Does: "A segment that is no SYN has the MSS option.", do: attach(optMSS, 4, 1460>>8, 1460&255)},
	{Name: "scale-too-large", Rule: "7323:2.3:max14", dir: out, when: with(isSYN, hasOption(optScale)),
		Does: "The SYN offers to shift the window by 15.",
		do:   edit(func(p *packet) { p.option(optScale)[2] = 15 })},
	{Name: "scale-on-data", Rule: "7323:2.1:syn-only", Times: 1, dir: out, when: with(isOrdinary, hasRoom(3)),
		Does: "A segment that is no SYN has the window scale option.", do: attach(optScale, 3, 7)},
	{Name: "window-of-syn-scaled", Rule: "7323:2.2:syn-unscaled", Times: 2, dir: out, when: isSYNOrScaled,
		Does: "The window of the SYN is scaled like that of the segments behind it.",
		do: func(c *conn, p *packet, _ *outcome) {
			if shift, ok := p.scale(); ok && p.flags&syn != 0 {
				p.window >>= min(shift, 14)
				c.mark = uint32(p.window)
			}
			p.window = min(p.window, uint16(c.mark))
		}},
	{Name: "sack-permitted-on-data", Rule: "2018:2:syn-only", Times: 1, dir: out, when: with(isOrdinary, hasRoom(2)),
		Does: "A segment that is no SYN has the SACK-permitted option.", do: attach(optSACKPermitted, 2)},
}

var timestampFaults = []Fault{
	{Name: "timestamps-lost", Rule: "7323:3.2:every", Times: 1, dir: out, when: with(isOrdinary, hasOption(optTimestamps)),
		Does: "A segment lacks the timestamps that were agreed.", do: blank(optTimestamps)},
	{Name: "timestamps-uncalled", Rule: "7323:3.2:unasked", dir: out, when: with(with(isOrdinary, lacks(optTimestamps)), hasRoom(12)),
		Does: "Segments have timestamps that were not agreed.", do: edit(func(p *packet) { p.put(stamp(1, 0)...) })},
	{Name: "syn-echoes", Rule: "7323:3.2:syn-tsecr0", dir: out, when: with(isSYN, hasOption(optTimestamps)),
		Does: "The SYN echoes a timestamp though none was received.", do: edit(func(p *packet) { p.setTSEcr(4711) })},
	{Name: "tsval-goes-back", Rule: "7323:5.4:clock", Times: 1, dir: out, when: with(isOrdinary, hasOption(optTimestamps)),
		Does: "The timestamp clock goes back by 100 ticks in one segment.",
		do:   edit(func(p *packet) { v, _, _ := p.timestamps(); p.setTSVal(v - 100) })},
	{Name: "tsval-frozen", Rule: "7323:3.2/4:tsval-clock", dir: out, when: with(isAgain, hasOption(optTimestamps)),
		Does: "A retransmission has the timestamp of the segment that it repeats.",
		do:   func(c *conn, p *packet, _ *outcome) { p.setTSVal(c.out().tsVal) }},
	{Name: "tsecr-ahead", Rule: "7323:4.3:echo", Times: 1, dir: out, when: with(isOrdinary, hasOption(optTimestamps)),
		Does: "A segment echoes a timestamp that the peer has not sent.",
		do:   edit(func(p *packet) { _, v, _ := p.timestamps(); p.setTSEcr(v + 1000) })},
	{Name: "tsecr-frozen", Rule: "7323:4.3:echo", dir: out, when: with(isOrdinary, hasOption(optTimestamps)),
		Does: "Every segment echoes the first timestamp of the peer's.",
		do: func(c *conn, p *packet, o *outcome) {
			if c.kept == nil {
				c.kept = p.clone()
			}
			_, v, _ := c.kept.timestamps()
			p.setTSEcr(v)
		}},
	{Name: "timestamps-lack-accepted", Rule: "7323:3.2:no-ts", dir: in, when: with(with(isOrdinary, lacks(optTimestamps)), unstamped),
		Does: "Data without the timestamps that were agreed is taken.",
		do:   func(c *conn, p *packet, _ *outcome) { p.put(stamp(c.in().tsVal, c.out().tsVal)...) }},
	{Name: "paws-missing", Rule: "7323:5.3:paws", dir: in, when: with(isOrdinary, oldStamp),
		Does: "Data with an old timestamp is taken.",
		do:   func(c *conn, p *packet, _ *outcome) { p.setTSVal(c.in().tsVal) }},
}

func unstamped(c *conn, p *packet) bool { return c.timestamped() && p.room(12) }

func oldStamp(c *conn, p *packet) bool {
	v, _, ok := p.timestamps()
	return ok && c.timestamped() && after(c.in().tsVal, v)
}
