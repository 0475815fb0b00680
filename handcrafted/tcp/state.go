package tcp

import "time"

// State is a state of RFC 9293 §3.3.2.
type State uint8

// The states. CLOSED is zero: a Conn that was never opened is closed.
const (
	// Closed: there is no connection. We keep only Err for the user.
	Closed State = iota
	// Listen: we wait for a SYN from anyone. A Conn is in it only until Accept
	// has looked at the SYN.
	Listen
	// SynSent: our SYN is out; we repeat it until a SYN comes back.
	SynSent
	// SynReceived: both SYNs have crossed; we repeat our SYN,ACK until it is
	// acknowledged.
	SynReceived
	// Established: data flows both ways.
	Established
	// FinWait1: we closed; our FIN waits for its acknowledgement, data still
	// arrives.
	FinWait1
	// FinWait2: our FIN is acknowledged; we receive until the peer closes.
	FinWait2
	// CloseWait: the peer closed; we send until our user closes.
	CloseWait
	// Closing: both FINs crossed; ours waits for its acknowledgement.
	Closing
	// LastAck: the peer closed, then we did; our FIN waits for its
	// acknowledgement.
	LastAck
	// TimeWait: all is acknowledged both ways; we stay for 2 MSL to answer a
	// repeated FIN and to let old segments die.
	TimeWait
)

// String returns the RFC's spelling.
func (s State) String() string {
	switch s {
	case Closed:
		return "CLOSED"
	case Listen:
		return "LISTEN"
	case SynSent:
		return "SYN-SENT"
	case SynReceived:
		return "SYN-RECEIVED"
	case Established:
		return "ESTABLISHED"
	case FinWait1:
		return "FIN-WAIT-1"
	case FinWait2:
		return "FIN-WAIT-2"
	case CloseWait:
		return "CLOSE-WAIT"
	case Closing:
		return "CLOSING"
	case LastAck:
		return "LAST-ACK"
	case TimeWait:
		return "TIME-WAIT"
	}
	panic("BUG: unknown state")
}

// synchronized reports whether both ends know each other's sequence numbers
// (RFC 9293 §3.5.2 group 3).
func (s State) synchronized() bool { return s >= Established }

// canSend reports whether new data, or the data before our FIN, may leave.
func (s State) canSend() bool {
	switch s {
	case Established, CloseWait, FinWait1, Closing, LastAck:
		return true
	}
	return false
}

// canReceive reports whether text of a segment is for the user
// (RFC 9293 §3.10.7.4, seventh step).
func (s State) canReceive() bool {
	return s == Established || s == FinWait1 || s == FinWait2
}

// canReset reports whether an ABORT sends a RST (RFC 9293 §3.10.5): not before
// the peer has answered, and not when both sides have closed.
func (s State) canReset() bool {
	switch s {
	case SynReceived, Established, FinWait1, FinWait2, CloseWait:
		return true
	}
	return false
}

// Transition is one change of state.
type Transition struct {
	From, To State
	Clause   string // what decided, for example "RFC 9293 §3.10.7.3 fourth"
	Time     time.Time
}

// setState is the only place where the state changes. It owns what belongs to
// a state as such: its timers.
func (c *Conn) setState(to State, clause string) {
	if c.state == to {
		return
	}
	c.trace = append(c.trace, Transition{c.state, to, clause, c.wall})
	c.state = to
	switch to {
	case Established:
		c.keepAliveArm()
	case FinWait2:
		c.finWait2Arm()
	case TimeWait:
		c.timers.stopAll()
		c.timers.set(timerTimeWait, c.now+2*c.cfg.MSL)
		c.release()
	case Closed:
		c.timers.stopAll()
		c.release()
	}
}
