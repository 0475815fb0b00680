package netstack

import (
	"net/netip"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/seqnum"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// ackLog follows what the peers of a server have acknowledged. gVisor's
// sockets do not tell; its probe, which sees the connection after every
// segment that arrives, does.
type ackLog struct {
	mu    sync.Mutex
	conns map[netip.AddrPort]*ackState // by the peer's address
}

// ackState is one connection's SND.UNA, at first and now. It stays in the log
// when the connection is closed, to recognise its last segments: a later
// connection of the same peer begins elsewhere.
type ackState struct {
	first, una seqnum.Value
	closed     bool
	changed    chan struct{} // a segment has arrived
}

// isOver reports whether una belongs to a later connection. Beyond what was
// acknowledged at closing there can be the FIN and what was still in flight.
func (c *ackState) isOver(una seqnum.Value) bool {
	return c.closed && !una.InWindow(c.first, c.first.Size(c.una)+tcp.MaxBufferSize)
}

func newAckLog() *ackLog { return &ackLog{conns: make(map[netip.AddrPort]*ackState)} }

// probe is called with the endpoint locked. The first call of a connection is
// for a segment that came before the server sent anything, so SND.UNA is then
// where its data will begin.
func (l *ackLog) probe(s *tcp.TCPEndpointState) {
	peer := addrPort(tcpip.FullAddress{Addr: s.ID.RemoteAddress, Port: s.ID.RemotePort})
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.conns[peer]
	if c == nil || c.isOver(s.Sender.SndUna) {
		c = &ackState{first: s.Sender.SndUna, changed: make(chan struct{}, 1)}
		l.conns[peer] = c
	}
	c.una = s.Sender.SndUna
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// acked returns how many bytes the peer has acknowledged, and a channel that
// says when to ask again.
func (l *ackLog) acked(peer netip.AddrPort) (int64, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.conns[peer]
	if c == nil {
		return 0, nil
	}
	return int64(c.first.Size(c.una)), c.changed
}

func (l *ackLog) close(peer netip.AddrPort) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.conns[peer]; c != nil {
		c.closed = true
	}
}

// serverConn is a connection that the server has accepted.
type serverConn struct {
	*conn
	acks *ackLog
	peer netip.AddrPort
	sent int64 // bytes; less than 4 GiB, as far as sequence numbers tell
}

func newServerConn(queue *waiter.Queue, ep tcpip.Endpoint, from tcpip.FullAddress, acks *ackLog) *serverConn {
	var local netip.AddrPort
	if a, err := ep.GetLocalAddress(); err == nil {
		local = addrPort(a)
	}
	peer := addrPort(from)
	return &serverConn{conn: newConn(queue, ep, local, peer), acks: acks, peer: peer}
}

func (c *serverConn) Write(p []byte) (int, error) {
	n, err := c.conn.Write(p)
	c.sent += int64(n)
	return n, err
}

func (c *serverConn) Close() error {
	c.acks.close(c.peer)
	return c.conn.Close()
}

// Reset implements lab.ServerConn.
func (c *serverConn) Reset() error {
	c.acks.close(c.peer)
	c.ep.Abort()
	return nil
}

// WriteAcked implements lab.ServerConn.
func (c *serverConn) WriteAcked(p []byte, limit time.Duration) (int, error) {
	n, err := c.Write(p)
	if err != nil {
		return n, err
	}
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		acked, changed := c.acks.acked(c.peer)
		if uint32(acked) == uint32(c.sent) || c.State() == stateName(tcp.StateClose) {
			return n, nil
		}
		select {
		case <-changed:
		case <-timeout.C:
			return n, nil
		}
	}
}
