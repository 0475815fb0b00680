package netstack

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"tcping-cmp/compare/lab"
	"tcping-cmp/tap"
)

// host is one stack on one link.
type host struct {
	stack *stack.Stack
	pump  *pump
	once  sync.Once
	down  chan struct{} // closed when the host is closing
}

// attach puts a new stack on a link. probe, if not nil, sees every connection
// after each segment that arrives for it.
func attach(link tap.Link, network lab.Network, probe tcp.TCPProbeFunc) (*host, error) {
	ch, err := channelFor(link, network)
	if err != nil {
		return nil, err
	}
	s := newStack(probe)
	if err := configure(s, ch, network); err != nil {
		s.Destroy()
		return nil, err
	}
	return &host{stack: s, pump: startPump(link, ch), down: make(chan struct{})}, nil
}

// Dial opens a connection. Without a deadline in ctx it gives up when the
// stack does, after about two minutes of SYNs.
func (h *host) Dial(ctx context.Context, local, remote netip.AddrPort) (lab.Conn, error) {
	select {
	case <-h.down:
		return nil, dialError(local, remote, net.ErrClosed)
	default:
	}
	queue := new(waiter.Queue)
	ep, terr := h.stack.NewEndpoint(tcp.ProtocolNumber, protocolOf(remote.Addr()), queue)
	if terr != nil {
		return nil, dialError(local, remote, errno(terr))
	}
	if err := h.connect(ctx, ep, queue, local, remote); err != nil {
		ep.Close()
		return nil, dialError(local, remote, err)
	}
	return newConn(queue, ep, local, remote), nil
}

// connect binds, sends the SYN and waits for how it goes.
func (h *host) connect(ctx context.Context, ep tcpip.Endpoint, queue *waiter.Queue, local, remote netip.AddrPort) error {
	entry, ready := waiter.NewChannelEntry(waiter.WritableEvents)
	queue.EventRegister(&entry)
	defer queue.EventUnregister(&entry)
	if err := ep.Bind(fullAddress(local)); err != nil {
		return errno(err)
	}
	terr := ep.Connect(fullAddress(remote))
	if _, started := terr.(*tcpip.ErrConnectStarted); !started {
		return errno(terr)
	}
	select {
	case <-ready:
		return errno(ep.LastError())
	case <-ctx.Done():
		return ctx.Err()
	case <-h.down:
		return net.ErrClosed
	}
}

func dialError(local, remote netip.AddrPort, err error) error {
	return &net.OpError{Op: "dial", Net: "tcp",
		Source: net.TCPAddrFromAddrPort(local), Addr: net.TCPAddrFromAddrPort(remote), Err: err}
}

// Close ends the stack: connections that are not over yet are reset, so that
// their peers do not wait for them, and every goroutine has ended when it
// returns. The link stays open and can be read again.
func (h *host) Close() error {
	h.once.Do(func() {
		close(h.down)
		h.resetUnfinished()
		h.pump.stop()
		h.stack.Destroy() // what it still wants to send goes nowhere
	})
	return nil
}

// resetUnfinished aborts every connection except those in TIME-WAIT, which
// owe their peers nothing.
func (h *host) resetUnfinished() {
	for _, te := range h.stack.RegisteredEndpoints() {
		if ep, ok := te.(*tcp.Endpoint); ok && ep.EndpointState() != tcp.StateTimeWait {
			ep.Abort()
		}
	}
}

func fullAddress(a netip.AddrPort) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: nic, Addr: address(a.Addr()), Port: a.Port()}
}
