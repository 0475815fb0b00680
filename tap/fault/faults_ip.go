package fault

var ipFaults = []Fault{
	{Name: "ip-checksum", Rule: "791:3.1:checksum", Times: 1, dir: out, when: with(isNewData, v4),
		Does: "The IPv4 header checksum of a data segment is wrong.",
		do:   edit(func(p *packet) { p.ipSumBad = true })},
	{Name: "ip-length-too-long", Rule: "791:3.1:length", Times: 1, dir: out, when: isNewData,
		Does: "The IP length counts eight octets that are not there.",
		do:   edit(func(p *packet) { p.lengthLies = 8 })},
	{Name: "ip-id-repeated", Rule: "6864:4.3:nonatomic", dir: out, when: v4,
		Does: "Every packet may be fragmented and has the same identification.",
		do:   edit(func(p *packet) { p.setID(0x1234) })},
	{Name: "ip-reserved-flag", Rule: "791:3.1:reserved", dir: out, when: v4,
		Does: "The reserved flag of the IPv4 header is set.",
		do:   edit(func(p *packet) { p.ip[6] |= reservedFlag >> 8 })},
	{Name: "flow-label-changes", Rule: "6437:3:flow-label", dir: out, when: with(isOrdinary, v6),
		Does: "The IPv6 flow label is another one in every second packet.",
		do: func(c *conn, p *packet, _ *outcome) {
			if c.hits%2 == 0 {
				p.ip[3] ^= 1
			}
		}},
	{Name: "ttl-zero", Rule: "1122:3.2.1.7:ttl", dir: out, Times: 1, when: with(isNewData, v4),
		Does: "A data segment leaves with a TTL of zero.", do: edit(func(p *packet) { *p.ttl() = 0 })},
	{Name: "dscp-changes", Rule: "SHLD-23", dir: out, when: isOrdinary,
		Does: "The DSCP alternates between two values.",
		do: func(c *conn, p *packet, _ *outcome) {
			if c.hits%2 == 0 {
				p.setTOS(p.tos() ^ 0x20)
			}
		}},
	{Name: "ect-on-syn", Rule: "3168:6.1.1:syn-noect", dir: out, when: isSYN,
		Does: "The SYN is an ECN-capable packet.", do: edit(mark)},
	{Name: "ect-on-pure-ack", Rule: "3168:6.1.4:pure-ack", dir: out, when: isPureACK,
		Does: "Pure acknowledgements are ECN-capable packets.", do: edit(mark)},
	{Name: "ect-without-agreement", Rule: "3168:6.1.1:noect-unless", dir: out, when: isNewData,
		Does: "Data is ECN-capable though the ends did not agree to ECN.", do: edit(mark)},
	{Name: "ect-on-retransmission", Rule: "3168:6.1.5:retx", dir: out, when: isDataAgain,
		Does: "Retransmissions are ECN-capable packets.", do: edit(mark)},
	{Name: "ect-on-probe", Rule: "3168:6.1.6:probe", dir: out, when: isProbe,
		Does: "Window probes are ECN-capable packets.", do: edit(mark)},
	{Name: "dscp-of-pure-acks", Rule: "SHLD-23", dir: out, when: isPureACK,
		Does: "Pure acknowledgements have another DSCP than data.",
		do:   edit(func(p *packet) { p.setTOS(p.tos() ^ 0x20) })},
}
