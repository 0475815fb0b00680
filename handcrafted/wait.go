package handcrafted

import (
	"errors"
	"os"
	"sync/atomic"
	"time"
)

// Whoever waits, reads.
//
// A frame that crosses a goroutine between device and connection costs more
// than everything else that is done to it. So a goroutine that has to wait for
// its connection reads the link itself, if nobody does: it is the leader. It
// gives every connection what is theirs, wakes who waited for it, and when its
// own wait is over it passes the lead to one who still waits.
//
// While nobody waits, somebody has to answer ARP, acknowledge data and run the
// timers: the keeper, a goroutine of the Client's. It takes the lead when
// nobody has had it for a while, and gives it up as soon as somebody waits.

// keeperPause is how long the link may be without a leader.
const keeperPause = 2 * time.Millisecond

// waiter is one who waits. It is made once and used for many waits, one at a
// time.
type waiter struct {
	signal chan struct{} // one token: look again
	parked bool          // in Client.waiters
	kicked atomic.Bool   // somebody wants the leader to look up
}

func (w *waiter) init() { w.signal = make(chan struct{}, 1) }

// wait lets something happen: a batch of frames, a timer, or a signal from
// somebody else. The caller holds the lock before and after, and looks whether
// it was what he waits for.
func (c *Client) wait(w *waiter) {
	if c.leader == nil {
		c.lead(w, true)
		return
	}
	c.park(w)
}

// park waits for another leader to signal.
func (c *Client) park(w *waiter) {
	w.parked = true
	c.waiters = append(c.waiters, w)
	if c.leader == &c.keeper {
		c.kick(&c.keeper)
	}
	c.leave()
	<-w.signal
	c.mu.Lock()
}

// lead sends what is pending and reads the link once: what has come in answer
// or, if patient, what comes. The lock is held before and after, not between.
func (c *Client) lead(w *waiter, patient bool) {
	c.leader = w
	w.kicked.Store(false)
	c.turns++
	n, err := 0, error(os.ErrDeadlineExceeded)
	sent := c.pending.Len() > 0
	streaming := c.leave()
	if sent { // a TAP's kernel answers before a write returns
		n, err = c.read(0, streaming)
	}
	if patient && n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		n, err = c.await(w, streaming)
	} else {
		c.mu.Lock()
	}
	c.leader = nil
	if !c.closed {
		c.process(n, err)
	}
	if c.closed {
		c.settled.Broadcast()
	}
}

// await waits for a frame: a moment awake if that has paid, then asleep. The
// lock is not held before, but after.
func (c *Client) await(w *waiter, streaming bool) (n int, err error) {
	if !c.parallel || w == &c.keeper {
		c.mu.Lock()
		return c.sleep(w)
	}
	began, asked := time.Now(), c.patience.ask()
	err = os.ErrDeadlineExceeded
	if asked {
		n, err = c.askOften(w, began, streaming)
	}
	c.mu.Lock()
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		n, err = c.sleep(w)
	}
	c.patience.waited(asked, time.Since(began))
	return n, err
}

// askOften reads the link until there is something, somebody kicks, or it has
// been long enough.
//
// If every other thread sleeps, nobody watches Go's poller meanwhile, and a
// peer in this process would not hear of what was sent to it. A new goroutine
// has the scheduler wake a thread.
func (c *Client) askOften(w *waiter, began time.Time, streaming bool) (n int, err error) {
	alone := true
	for range askTimes {
		n, err = c.read(0, streaming)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) || w.kicked.Load() {
			return n, err
		}
		switch took := time.Since(began); {
		case took > askFor:
			return n, err
		case took > askFor/8 && alone:
			alone = false
			go nothing()
		}
	}
	return n, err
}

func nothing() {}

// sleep waits on the device until something comes, the host wants its Tick,
// or somebody kicks. What came meanwhile is read as well if that is likely.
func (c *Client) sleep(w *waiter) (n int, err error) {
	if w.kicked.Load() || c.closed {
		return 0, os.ErrDeadlineExceeded
	}
	next := c.host.Next()
	if !next.IsZero() && !time.Now().Before(next) {
		return 0, nil
	}
	if err := c.link.SetReadDeadline(next); err != nil {
		return 0, err
	}
	c.blocked, c.armed = true, next
	c.mu.Unlock()
	n, err = c.readOne()
	c.mu.Lock()
	c.blocked = false
	if e := c.link.SetReadDeadline(longAgo); e != nil {
		return n, e
	}
	if n == 0 || !c.writing && len(c.frames[0]) < longFrame {
		return n, err
	}
	c.mu.Unlock()
	n, err = c.read(n, true)
	c.mu.Lock()
	return n, err
}

// kick makes the leader look up from the device.
func (c *Client) kick(w *waiter) {
	w.kicked.Store(true)
	if c.leader == w {
		c.rearm(longAgo)
	}
}

// rearm brings the end of the leader's wait forward: the host may have become
// impatient since the leader began.
func (c *Client) rearm(at time.Time) {
	if c.blocked && !at.IsZero() && (c.armed.IsZero() || at.Before(c.armed)) {
		c.armed = at
		c.link.SetReadDeadline(at) // an error means that the link is closed, and so does the read's
	}
}

// rouse makes one who waits look whether his wait is over.
func (c *Client) rouse(w *waiter) {
	if c.leader == w {
		c.kick(w)
	} else if w.parked {
		c.unpark(w)
	}
}

// unpark signals one who is parked.
func (c *Client) unpark(w *waiter) {
	for i, other := range c.waiters {
		if other == w {
			last := len(c.waiters) - 1
			c.waiters[i], c.waiters[last] = c.waiters[last], nil
			c.waiters = c.waiters[:last]
			break
		}
	}
	w.parked = false
	w.signal <- struct{}{}
}

// end ends a user's call: it wakes whom the call concerns, passes the lead on,
// sends what is pending and unlocks.
func (c *Client) end() {
	c.wakeTouched()
	c.over()
	c.leave()
}

// over ends a wait, successful or not: if nobody leads, the lead goes to one
// who waits, or the keeper is told to look after the link. The lock is held.
func (c *Client) over() {
	if c.leader != nil {
		return
	}
	if len(c.waiters) > 0 {
		c.unpark(c.waiters[0])
	} else if c.asleep {
		c.asleep = false
		c.wake <- struct{}{}
	}
}

// wakeTouched wakes those whose connection has what they wait for, and those
// who wait for a connection.
func (c *Client) wakeTouched() {
	for i, f := range c.host.touched {
		f.conn.changed()
		f.touched = false // after it: what it did itself it has seen
		c.host.touched[i] = nil
	}
	c.host.touched = c.host.touched[:0]
	for i, l := range c.host.knocked {
		c.rouse(&l.waiter)
		c.host.knocked[i] = nil
	}
	c.host.knocked = c.host.knocked[:0]
}

// wakeAll wakes everybody, because the client is closed.
func (c *Client) wakeAll() {
	for len(c.waiters) > 0 {
		c.unpark(c.waiters[0])
	}
	if c.leader != nil {
		c.kick(c.leader)
	}
	if c.asleep {
		c.asleep = false
		c.wake <- struct{}{}
	}
}

// keep is the keeper. It looks around now and then while others lead, sleeps
// while one of them waits on the device for long, and leads while nobody else
// wants to.
func (c *Client) keep() {
	defer close(c.done)
	pause := time.NewTimer(keeperPause)
	defer pause.Stop()
	c.mu.Lock()
	for last := c.turns; !c.closed; {
		idle := c.turns == last
		switch {
		case idle && c.leader == nil && len(c.waiters) == 0:
			c.lead(&c.keeper, true)
			last = c.turns
			if !c.keeper.kicked.Load() && len(c.waiters) == 0 {
				continue
			}
			c.over()
		case idle && c.leader != nil:
			c.asleep = true
			c.leave()
			<-c.wake
			c.mu.Lock()
		}
		last = c.turns
		c.leave()
		pause.Reset(keeperPause)
		<-pause.C
		c.mu.Lock()
	}
	c.leave()
}
