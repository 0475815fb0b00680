package main

import (
	"net/netip"
	"syscall"

	"tcping-cmp/compare/lab"
)

// Listen implements lab.VirtualSocket. As on Linux a backlog of n lets n+1
// connections wait.
func (s *handmadeSocket) Listen(backlog int) error {
	switch {
	case s.acceptor != nil:
		return nil
	case s.flow != nil || s.closed:
		return syscall.EINVAL
	}
	local := s.local
	if !local.Addr().IsValid() {
		local = netip.AddrPortFrom(netip.IPv4Unspecified(), local.Port())
		if s.v6 {
			local = netip.AddrPortFrom(netip.IPv6Unspecified(), local.Port())
		}
	}
	cfg := s.cfg
	cfg.ECN = cfg.ECN || s.host.ecnIfAsked
	a, err := s.host.host.ListenWith(cfg, local, backlog+1)
	if err != nil {
		return errnoOf(err)
	}
	s.acceptor, s.local = a, a.Addr()
	return nil
}

// Accept implements lab.VirtualSocket. What it returns has the options of the
// socket that listens.
func (s *handmadeSocket) Accept() (lab.VirtualSocket, netip.AddrPort, error) {
	if s.acceptor == nil {
		return nil, netip.AddrPort{}, syscall.EINVAL
	}
	flow := s.acceptor.Accept()
	if flow == nil {
		return nil, netip.AddrPort{}, syscall.EAGAIN
	}
	t := flow.Tuple()
	accepted := &handmadeSocket{host: s.host, cfg: s.cfg, v6: s.v6, local: t.Local, flow: flow, linger: s.linger}
	return accepted, t.Remote, nil
}

// listenNoMore ends listening, if the socket does.
func (s *handmadeSocket) listenNoMore() {
	if s.acceptor != nil {
		s.acceptor.Close(s.host.now, &s.host.out)
		s.acceptor = nil
	}
}
