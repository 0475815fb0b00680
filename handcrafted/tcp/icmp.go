package tcp

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// ICMPError is an ICMP or ICMPv6 error about a segment of this connection.
type ICMPError struct {
	Type, Code uint8    // as on the wire; the family is that of the connection
	Seq        wire.Seq // sequence number of the quoted segment
	MTU        int      // of the next hop, in bytes; 0 if the message has none
}

// icmpState keeps what routers said without ending the connection.
type icmpState struct {
	soft error // reported when the connection times out (SHLD-25)
}

// icmpClass is what an error means to TCP (RFC 9293 §3.9.2.2).
type icmpClass uint8

const (
	icmpIgnored icmpClass = iota // Source Quench (MUST-55) and whatever is not known
	icmpSoft                     // transient: remembered (MUST-56)
	icmpHard                     // permanent: the connection ends (SHLD-26)
	icmpTooBig                   // path MTU discovery
)

// ICMP takes an error message. One that quotes a sequence number which is not
// in flight is ignored: it may be blind (RFC 5927 §4.1).
func (c *Conn) ICMP(now time.Time, e ICMPError) Effects {
	c.begin(now)
	if c.state != Closed && e.Seq.In(c.sndUna, uint32(c.flight())) {
		c.icmpError(&e)
		c.output()
	}
	return c.end()
}

// SoftError returns the last transient error that a router reported since the
// peer was heard; nil if there is none (MUST-47, SHLD-25).
func (c *Conn) SoftError() error { return c.icmp.soft }

func (c *Conn) icmpError(e *ICMPError) {
	class, err := classify(c.cfg.Tuple.Remote.Addr().Is4(), e.Type, e.Code)
	switch class {
	case icmpIgnored:
	case icmpSoft:
		c.icmp.soft = err
	case icmpHard:
		c.fail(err, "RFC 9293 §3.9.2.2")
	case icmpTooBig:
		c.packetTooBig(e.MTU)
	default:
		panic("BUG: unknown class of ICMP error")
	}
}

// classify tells the errors of ICMP (RFC 792) and ICMPv6 (RFC 4443) apart.
func classify(v4 bool, typ, code uint8) (icmpClass, error) {
	if v4 {
		return classify4(typ, code)
	}
	return classify6(typ, code)
}

func classify4(typ, code uint8) (icmpClass, error) {
	switch typ {
	case 3: // destination unreachable
		switch code {
		case 2:
			return icmpHard, ErrProtocolUnreachable
		case 3:
			return icmpHard, ErrRefused
		case 4:
			return icmpTooBig, nil
		}
		return icmpSoft, ErrUnreachable
	case 11, 12: // time exceeded, parameter problem
		return icmpSoft, ErrUnreachable
	}
	return icmpIgnored, nil // 4 is Source Quench
}

func classify6(typ, code uint8) (icmpClass, error) {
	switch typ {
	case 1: // destination unreachable
		if code == 4 { // port
			return icmpHard, ErrRefused
		}
		return icmpSoft, ErrUnreachable
	case 2:
		return icmpTooBig, nil
	case 3: // time exceeded
		return icmpSoft, ErrUnreachable
	case 4: // parameter problem
		if code == 1 { // unrecognised next header: no TCP there
			return icmpHard, ErrProtocolUnreachable
		}
		return icmpSoft, ErrUnreachable
	}
	return icmpIgnored, nil
}
