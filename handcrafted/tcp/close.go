package tcp

import (
	"time"

	"tcping-cmp/handcrafted/tcp/reassembly"
	"tcping-cmp/handcrafted/wire"
)

// closeState is which directions are closed, by whom.
type closeState struct {
	write  bool     // the user sends no more: a FIN follows what is queued
	sent   bool     // the FIN has left once
	seq    wire.Seq // its sequence number, valid if sent
	closed bool     // the user reads no more either
	peer   bool     // the peer's FIN was reached
}

// CloseWrite sends a FIN after what is queued; receiving goes on. It is the
// CLOSE call of RFC 9293 §3.10.4: CLOSE means "I have no more data to send".
//
// In SYN-SENT the FIN waits for ESTABLISHED, and so it does in SYN-RECEIVED
// behind text; with none it leaves at once, and the state is FIN-WAIT-1 although
// the peer may not have our SYN yet.
func (c *Conn) CloseWrite(now time.Time) (Effects, error) {
	c.begin(now)
	if c.state == Closed {
		return c.end(), c.closedError()
	}
	if c.fin.write {
		return c.end(), ErrClosing
	}
	c.closeWrite()
	c.output()
	return c.end(), nil
}

func (c *Conn) closeWrite() {
	if c.fin.write {
		return
	}
	c.fin.write = true
	const clause = "RFC 9293 §3.10.4 CLOSE"
	switch c.state {
	case Established:
		c.setState(FinWait1, clause)
	case SynReceived:
		if c.out.len() == 0 {
			c.setState(FinWait1, clause)
		}
	case CloseWait:
		c.setState(LastAck, clause)
	}
}

// Close ends both directions as a user's close does. What is queued is still
// sent, followed by the FIN. A RST takes its place when octets received were
// not read (RFC 9293 §3.6.1, SHLD-3), or if AbortOnClose is set. What
// arrives later draws a RST (half-duplex close, MAY-1).
func (c *Conn) Close(now time.Time) (Effects, error) {
	c.begin(now)
	if c.fin.closed {
		return c.end(), c.closedError()
	}
	c.fin.closed = true
	switch {
	case c.state == Closed:
	case c.state == SynSent:
		c.setState(Closed, "RFC 9293 §3.10.4 CLOSE") // delete the TCB
	case c.cfg.AbortOnClose:
		c.abort(ErrAborted, "RFC 9293 §3.10.5 ABORT")
	case c.unread() > 0 && c.state.canReset():
		c.abort(ErrAborted, "RFC 9293 §3.6.1 CLOSE with unread data")
	default:
		c.closeWrite()
		c.finWait2Arm()
		c.output()
	}
	return c.end(), nil
}

// Abort ends the connection at once with a RST (RFC 9293 §3.10.5).
func (c *Conn) Abort(now time.Time) Effects {
	c.begin(now)
	c.fin.closed = true
	c.abort(ErrAborted, "RFC 9293 §3.10.5 ABORT")
	return c.end()
}

// abort sends <SEQ=SND.NXT><CTL=RST> where the peer has to know, and forgets
// everything.
func (c *Conn) abort(err error, clause string) {
	if c.state == Closed {
		return
	}
	if c.state.canReset() {
		c.pushReset()
	}
	c.fail(err, clause)
}

// fail ends the connection without another segment. The queues are flushed but
// for what was received in order and acknowledged: the user may read that
// before the error. RFC 9293 flushes "segment queues" and leaves this open.
func (c *Conn) fail(err error, clause string) {
	c.err = err
	c.setState(Closed, clause)
}

// release frees the buffers of a connection that has nothing more to send. What
// was received and not read stays for the user.
func (c *Conn) release() {
	c.out = sendQueue{}
	c.book.Reset(c.sndNxt)
	if c.unread() == 0 && c.in != nil {
		c.in = reassembly.New(c.rcvNxt, 0)
	}
}

// closedError is what user calls on a closed connection return.
func (c *Conn) closedError() error {
	if c.err != nil {
		return c.err
	}
	return ErrClosed
}

// finWait2Arm bounds FIN-WAIT-2 once nobody reads any more: RFC 9293 lets it
// last for ever, and a peer that is gone would keep the connection.
func (c *Conn) finWait2Arm() {
	if c.state == FinWait2 && c.fin.closed {
		c.timers.set(timerFinWait2, c.now+c.cfg.FinWait2)
	}
}
