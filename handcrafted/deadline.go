package handcrafted

import "time"

// deadline is when a call has to be over. The client's lock guards it.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

// passed reports whether the time has come.
func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// set changes the deadline and has w look again, then and now: a call that
// waits already is held to it too. The zero time means never.
func (d *deadline) set(c *Client, w *waiter, at time.Time) {
	d.stop()
	d.at = at
	if left := time.Until(at); !at.IsZero() && left > 0 {
		if d.timer == nil {
			d.timer = time.AfterFunc(left, func() { c.look(w) })
		} else {
			d.timer.Reset(left)
		}
	}
	c.rouse(w)
}

func (d *deadline) stop() {
	d.at = time.Time{}
	if d.timer != nil {
		d.timer.Stop()
	}
}

// look has w look again.
func (c *Client) look(w *waiter) {
	c.mu.Lock()
	c.rouse(w)
	c.mu.Unlock()
}

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	return c.call("set", func(time.Time) error {
		c.readDeadline.set(c.client, &c.reader, t)
		c.writeDeadline.set(c.client, &c.writer, t)
		return nil
	})
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.call("set", func(time.Time) error { c.readDeadline.set(c.client, &c.reader, t); return nil })
}

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.call("set", func(time.Time) error { c.writeDeadline.set(c.client, &c.writer, t); return nil })
}
