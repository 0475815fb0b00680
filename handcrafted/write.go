package handcrafted

// Whoever has something to send writes it to the link, if nobody does, and
// then what others have added meanwhile: so the lock is free while the device
// works, and the order is kept.
//
// Most of a write to a TAP is the receiver's work: the kernel takes the frame
// up to the socket before it returns. So a burst is written by a goroutine of
// its own, on another CPU if there is one, while the next is made and
// acknowledgements are read.

// maxPending is how many bytes may wait while others are being written: more
// than fits a burst of segments, and little enough to stay in the cache.
const maxPending = 128 << 10

// handOver is how many frames are worth a goroutine of their own.
const handOver = 16

// leave sends what is pending and unlocks. The lock is not held while the
// device is written to. If another writes and is far behind, leave waits for
// it: the queue must not grow without bound, and the link is slower than we
// are. It reports whether more than one frame was sent at once the last time:
// who asks and answers sends one, a stream more, and its acknowledgements come
// in numbers.
func (c *Client) leave() (streaming bool) {
	if c.blocked {
		c.rearm(c.host.Next())
	}
	if n := c.pending.Len(); n > 0 {
		c.streaming = c.writing || n > 1
	}
	for c.writing && len(c.pending.buf) > maxPending {
		c.settled.Wait()
	}
	switch {
	case c.writing || c.pending.Len() == 0:
	case c.parallel && c.pending.Len() >= handOver:
		c.writing = true
		go c.burst()
	default:
		c.drain()
	}
	streaming = c.streaming
	c.mu.Unlock()
	return streaming
}

// writeBurst is the goroutine that a burst gets.
func (c *Client) writeBurst() {
	c.mu.Lock()
	c.drain()
	c.mu.Unlock()
}

// drain writes until nothing is pending. The lock is held before and after.
func (c *Client) drain() {
	for c.writing = true; c.pending.Len() > 0; {
		batch := c.pending
		c.pending = c.spare
		c.settled.Broadcast()
		c.mu.Unlock()
		failed := c.write(batch)
		batch.Reset()
		c.mu.Lock()
		c.spare = batch
		c.host.counters.Dropped[DropLink] += failed
	}
	c.writing = false
	c.settled.Broadcast()
}

// write sends frames and returns how many the link refused. They are lost as
// on any network, and TCP sends them again.
func (c *Client) write(e *Effects) (failed uint64) {
	for i := range e.Len() {
		if err := c.link.WriteFrame(e.Frame(i)); err != nil {
			failed++
			c.cfg.Logger.Debug("frame not sent", "error", err)
		}
	}
	return failed
}
