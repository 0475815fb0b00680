package tcp

import (
	"io"
	"time"
)

// Write queues what fits of p in the send buffer and sends what may leave: the
// SEND call of RFC 9293 §3.10.2. n < len(p) without an error means that the
// buffer is full. Before ESTABLISHED the octets wait.
func (c *Conn) Write(now time.Time, p []byte) (n int, e Effects, err error) {
	c.begin(now)
	switch {
	case c.state == Closed:
		return 0, c.end(), c.closedError()
	case c.fin.write:
		return 0, c.end(), ErrClosing
	}
	n = c.out.write(p)
	if c.state.synchronized() {
		c.output()
	}
	return n, c.end(), nil
}

// Read moves received octets to p: the RECEIVE call of RFC 9293 §3.10.3. n = 0
// without an error means that nothing is there yet; io.EOF that the peer has
// closed and everything was read. It may send a window update.
func (c *Conn) Read(now time.Time, p []byte) (n int, e Effects, err error) {
	c.begin(now)
	if c.fin.closed {
		return 0, c.end(), c.closedError()
	}
	if c.unread() > 0 {
		n = c.in.Read(p)
		c.urgentRead()
		c.tuneRead(n)
		if c.state.canReceive() && c.windowUpdateDue() {
			c.sendAck()
		}
		return n, c.end(), nil
	}
	switch {
	case c.err != nil:
		err = c.err
	case c.fin.peer, c.state == Closed:
		err = io.EOF
	}
	return 0, c.end(), err
}

// unread returns the octets that Read can give.
func (c *Conn) unread() int {
	if c.in == nil {
		return 0
	}
	return c.in.Readable()
}

// Readable reports whether Read has octets, io.EOF or an error to give.
func (c *Conn) Readable() bool {
	return c.unread() > 0 || c.state == Closed || c.fin.peer
}

// Writable reports whether Write would take an octet, or has an error to give.
func (c *Conn) Writable() bool {
	return c.state == Closed || c.fin.write || c.state.synchronized() && c.out.room() > 0
}

// SendQueueEmpty reports whether everything written, and the FIN if one was
// asked for, is acknowledged.
func (c *Conn) SendQueueEmpty() bool {
	return c.out.len() == 0 && c.flight() == 0 && (!c.fin.write || c.fin.sent)
}

// SetNoDelay switches Nagle's algorithm off or on (MUST-17). Switching it off
// sends what it holds back.
func (c *Conn) SetNoDelay(now time.Time, on bool) Effects {
	c.begin(now)
	c.cfg.NoDelay = on
	if c.state.synchronized() {
		c.output()
	}
	return c.end()
}

// SetAbortOnClose makes Close send a RST (linger of 0), or not.
func (c *Conn) SetAbortOnClose(on bool) { c.cfg.AbortOnClose = on }

// SetDSCP changes the DSCP of what is sent from now on (SHLD-21).
func (c *Conn) SetDSCP(dscp uint8) { c.cfg.DSCP = dscp & 0x3f }

// SetTTL changes the hop limit of what is sent from now on (MUST-49).
func (c *Conn) SetTTL(ttl uint8) { c.cfg.TTL = ttl }

// SetUserTimeout changes Config.UserTimeout.
func (c *Conn) SetUserTimeout(now time.Time, d time.Duration) Effects {
	c.begin(now)
	c.cfg.UserTimeout = d
	c.timers.stop(timerUser)
	if c.state != Closed && c.state != TimeWait {
		c.armUserTimeout()
	}
	return c.end()
}
