// Package wire holds the bytes of the headers that a TCP client meets:
// Ethernet, ARP, IPv4, IPv6, ICMP, NDP and TCP with its options. It has no
// opinions: it says what is there and where it stops making sense.
package wire

import "net/netip"

// Flags are the TCP control bits and the bits reserved above them, as they
// stand in bytes 12 and 13 of the header (RFC 9293 §3.1): bit 0 is FIN, bit 7
// CWR, bits 8 to 11 are reserved.
type Flags uint16

// The control bits.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Has reports whether all of f2 are set in f.
func (f Flags) Has(f2 Flags) bool { return f&f2 == f2 }

// Any reports whether at least one of f2 is set in f.
func (f Flags) Any(f2 Flags) bool { return f&f2 != 0 }

// SACKBlock is one block of a SACK option (RFC 2018 §3).
type SACKBlock struct {
	Left, Right Seq // first octet of the block, first octet after it
}

// Options are the TCP options this stack knows.
type Options struct {
	MSS            uint16 // octets; valid if HasMSS
	WindowScale    uint8  // shift count as received; valid if HasWindowScale
	HasMSS         bool
	HasWindowScale bool
	SACKPermitted  bool
	HasTimestamps  bool
	TSVal, TSEcr   uint32 // valid if HasTimestamps
	SACKCount      int    // blocks in SACK
	SACK           [4]SACKBlock
	Malformed      bool // an illegal length was met; what came before it counts
}

// SACKBlocks returns the blocks in use.
func (o *Options) SACKBlocks() []SACKBlock { return o.SACK[:o.SACKCount] }

// Segment is one TCP segment and the marks of the IP packet around it that
// TCP reads or sets.
type Segment struct {
	SrcPort, DstPort uint16
	Seq, Ack         Seq
	Flags            Flags
	Window           uint16 // as on the wire: before scaling
	Urgent           uint16
	Options          Options
	Payload          []byte // aliases a buffer of the caller

	ECN  uint8 // the two ECN bits of the IP header (RFC 3168 §5)
	DSCP uint8 // the six bits above them
	TTL  uint8 // hop limit; 0 when sending means the host's default
}

// Len returns SEG.LEN, the octets of sequence space the segment occupies: its
// payload plus one each for SYN and FIN (RFC 9293 §3.4).
func (s *Segment) Len() int {
	n := len(s.Payload)
	if s.Flags.Has(SYN) {
		n++
	}
	if s.Flags.Has(FIN) {
		n++
	}
	return n
}

// Tuple names a connection from one end's side.
type Tuple struct {
	Local, Remote netip.AddrPort
}
