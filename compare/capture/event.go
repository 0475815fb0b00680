package capture

import "tcping-cmp/tap"

// Kind says what a frame carries.
type Kind uint8

// The kinds of frame.
const (
	Other    Kind = iota // not understood, or not of interest
	TCP                  // a TCP segment, or the first fragment of one
	ARP                  // RFC 826
	ICMP4                // RFC 792
	ICMP6                // RFC 4443, neighbour discovery included
	UDP                  // only its ports are decoded
	Fragment             // an IP fragment after the first
)

func (k Kind) String() string {
	switch k {
	case TCP:
		return "tcp"
	case ARP:
		return "arp"
	case ICMP4:
		return "icmp"
	case ICMP6:
		return "icmpv6"
	case UDP:
		return "udp"
	case Fragment:
		return "fragment"
	}
	return "other"
}

// TCPFlags are bytes 12 and 13 of the TCP header without the data offset
// (RFC 9293 §3.1): bit 0 is FIN, bit 7 CWR, bits 8 to 11 are reserved.
type TCPFlags uint16

// The control bits.
const (
	FIN TCPFlags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
	AE                         // accurate ECN; reserved where that is not in use
	Reserved TCPFlags = 0x0f00 // all four bits above the control bits
)

// Has reports whether all of g are set in f.
func (f TCPFlags) Has(g TCPFlags) bool { return f&g == g }

// Any reports whether at least one of g is set in f.
func (f TCPFlags) Any(g TCPFlags) bool { return f&g != 0 }

var flagNames = [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE", "R2", "R1", "R0"}

// flagOrder is the order in which people read the bits.
var flagOrder = [...]uint8{1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}

// String lists the bits that are set, such as PSH,ACK; "none" if there are
// none.
func (f TCPFlags) String() string {
	buf := make([]byte, 0, 16)
	for _, bit := range flagOrder {
		if f&(1<<bit) == 0 {
			continue
		}
		if len(buf) > 0 {
			buf = append(buf, ',')
		}
		buf = append(buf, flagNames[bit]...)
	}
	if len(buf) == 0 {
		return "none"
	}
	return string(buf)
}

// Marks say what was noticed while a frame was decoded.
type Marks uint32

// The marks.
const (
	IPChecksumBad      Marks = 1 << iota // the IPv4 header checksum is wrong
	ChecksumBad                          // the TCP or ICMP checksum is wrong
	ChecksumPartial                      // it is the pseudo-header's sum: the sender left the rest to hardware
	ChecksumUnverified                   // bytes are missing, nobody can tell
	ChecksumCompleted                    // the link completed it on receipt
	SuperFrame                           // longer than the MTU allows: merged by GRO or not yet split by TSO
	VLANTagged                           // carries an 802.1Q or 802.1ad tag
	VLANRestored                         // the tag had been stripped and was put back
	CutShort                             // the capture holds fewer bytes than crossed the link
	Fragmented                           // first fragment of several
	Padded                               // bytes follow the IP packet
	LengthBad                            // an IP length field does not fit the frame
	HeaderBad                            // a header stops making sense
	OptionsMalformed                     // a TCP option has an illegal length
	EndPaddingNotZero                    // bytes after the end-of-options are not zero
	IPOptions                            // the IPv4 header has options, or the IPv6 packet extension headers
	DontFragment                         // IPv4 DF
	IPReserved                           // the IPv4 flag that has to be zero
	IPv6                                 // version 6; version 4 if neither ARP nor this
	HasMSS
	HasWindowScale
	HasTimestamps
	SACKPermitted
	OwnDirection // the direction is recorded, not derived from roles
)

// Has reports whether all of g are set in m.
func (m Marks) Has(g Marks) bool { return m&g == g }

// Any reports whether at least one of g is set in m.
func (m Marks) Any(g Marks) bool { return m&g != 0 }

// Event is one decoded frame. It holds no pointers: a million of them cost
// the garbage collector nothing.
type Event struct {
	Time   int64 // nanoseconds since 1970
	offset int64 // where the bytes are: in the file, or the index in the recording

	// Relative numbers: octets since the initial sequence number of the side
	// that counts them, unwrapped past 2^32. In a conversation that was not
	// captured from its beginning they count from the first number seen.
	RelSeq, RelAck int64

	PayloadHash uint64 // of the payload as captured; same process, same bytes, same hash

	Seq, Ack     uint32 // TCP, as on the wire. ARP: sender's and target's IPv4 address
	TSVal, TSEcr uint32 // valid with HasTimestamps
	CapLen       uint32 // bytes of the frame that the capture holds
	WireLen      uint32 // bytes of the frame on the link
	PayloadLen   uint32 // octets of TCP payload by the IP length
	FlowLabel    uint32 // IPv6, 20 bits
	Marks        Marks
	sack         uint32 // index in the arena's SACK blocks
	layout       uint32 // index in the arena's option layouts

	Flags      TCPFlags
	Window     uint16 // as on the wire, not scaled
	Urgent     uint16
	MSS        uint16 // valid with HasMSS
	IPID       uint16 // IPv4
	FragOffset uint16 // bytes
	Interface  uint16 // of a pcapng file

	IPOffset, L4Offset, PayloadOffset uint16 // bytes from the start of the frame

	Kind        Kind
	Dir         tap.Direction // Out is from client to server
	TTL         uint8         // or hop limit
	TOS         uint8         // DSCP and ECN, or traffic class
	WindowScale uint8         // valid with HasWindowScale
	Type, Code  uint8         // of ICMP; Type is the operation of ARP
	SACKCount   uint8
}

// SegLen is SEG.LEN: payload plus one each for SYN and FIN (RFC 9293 §3.4).
func (e *Event) SegLen() int64 {
	n := int64(e.PayloadLen)
	if e.Flags.Has(SYN) {
		n++
	}
	if e.Flags.Has(FIN) {
		n++
	}
	return n
}

// RelEnd is the relative number of the octet after the segment.
func (e *Event) RelEnd() int64 { return e.RelSeq + e.SegLen() }

// SameSegment reports whether two segments look like copies of one.
func (e *Event) SameSegment(o *Event) bool {
	return e.Dir == o.Dir && e.IPID == o.IPID && e.Seq == o.Seq && e.Ack == o.Ack && e.Flags == o.Flags && e.Window == o.Window &&
		e.PayloadLen == o.PayloadLen && e.PayloadHash == o.PayloadHash && e.TSVal == o.TSVal && e.TSEcr == o.TSEcr
}

// ECN returns the two ECN bits of the IP header (RFC 3168 §5).
func (e *Event) ECN() uint8 { return e.TOS & 3 }
