package tcp

import "time"

// keepAliveState is RFC 9293 §3.8.4.
type keepAliveState struct {
	heard  instant // when the last segment arrived
	probes int     // sent since then
}

// heard notes that the peer lives: whatever it sent.
func (c *Conn) heard() {
	c.alive.heard, c.alive.probes = c.now, 0
	c.zero.heard = c.now
}

// SetKeepAlive switches probing of an idle connection on or off (MUST-24). A
// zero idle, interval or count leaves that setting as it is (MUST-27).
func (c *Conn) SetKeepAlive(now time.Time, on bool, idle, interval time.Duration, count int) Effects {
	c.begin(now)
	c.cfg.KeepAlive = on
	if idle > 0 {
		c.cfg.KeepAliveIdle = idle
	}
	if interval > 0 {
		c.cfg.KeepAliveInterval = interval
	}
	if count > 0 {
		c.cfg.KeepAliveCount = count
	}
	c.keepAliveArm()
	return c.end()
}

// keepAliveArm sets the timer for the end of the idle time. Later segments do
// not move it: it looks at the clock when it fires.
func (c *Conn) keepAliveArm() {
	if !c.cfg.KeepAlive || !c.state.synchronized() || c.state == TimeWait {
		c.timers.stop(timerKeepAlive)
		return
	}
	c.timers.set(timerKeepAlive, c.alive.heard+c.cfg.KeepAliveIdle)
}

// keepAliveExpired probes if nothing is outstanding and nothing was heard for
// the idle time (MUST-26): an empty segment just before SND.NXT (SHLD-12), which
// the peer has to answer. One unanswered probe means nothing (MUST-29); the last
// of KeepAliveCount ends the connection.
func (c *Conn) keepAliveExpired() {
	a := &c.alive
	due := a.heard + c.cfg.KeepAliveIdle
	if a.probes == 0 && c.now < due {
		c.timers.set(timerKeepAlive, due)
		return
	}
	if c.flight() > 0 || c.timers.runs(timerPersist) {
		c.timers.set(timerKeepAlive, c.now+c.cfg.KeepAliveIdle)
		return
	}
	if a.probes >= c.cfg.KeepAliveCount {
		c.fail(c.timeoutError(), "RFC 9293 §3.8.4 keep-alive")
		return
	}
	a.probes++
	c.pushAck(c.sndNxt-1, 0)
	c.timers.set(timerKeepAlive, c.now+c.cfg.KeepAliveInterval)
}
