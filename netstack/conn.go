package netstack

import (
	"net"
	"net/netip"
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// conn is an open connection. gonet brings the deadlines; the endpoint beside
// it knows the state, and keeps it when the connection is closed.
type conn struct {
	*gonet.TCPConn
	ep            tcpip.Endpoint
	local, remote net.Addr // gonet forgets them when the connection is over
	closed        atomic.Bool
}

func newConn(queue *waiter.Queue, ep tcpip.Endpoint, local, remote netip.AddrPort) *conn {
	return &conn{
		TCPConn: gonet.NewTCPConn(queue, ep),
		ep:      ep,
		local:   net.TCPAddrFromAddrPort(local),
		remote:  net.TCPAddrFromAddrPort(remote),
	}
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) Read(p []byte) (int, error) {
	if c.closed.Load() {
		return 0, c.closedError("read")
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := c.TCPConn.Read(p)
	if err != nil && c.closed.Load() {
		return n, c.closedError("read") // closed while it waited
	}
	return n, adapt(err)
}

func (c *conn) Write(p []byte) (int, error) {
	if c.closed.Load() {
		return 0, c.closedError("write")
	}
	n, err := c.TCPConn.Write(p)
	if err != nil && c.closed.Load() {
		return n, c.closedError("write")
	}
	return n, adapt(err)
}

// CloseWrite sends a FIN after what is queued.
func (c *conn) CloseWrite() error { return adapt(c.TCPConn.CloseWrite()) }

// Close sends a FIN after what is queued, or a RST if something was received
// and not read. It does not wait for the peer.
func (c *conn) Close() error {
	if c.closed.Swap(true) {
		return c.closedError("close")
	}
	return c.TCPConn.Close()
}

// State returns the RFC 9293 name of the connection's state.
func (c *conn) State() string { return stateName(tcp.EndpointState(c.ep.State())) }

func (c *conn) closedError(op string) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: net.ErrClosed}
}
