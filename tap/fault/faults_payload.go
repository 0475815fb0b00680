package fault

var payloadFaults = []Fault{
	{Name: "padding-is-data", Rule: "R9293:3.10.7.4:ack-seq", Times: 1, dir: out, when: with(isPureACK, padded),
		Does: "The padding of a short Ethernet frame is inside the IP length: six octets of zero that nobody wrote.",
		do:   edit(func(p *packet) { p.payload = make([]byte, 46-len(p.ip)-tcpLen-len(p.options)) })},
	{Name: "psh-missing-on-full", Rule: "MUST-61", dir: out, when: with(isData, full, the(psh)),
		Does: "The last segment of what was written has no PSH if it is a full one.", do: clear(psh)},
}

// padded: an Ethernet frame of its length is filled up.
func padded(_ *conn, p *packet) bool {
	return !p.v6() && len(p.ip)+tcpLen+len(p.options)+len(p.payload) < 46
}

// full: as long as the peer's MSS allows.
func full(c *conn, p *packet) bool {
	return c.in().mss > 0 && len(p.payload)+len(p.options) >= int(c.in().mss)
}
