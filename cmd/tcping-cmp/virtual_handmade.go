package main

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/handcrafted"
	"tcping-cmp/handcrafted/tcp"
)

// virtualHandmade makes a lab.VirtualStack of the hand-made host.
type virtualHandmade struct{ profile tcp.Profile }

func (virtualHandmade) Name() string              { return handcraftedName }
func (s virtualHandmade) Settings() []lab.Setting { return handmade(s).Settings() }

// Start implements lab.VirtualStack.
func (s virtualHandmade) Start(cfg lab.VirtualConfig) (lab.VirtualHost, error) {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], cfg.Seed)
	n := cfg.Network
	host, err := handcrafted.NewHost(handcrafted.Config{
		MAC: n.MAC, MTU: n.MTU, Addr4: n.Addr4, Addr6: n.Addr6, Gateway4: n.Gateway4, Gateway6: n.Gateway6,
		TCP: tcp.Config{Profile: s.profile}, Rand: rand.NewChaCha8(key),
	})
	if err != nil {
		return nil, err
	}
	return &handmadeVirtual{host: host, now: cfg.Now, tcp: tcp.Config{Profile: s.profile}}, nil
}

// handmadeVirtual is one hand-made host with its clock and what it has sent.
type handmadeVirtual struct {
	host  *handcrafted.Host
	now   time.Time
	out   handcrafted.Effects
	tcp   tcp.Config // of new sockets
	batch [1][]byte
	// ecnIfAsked: a connection that asks for ECN gets it.
	ecnIfAsked bool
}

// Receive implements lab.VirtualHost.
func (h *handmadeVirtual) Receive(frame []byte) {
	h.batch[0] = frame
	h.host.Receive(h.now, h.batch[:], &h.out)
	h.batch[0] = nil
}

// Next implements lab.VirtualHost.
func (h *handmadeVirtual) Next() time.Time { return h.host.Next() }

// Advance implements lab.VirtualHost.
func (h *handmadeVirtual) Advance(now time.Time) {
	for next := h.host.Next(); !next.IsZero() && !next.After(now); next = h.host.Next() {
		if next.After(h.now) {
			h.now = next
		}
		h.host.Tick(h.now, &h.out)
	}
	if now.After(h.now) {
		h.now = now
	}
}

// Sent implements lab.VirtualHost.
func (h *handmadeVirtual) Sent(yield func(frame []byte)) {
	for i := range h.out.Len() {
		yield(h.out.Frame(i))
	}
	h.out.Reset()
}

// Socket implements lab.VirtualHost.
func (h *handmadeVirtual) Socket(v6 bool) (lab.VirtualSocket, error) {
	return &handmadeSocket{host: h, cfg: h.tcp, v6: v6, linger: -1}, nil
}

// Close implements lab.VirtualHost.
func (h *handmadeVirtual) Close() {}

// handmadeSocket is a socket over a flow, with what a socket of Linux adds to
// the RFC's user calls: an error is told once, then the socket is just closed.
type handmadeSocket struct {
	host  *handmadeVirtual
	v6    bool
	cfg   tcp.Config
	local netip.AddrPort
	flow  *handcrafted.Flow // nil before Connect, and of a socket that listens
	// acceptor is set while the socket listens.
	acceptor *handcrafted.Acceptor
	told     bool          // the connection's error has been returned
	linger   time.Duration // negative if it is off
	// What a program has shut down.
	noRead, noWrite, closed bool
}

// Bind implements lab.VirtualSocket.
func (s *handmadeSocket) Bind(local netip.AddrPort) error {
	if s.local.Port() != 0 || s.flow != nil || s.acceptor != nil {
		return syscall.EINVAL
	}
	s.local = local
	return nil
}

// Connect implements lab.VirtualSocket.
func (s *handmadeSocket) Connect(remote netip.AddrPort) error {
	switch {
	case s.acceptor != nil:
		return syscall.EISCONN
	case s.flow == nil:
	case s.flow.State() == tcp.SynSent || s.flow.State() == tcp.SynReceived:
		return syscall.EALREADY
	case s.flow.State() == tcp.Closed:
		return s.tell(syscall.ECONNABORTED)
	default:
		return syscall.EISCONN
	}
	if remote.Addr().Is4() == s.v6 {
		return syscall.EAFNOSUPPORT
	}
	flow, err := s.host.host.OpenWith(s.host.now, s.cfg, s.local, remote, &s.host.out)
	if err != nil {
		return errnoOf(err)
	}
	s.flow = flow
	return syscall.EINPROGRESS
}

// tell returns the connection's error the first time and instead after that.
func (s *handmadeSocket) tell(instead error) error {
	if err := s.flow.Err(); err != nil && !s.told {
		s.told = true
		return errnoOf(err)
	}
	return instead
}

// Send implements lab.VirtualSocket.
func (s *handmadeSocket) Send(p []byte, flags lab.SendFlags) (int, error) {
	switch {
	case s.flow == nil || s.noWrite:
		return 0, syscall.EPIPE
	case s.flow.State() == tcp.Closed:
		return 0, s.tell(syscall.EPIPE)
	case !s.flow.TCP().Established():
		return 0, syscall.EAGAIN
	}
	write := s.flow.Write
	if flags.Urgent {
		write = s.flow.WriteUrgent
	}
	n, err := write(s.host.now, p, &s.host.out)
	if err != nil {
		return 0, errnoOf(err)
	}
	if n == 0 && len(p) > 0 {
		return 0, syscall.EAGAIN
	}
	return n, nil
}

// Receive implements lab.VirtualSocket.
func (s *handmadeSocket) Receive(p []byte, peek bool) (int, error) {
	if s.flow == nil {
		return 0, syscall.ENOTCONN
	}
	if peek {
		return 0, syscall.EOPNOTSUPP
	}
	readable := s.flow.TCP().Readable()
	if !readable && s.noRead {
		return 0, nil
	}
	n, err := s.flow.Read(s.host.now, p, &s.host.out)
	switch {
	case n > 0:
		return n, nil
	case s.flow.State() == tcp.Closed:
		return 0, s.tell(nil)
	case err != nil: // the end
		return 0, nil
	}
	return 0, syscall.EAGAIN
}

// Unread implements lab.VirtualSocket.
func (s *handmadeSocket) Unread() int {
	if s.flow == nil {
		return 0
	}
	return s.flow.TCP().Unread()
}

// Shutdown implements lab.VirtualSocket.
func (s *handmadeSocket) Shutdown(read, write bool) error {
	if s.acceptor != nil && read {
		s.listenNoMore() // as Linux does
		return nil
	}
	if s.flow == nil || s.flow.State() == tcp.Closed || s.flow.State() == tcp.TimeWait {
		return syscall.ENOTCONN
	}
	s.noRead = s.noRead || read
	if write && !s.noWrite {
		s.noWrite = true
		return errnoOf(s.flow.CloseWrite(s.host.now, &s.host.out))
	}
	return nil
}

// Close implements lab.VirtualSocket.
func (s *handmadeSocket) Close() error {
	if s.closed {
		return syscall.EBADF
	}
	s.closed = true
	s.listenNoMore()
	if s.flow == nil || s.flow.State() == tcp.Closed {
		return nil
	}
	if s.linger == 0 {
		s.flow.Abort(s.host.now, &s.host.out)
		return nil
	}
	s.flow.Close(s.host.now, &s.host.out) // a connection that has ended already is no news
	return nil
}

// Ready implements lab.VirtualSocket.
func (s *handmadeSocket) Ready() lab.Readiness {
	switch {
	case s.acceptor != nil:
		return lab.Readiness{Readable: s.acceptor.Waiting() > 0}
	case s.flow == nil:
		return lab.Readiness{HangUp: true, Writable: true}
	}
	c := s.flow.TCP()
	closed := c.State() == tcp.Closed
	return lab.Readiness{
		Readable: c.Readable() || s.noRead, Writable: c.Writable(),
		HangUp:     closed || s.noWrite && ended(c.State()),
		PeerClosed: ended(c.State()) || s.noRead,
		Error:      s.flow.Err() != nil && !s.told,
	}
}

// ended says whether the peer has closed its direction.
func ended(s tcp.State) bool {
	switch s {
	case tcp.CloseWait, tcp.Closing, tcp.LastAck, tcp.TimeWait, tcp.Closed:
		return true
	}
	return false
}

// State implements lab.VirtualSocket.
func (s *handmadeSocket) State() string {
	switch {
	case s.acceptor != nil:
		return tcp.Listen.String()
	case s.flow == nil:
		return tcp.Closed.String()
	}
	return s.flow.State().String()
}
