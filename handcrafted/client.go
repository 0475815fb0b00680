package handcrafted

import (
	"errors"
	"net"
	"os"
	"runtime"
	"sync"
	"time"

	"tcping-cmp/tap"
)

// batchFrames is how many frames are read from the link before the host sees
// them: enough for one acknowledgement to answer many segments, few enough to
// stay in the cache.
const batchFrames = 32

// failurePause is how long a link is left alone after an error.
const failurePause = 5 * time.Millisecond

// longFrame is a length in bytes that others are likely to follow.
const longFrame = 512

// Client is a Host on a link, in real time.
type Client struct {
	cfg  Config
	link tap.Link

	mu     sync.Mutex // of all below, and of the host
	host   *Host
	closed bool

	// What the host wants sent; see write.go.
	pending, spare *Effects
	writing        bool
	streaming      bool   // more than one frame was sent at once the last time
	parallel       bool   // there are several CPUs
	burst          func() // writeBurst, made once

	// Who reads the link; see wait.go.
	leader  *waiter
	blocked bool      // the leader waits on the device
	armed   time.Time // until when; zero is for ever
	waiters []*waiter
	turns   uint64 // of leaders
	asleep  bool   // the keeper waits on wake
	keeper  waiter
	wake    chan struct{}
	done    chan struct{} // closed when the keeper has ended
	settled sync.Cond     // pending was taken or written, or the lead given up after Close

	// The leader's alone.
	patience patience
	limit    int // frames in a batch
	buffers  [batchFrames][]byte
	frames   [batchFrames][]byte
}

// Open puts a host on Config.Link. It reads the link until Close, and does not
// close it.
func Open(cfg Config) (*Client, error) {
	if cfg.Link == nil {
		return nil, errors.New("no link to put the host on: set Config.Link")
	}
	host, err := NewHost(cfg)
	if err != nil {
		return nil, err
	}
	c := &Client{
		cfg: host.cfg, link: cfg.Link, host: host,
		pending: new(Effects), spare: new(Effects),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
		parallel: runtime.GOMAXPROCS(0) > 1,
	}
	c.burst = c.writeBurst
	c.limit = batchFrames
	if c.cfg.TCP.Profile.AckEach {
		c.limit = 1 // an answer leaves before the next frame is looked at
	}
	size := cfg.Link.Info().MaxFrame
	all := make([]byte, batchFrames*size)
	for i := range c.buffers {
		c.buffers[i] = all[i*size : (i+1)*size : (i+1)*size]
	}
	if err := c.link.SetReadDeadline(longAgo); err != nil {
		return nil, err
	}
	c.settled.L = &c.mu
	c.keeper.init()
	go c.keep()
	return c, nil
}

// longAgo is a deadline that has passed: it makes a read a poll.
var longAgo = time.Unix(1, 0)

// Close ends every connection, with a RST where the peer still counts on it,
// and stops reading the link.
func (c *Client) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		<-c.done
		return nil
	}
	c.closed = true
	c.host.AbortAll(time.Now(), c.pending)
	c.wakeAll()
	c.leave()
	<-c.done
	c.mu.Lock()
	for c.leader != nil || c.writing {
		c.settled.Wait()
	}
	c.mu.Unlock()
	if err := c.link.SetReadDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Counters returns what the host has counted so far.
func (c *Client) Counters() Counters {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.host.Counters()
}

// read fills c.frames, of which there are some already, with what waits on the
// link. The device's deadline must be in the past, which makes reads polls.
// Unless we stream, it stops at a short frame, which is an answer: asking for
// more would be in vain.
func (c *Client) read(from int, streaming bool) (n int, err error) {
	for n = from; n < c.limit; n++ {
		length, _, err := c.link.ReadFrame(c.buffers[n])
		if err != nil {
			return n, err
		}
		c.frames[n] = c.buffers[n][:length]
		if length < longFrame && !streaming {
			return n + 1, nil
		}
	}
	return n, nil
}

// readOne blocks until a frame, the device's deadline or an interruption.
func (c *Client) readOne() (n int, err error) {
	length, _, err := c.link.ReadFrame(c.buffers[0])
	if err != nil {
		return 0, err
	}
	c.frames[0] = c.buffers[0][:length]
	return 1, nil
}

// process gives the host what was read and the time, and wakes whoever waited
// for it. The lock is held.
func (c *Client) process(n int, err error) {
	now := time.Now()
	if n > 0 {
		c.host.Receive(now, c.frames[:n], c.pending)
	}
	c.tick(now)
	c.wakeTouched()
	switch {
	case err == nil, errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, tap.ErrFrameTooLong):
	case errors.Is(err, net.ErrClosed):
		c.closed = true
		c.wakeAll()
	default:
		c.cfg.Logger.Debug("reading the link", "error", err)
		c.rest()
	}
}

// rest keeps a link that fails at once from being asked without pause.
func (c *Client) rest() {
	c.mu.Unlock()
	time.Sleep(failurePause)
	c.mu.Lock()
}

// tick runs what is due.
func (c *Client) tick(now time.Time) {
	if next := c.host.Next(); !next.IsZero() && !now.Before(next) {
		c.host.Tick(now, c.pending)
	}
}
