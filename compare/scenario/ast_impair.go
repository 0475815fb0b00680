package scenario

import "time"

// ImpairKind is what is done to a frame on the wire.
type ImpairKind string

// The impairments.
const (
	Drop      ImpairKind = "drop"
	Duplicate ImpairKind = "duplicate" // By more copies right behind it
	Reorder   ImpairKind = "reorder"   // held back until By later frames have passed
	Delay     ImpairKind = "delay"     // by Time
	Corrupt   ImpairKind = "corrupt"   // one bit flipped; By is the payload byte, from 0
)

// ImpairDir says whose frames are meant.
type ImpairDir uint8

// The directions of an impairment.
const (
	FromStack ImpairDir = iota // written > or not at all
	FromPeer                   // written <
	BothWays                   // written <>; what counts in per cent has it when nothing is written
)

// SegmentKind is what sort of segment an impairment counts.
type SegmentKind string

// The kinds of segment.
const (
	AnySegment SegmentKind = "any"
	DataSeg    SegmentKind = "data" // with payload, retransmissions included
	SYNSeg     SegmentKind = "syn"  // SYN without ACK
	SYNACKSeg  SegmentKind = "syn-ack"
	PureACK    SegmentKind = "ack" // ACK without payload, SYN, FIN or RST
	FINSeg     SegmentKind = "fin"
	RSTSeg     SegmentKind = "rst"
)

// Impairment is one line that changes what the wire does in a whole
// conversation.
type Impairment struct {
	Pos  Pos
	Kind ImpairKind
	Dir  ImpairDir
	Pick Pick
	What SegmentKind
	By   int
	Time time.Duration
	Seed uint64 // of the generator, where Pick.PPM is used
}

// Pick says which of the counted segments are meant: those from First to
// Last, every Every-th, or each with a probability. Exactly one of First,
// Every and PPM is not zero.
type Pick struct {
	First, Last int    // from 1; Last 0: no end
	Every       int    // the n-th, 2n-th, …
	PPM         uint32 // parts per million
}
