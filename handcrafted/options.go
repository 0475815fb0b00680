package handcrafted

import (
	"net"
	"syscall"
	"time"

	"tcping-cmp/handcrafted/tcp"
)

// SetNoDelay switches Nagle's algorithm off (true) or on (false). It is on by
// default, unlike that of a net.TCPConn, unless Config.TCP.NoDelay says
// otherwise (RFC 9293 §3.7.4, MUST-17 and SHLD-7).
func (c *Conn) SetNoDelay(noDelay bool) error {
	return c.set(func(now time.Time) tcp.Effects { return c.flow.tcp.SetNoDelay(now, noDelay) })
}

// SetLinger says what Close does with data that is not acknowledged yet. A
// negative number, the default, goes on sending after Close has returned; 0
// forgets it and sends a RST; a positive number makes Close wait for up to so
// many seconds.
func (c *Conn) SetLinger(sec int) error {
	return c.call("set", func(time.Time) error {
		c.linger = time.Duration(max(sec, -1)) * time.Second
		return nil
	})
}

// SetKeepAlive switches probing of an idle connection on or off. It is off by
// default (RFC 9293 §3.8.4, MUST-25).
func (c *Conn) SetKeepAlive(keepalive bool) error {
	return c.set(func(now time.Time) tcp.Effects { return c.flow.tcp.SetKeepAlive(now, keepalive, 0, 0, 0) })
}

// SetKeepAlivePeriod sets how long the connection has to be idle before it is
// probed, and switches probing on.
func (c *Conn) SetKeepAlivePeriod(d time.Duration) error {
	return c.set(func(now time.Time) tcp.Effects { return c.flow.tcp.SetKeepAlive(now, true, d, 0, 0) })
}

// SetKeepAliveConfig sets all about probing. Fields that are zero or negative
// leave their setting as it is; the defaults are two hours, 75 seconds and
// nine probes.
func (c *Conn) SetKeepAliveConfig(cfg net.KeepAliveConfig) error {
	return c.set(func(now time.Time) tcp.Effects {
		return c.flow.tcp.SetKeepAlive(now, cfg.Enable, cfg.Idle, cfg.Interval, cfg.Count)
	})
}

// SetUserTimeout ends the connection when data stays unacknowledged for so
// long (RFC 9293 §3.10.8); 0 leaves it to the retransmissions to give up.
func (c *Conn) SetUserTimeout(d time.Duration) error {
	return c.set(func(now time.Time) tcp.Effects { return c.flow.tcp.SetUserTimeout(now, d) })
}

// SetReadBuffer sets how many bytes may wait for Read and switches off the
// adjustment to the speed of the path. A window that has been advertised is
// never taken back (RFC 9293 §3.8.6, SHLD-14).
func (c *Conn) SetReadBuffer(bytes int) error {
	return c.call("set", func(time.Time) error {
		if bytes <= 0 {
			return syscall.EINVAL
		}
		c.flow.tcp.SetRecvBuffer(bytes)
		return nil
	})
}

// SetWriteBuffer sets how many bytes Write takes that are not acknowledged yet,
// and switches off the adjustment to the speed of the path.
func (c *Conn) SetWriteBuffer(bytes int) error {
	return c.call("set", func(time.Time) error {
		if bytes <= 0 {
			return syscall.EINVAL
		}
		c.flow.tcp.SetSendBuffer(bytes)
		return nil
	})
}

// SetDSCP sets the six bits that routers go by (RFC 9293 §3.9.1.9, MUST-48).
func (c *Conn) SetDSCP(dscp uint8) error {
	return c.call("set", func(time.Time) error { c.flow.tcp.SetDSCP(dscp); return nil })
}

// SetTTL sets the hop limit of what is sent (RFC 9293 §3.9.2, MUST-49).
func (c *Conn) SetTTL(ttl uint8) error {
	return c.call("set", func(time.Time) error { c.flow.tcp.SetTTL(ttl); return nil })
}

// WriteUrgent is Write with all of p marked as urgent (RFC 9293 §3.8.5,
// MUST-30). New programs should not use it (SHLD-13).
func (c *Conn) WriteUrgent(p []byte) (int, error) { return c.write(p, (*Flow).WriteUrgent) }

// Urgent returns how many octets that were not read yet the peer has marked as
// urgent, here or still to come; 0 is the usual (MUST-33).
func (c *Conn) Urgent() int {
	c.client.mu.Lock()
	defer c.client.mu.Unlock()
	return c.flow.tcp.Urgent()
}

// SoftError returns the last error that the network reported and that did not
// end the connection, for example that a router has no route (RFC 9293
// §3.9.1.8, MUST-47); nil if there was none.
func (c *Conn) SoftError() error {
	c.client.mu.Lock()
	defer c.client.mu.Unlock()
	return c.flow.tcp.SoftError()
}

// set runs a call that may send something.
func (c *Conn) set(f func(now time.Time) tcp.Effects) error {
	return c.call("set", func(now time.Time) error {
		c.flow.Do(now, c.client.pending, func(*tcp.Conn) tcp.Effects { return f(now) })
		return nil
	})
}
