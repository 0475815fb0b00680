package tcp

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// persistState is zero-window probing (RFC 9293 §3.8.6.1, MUST-36).
type persistState struct {
	probes  int      // sent since the window closed
	octet   wire.Seq // the new octet that the first probe sent, valid if probing
	probing bool
	heard   instant // the last segment from the peer, or the closing of the window
}

// maxProbeInterval bounds the exponential increase (SHLD-30).
const maxProbeInterval = time.Minute

// armPersist runs the probe timer while the peer's window is zero and there is
// something for the peer; the first probe leaves after an RTO (SHLD-29).
func (c *Conn) armPersist() {
	waiting := c.state.canSend() && !c.synOutstanding() && c.peer.wnd == 0 &&
		(c.flight() > 0 || c.unsent() > 0 || c.fin.write && !c.fin.sent)
	switch {
	case !waiting:
		c.timers.stop(timerPersist)
		c.zero.probes = 0
	case !c.timers.runs(timerPersist):
		if c.zero.probes == 0 {
			c.zero.heard = c.now
		}
		c.timers.set(timerPersist, c.now+min(c.book.RTO()<<min(c.zero.probes, 10), maxProbeInterval))
	}
}

// persistExpired sends a probe: the first octet that waits, old or new. The
// connection stays as long as the peer answers (MUST-37).
func (c *Conn) persistExpired() {
	if c.now-c.zero.heard >= c.cfg.R2 {
		c.fail(c.timeoutError(), "RFC 9293 §3.8.3 R2, zero-window probes")
		return
	}
	c.zero.probes++
	if c.flight() > 0 {
		c.sendAgain(c.sndUna, 1)
		return
	}
	c.zero.probing, c.zero.octet = true, c.sndNxt
	n := min(1, c.unsent())
	s := c.text(c.sndNxt, n)
	if n == 0 {
		s.Flags |= wire.FIN
		c.fin.sent, c.fin.seq = true, c.sndNxt
	}
	c.rtx.since = c.now
	c.sndNxt++
	c.noteSent(s.Seq, 1)
}

// resumeAfterProbe sends on when the window has opened and the octet of a
// probe, which the peer had no room for, is all that is in flight: in one
// segment with what follows it, not alone.
func (c *Conn) resumeAfterProbe() {
	if !c.zero.probing || c.peer.wnd == 0 {
		return
	}
	c.zero.probing = false
	if c.sndUna != c.zero.octet || c.flight() != 1 {
		return
	}
	if c.fin.sent {
		c.sendAgain(c.sndUna, 1)
		return
	}
	n := min(c.out.end().Sub(c.sndUna), c.segmentRoom(), c.peer.wnd)
	c.text(c.sndUna, n)
	c.noteSent(c.sndUna, 1)
	if n > 1 {
		c.noteSent(c.sndNxt, n-1)
		c.sndNxt = c.sndUna.Add(n)
	}
}
