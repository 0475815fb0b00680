package netstack

import (
	"bytes"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"tcping-cmp/compare/lab"
)

// virtualSocket is an endpoint of a virtualHost. It goes to the endpoint
// itself: the deadlines of gonet follow the machine's clock.
type virtualSocket struct {
	host *virtualHost
	ep   tcpip.Endpoint
}

// Bind implements lab.VirtualSocket.
func (s *virtualSocket) Bind(local netip.AddrPort) error {
	defer s.host.settle()
	a := tcpip.FullAddress{Port: local.Port()}
	if local.Addr().IsValid() && !local.Addr().IsUnspecified() {
		a.Addr = address(local.Addr())
	}
	return virtualErrno(s.ep.Bind(a))
}

// Listen implements lab.VirtualSocket. As with a socket of Linux, the queue
// takes one connection more than the backlog says. gVisor counts on its caller
// for that: it answers with a SYN cookie, without window scale and SACK, when
// there is room for one only.
func (s *virtualSocket) Listen(backlog int) error {
	s.host.listening = true
	defer s.host.settle()
	return virtualErrno(s.ep.Listen(backlog + 1))
}

// Accept implements lab.VirtualSocket.
func (s *virtualSocket) Accept() (lab.VirtualSocket, netip.AddrPort, error) {
	defer s.host.settle()
	var from tcpip.FullAddress
	ep, _, err := s.ep.Accept(&from)
	if err != nil {
		return nil, netip.AddrPort{}, virtualErrno(err)
	}
	return &virtualSocket{host: s.host, ep: ep}, addrPort(from), nil
}

// Connect implements lab.VirtualSocket.
func (s *virtualSocket) Connect(remote netip.AddrPort) error {
	defer s.host.settle()
	return virtualErrno(s.ep.Connect(fullAddress(remote)))
}

// Send implements lab.VirtualSocket. gVisor has no urgent data; it is sent
// like any other.
func (s *virtualSocket) Send(p []byte, flags lab.SendFlags) (int, error) {
	defer s.host.settle()
	n, err := s.ep.Write(bytes.NewReader(p), tcpip.WriteOptions{More: flags.More})
	return int(n), virtualErrno(err)
}

// Receive implements lab.VirtualSocket.
func (s *virtualSocket) Receive(p []byte, peek bool) (int, error) {
	defer s.host.settle()
	w := tcpip.SliceWriter(p)
	res, err := s.ep.Read(&w, tcpip.ReadOptions{Peek: peek})
	if _, closed := err.(*tcpip.ErrClosedForReceive); closed {
		return 0, nil
	}
	return res.Count, virtualErrno(err)
}

// Unread implements lab.VirtualSocket.
func (s *virtualSocket) Unread() int {
	n, err := s.ep.GetSockOptInt(tcpip.ReceiveQueueSizeOption)
	if err != nil {
		return 0
	}
	return n
}

// Shutdown implements lab.VirtualSocket.
func (s *virtualSocket) Shutdown(read, write bool) error {
	defer s.host.settle()
	var flags tcpip.ShutdownFlags
	if read {
		flags |= tcpip.ShutdownRead
	}
	if write {
		flags |= tcpip.ShutdownWrite
	}
	return virtualErrno(s.ep.Shutdown(flags))
}

// Close implements lab.VirtualSocket.
func (s *virtualSocket) Close() error {
	s.ep.Close()
	s.host.settle()
	return nil
}

// Ready implements lab.VirtualSocket.
func (s *virtualSocket) Ready() lab.Readiness {
	mask := s.ep.Readiness(waiter.ReadableEvents | waiter.WritableEvents | waiter.EventHUp | waiter.EventErr | waiter.EventRdHUp)
	return lab.Readiness{
		Readable:   mask&waiter.ReadableEvents != 0,
		Writable:   mask&waiter.WritableEvents != 0,
		HangUp:     mask&waiter.EventHUp != 0,
		PeerClosed: mask&waiter.EventRdHUp != 0,
		Error:      mask&waiter.EventErr != 0 && s.state() == tcp.StateError,
	}
}

func (s *virtualSocket) state() tcp.EndpointState { return tcp.EndpointState(s.ep.State()) }

// State implements lab.VirtualSocket.
func (s *virtualSocket) State() string { return stateName(s.state()) }
