package netstack

import (
	"encoding/binary"
	"flag"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"tcping-cmp/compare/lab"
)

var settleSegments = flag.Int("settle.segments", 3000, "how many segments are injected to see whether settle misses one")

// busy keeps every processor at work until the function that it returns is
// called.
func busy() (stop func()) {
	var over atomic.Bool
	var running sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for !over.Load() {
				runtime.Gosched()
			}
		})
	}
	return func() { over.Store(true); running.Wait() }
}

// connected is an open connection between two hosts: the client's socket, and
// the server with its own.
type connected struct {
	now            time.Time
	client, server lab.VirtualHost
	c, s           lab.VirtualSocket
}

// tick lets a millisecond pass.
func (p *connected) tick() {
	p.now = p.now.Add(time.Millisecond)
	p.client.Advance(p.now)
	p.server.Advance(p.now)
}

func connect(t *testing.T) *connected {
	t.Helper()
	p := &connected{now: virtualEpoch, client: startVirtual(t, near, 1), server: startVirtual(t, far, 2)}
	listener := socketOf(t, p.server)
	must(t, listener.Bind(netip.AddrPortFrom(far.Addr(), 7)))
	must(t, listener.Listen(1))
	p.c = socketOf(t, p.client)
	must(t, p.c.SetOption("TCP_NODELAY", lab.Number(1)))
	p.c.Connect(netip.AddrPortFrom(far.Addr(), 7))
	exchange(p.client, p.server)
	var err error
	p.s, _, err = listener.Accept()
	must(t, err)
	return p
}

// data lets the client send text and returns its one frame.
func (p *connected) data(t *testing.T, text string) (frame []byte) {
	t.Helper()
	if n, err := p.c.Send([]byte(text), lab.SendFlags{}); n != len(text) {
		t.Fatalf("sent %d: %v", n, err)
	}
	var others [][]byte
	p.client.Sent(func(f []byte) {
		if isARP(f) {
			others = append(others, slices.Clone(f))
		} else {
			frame = slices.Clone(f)
		}
	})
	for _, f := range others {
		p.server.Receive(f)
	}
	if frame == nil {
		t.Fatalf("the client sent nothing in %s", p.c.State())
	}
	return frame
}

// answers are the acknowledgement numbers of what the server has to send. The
// client gets it a millisecond later: a round trip of nothing would look like
// loss to it.
func (p *connected) answers() (acks []uint32) {
	var frames [][]byte
	p.server.Sent(func(f []byte) {
		if !isARP(f) {
			acks = append(acks, binary.BigEndian.Uint32(f[42:]))
		}
		frames = append(frames, slices.Clone(f))
	})
	p.tick()
	for _, f := range frames {
		p.client.Receive(f)
	}
	return acks
}

// isARP tells the frames by which hosts confirm addresses now and then.
func isARP(frame []byte) bool { return binary.BigEndian.Uint16(frame[12:]) == 0x0806 }

// end is the number after the last octet of a data segment.
func end(frame []byte, n int) uint32 { return binary.BigEndian.Uint32(frame[38:]) + uint32(n) }

// What a segment brings about has happened when Receive returns, each time,
// with every processor busy.
func TestSettleMissesNothing(t *testing.T) {
	defer busy()()
	p := connect(t)
	var buf [16]byte
	for n := range *settleSegments {
		f := p.data(t, "hello")
		p.server.Receive(f)
		acks := p.answers()
		if len(acks) != 1 || acks[0] != end(f, 5) || p.s.Unread() != 5 {
			t.Fatalf("segment %d: acknowledgements %d, want %d; %d bytes to read", n, acks, end(f, 5), p.s.Unread())
		}
		if read, err := p.s.Receive(buf[:], false); read != 5 {
			t.Fatalf("segment %d: read %d: %v", n, read, err)
		}
	}
}

// A segment that arrives while a user holds the lock of its endpoint stays in
// the endpoint's queue; settle neither waits for it nor loses it, and the
// first settle after the user has let go sees it through.
func TestSettleAfterTheLockOfTheUser(t *testing.T) {
	p := connect(t)
	ep := p.s.(*virtualSocket).ep.(*tcp.Endpoint)
	f := p.data(t, "hello")
	ep.LockUser()
	p.server.Receive(f)
	if acks := p.answers(); acks != nil {
		t.Errorf("acknowledgements %d of a segment that nobody could look at", acks)
	}
	ep.UnlockUser()
	p.server.(*virtualHost).settle()
	if acks := p.answers(); len(acks) != 1 || acks[0] != end(f, 5) || p.s.Unread() != 5 {
		t.Errorf("acknowledgements %d, want %d; %d bytes to read", acks, end(f, 5), p.s.Unread())
	}
}

// The same with a user that takes the lock and lets go at any time while
// segments arrive, so that each way in which the two can meet comes up: when
// the user is done, one settle is enough.
func TestSettleBesideAUser(t *testing.T) {
	defer busy()()
	p := connect(t)
	ep := p.s.(*virtualSocket).ep.(*tcp.Endpoint)
	var buf [64]byte
	for n := range *settleSegments / 5 {
		var over atomic.Bool
		var user sync.WaitGroup
		user.Go(func() {
			for !over.Load() {
				ep.LockUser()
				runtime.Gosched()
				ep.UnlockUser()
			}
		})
		var last []byte
		for range 5 {
			last = p.data(t, "hello")
			p.server.Receive(last)
		}
		over.Store(true)
		user.Wait()
		p.server.(*virtualHost).settle()
		acks := p.answers()
		if len(acks) == 0 || acks[len(acks)-1] != end(last, 5) || p.s.Unread() != 25 {
			t.Fatalf("round %d: acknowledgements %d, want %d at the end; %d bytes to read", n, acks, end(last, 5), p.s.Unread())
		}
		if read, err := p.s.Receive(buf[:], false); read != 25 {
			t.Fatalf("round %d: read %d: %v", n, read, err)
		}
	}
}
