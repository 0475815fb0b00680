package tcp

// Profile chooses a behaviour. Each field is one switch; the zero value is a
// plain TCP without options.
type Profile struct {
	Name string

	// What our SYN offers, and what is used when the peer offers it too.
	MSS, WindowScale, Timestamps, SACK bool

	// FixedWindow, when not 0, stands in every window field, whatever room
	// there is.
	FixedWindow uint16
	// NoRetransmission: what is lost stays lost; R2 still ends the connection.
	NoRetransmission bool
	// AckEach: every segment with data or FIN draws its own ACK at once.
	AckEach bool
	// OneAtATime: the next data segment leaves when the one before it is
	// acknowledged.
	OneAtATime bool
	// PushEach: PSH on every data segment, not only on the last one queued.
	PushEach bool
	// SeparateFIN: the FIN never rides on data.
	SeparateFIN bool

	// Marks of the IP packet, for the host that builds it.
	TTL       uint8
	DF        bool
	FixedIPID bool
	IPID      uint16 // valid if FixedIPID
}

// RFC is the default: everything that RFC 9293 and its companions ask for.
var RFC = Profile{
	Name: "rfc",
	MSS:  true, WindowScale: true, Timestamps: true, SACK: true,
	TTL: 64, DF: true,
}

// TcpingPy behaves like a Python program of 2017 that wrote its segments by
// hand: no options, a window that never changes, no retransmission, one step
// after the other.
var TcpingPy = Profile{
	Name:        "tcping.py",
	FixedWindow: 65535, NoRetransmission: true, AckEach: true,
	OneAtATime: true, PushEach: true, SeparateFIN: true,
	TTL: 64, FixedIPID: true, IPID: 0x1234,
}
