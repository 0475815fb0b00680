package scenario

// Flags are the bits of a TCP header, where the header has them: FIN is the
// lowest. AE is the former NS bit (RFC 9768).
type Flags uint16

// The flags of the TCP header.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
	AE
)

// TCP is a segment. Sequence and acknowledgement numbers, those in SACK blocks
// and quoted packets among them, are as packetdrill counts them. In a segment
// with SYN they are counted as the SYN of their sender writes them: after
// < S 100:100(0) comes > S. 0:0(0) ack 101. In every other segment they are
// counted from the initial sequence number, which is 0: < . 1:1(0) ack 1.
type TCP struct {
	Ports *Ports // nil: those of the connection
	Flags Flags
	// ACE is the AccECN counter that was written as a digit; it takes the
	// place of AE, CWR and ECE.
	ACE     Value
	Seq     Seq
	Ack     Value
	Window  Value // as it stands in the header, not scaled
	Urgent  Value // the pointer field
	Options *Options
}

// Seq is a range of sequence numbers: Start:End(Len). It is Any when the range
// is left open (written ...(Len)), then only Len counts.
type Seq struct {
	Kind       ValueKind // Exact, Literal or Any
	Start, End uint32    // End is Start+Len modulo 2^32
	Len        int       // bytes of payload
}

// Options are the options of a segment. A nil *Options means that none is
// expected or sent.
type Options struct {
	Any  bool // <...>: whatever the stack sends
	List []TCPOption
}

// OptionKind names a TCP option.
type OptionKind string

// The options that are known by name.
const (
	OptEOL           OptionKind = "eol"
	OptNOP           OptionKind = "nop"
	OptMSS           OptionKind = "mss"    // Value: bytes
	OptWindowScale   OptionKind = "wscale" // Value: shift count
	OptSACKPermitted OptionKind = "sackOK"
	OptSACK          OptionKind = "sack" // Blocks; none and Value Any: any blocks
	OptTimestamps    OptionKind = "TS"   // Value and Echo
	OptMD5           OptionKind = "md5"  // Data, or Text: valid, invalid
	OptFastOpen      OptionKind = "FO"   // Data, or Text: a symbol
	OptFastOpenExp   OptionKind = "FOEXP"
	OptAccECN        OptionKind = "ECN" // Fields, the first decides the order
	// OptGeneric is any option by its number: opt KIND [len N] [hex]. Kind
	// number in Number, what follows the length octet in Data. Value is the
	// length octet where it is given, so that it may lie.
	OptGeneric OptionKind = "opt"
	// OptRaw stands for octets in the option space that need not be an
	// option at all: raw HEX.
	OptRaw OptionKind = "raw"
	// OptUnknown is an option of a dialect that is not read any further
	// (Multipath TCP and the like): Text has its tokens.
	OptUnknown OptionKind = "unknown"
)

// TCPOption is one option of a segment.
type TCPOption struct {
	Pos    Pos
	Kind   OptionKind
	Value  Value
	Echo   Value // TSecr
	Blocks []SACKBlock
	Fields []Field
	Number uint8
	Data   []byte
	Text   string
}

// SACKBlock is what a SACK block says has arrived: from Left up to, but not
// including, Right.
type SACKBlock struct{ Left, Right uint32 }

// Field is a named number of an option.
type Field struct {
	Name string
	N    uint32
}
