package recovery

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// Config is what a Book has to know from the beginning. A zero field takes the
// default.
type Config struct {
	MSS         int           // effective send MSS in octets; 536 if unknown
	InitialRTO  time.Duration // RFC 6298 §2.1; 1 s
	MinRTO      time.Duration // RFC 6298 §2.4 SHOULD be 1 s; 1 s
	MaxRTO      time.Duration // RFC 6298 §2.5: at least 60 s; 60 s
	Granularity time.Duration // G of RFC 6298 §2; 1 ms
	MaxAckDelay time.Duration // the peer's delayed ACK, for RFC 8985 §7.2; 200 ms
	MinPTO      time.Duration // no loss probe earlier than this; 10 ms
	NoRACK      bool          // with SACK: RFC 6675 alone, without RFC 8985
	MaxSegments int           // bound of the book, twice that for pieces; 32768 segments of 32 octets
}

// Ack is what the sender's side needs of an acceptable segment with the ACK bit
// (RFC 9293 §3.10.7.4, fifth step). Ack must not be after SND.NXT.
type Ack struct {
	Ack  wire.Seq
	SACK []wire.SACKBlock // as received, D-SACK included; not kept
	// Pure: no payload, SYN or FIN, and the advertised window is the one of the
	// segment before (RFC 5681 §2, duplicate acknowledgement b, c, e).
	Pure bool
	// HasTS: TSecr is there and timestamps are in use. TSNow is this side's
	// timestamp clock now, in milliseconds, so TSNow-TSecr is a round-trip time
	// (RFC 7323 §4.1).
	HasTS        bool
	TSEcr, TSNow uint32
}

// Result says what an ACK did. All sizes are octets of sequence space. If more
// than one event for the congestion controller is there, tell it Spurious
// first, then Exited, then Reduce, then Credit.
type Result struct {
	Acked  int // newly acknowledged by the ACK number, SYN and FIN included
	Sacked int // newly reported in SACK blocks
	Lost   int // newly taken for lost
	// Credit is what counts for the growth of cwnd: Acked outside fast recovery,
	// without the SYN (RFC 5681 §3.1). Pass it to congestion.Controller.Acked.
	Credit int
	// Flight is the data outstanding before the ACK (congestion.Ack.Flight); if
	// Reduce, FlightSize as RFC 5681 §3.2 step 2 wants it, if Exited, what is
	// outstanding now.
	Flight int
	RTT    time.Duration // the round trip of this ACK; 0 if it is no measure

	Duplicate bool // counts as a duplicate ACK (RFC 5681 §2, RFC 6675 §2)
	DSACK     bool // the first block reports a duplicate (RFC 2883 §4)
	Reneged   bool // the peer threw away what it had SACKed (RFC 2018 §8)
	Reduce    bool // a loss was found: congestion.FastRetransmit with Flight
	Exited    bool // fast recovery ended: congestion.Recovered with Flight
	// Spurious: the last retransmission was needless (RFC 3522, RFC 3708):
	// congestion.Undo.
	Spurious bool
}

// Kind says what to send.
type Kind uint8

const (
	// Nothing to send now.
	Nothing Kind = iota
	// Retransmit the octets [Seq, Seq+Len); Len may include the FIN.
	Retransmit
	// NewData: send the next unsent segment.
	NewData
)

// Choice is the answer to "what goes next" (RFC 6675 §4 NextSeg).
type Choice struct {
	Kind Kind
	Seq  wire.Seq
	Len  int // octets of sequence space; payload at most MSS
	// Probe: a tail loss probe; it may exceed cwnd (RFC 8985 §7.3).
	Probe bool
}

// Expiry says which timer was due. In each case but NotDue call Next.
type Expiry uint8

const (
	// NotDue: nothing was due.
	NotDue Expiry = iota
	// RTOExpired: the retransmission timer (RFC 6298 §5.4): the RTO has been
	// doubled, what is not SACKed counts as lost, the next Next returns the
	// front of the queue. Tell congestion.Timeout or RepeatedTimeout.
	RTOExpired
	// ProbeDue: a tail loss probe (RFC 8985 §7.3): the next Next returns it.
	ProbeDue
	// ReorderExpired: the reordering window is over (RFC 8985 §6.3).
	ReorderExpired
)

// Action is what Expired found.
type Action struct {
	Expiry   Expiry
	Repeated bool // RTOExpired: not the first time for this front segment
	Reduce   bool // ReorderExpired: a loss was found, congestion.FastRetransmit
	Flight   int  // FlightSize for the congestion controller
	SYN      bool // RTOExpired: the front is the SYN (RFC 6298 §5.7)
}
