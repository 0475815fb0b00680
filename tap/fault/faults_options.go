package fault

import (
	"math/bits"
	"time"
)

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
	{Name: "mss-zero", Rule: "MUST-14", dir: out, when: with(isSYN, hasOption(optMSS)),
		Does: "The MSS that is announced is zero.", do: edit(func(p *packet) { p.setMSS(0) })},
	{Name: "scale-length-with-padding", Rule: "MUST-68", dir: out, when: with(isSYN, hasOption(optScale), hasRoom(4)),
		Does: "The window scale option has a length of four: the padding is counted.",
		do: edit(func(p *packet) {
			shift, _ := p.scale()
			p.blank(optScale)
			p.put(optScale, 4, shift, 0)
		})},
	{Name: "end-before-timestamps", Rule: "MUST-69", Times: 1, dir: out, when: with(isOrdinary, paddedStamp),
		Does: "The timestamps are padded with the end of the option list instead of NOP: nobody reads them.",
		do:   edit(func(p *packet) { p.options[0], p.options[1] = optEnd, optEnd })},
}

var timestampFaults = []Fault{
	{Name: "timestamps-lost", Rule: "7323:3.2:every", Times: 1, dir: out, when: with(isOrdinary, hasOption(optTimestamps)),
		Does: "A segment lacks the timestamps that were agreed.", do: blank(optTimestamps)},
	{Name: "timestamps-uncalled", Rule: "7323:3.2:unasked", dir: out, when: with(isOrdinary, lacks(optTimestamps), hasRoom(12)),
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
	{Name: "timestamps-lack-accepted", Rule: "7323:3.2:no-ts", dir: in, when: with(isOrdinary, lacks(optTimestamps), unstamped),
		Does: "Data without the timestamps that were agreed is taken.",
		do:   func(c *conn, p *packet, _ *outcome) { p.put(stamp(c.in().tsVal, c.out().tsVal)...) }},
	{Name: "paws-missing", Rule: "7323:5.3:paws", dir: in, when: with(isOrdinary, oldStamp),
		Does: "Data with an old timestamp is taken.",
		do:   func(c *conn, p *packet, _ *outcome) { p.setTSVal(c.in().tsVal) }},
	{Name: "timestamps-twice", Rule: "7323:5.4:clock", Times: 1, dir: out, when: with(isOrdinary, hasOption(optTimestamps), hasRoom(10)),
		Does: "A segment has two timestamps options that say different things.",
		do: edit(func(p *packet) {
			val, ecr, _ := p.timestamps()
			p.put(stamp(val+1000, ecr)...)
		})},
	{Name: "tsval-back-after-idle", Rule: "7323:5.4:clock", dir: out, when: with(isOrdinary, hasOption(optTimestamps), slept),
		Does: "The timestamp clock stands still while nothing is sent, and goes on where it was in the SYN.",
		do: func(c *conn, p *packet, _ *outcome) {
			if c.mark == 0 {
				val, _, _ := p.timestamps()
				c.mark = val - c.out().tsVal
			}
			val, _, _ := p.timestamps()
			p.setTSVal(val - c.mark - 10)
		}},
	{Name: "tsval-byte-order", Rule: "7323:5.4:clock", dir: out, when: with(isOrdinary, hasOption(optTimestamps)),
		Does: "The timestamp is in the order of the machine, its low octet first.",
		do:   edit(func(p *packet) { val, _, _ := p.timestamps(); p.setTSVal(bits.ReverseBytes32(val)) })},
	{Name: "tsval-in-microseconds", Rule: "7323:5.4:rate", dir: out, when: hasOption(optTimestamps),
		Does: "The timestamp clock ticks every microsecond.",
		do: func(c *conn, p *packet, _ *outcome) {
			if c.hits == 0 {
				c.mark, _, _ = p.timestamps()
			}
			val, _, _ := p.timestamps()
			p.setTSVal(c.mark + 1000*(val-c.mark))
		}},
	{Name: "tsecr-of-the-gap", Rule: "7323:4.3:echo", dir: out, watch: keepGap, when: with(answersGap, hasOption(optTimestamps), otherStamp),
		Does: "The answer to data behind a gap echoes the timestamp of that data.", do: echoKept},
	{Name: "tsecr-of-the-latest", Rule: "7323:4.3:echo", dir: out, watch: keepArrived, when: with(answers(inOrder), hasOption(optTimestamps), otherStamp),
		Does: "A delayed acknowledgement echoes the later of the segments that it covers.", do: echoKept},
}

func unstamped(c *conn, p *packet) bool { return c.timestamped() && p.room(12) }

func oldStamp(c *conn, p *packet) bool {
	v, _, ok := p.timestamps()
	return ok && c.timestamped() && after(c.in().tsVal, v)
}

// paddedStamp: the options are two NOPs and the timestamps.
func paddedStamp(_ *conn, p *packet) bool {
	return len(p.options) == 12 && p.options[0] == optNOP && p.options[1] == optNOP && p.options[2] == optTimestamps
}

// slept: nothing was sent for five seconds, or has been not long ago.
func slept(c *conn, _ *packet) bool { return c.hits > 0 || c.now.Sub(c.out().last) > 5*time.Second }

// otherStamp: what is kept has another timestamp than the one that is echoed.
func otherStamp(c *conn, p *packet) bool {
	val, _, ok := c.kept.timestamps()
	_, ecr, _ := p.timestamps()
	return ok && val != ecr
}

// inOrder: data of the peer's that was acknowledged just now.
func inOrder(c *conn, p *packet) bool { return isData(c, p) && !after(p.seq, c.in().next) }

// echoKept echoes the timestamp of the segment that is kept.
func echoKept(c *conn, p *packet, _ *outcome) {
	val, _, _ := c.kept.timestamps()
	p.setTSEcr(val)
}
