package fault

import "tcping-cmp/tap"

// The selectors: which packets a fault may strike.

// isSYN: a SYN without ACK.
func isSYN(c *conn, p *packet) bool { return p.flags&(syn|ack) == syn }

func isSYNACK(c *conn, p *packet) bool { return p.flags&(syn|ack) == syn|ack }

func isRST(c *conn, p *packet) bool { return p.flags&rst != 0 }

func isFIN(c *conn, p *packet) bool { return p.flags&fin != 0 }

// isData: payload on an open connection.
func isData(c *conn, p *packet) bool {
	return len(p.payload) > 0 && p.flags&(syn|rst) == 0 && c.established()
}

// isPureACK: an ACK that says nothing else, on an open connection.
func isPureACK(c *conn, p *packet) bool {
	return p.segLen() == 0 && p.flags&(ack|rst) == ack && c.established()
}

// isOrdinary: any segment of an open connection but a RST.
func isOrdinary(c *conn, p *packet) bool { return p.flags&(syn|rst) == 0 && c.established() }

// isNews: an acknowledgement of more than the ones before.
func isNews(c *conn, p *packet) bool {
	s := c.out()
	return isOrdinary(c, p) && s.hasAcked && after(p.ack, s.acked) && p.flags&ack != 0
}

// isNewData: data that was not sent before.
func isNewData(c *conn, p *packet) bool { return isData(c, p) && !after(c.out().next, p.seq) }

// isAgain: octets, a SYN or a FIN that were sent before.
func isAgain(c *conn, p *packet) bool {
	return p.segLen() > 0 && p.flags&rst == 0 && c.out().started && !after(p.end(), c.out().next)
}

// isDataAgain: data that was sent before.
func isDataAgain(c *conn, p *packet) bool { return isData(c, p) && isAgain(c, p) }

// isProbe: anything into a window of zero.
func isProbe(c *conn, p *packet) bool {
	in := c.in()
	return isOrdinary(c, p) && in.hasAcked && in.window == 0
}

// isIncomingProbe: data at a closed window of the stack's, or behind its edge.
func isIncomingProbe(c *conn, p *packet) bool {
	return isData(c, p) && c.out().window == 0 && c.out().hasAcked
}

// isGap: incoming data behind a hole.
func isGap(c *conn, p *packet) bool {
	return isData(c, p) && p.sumOK && after(p.seq, c.in().next)
}

// isOldData: incoming data that was acknowledged already.
func isOldData(c *conn, p *packet) bool {
	return isData(c, p) && c.out().hasAcked && !after(p.end(), c.out().acked)
}

// isDuplicateACK: an ACK from the peer that acknowledges nothing new while
// something is in flight.
func isDuplicateACK(c *conn, p *packet) bool {
	return isPureACK(c, p) && c.in().hasAcked && p.ack == c.in().acked && after(c.out().next, p.ack)
}

// ecnAgreed: the SYN asked for ECN, and the SYN-ACK agreed.
func ecnAgreed(c *conn, _ *packet) bool { return c.out().ecn == ece|cwr && c.in().ecn == ece }

// with selects what all of them select; one is asked if those before it do.
func with(all ...func(*conn, *packet) bool) func(*conn, *packet) bool {
	return func(c *conn, p *packet) bool {
		for _, selects := range all {
			if !selects(c, p) {
				return false
			}
		}
		return true
	}
}

// hasOption selects packets with an option.
func hasOption(kind byte) func(*conn, *packet) bool {
	return func(_ *conn, p *packet) bool { return p.has(kind) }
}

// hasRoom selects packets to which an option of n octets can be added.
func hasRoom(n int) func(*conn, *packet) bool {
	return func(_ *conn, p *packet) bool { return p.room(n) }
}

// the is whether flags are set.
func the(flags uint16) func(*conn, *packet) bool {
	return func(_ *conn, p *packet) bool { return p.flags&flags == flags }
}

// v4 selects packets of IPv4.
func v4(_ *conn, p *packet) bool { return !p.v6() }
func v6(_ *conn, p *packet) bool { return p.v6() }

const (
	out = tap.Out
	in  = tap.In
)
