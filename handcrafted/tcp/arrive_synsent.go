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
	c.learnSyn(seg)
	if !acks {
		// Both SYNs crossed: RFC 9293 §3.5, MUST-10.
		c.receivedSyn(seg, "RFC 9293 §3.10.7.3 fourth")
		return
	}
	c.ecnAnswered(seg)
	c.peer.set(seg, 0) // RFC 7323 §2.2: the window of a SYN is not scaled
	c.processAck(seg)
	c.establish("RFC 9293 §3.10.7.3 fourth")
	c.ack.now = true
	c.takeText(seg)
}

// learnSyn takes from the peer's SYN what a connection has to know of it.
func (c *Conn) learnSyn(seg *wire.Segment) {
	c.irs, c.rcvNxt = seg.Seq, seg.Seq+1
	c.ts.lastAckSent = c.rcvNxt
	c.window.edge = c.rcvNxt.Add(c.window.offered)
	c.learnOptions(seg)
	c.in = c.window.queue(c.rcvNxt)
}

// receivedSyn enters SYN-RECEIVED because of a SYN without an ACK, and answers
// with <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>. Other controls and text are kept
// until ESTABLISHED, and not acknowledged before (RFC 9293 §3.10.7.2 third,
// §3.10.7.3 fourth).
func (c *Conn) receivedSyn(seg *wire.Segment, clause string) {
	c.peer.set(seg, 0)
	c.setState(SynReceived, clause)
	c.ecnCrossed(seg)
	c.sendSyn()
	if len(seg.Payload) > 0 || seg.Flags.Has(wire.FIN) {
		kept := *seg
		kept.Payload = append([]byte(nil), seg.Payload...)
		c.early = &kept
	}
}

// takeEarly takes what was kept, now that the connection is established.
func (c *Conn) takeEarly() {
	if early := c.early; early != nil {
		c.early = nil
		c.takeText(early)
	}
}

// takeText takes what a SYN carries beside its own number: urgent pointer, text
// and FIN.
func (c *Conn) takeText(seg *wire.Segment) {
	if len(seg.Payload) > 0 || seg.Flags.Has(wire.FIN) {
		c.sixthCheckUrgent(seg)
		c.seventhText(seg)
	}
}

// establish enters ESTABLISHED, unless CLOSE has led beyond it: what depends on
// both SYNs is fixed now.
func (c *Conn) establish(clause string) {
	c.opened = true
	c.startCongestion()
	if c.state.synchronized() {
		return
	}
	c.setState(Established, clause)
	if c.fin.write {
		c.setState(FinWait1, "RFC 9293 §3.10.4 CLOSE, queued until now")
	}
}
