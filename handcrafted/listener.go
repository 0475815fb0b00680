package handcrafted

import (
	"context"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// Listener accepts connections for a Client, in the form of a
// net.TCPListener. Its methods may be called at the same time.
type Listener struct {
	client    *Client
	acceptor  *Acceptor
	addr      *net.TCPAddr
	accepting sync.Mutex // one waits; others stand in line

	// The client's lock guards what follows.
	waiter   waiter
	deadline deadline
	closed   bool
}

var _ net.Listener = (*Listener)(nil)

// Listen opens a port to others, like net.Listen. Network is tcp, tcp4 or tcp6;
// without a host in the address, the port is that of all the host's addresses
// of that version. A port of 0 is chosen: see Addr.
//
// Errors are *net.OpError. errors.Is finds syscall.EADDRINUSE when somebody
// listens there already and EADDRNOTAVAIL when the address is not ours.
func (c *Client) Listen(network, address string) (*Listener, error) {
	local, err := c.localAddr(network, address)
	if err == nil {
		var l *Listener
		if l, err = c.listen(local); err == nil {
			return l, nil
		}
	}
	return nil, &net.OpError{Op: "listen", Net: network, Err: err}
}

// localAddr reads an address to listen at.
func (c *Client) localAddr(network, address string) (local netip.AddrPort, err error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return local, err
	}
	if host == "" {
		switch network {
		case "tcp4":
			host = "0.0.0.0"
		case "tcp6":
			host = "::"
		case "tcp":
			port, err := net.DefaultResolver.LookupPort(context.Background(), network, service)
			return netip.AddrPortFrom(netip.Addr{}, uint16(port)), err
		}
	}
	found, err := c.lookup(context.Background(), network, net.JoinHostPort(host, service))
	if err != nil {
		return local, err
	}
	return found[0], nil
}

func (c *Client) listen(local netip.AddrPort) (*Listener, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, net.ErrClosed
	}
	a, err := c.host.Listen(local, 0)
	if err != nil {
		return nil, err
	}
	l := &Listener{client: c, acceptor: a, addr: net.TCPAddrFromAddrPort(a.Addr())}
	l.waiter.init()
	a.listener = l
	return l, nil
}

// Accept waits for a connection and returns it, a *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	conn, err := l.AcceptConn()
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// AcceptConn is Accept without the interface.
func (l *Listener) AcceptConn() (conn *Conn, err error) {
	l.accepting.Lock()
	defer l.accepting.Unlock()
	cl := l.client
	cl.mu.Lock()
	for {
		if err = l.usable(); err != nil {
			break
		}
		if f := l.acceptor.Accept(); f != nil {
			conn = cl.newConn(f.tuple.Remote)
			conn.attach(f)
			break
		}
		cl.wait(&l.waiter)
	}
	cl.end()
	return conn, l.opError("accept", err)
}

// usable returns why a call cannot go on.
func (l *Listener) usable() error {
	switch {
	case l.closed || l.client.closed:
		return net.ErrClosed
	case l.deadline.passed():
		return os.ErrDeadlineExceeded
	}
	return nil
}

// Close listens no more. Connections that nobody has accepted are reset; those
// that were accepted go on.
func (l *Listener) Close() error {
	return l.call("close", func(now time.Time) {
		l.closed = true
		l.deadline.stop()
		l.acceptor.Close(now, l.client.pending)
		l.client.rouse(&l.waiter)
	})
}

// SetDeadline sets the time at which Accept stops waiting; the zero time means
// never.
func (l *Listener) SetDeadline(t time.Time) error {
	return l.call("set", func(time.Time) { l.deadline.set(l.client, &l.waiter, t) })
}

// Addr returns where the Listener listens, as a *net.TCPAddr. Its IP is nil if
// that is every address of the host.
func (l *Listener) Addr() net.Addr { return l.addr }

// call runs a short call on the listener.
func (l *Listener) call(op string, f func(now time.Time)) error {
	l.client.mu.Lock()
	err := error(net.ErrClosed)
	if !l.closed && !l.client.closed {
		err = nil
		f(time.Now())
	}
	l.client.end()
	return l.opError(op, err)
}

// opError puts an error into the form of package net.
func (l *Listener) opError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &net.OpError{Op: op, Net: "tcp", Addr: l.addr, Err: err}
}
