package tcp

import "time"

// instant is a time as the engine keeps it: since Open. Timers compare and
// add it in one machine word.
type instant = time.Duration

// timerID names a timer of a connection.
type timerID uint8

// Every timer there is.
const (
	timerRecovery   timerID = iota // RFC 6298 retransmission, RFC 8985 reordering and probe
	timerPersist                   // RFC 9293 §3.8.6.1: the peer's window is zero
	timerOverride                  // RFC 9293 §3.8.6.2.1: a small segment has waited long enough
	timerDelayedACK                // RFC 9293 §3.8.6.3
	timerKeepAlive                 // RFC 9293 §3.8.4
	timerUser                      // RFC 9293 §3.10.8, user timeout
	timerFinWait2                  // nobody reads and the peer never closes
	timerTimeWait                  // RFC 9293 §3.10.8, 2 MSL
	timerPMTU                      // RFC 1191 §6.3: the path may have become wider
	numTimers
)

// never is the deadline of a timer that does not run.
const never instant = 1<<63 - 1

// timerTable holds the deadline of every timer.
type timerTable [numTimers]instant

func (t *timerTable) set(id timerID, at instant)       { t[id] = at }
func (t *timerTable) stop(id timerID)                  { t[id] = never }
func (t *timerTable) runs(id timerID) bool             { return t[id] != never }
func (t *timerTable) due(id timerID, now instant) bool { return t[id] <= now }

func (t *timerTable) stopAll() {
	for i := range t {
		t[i] = never
	}
}

// next returns the earliest deadline.
func (t *timerTable) next() instant {
	at := t[0]
	for _, d := range t[1:] {
		at = min(at, d)
	}
	return at
}

// Tick runs every timer that is due at now.
func (c *Conn) Tick(now time.Time) Effects {
	c.begin(now)
	for id := timerID(0); id < numTimers && c.state != Closed; id++ {
		if c.timers.due(id, c.now) {
			c.timers.stop(id)
			c.expire(id)
		}
	}
	c.output()
	return c.end()
}

// expire does what a timer is for. The timer has been stopped.
func (c *Conn) expire(id timerID) {
	switch id {
	case timerRecovery:
		c.recoveryExpired()
	case timerPersist:
		c.persistExpired()
	case timerOverride:
		c.sws.override = true
	case timerDelayedACK:
		c.ack.now = true
	case timerKeepAlive:
		c.keepAliveExpired()
	case timerUser:
		c.fail(ErrTimeout, "RFC 9293 §3.10.8 USER TIMEOUT")
	case timerFinWait2:
		c.fail(nil, "FIN-WAIT-2 without a reader")
	case timerTimeWait:
		c.setState(Closed, "RFC 9293 §3.10.8 TIME-WAIT TIMEOUT")
	case timerPMTU:
		c.pmtuRaise()
	default:
		panic("BUG: unknown timer")
	}
}
