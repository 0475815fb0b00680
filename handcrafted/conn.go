package handcrafted

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// writeChunk is how much of a Write is put into segments before they are sent:
// little enough to stay in the cache on the way to the device.
const writeChunk = 64 << 10

// Conn is a connection of a Client, in the form of a net.TCPConn. Its methods
// may be called at the same time.
//
// Errors are *net.OpError. errors.Is finds in them what the system calls would
// say (syscall.ECONNRESET, ETIMEDOUT, EPIPE, …), os.ErrDeadlineExceeded after a
// deadline and net.ErrClosed after Close.
type Conn struct {
	client        *Client
	flow          *Flow
	local, remote *net.TCPAddr

	// One reader and one writer at a time; others stand in line.
	reading, writing sync.Mutex

	// The client's lock guards what follows.
	reader, writer              waiter
	readDeadline, writeDeadline deadline
	anyChange                   bool // the writer waits for a change of state, not for room
	cancelled                   bool // the context of the Dial is over
	closed, readClosed          bool
	linger                      time.Duration // how long Close waits; see SetLinger
}

var _ net.Conn = (*Conn)(nil)

// changed wakes those who wait for what has just happened.
func (c *Conn) changed() {
	if c.readClosed {
		c.discard()
	}
	t := c.flow.tcp
	if t.Readable() {
		c.client.rouse(&c.reader)
	}
	if c.anyChange || t.Writable() {
		c.client.rouse(&c.writer)
	}
}

// discard throws away what nobody will read (RFC 9293 does not know half a
// close of the receiving side; this is what Linux does).
func (c *Conn) discard() {
	var junk [4096]byte
	for n := 1; n > 0 && !c.closed; {
		n, _ = c.flow.Read(time.Now(), junk[:], c.client.pending)
	}
}

// usable returns why a call cannot go on.
func (c *Conn) usable(d *deadline) error {
	switch {
	case c.closed || c.client.closed:
		return net.ErrClosed
	case d.passed():
		return os.ErrDeadlineExceeded
	}
	return nil
}

// Read reads what the peer sent. It waits for at least one octet; io.EOF says
// that the peer has closed its direction and all of it was read.
func (c *Conn) Read(p []byte) (n int, err error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	cl := c.client
	cl.mu.Lock()
	for {
		if err = c.usable(&c.readDeadline); err == nil && c.readClosed {
			err = io.EOF
		}
		if err != nil || len(p) == 0 {
			break
		}
		if n, err = c.flow.Read(time.Now(), p, cl.pending); n > 0 || err != nil {
			break
		}
		cl.wait(&c.reader)
	}
	cl.end()
	return n, c.opError("read", err)
}

// Write hands p to the connection. It returns when all of it is in the send
// buffer, which does not mean that the peer has it.
func (c *Conn) Write(p []byte) (int, error) { return c.write(p, (*Flow).Write) }

func (c *Conn) write(p []byte, write func(*Flow, time.Time, []byte, *Effects) (int, error)) (n int, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	cl := c.client
	cl.mu.Lock()
	for {
		if err = c.usable(&c.writeDeadline); err != nil {
			break
		}
		var taken int
		taken, err = write(c.flow, time.Now(), p[n:min(n+writeChunk, len(p))], cl.pending)
		n += taken
		if err != nil || n == len(p) {
			break
		}
		if taken == 0 {
			cl.wait(&c.writer)
			continue
		}
		cl.leave()
		cl.mu.Lock()
	}
	cl.end()
	return n, c.opError("write", err)
}

// CloseWrite sends a FIN after what was written; reading goes on.
func (c *Conn) CloseWrite() error {
	return c.call("close", func(now time.Time) error { return c.flow.CloseWrite(now, c.client.pending) })
}

// CloseRead makes reads return io.EOF. What the peer sends from now on is
// acknowledged and thrown away.
func (c *Conn) CloseRead() error {
	return c.call("close", func(time.Time) error {
		c.readClosed = true
		c.discard()
		c.client.rouse(&c.reader)
		return nil
	})
}

// Close ends the connection as a program that exits would. What was written is
// still sent, followed by a FIN; a RST takes its place if octets received were
// not read (RFC 9293 §3.6.1, SHLD-3). SetLinger changes this. The connection
// goes on closing after Close has returned.
func (c *Conn) Close() error {
	cl := c.client
	cl.mu.Lock()
	if c.closed || cl.closed {
		cl.mu.Unlock()
		return c.opError("close", net.ErrClosed)
	}
	c.closed = true
	now := time.Now()
	if c.linger == 0 {
		c.flow.Abort(now, cl.pending)
	} else {
		c.flow.Close(now, cl.pending) // a connection that has ended already is no news
	}
	c.readDeadline.stop()
	c.writeDeadline.stop()
	cl.rouse(&c.reader)
	cl.rouse(&c.writer)
	if c.linger <= 0 {
		cl.wakeTouched()
		c.flow.conn = nil // nobody waits any more; TIME-WAIT need not keep it
	}
	cl.end()
	if c.linger > 0 {
		c.lingering(now.Add(c.linger))
	}
	return nil
}

// lingering waits until everything is acknowledged, or until a time.
func (c *Conn) lingering(until time.Time) {
	c.writing.Lock()
	defer c.writing.Unlock()
	cl := c.client
	cl.mu.Lock()
	c.anyChange = true
	c.writeDeadline.set(cl, &c.writer, until)
	for !cl.closed && c.flow.State() != closedState && !c.flow.tcp.SendQueueEmpty() && !c.writeDeadline.passed() {
		cl.wait(&c.writer)
	}
	c.writeDeadline.stop()
	cl.end()
}

// call runs a short call on the connection.
func (c *Conn) call(op string, f func(now time.Time) error) error {
	c.client.mu.Lock()
	err := error(net.ErrClosed)
	if !c.closed && !c.client.closed {
		err = f(time.Now())
	}
	c.client.end()
	return c.opError(op, err)
}

// opError puts an error into the form of package net. io.EOF stays bare.
func (c *Conn) opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	e := &net.OpError{Op: op, Net: "tcp", Addr: c.remote, Err: err}
	if c.local != nil {
		e.Source = c.local
	}
	return e
}

// LocalAddr returns our end as a *net.TCPAddr.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the peer's end as a *net.TCPAddr.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// State returns the name that RFC 9293 §3.3.2 gives the state of the
// connection, also after Close.
func (c *Conn) State() string {
	c.client.mu.Lock()
	defer c.client.mu.Unlock()
	return c.flow.State().String()
}

// ReadFrom writes what r has until it ends.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) { return copyChunks(c, r) }

// WriteTo writes to w what the peer sends until it closes.
func (c *Conn) WriteTo(w io.Writer) (int64, error) { return copyChunks(w, c) }

// copyChunks is io.Copy with a buffer that suits a Conn.
func copyChunks(w io.Writer, r io.Reader) (int64, error) {
	buf := chunks.Get().(*[writeChunk]byte)
	defer chunks.Put(buf)
	return io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, buf[:])
}

var chunks = sync.Pool{New: func() any { return new([writeChunk]byte) }}
