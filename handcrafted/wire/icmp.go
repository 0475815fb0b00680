package wire

import (
	"encoding/binary"
	"net/netip"
)

// ICMPv4 message types (RFC 792).
const (
	ICMPv4EchoReply        = 0
	ICMPv4Unreachable      = 3
	ICMPv4SourceQuench     = 4
	ICMPv4Echo             = 8
	ICMPv4TimeExceeded     = 11
	ICMPv4ParameterProblem = 12
)

// ICMPv6 message types (RFC 4443, RFC 4861).
const (
	ICMPv6Unreachable      = 1
	ICMPv6PacketTooBig     = 2
	ICMPv6TimeExceeded     = 3
	ICMPv6ParameterProblem = 4
	ICMPv6Echo             = 128
	ICMPv6EchoReply        = 129
	ICMPv6NeighborSolicit  = 135
	ICMPv6NeighborAdvert   = 136
)

// ICMPLen is the length of an ICMP header in bytes.
const ICMPLen = 8

// ICMP is a message of ICMP or ICMPv6. They share one form and differ in their
// numbers and in what the checksum covers.
type ICMP struct {
	Type, Code uint8
	Rest       uint32 // bytes 4 to 7; their meaning depends on the type
	Body       []byte // what follows; aliases the buffer it was read from
}

// MTU4 is the next hop's MTU that an ICMPv4 "fragmentation needed" names, 0 if
// the router is too old to know (RFC 1191 §4).
func (m *ICMP) MTU4() int { return int(m.Rest & 0xffff) }

// MTU6 is the MTU that an ICMPv6 Packet Too Big names (RFC 4443 §3.2).
func (m *ICMP) MTU6() int { return int(m.Rest) }

// ParseICMPv4 reads a message and verifies its checksum.
func ParseICMPv4(b []byte) (ICMP, error) { return parseICMP(b, 0) }

// ParseICMPv6 reads a message and verifies its checksum, which covers the
// addresses of the packet (RFC 4443 §2.3).
func ParseICMPv6(b []byte, src, dst netip.Addr) (ICMP, error) {
	return parseICMP(b, PseudoHeader(src, dst, ProtocolICMPv6, len(b)))
}

func parseICMP(b []byte, pseudo uint16) (m ICMP, err error) {
	if len(b) < ICMPLen {
		return m, errICMPShort
	}
	if !checksumHolds(b, pseudo) {
		return m, errICMPChecksum
	}
	m.Type, m.Code = b[0], b[1]
	m.Rest, m.Body = binary.BigEndian.Uint32(b[4:]), b[ICMPLen:]
	return m, nil
}

// AppendICMPv4 appends a message with its checksum.
func AppendICMPv4(b []byte, m *ICMP) []byte { return appendICMP(b, m, 0) }

// AppendICMPv6 appends a message with its checksum.
func AppendICMPv6(b []byte, m *ICMP, src, dst netip.Addr) []byte {
	return appendICMP(b, m, PseudoHeader(src, dst, ProtocolICMPv6, ICMPLen+len(m.Body)))
}

func appendICMP(b []byte, m *ICMP, pseudo uint16) []byte {
	at := len(b)
	b = append(b, m.Type, m.Code, 0, 0)
	b = binary.BigEndian.AppendUint32(b, m.Rest)
	b = append(b, m.Body...)
	putChecksum(b[at:], 2, pseudo)
	return b
}

// Quote is what an ICMP error tells of the TCP segment it is about: the
// packet as we sent it, cut off after at least eight bytes of TCP.
type Quote struct {
	IP               IP
	SrcPort, DstPort uint16
	Seq              Seq
}

// ParseQuote4 reads the packet quoted in an ICMPv4 error. Its lengths and its
// checksum are not verified: routers on the way may have changed them.
func ParseQuote4(b []byte) (q Quote, err error) {
	n, err := ipv4HeaderLen(b)
	if err != nil {
		return q, errQuoteHeader
	}
	readIPv4(&q.IP, b)
	return q, readQuote(&q, b[n:])
}

// ParseQuote6 reads the packet quoted in an ICMPv6 error.
func ParseQuote6(b []byte) (q Quote, err error) {
	if len(b) < IPv6Len || b[0]>>4 != 6 {
		return q, errQuoteHeader
	}
	readIPv6(&q.IP, b)
	rest, err := skipExtensions(&q.IP, b[IPv6Len:])
	if err != nil {
		return q, errQuoteHeader
	}
	return q, readQuote(&q, rest)
}

func readQuote(q *Quote, b []byte) error {
	if len(b) < 8 {
		return errQuoteShort
	}
	q.SrcPort, q.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	q.Seq = Seq(binary.BigEndian.Uint32(b[4:]))
	return nil
}
