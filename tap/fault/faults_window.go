package fault

import (
	"math"
	"math/bits"
	"time"
)

var windowFaults = []Fault{
	{Name: "window-overrun", Rule: "R9293:3.8.6:in-window", dir: in, when: with(isOrdinary, the(ack)),
		Does: "Data is sent without regard to the window that the peer announces.",
		do:   edit(func(p *packet) { p.window = math.MaxUint16 })},
	{Name: "data-into-zero-window", Rule: "R9293:3.8.6:in-window", Times: 1, dir: in, when: closes,
		Does: "A window of zero does not stop new data.",
		do:   edit(func(p *packet) { p.window = math.MaxUint16 })},
	{Name: "right-edge-moves-left", Rule: "SHLD-14", Times: 1, dir: out, when: with(isPureACK, windowKnown),
		Does: "The window is announced much smaller than before: its right edge moves left.",
		do:   edit(func(p *packet) { p.window /= 4 })},
	{Name: "window-shifted-twice", Rule: "SHLD-14", Times: 2, dir: out, when: with(isOrdinary, scaledWindow),
		Does: "The window is shifted right by twice the scale, so that it seems to close.",
		do:   func(c *conn, p *packet, _ *outcome) { p.window >>= c.out().shift }},
	{Name: "window-not-shifted", Rule: "7323:2.3:shift", dir: out, when: isSYNOrScaled,
		Does: "The window is not shifted by the scale that was agreed: the field is the same as in the SYN.",
		do:   edit(func(p *packet) { p.window = 64240 })},
	{Name: "mss-ignored", Rule: "MUST-16", dir: in, when: with(isSYNACK, hasOption(optMSS)),
		Does: "Segments are longer than the MSS that the peer announced.",
		do:   edit(func(p *packet) { p.setMSS(1460) })},
	{Name: "mss-default-ignored", Rule: "MUST-16", dir: in, when: with(isSYNACK, lacks(optMSS), hasRoom(4)),
		Does: "A peer without an MSS option gets segments longer than the default.",
		do:   attach(optMSS, 4, 1460>>8, 1460&255)},
	{Name: "mss-counts-no-options", Rule: "MUST-16", Times: 1, dir: out, when: fullWithOptions,
		Does: "The octets of the options are not subtracted from the segment.",
		do: func(c *conn, p *packet, _ *outcome) {
			for len(p.payload) < int(c.in().mss) {
				p.payload = append(p.payload, 0)
			}
		}},
	{Name: "window-silly", Rule: "MUST-39", dir: out, when: with(isPureACK, windowClosed),
		Does: "A closed window opens by a hundred octets as soon as they are there.",
		do: func(c *conn, p *packet, o *outcome) {
			p.window = 100
		}},
	{Name: "probe-missing", Rule: "MUST-36", dir: out, when: isProbe,
		Does: "A closed window of the peer's is never probed.", do: drop},
	{Name: "probe-not-backed-off", Rule: "SHLD-30", Times: 2, dir: out, when: isProbe,
		Does: "Window probes follow each other at a constant interval.", do: metronome},
	{Name: "probe-at-once", Rule: "SHLD-29", Times: 1, dir: in, when: closes,
		Does: "The first window probe leaves after 100 ms, not after a retransmission timeout.",
		do: func(c *conn, p *packet, o *outcome) {
			q := reply(c, p)
			q.seq, q.payload = q.seq-1, []byte{0}
			o.send(q, 100*time.Millisecond)
		}},
	{Name: "probe-unanswered", Rule: "R9293:3.5.2:sync-ack", dir: in, when: isIncomingProbe,
		Does: "The peer's probes of a closed window are not answered.", do: drop},
	{Name: "third-ack-unscaled", Rule: "SHLD-14", Times: 1, dir: out, when: with(isThird, scaledWindow),
		Does: "The ACK that ends the handshake has the window of the SYN, unscaled.",
		do:   edit(func(p *packet) { p.window = 64240 })},
	{Name: "window-byte-order", Rule: "SHLD-14", dir: out, when: isOrdinary,
		Does: "The window is in the order of the machine, its low octet first.",
		do:   edit(func(p *packet) { p.window = bits.ReverseBytes16(p.window) })},
	{Name: "probe-empty", Rule: "5681:4.2:one-ack", dir: out, when: with(isProbe, isData),
		Does: "Window probes are empty, so that nobody has to answer them.",
		do:   edit(func(p *packet) { p.payload = nil })},
	{Name: "probe-of-garbage", Rule: "R9293:3.4:same-octets", Times: 1, dir: out, when: with(isProbe, isData),
		Does: "A window probe carries another octet than the one that comes next.",
		do:   edit(func(p *packet) { p.payload[0] ^= 0xff })},
}

// closes: the window of the peer becomes zero.
func closes(c *conn, p *packet) bool {
	return isOrdinary(c, p) && p.flags&ack != 0 && p.window == 0 && c.in().window != 0
}

func windowKnown(c *conn, p *packet) bool { return ackedData(c, p) && p.window >= 8 }

func windowClosed(_ *conn, p *packet) bool { return p.window == 0 }

func scaledWindow(c *conn, p *packet) bool { return c.scaled() && c.out().shift > 0 && p.window > 0 }

// isSYNOrScaled: the SYN if it offers to shift the window, and what follows.
func isSYNOrScaled(c *conn, p *packet) bool {
	return isSYN(c, p) && p.has(optScale) || isOrdinary(c, p) && scaledWindow(c, p)
}

func lacks(kind byte) func(*conn, *packet) bool {
	return func(_ *conn, p *packet) bool { return !p.has(kind) }
}

// fullWithOptions: a data segment as long as options and MSS allow.
func fullWithOptions(c *conn, p *packet) bool {
	return isNewData(c, p) && len(p.options) > 0 && len(p.payload)+len(p.options) == int(c.in().mss)
}

// reply makes an empty segment of the stack's in answer to one of the peer's.
func reply(c *conn, p *packet) *packet {
	q := p.clone()
	for i := range 6 {
		q.ether[i], q.ether[i+6] = q.ether[i+6], q.ether[i]
	}
	from, to := q.ip[12:16], q.ip[16:20]
	if q.v6() {
		from, to = q.ip[8:24], q.ip[24:40]
	}
	for i := range from {
		from[i], to[i] = to[i], from[i]
	}
	q.sport, q.dport = p.dport, p.sport
	q.seq, q.ack, q.flags, q.window, q.urgent = c.out().next, p.end(), ack, c.out().window, 0
	q.payload = nil
	if c.timestamped() {
		q.options = append([]byte{optNOP, optNOP}, stamp(c.out().tsVal, c.in().tsVal)...)
	} else {
		q.options = nil
	}
	return q
}
