package tcp

import "tcping-cmp/handcrafted/wire"

// arriveSynSent is RFC 9293 §3.10.7.3, in the RFC's order.
func (c *Conn) arriveSynSent(seg *wire.Segment) {
	acks, ok := c.synSentFirstCheckAck(seg)
	if !ok || !c.synSentSecondCheckReset(seg, acks) {
		return
	}
	// Third, security: obsolete.
	if seg.Flags.Has(wire.SYN) {
		c.synSentFourthCheckSyn(seg, acks)
	}
	// Fifth: neither SYN nor RST, drop.
}

// synSentFirstCheckAck reports whether the segment acknowledges our SYN (acks),
// and whether it may go on to the next step.
func (c *Conn) synSentFirstCheckAck(seg *wire.Segment) (acks, ok bool) {
	if !seg.Flags.Has(wire.ACK) {
		return false, true
	}
	if !seg.Ack.After(c.iss) || seg.Ack.After(c.sndNxt) {
		if !seg.Flags.Has(wire.RST) {
			c.push(seg.Ack, wire.RST) // <SEQ=SEG.ACK><CTL=RST>
		}
		return false, false
	}
	return true, true
}

// synSentSecondCheckReset: a RST counts only with an acceptable ACK.
func (c *Conn) synSentSecondCheckReset(seg *wire.Segment, acks bool) bool {
	if !seg.Flags.Has(wire.RST) {
		return true
	}
	if acks {
		c.fail(ErrRefused, "RFC 9293 §3.10.7.3 second")
	}
	return false
}

// synSentFourthCheckSyn takes the peer's SYN.
func (c *Conn) synSentFourthCheckSyn(seg *wire.Segment, acks bool) {
	c.irs, c.rcvNxt = seg.Seq, seg.Seq+1
	c.ts.lastAckSent = c.rcvNxt
	c.window.edge = c.rcvNxt.Add(c.window.offered)
	c.learnOptions(seg)
	c.in = c.window.queue(c.rcvNxt)
	if !acks {
		c.simultaneousOpen(seg)
		return
	}
	c.ecnAnswered(seg)
	c.peer.set(seg, 0) // RFC 7323 §2.2: the window of a SYN is not scaled
	c.processAck(seg)
	c.establish("RFC 9293 §3.10.7.3 fourth")
	c.ack.now = true
	c.keepSynText(seg)
}

// simultaneousOpen: both SYNs crossed (RFC 9293 §3.5, MUST-10). We answer with
// <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>.
func (c *Conn) simultaneousOpen(seg *wire.Segment) {
	c.peer.set(seg, 0)
	c.setState(SynReceived, "RFC 9293 §3.10.7.3 fourth")
	c.ecnCrossed(seg)
	c.sendSyn()
	c.keepSynText(seg)
}

// keepSynText queues text and FIN that came with the SYN.
func (c *Conn) keepSynText(seg *wire.Segment) {
	if c.state == Established && (len(seg.Payload) > 0 || seg.Flags.Has(wire.FIN)) {
		c.seventhText(seg)
	}
}

// establish enters ESTABLISHED: what depends on both SYNs is fixed now.
func (c *Conn) establish(clause string) {
	c.startCongestion()
	c.setState(Established, clause)
	if c.fin.write {
		c.setState(FinWait1, "RFC 9293 §3.10.4 CLOSE, queued in SYN-SENT")
	}
}
