package tcp

import (
	"time"

	"tcping-cmp/handcrafted/tcp/congestion"
	"tcping-cmp/handcrafted/tcp/reassembly"
	"tcping-cmp/handcrafted/tcp/recovery"
	"tcping-cmp/handcrafted/wire"
)

// Conn is one connection: the transmission control block of RFC 9293 §3.3.1.
// Names are the RFC's: SND.UNA is sndUna.
type Conn struct {
	cfg     Config
	passive bool // opened by the peer's SYN (MUST-11)

	state  State
	opened bool // the peer has our SYN
	err    error
	epoch  time.Time // when Open was called; instants count from here
	wall   time.Time // the caller's now
	now    instant   // the same since epoch

	// Send sequence variables.
	iss    wire.Seq
	sndUna wire.Seq
	sndNxt wire.Seq
	// Receive sequence variables.
	irs    wire.Seq
	rcvNxt wire.Seq

	peer   peerWindow        // SND.WND, SND.WL1, SND.WL2
	window recvWindow        // RCV.WND and its edge
	opts   negotiated        // what both SYNs agreed on
	ts     timestamps        // TS.Recent and its kin
	ack    ackState          // what we owe the peer
	out    sendQueue         // what the user wrote
	in     *reassembly.Queue // what the peer sent: what waits for the user, or for a gap
	early  *wire.Segment     // what came with a SYN before ESTABLISHED
	book   *recovery.Book    // what is in flight, and the timer of RFC 6298
	cc     congestion.Controller
	rtx    retransmit   // R1 and R2
	sws    swsState     // sender silly-window avoidance
	zero   persistState // zero-window probing
	fin    closeState   // which directions are closed
	alive  keepAliveState
	urg    urgentState
	ecn    ecnState
	icmp   icmpState
	pmtu   pmtuState
	timers timerTable

	segs  []wire.Segment // Effects.Out, reused
	trace []Transition   // Effects.Trace, reused
	first struct {       // their first arrays, enough for most of a short life
		segs  [1]wire.Segment
		trace [2]Transition
	}
}

// Effects is what a call asks of its caller. Out and Trace are valid until the
// next call on the same Conn; payloads alias the send buffer until then.
type Effects struct {
	Out   []wire.Segment // to send, in order
	Trace []Transition   // changes of state, in order
	Next  time.Time      // when Tick wants to be called; zero means never
	// Suspect: R1 retransmissions were reached in this call. The next hop
	// should be looked at, the user may be told (RFC 9293 §3.8.3, SHLD-9).
	Suspect bool
	// Urgent: the peer's urgent pointer went ahead in this call; Conn.Urgent
	// says how far (MUST-32).
	Urgent bool
}

// Open starts a connection: the OPEN call in its active form (RFC 9293
// §3.10.1). It sends the SYN. An impossible Config gives a closed Conn whose Err
// says why.
func Open(now time.Time, cfg Config) (*Conn, Effects) {
	c, ok := newConn(now, cfg)
	if !ok {
		return c, Effects{}
	}
	c.setState(SynSent, "RFC 9293 §3.10.1 OPEN")
	c.sendSyn()
	c.armSending()
	return c, c.end()
}

// newConn makes a connection that has sent nothing and heard of nobody. ok is
// false if its Config is impossible.
func newConn(now time.Time, cfg Config) (c *Conn, ok bool) {
	cfg.complete()
	c = &Conn{cfg: cfg, epoch: now}
	c.segs, c.trace = c.first.segs[:0], c.first.trace[:0]
	c.timers.stopAll()
	if c.err = cfg.check(); c.err != nil {
		return c, false
	}
	c.begin(now)
	c.iss, c.sndUna, c.sndNxt = cfg.ISS, cfg.ISS, cfg.ISS
	c.ts.open(now, cfg.TSOffset)
	c.window.open(&c.cfg)
	c.opts.open(&c.cfg)
	c.out.open(cfg.ISS+1, cfg.SendBuffer)
	c.ecn.offer = cfg.ECN
	c.book = recovery.New(cfg.ISS, recovery.Config{MSS: c.payloadMSS()})
	return c, true
}

// begin starts a call: it takes the time and empties what the last call
// returned.
func (c *Conn) begin(now time.Time) {
	c.wall = now
	c.now = max(c.now, now.Sub(c.epoch)) // a clock that steps back stands still
	c.segs = c.segs[:0]
	c.trace = c.trace[:0]
}

// end finishes a call.
func (c *Conn) end() Effects {
	e := Effects{Out: c.segs, Trace: c.trace, Suspect: c.rtx.suspect, Urgent: c.urg.news}
	c.rtx.suspect, c.urg.news = false, false
	if at := c.timers.next(); at != never {
		e.Next = c.epoch.Add(at)
	}
	return e
}

// State returns the state of the connection.
func (c *Conn) State() State { return c.state }

// Err returns why the connection ended; nil while it lives and after an
// orderly close (RFC 9293 §3.6, MUST-12).
func (c *Conn) Err() error { return c.err }

// Established reports whether the handshake is complete, now or earlier.
func (c *Conn) Established() bool { return c.state.synchronized() }

// Tuple returns both ends.
func (c *Conn) Tuple() wire.Tuple { return c.cfg.Tuple }

// Profile returns the behaviour in use, with the IP marks the host sets.
func (c *Conn) Profile() *Profile { return &c.cfg.Profile }
