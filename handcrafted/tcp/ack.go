package tcp

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// ackState is what we owe the peer.
//
// When an acknowledgement leaves: a lone segment waits for the delayed-ACK
// timer (RFC 9293 §3.8.6.3, SHLD-18), the second full-sized one ends the wait
// (SHLD-19). Out-of-order, gap-filling and duplicate segments and a FIN are
// acknowledged at once, each by itself (RFC 5681 §4.2): the peer counts them.
//
// Segments that were waiting together are all processed first, and the
// acknowledgements that they call for become one (RFC 9293 §3.10.7.4, MUST-58
// and MUST-59). So an ACK may cover more than two segments; a MUST asks for it,
// and SHLD-19 still holds for segments that arrive one by one. It is also what
// makes downloads fast. Config.AckEverySecond gives each pair its own ACK, for
// a peer that grows its window by counting them.
type ackState struct {
	now     bool // an ACK has to leave at the end of this call
	pending int  // octets in order since the last ACK
	rmss    int  // the largest segment seen: the sender's full size

	challenges int     // sent in the current period
	period     instant // when it began
}

// Challenge ACKs are throttled as the example of RFC 5961 §7 does.
const (
	challengeLimit  = 10
	challengePeriod = 5 * time.Second
)

// acked settles what we owe: a segment with an acknowledgement leaves.
func (c *Conn) acked() {
	c.ack.now, c.ack.pending = false, 0
	c.ts.lastAckSent = c.rcvNxt
	c.timers.stop(timerDelayedACK)
}

// sendAck sends the empty segment <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>.
func (c *Conn) sendAck() { c.pushAck(c.emptySeq(), 0) }

// emptySeq is the sequence number of an empty segment: SND.NXT. When a probe or
// a window that shrank has put that beyond what the peer allows, it is the
// peer's right edge: the peer would take nothing that lies beyond, and with it
// lose the acknowledgement and our window (RFC 9293 §3.10.7.4, Table 6).
func (c *Conn) emptySeq() wire.Seq {
	if edge := c.sndEdge(); c.state.synchronized() && c.sndNxt.After(edge) {
		return edge
	}
	return c.sndNxt
}

// oweAck notes n octets of text that arrived in order.
func (c *Conn) oweAck(n int) {
	if c.cfg.Profile.AckEach {
		c.sendAck()
		return
	}
	a := &c.ack
	a.rmss = max(a.rmss, min(n, c.offeredMSS()))
	a.pending += n
	switch {
	case a.pending < 2*a.rmss:
		if !c.timers.runs(timerDelayedACK) {
			c.timers.set(timerDelayedACK, c.now+c.cfg.DelayedACK)
		}
	case c.cfg.AckEverySecond:
		c.sendAck()
	default:
		a.now = true
	}
}

// ackFin acknowledges a FIN: at once, but data that can leave now carries it.
func (c *Conn) ackFin() {
	if c.cfg.Profile.AckEach {
		c.sendAck()
		return
	}
	c.ack.now = true
}

// ackAtOnce acknowledges a segment by itself.
func (c *Conn) ackAtOnce() { c.sendAck() }

// challenge sends a challenge ACK (RFC 5961 §3.2, §4.2, §5.2) unless too many
// have left of late (§7).
func (c *Conn) challenge() {
	a := &c.ack
	if c.now-a.period >= challengePeriod {
		a.period, a.challenges = c.now, 0
	}
	if a.challenges++; a.challenges <= challengeLimit {
		c.sendAck()
	}
}

// answerUnacceptable acknowledges a segment outside the window (RFC 9293
// §3.10.7.4 first). Empty ones are throttled: two ends that each find the
// other's ACK unacceptable would answer for ever.
func (c *Conn) answerUnacceptable(seg *wire.Segment) {
	if seg.Len() == 0 && seg.Seq != c.rcvNxt-1 {
		c.challenge()
		return
	}
	c.sendAck()
}
