package handcrafted

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"tcping-cmp/handcrafted/tcp"
)

const closedState = tcp.Closed

// DialContext opens a connection like net.Dialer's method of that name.
// Network is tcp, tcp4 or tcp6. A host name is looked up by the system's
// resolver, and its addresses are tried in turn.
func (c *Client) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	remotes, err := c.lookup(ctx, network, address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	for _, remote := range remotes {
		var conn *Conn
		if conn, err = c.Dial(ctx, netip.AddrPort{}, remote); err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// lookup finds the addresses that the host has a version for.
func (c *Client) lookup(ctx context.Context, network, address string) ([]netip.AddrPort, error) {
	four, six := c.cfg.Addr4.IsValid(), c.cfg.Addr6.IsValid()
	switch network {
	case "tcp":
	case "tcp4":
		six = false
	case "tcp6":
		four = false
	default:
		return nil, net.UnknownNetworkError(network)
	}
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "tcp", service)
	if err != nil {
		return nil, err
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var remotes []netip.AddrPort
	for _, a := range addrs {
		if a = a.Unmap(); a.Is4() && four || a.Is6() && six {
			remotes = append(remotes, netip.AddrPortFrom(a, uint16(port)))
		}
	}
	if remotes == nil {
		return nil, &net.AddrError{Err: "the host has no address of that version", Addr: address}
	}
	return remotes, nil
}

// Dial opens a connection and waits until it is established. A local port of 0
// is chosen at random (RFC 6056); a local address that is not valid is the
// host's.
//
// Errors are *net.OpError. errors.Is finds syscall.ECONNREFUSED after a RST,
// EHOSTUNREACH when the next hop or the network does not deliver, ETIMEDOUT
// when the peer never answers, ENETUNREACH without a route, EADDRINUSE for a
// tuple that is taken, and the context's error when it is over first.
func (c *Client) Dial(ctx context.Context, local, remote netip.AddrPort) (*Conn, error) {
	conn := c.newConn(remote)
	conn.anyChange = true
	err := ctx.Err()
	if err == nil {
		err = conn.open(ctx, local, remote)
	}
	if err != nil {
		return nil, conn.opError("dial", err)
	}
	return conn, nil
}

// newConn makes a Conn without a connection yet.
func (c *Client) newConn(remote netip.AddrPort) *Conn {
	conn := &Conn{client: c, linger: -1, remote: net.TCPAddrFromAddrPort(remote)}
	conn.reader.init()
	conn.writer.init()
	return conn
}

// attach gives it its connection. The client's lock is held.
func (c *Conn) attach(f *Flow) {
	c.flow, f.conn = f, c
	c.local = net.TCPAddrFromAddrPort(f.tuple.Local)
}

// open sends the SYN and waits for what comes of it.
func (c *Conn) open(ctx context.Context, local, remote netip.AddrPort) error {
	cl := c.client
	cl.mu.Lock()
	defer cl.end()
	if cl.leader == &cl.keeper && !cl.closed {
		cl.park(&c.writer) // take the link over before the answer is there
	}
	if cl.closed {
		return net.ErrClosed
	}
	flow, err := cl.host.Open(time.Now(), local, remote, cl.pending)
	if err != nil {
		return err
	}
	c.attach(flow)
	if cl.leader == nil {
		cl.lead(&c.writer, false) // a near peer has answered already
	}
	if ctx.Done() != nil && !flow.tcp.Established() {
		stop := context.AfterFunc(ctx, func() {
			cl.mu.Lock()
			c.cancelled = true
			cl.rouse(&c.writer)
			cl.mu.Unlock()
		})
		defer stop()
	}
	return c.await(ctx)
}

// await waits until the connection is established, or will not be.
func (c *Conn) await(ctx context.Context) error {
	cl := c.client
	for {
		switch state := c.flow.State(); {
		case cl.closed:
			return net.ErrClosed
		case state == tcp.Closed:
			if err := c.flow.Err(); err != nil {
				return err
			}
			return fmt.Errorf("connection to %v ended before it was open", c.remote)
		case c.flow.tcp.Established():
			c.anyChange = false
			return nil
		case c.cancelled:
			c.flow.Abort(time.Now(), cl.pending)
			return context.Cause(ctx)
		}
		cl.wait(&c.writer)
	}
}
