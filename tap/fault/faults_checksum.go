package fault

var checksumFaults = []Fault{
	{Name: "checksum-odd-octet-misplaced", Rule: "MUST-2", dir: out, when: with(isOrdinary, odd),
		Does: "The last octet of an odd segment counts as the low one of its word in the TCP checksum.",
		do:   edit(func(p *packet) { p.sum = sumOddFirst })},
	{Name: "checksum-carry-lost", Rule: "MUST-2", dir: out, when: isNewData,
		Does: "What overflows 16 bits is lost from the TCP checksum, instead of being added again.",
		do:   edit(func(p *packet) { p.sum = sumCarryLost })},
}

// odd: the segment has an odd number of octets.
func odd(_ *conn, p *packet) bool { return len(p.payload)%2 == 1 }
