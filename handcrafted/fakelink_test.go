package handcrafted

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
	"tcping-cmp/tap"
)

// fakeLink is a link whose other end is a function: it gets each frame that is
// written, and what it returns can be read. Its waits are those that
// testing/synctest understands, so that tests of the Client run in virtual
// time.
type fakeLink struct {
	mu       sync.Mutex
	changed  sync.Cond
	queue    [][]byte
	deadline time.Time
	closed   bool
	failure  error // what reads return, if set
	reads    int
	hold     chan struct{} // writes wait for it to be closed, if set
	peer     func(frame []byte) [][]byte
}

func newFakeLink(peer func([]byte) [][]byte) *fakeLink {
	l := &fakeLink{peer: peer}
	l.changed.L = &l.mu
	return l
}

func (l *fakeLink) ReadFrame(buf []byte) (int, tap.Meta, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	for {
		switch {
		case l.closed:
			return 0, tap.Meta{}, net.ErrClosed
		case l.failure != nil:
			return 0, tap.Meta{}, l.failure
		case len(l.queue) > 0:
			n := copy(buf, l.queue[0])
			l.queue = l.queue[1:]
			return n, tap.Meta{Time: time.Now()}, nil
		case !l.deadline.IsZero() && !time.Now().Before(l.deadline):
			return 0, tap.Meta{}, os.ErrDeadlineExceeded
		}
		l.changed.Wait()
	}
}

func (l *fakeLink) WriteFrame(frame []byte) error {
	l.mu.Lock()
	hold := l.hold
	l.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if answers := l.peer(append([]byte(nil), frame...)); answers != nil {
		l.inject(answers...)
	}
	return nil
}

// inject makes frames readable.
func (l *fakeLink) inject(frames ...[]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, frames...)
	l.changed.Broadcast()
}

func (l *fakeLink) SetReadDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return net.ErrClosed
	}
	l.deadline = t
	l.changed.Broadcast()
	if d := time.Until(t); !t.IsZero() && d > 0 {
		time.AfterFunc(d, func() { l.changed.Broadcast() })
	}
	return nil
}

func (l *fakeLink) Info() tap.Info {
	return tap.Info{Kind: tap.KindMem, Name: "fake", MAC: us[:], MTU: 1500, MaxFrame: 1518}
}

func (l *fakeLink) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.changed.Broadcast()
	return nil
}

// An echoPeer plays 10.0.0.1 well enough to be talked to: it answers ARP, opens
// every connection, echoes what comes in order, and closes after the client.
// It never repeats anything.
type echoPeer struct {
	testing.TB
	mu    sync.Mutex
	conns map[uint16]*echoConn // by the client's port
	mute  bool                 // answers ARP only
	lose  int                  // so many segments get lost on the way to it
}

type echoConn struct{ next, rcv wire.Seq }

func newEchoPeer(t testing.TB) *echoPeer {
	return &echoPeer{TB: t, conns: make(map[uint16]*echoConn)}
}

func (p *echoPeer) handle(frame []byte) [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	eth, b, err := wire.ParseEthernet(frame)
	if err != nil {
		p.Error(err)
	}
	if eth.Type == wire.TypeARP {
		if a, err := wire.ParseARP(b); err == nil && a.Op == wire.ARPRequest && a.TargetIP == peer4 {
			return [][]byte{arpReply(peer4)}
		}
		return nil
	}
	ip, b, err := wire.ParseIPv4(b)
	if err != nil {
		p.Error(err)
	}
	if ip.Protocol != wire.ProtocolTCP || p.mute {
		return nil
	}
	if p.lose > 0 {
		p.lose--
		return nil
	}
	var seg wire.Segment
	if err := wire.ParseTCP(&seg, b, &ip); err != nil {
		p.Error(err)
	}
	return p.answer(&seg)
}

func (p *echoPeer) answer(seg *wire.Segment) [][]byte {
	c := p.conns[seg.SrcPort]
	switch {
	case seg.Flags.Has(wire.RST):
		delete(p.conns, seg.SrcPort)
		return nil
	case seg.Flags.Has(wire.SYN):
		c = &echoConn{next: 1000, rcv: seg.Seq + 1}
		p.conns[seg.SrcPort] = c
		return [][]byte{p.send(seg.SrcPort, c, wire.SYN|wire.ACK, nil)}
	case c == nil || seg.Seq != c.rcv || seg.Len() == 0:
		return nil
	}
	c.rcv = c.rcv.Add(seg.Len())
	frames := [][]byte{p.send(seg.SrcPort, c, wire.ACK, seg.Payload)}
	if seg.Flags.Has(wire.FIN) {
		frames = append(frames, p.send(seg.SrcPort, c, wire.FIN|wire.ACK, nil))
	}
	return frames
}

// send makes a segment to the client's port.
func (p *echoPeer) send(port uint16, c *echoConn, flags wire.Flags, text []byte) []byte {
	seg := wire.Segment{Seq: c.next, Ack: c.rcv, Flags: flags, Window: 65535, Payload: text}
	if flags.Has(wire.SYN) {
		seg.Options.HasMSS, seg.Options.MSS = true, 1460
	}
	c.next = c.next.Add(seg.Len())
	return segment(netip.AddrPortFrom(peer4, 7), netip.AddrPortFrom(our4, port), seg)
}

// say sends text to every connection.
func (p *echoPeer) say(text string) (frames [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for port, c := range p.conns {
		frames = append(frames, p.send(port, c, wire.ACK|wire.PSH, []byte(text)))
	}
	return frames
}
