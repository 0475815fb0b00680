package tap

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// device is a non-blocking file that carries one frame a system call.
//
// It parks a waiting goroutine in Go's poller. Waiting in ppoll on the thread
// instead looks more direct but is slower: against a peer in the same process
// it made 0.27 times the round trips, against one in another process 0.28
// times, and with one CPU for everything the same number (BenchmarkWait, 2
// cores). A thread blocked in ppoll takes a processor with it that the peer
// needs, and every wake-up goes to a sleeping CPU; the poller's thread runs
// the peer, comes back and is still warm.
type device struct {
	file   *os.File
	raw    syscall.RawConn
	closed atomic.Bool
	// deadline is in nanoseconds after epoch; 0 is never. The file is told of
	// it only for a read that has to wait: it would not read at all once a
	// deadline has passed, and every change moves a timer of the runtime.
	deadline atomic.Int64

	arming  sync.Mutex // guards what follows; taken inside reading
	waiting bool       // a read waits, or is about to
	armed   int64      // the file's deadline, as above

	reading sync.Mutex
	in      call
	writing sync.Mutex
	out     call
}

// call is one read or write: a closure made once, and what it works on, so
// that a frame costs no allocation.
type call struct {
	run   func(fd uintptr) bool // reports whether there was no need to wait
	once  func(fd uintptr)
	buf   []byte
	n     int
	errno syscall.Errno
}

// try is a system call on a frame. It must not block.
type try func(fd uintptr, buf []byte) (n int, errno syscall.Errno)

// epoch is what deadlines count from, so that a step of the wall clock does
// not move them.
var epoch = time.Now()

// newDevice takes over the file, which must be non-blocking, and closes it on
// error.
func newDevice(file *os.File, read, write try) (*device, error) {
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, err
	}
	d := &device{file: file, raw: raw}
	d.in.prepare(read)
	d.out.prepare(write)
	return d, nil
}

func (c *call) prepare(do try) {
	c.run = func(fd uintptr) bool {
		for {
			c.n, c.errno = do(fd, c.buf)
			if c.errno != syscall.EINTR {
				return c.errno != syscall.EAGAIN
			}
		}
	}
	c.once = func(fd uintptr) { c.run(fd) }
}

// result is what the call came to; err is why the poller did not make it.
func (d *device) result(c *call, err error) (int, error) {
	c.buf = nil
	switch {
	case err != nil:
		return 0, d.explain(err)
	case c.errno != 0:
		return 0, c.errno
	}
	return c.n, nil
}

// explain gives the poller's error for a closed file, which is none of os's or
// net's, its name.
func (d *device) explain(err error) error {
	if err != nil && d.closed.Load() {
		return net.ErrClosed
	}
	return err
}

// read waits for a frame. Errors are net.ErrClosed, os.ErrDeadlineExceeded or
// what the system call said.
func (d *device) read(buf []byte) (int, error) {
	d.reading.Lock()
	defer d.reading.Unlock()
	d.in.buf = buf
	for !d.late() {
		err := d.await()
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return d.result(&d.in, err)
		}
	}
	// A poll: one system call, and none to wait.
	err := d.raw.Control(d.in.once)
	if err == nil && d.in.errno == syscall.EAGAIN {
		err = os.ErrDeadlineExceeded
	}
	return d.result(&d.in, err)
}

// await reads and waits if need be. os.ErrDeadlineExceeded may come too early:
// a deadline that the file has from an earlier read is left to it if it is not
// later than the one that counts.
func (d *device) await() error {
	d.arming.Lock()
	d.waiting = true
	err := d.arm(d.deadline.Load())
	d.arming.Unlock()
	if err == nil {
		err = d.raw.Read(d.in.run)
	}
	d.arming.Lock()
	d.waiting = false
	if errors.Is(err, os.ErrDeadlineExceeded) {
		d.armed = passed
	}
	d.arming.Unlock()
	return err
}

// passed is a deadline in the past, for which the file reads no more.
const passed = -1

// arm gives the file a deadline, unless it has one that will do.
func (d *device) arm(at int64) error {
	if d.armed == at || d.armed > 0 && (at == 0 || d.armed < at) {
		return nil
	}
	var t time.Time
	switch {
	case at < 0:
		t = longAgo
	case at > 0:
		t = epoch.Add(time.Duration(at))
	}
	d.armed = at
	return d.file.SetReadDeadline(t)
}

// write sends a frame, and waits while the send buffer is full.
func (d *device) write(frame []byte) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	d.out.buf = frame
	_, err := d.result(&d.out, d.raw.Write(d.out.run))
	return err
}

// late reports whether the deadline has passed.
func (d *device) late() bool {
	at := d.deadline.Load()
	return at < 0 || at > 0 && at <= int64(time.Since(epoch))
}

// SetReadDeadline implements Link.
func (d *device) SetReadDeadline(t time.Time) error {
	if d.closed.Load() {
		return net.ErrClosed
	}
	var at int64
	if !t.IsZero() {
		if at = int64(t.Sub(epoch)); at <= 0 {
			at = passed // zero means never
		}
	}
	d.deadline.Store(at)
	d.arming.Lock()
	defer d.arming.Unlock()
	if !d.waiting {
		return nil
	}
	return d.explain(d.arm(at))
}

var longAgo = time.Unix(1, 0)

// Close implements Link.
func (d *device) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	return d.file.Close()
}
