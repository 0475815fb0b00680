package netstack

import (
	"errors"
	"net"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"tcping-cmp/compare/lab"
	"tcping-cmp/tap"
)

// backlog is how many connections may wait to be accepted.
const backlog = 128

// Serve puts a server with the given manners on a link: every address of the
// network, one port. It is a lab.ServeFunc.
func Serve(link tap.Link, network lab.Network, port uint16, m lab.Manners) (lab.PeerServer, error) {
	acks := newAckLog()
	h, err := attach(link, network, acks.probe)
	if err != nil {
		return nil, err
	}
	s := &server{host: h}
	var acceptors []lab.Acceptor
	for _, own := range []netip.Prefix{network.Addr4, network.Addr6} {
		if !own.IsValid() {
			continue
		}
		l, err := h.listen(netip.AddrPortFrom(own.Addr(), port), acks)
		if err != nil {
			closeAll(acceptors)
			h.Close()
			return nil, err
		}
		acceptors = append(acceptors, l)
	}
	s.Server = lab.NewServer(m, nil, acceptors...)
	return s, nil
}

func closeAll(acceptors []lab.Acceptor) {
	for _, a := range acceptors {
		a.Close()
	}
}

// server is a lab.Server on a stack of its own.
type server struct {
	*lab.Server
	host *host
}

// Close ends the connections, the server and its stack.
func (s *server) Close() error {
	return errors.Join(s.Server.Close(), s.host.Close())
}

// State implements lab.PeerServer. A connection that the stack does not know
// is CLOSED (RFC 9293 §3.3.2).
func (s *server) State(local, remote netip.AddrPort) string {
	id := stack.TransportEndpointID{
		LocalAddress: address(local.Addr()), LocalPort: local.Port(),
		RemoteAddress: address(remote.Addr()), RemotePort: remote.Port(),
	}
	te := s.host.stack.FindTransportEndpoint(protocolOf(local.Addr()), tcp.ProtocolNumber, id, nic)
	ep, ok := te.(*tcp.Endpoint)
	if !ok || ep.EndpointState() == tcp.StateListen {
		return stateName(tcp.StateClose)
	}
	return stateName(ep.EndpointState())
}

// listener accepts connections for a lab.Server.
type listener struct {
	ep    tcpip.Endpoint
	queue *waiter.Queue
	acks  *ackLog
	down  chan struct{}
}

func (h *host) listen(addr netip.AddrPort, acks *ackLog) (*listener, error) {
	l := &listener{queue: new(waiter.Queue), acks: acks, down: make(chan struct{})}
	ep, err := h.stack.NewEndpoint(tcp.ProtocolNumber, protocolOf(addr.Addr()), l.queue)
	if err != nil {
		return nil, setupError("create a listener", err)
	}
	l.ep = ep
	if err = ep.Bind(fullAddress(addr)); err == nil {
		err = ep.Listen(backlog)
	}
	if err != nil {
		ep.Close()
		return nil, setupError("listen on "+addr.String(), err)
	}
	return l, nil
}

// Accept implements lab.Acceptor.
func (l *listener) Accept() (lab.ServerConn, error) {
	entry, ready := waiter.NewChannelEntry(waiter.ReadableEvents)
	l.queue.EventRegister(&entry)
	defer l.queue.EventUnregister(&entry)
	for {
		select {
		case <-l.down:
			return nil, net.ErrClosed
		default:
		}
		var from tcpip.FullAddress
		ep, queue, err := l.ep.Accept(&from)
		switch err.(type) {
		case nil:
			return newServerConn(queue, ep, from, l.acks), nil
		case *tcpip.ErrWouldBlock:
		default:
			return nil, errno(err)
		}
		select {
		case <-ready:
		case <-l.down:
		}
	}
}

// Close implements lab.Acceptor.
func (l *listener) Close() error {
	close(l.down)
	l.ep.Close()
	return nil
}

func addrPort(a tcpip.FullAddress) netip.AddrPort {
	addr, _ := netip.AddrFromSlice(a.Addr.AsSlice())
	return netip.AddrPortFrom(addr, a.Port)
}
