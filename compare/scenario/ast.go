package scenario

import "time"

// File is a script as it was written: what Parse gives and String prints.
// Two files that differ only in comments after the first statement, blanks
// and the way numbers are written are the same File but for positions.
type File struct {
	Name    string
	Doc     string // the comments before the first statement, without markers
	Options []Option
	Events  []Event // in the order of the file
}

// Option is a line --name or --name=value.
type Option struct {
	Pos   Pos
	Name  string
	Value string // as written, quotes included; empty if there is none
}

// Event is one statement with its time. Exactly one of the pointers is set.
type Event struct {
	Pos     Pos
	Time    Time
	Packet  *Packet
	Call    *Call
	Command *Command
	Code    *Code
	Impair  *Impairment
}

// TimeKind says how an event's time is meant.
type TimeKind uint8

// The kinds of time.
const (
	// NoTime: a command before the first or after the last event, and the
	// impairment lines.
	NoTime        TimeKind = iota
	Absolute               // At after the beginning of the script
	Relative               // At after the event before
	AnyTime                // whenever it comes
	AbsoluteRange          // between At and Until after the beginning
	RelativeRange          // between At and Until after the event before
)

// Forever as Until of a range leaves its end open (inf).
const Forever = time.Duration(1<<63 - 1)

// Time is when an event happens or is expected.
type Time struct {
	Kind      TimeKind
	At, Until time.Duration
}

// Command is a shell command between backticks. It is never executed.
type Command struct{ Text string }

// Code is a snippet between %{ and }%. It is never executed.
type Code struct{ Text string }

// Direction says which side sends a packet.
type Direction uint8

// The directions.
const (
	Inject Direction = iota // '<': the scripted peer sends it to the stack
	Expect                  // '>': the stack is expected to send it
)

// Packet is a packet that the peer sends or the stack is expected to send.
// Exactly one of TCP, UDP, ICMP, Raw and Other is set.
type Packet struct {
	Pos   Pos
	Dir   Direction
	Encap []Encap // outer headers, the outermost first
	IP    IPMarks // of the header next to the payload
	TCP   *TCP
	UDP   *UDP
	ICMP  *ICMP
	Raw   []byte // a whole IP packet, given in hexadecimal
	Other *Other
	// Tunnel holds the UDP ports in which a TCP segment is wrapped (RFC 6951
	// manner, the FreeBSD suite's /udp(1 > 2)); nil if it is not.
	Tunnel *Ports
	// Path and Mutation are the tokens of two dialects that are not read any
	// further: the addresses of Multipath TCP, and the fuzzing in braces.
	Path, Mutation string
	Faults         []Fault // what is wrong with an injected packet on purpose
}

// ValueKind says how a number in a packet is meant.
type ValueKind uint8

// The kinds of value.
const (
	None    ValueKind = iota // not written
	Exact                    // this number, relative where the field is
	Literal                  // this number as it stands on the wire (written 5!)
	Any                      // whatever the stack sends (written *)
	Auto                     // what a well-behaved peer would send (written auto)
)

// Value is a number in a packet, or a wildcard in its place.
type Value struct {
	Kind ValueKind
	N    uint32
}

// Set says whether anything was written.
func (v Value) Set() bool { return v.Kind != None }

// ECN is what a script says of the two ECN bits of an IP header (RFC 3168
// §5).
type ECN uint8

// The marks of ECN.
const (
	ECNUnsaid ECN = iota
	NotECT        // noecn
	ECT0
	ECT1
	ECT01 // either ECT codepoint; expected packets only
	CE
)

// IPMarks are the fields of an IP header that a script names.
type IPMarks struct {
	ECN          ECN
	TOS          Value // the whole octet of type of service or traffic class
	DSCP         Value // its upper six bits
	TTL          Value // or hop limit
	ID           Value // IPv4 identification
	FlowLabel    Value // IPv6
	DontFragment Value // 1 set, 0 clear
}

// Encap is an outer header around the packet.
type Encap struct {
	Kind     string // ipv4, ipv6, gre, mpls, psp or encap
	IP       IPMarks
	Src, Dst string // addresses as written, of ipv4 and ipv6
	Text     string // the fields of the others, tokens with a blank between
}

// Other is a packet of a protocol that is not read any further.
type Other struct{ Text string }

// Ports are a source and a destination port.
type Ports struct{ Src, Dst uint16 }

// UDP is a datagram of Len bytes of payload.
type UDP struct {
	Ports *Ports // nil: those of the test
	Len   int
}

// ICMP is an ICMP or ICMPv6 message. Type and Code are packetdrill's names or
// numbers.
type ICMP struct {
	Type, Code string
	MTU        Value
	ID         Value // of echo messages
	Quoted     *Quoted
}

// Quoted is what an ICMP error quotes of the packet that it is about.
type Quoted struct {
	Proto string // tcp, udp or raw
	Seq   Seq    // of tcp
	Len   int    // bytes of payload, of udp and raw
}

// FaultKind names something that is wrong with a packet on purpose.
type FaultKind string

// The faults. The number of each is in the unit that is given here.
const (
	BadChecksum   FaultKind = "bad checksum"     // TCP, UDP or ICMP; no number
	BadIPChecksum FaultKind = "bad ip checksum"  // IPv4 header; no number
	DataOffset    FaultKind = "data offset"      // TCP header length, 32-bit words
	IPLength      FaultKind = "ip length"        // total or payload length field, bytes
	IPHeader      FaultKind = "ip header length" // IPv4 header length, 32-bit words
	IPVersion     FaultKind = "ip version"       // version field
	IPFragment    FaultKind = "ip fragment"      // flags and fragment offset field, 16 bits
	IPProtocol    FaultKind = "ip protocol"      // protocol or next-header field
	ReservedBits  FaultKind = "reserved bits"    // the TCP header's, 0 to 7
	Truncate      FaultKind = "truncated to"     // IP packet cut to so many bytes
	Padding       FaultKind = "padding"          // so many bytes behind the IP packet
)

// Fault is one thing that is wrong with a packet. N is its number if the kind
// has one.
type Fault struct {
	Kind FaultKind
	N    uint32
}
