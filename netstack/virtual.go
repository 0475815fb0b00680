package netstack

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"tcping-cmp/compare/lab"
)

// Virtual returns gVisor's TCP under a clock that its user moves, with the
// library's defaults. Duplicate address detection, router solicitations and
// multicast listener reports of IPv6 are off: they belong to no connection.
func Virtual() lab.VirtualStack { return virtual{} }

type virtual struct{}

func (virtual) Name() string            { return Name }
func (virtual) Settings() []lab.Setting { return settings() }

// Start implements lab.VirtualStack.
func (virtual) Start(cfg lab.VirtualConfig) (lab.VirtualHost, error) {
	h := &virtualHost{
		clock: &virtualClock{now: cfg.Now},
		link:  channel.New(queueLen, uint32(cfg.Network.MTU+header.EthernetMinimumSize), tcpip.LinkAddress(cfg.Network.MAC)),
	}
	h.stack = newVirtualStack(h.clock, cfg.Seed)
	if err := configure(h.stack, h.link, cfg.Network); err != nil {
		h.stack.Destroy()
		return nil, err
	}
	h.settle()
	return h, nil
}

func newVirtualStack(clock tcpip.Clock, seed uint64) *stack.Stack {
	source := newSource(seed)
	return stack.New(stack.Options{
		NetworkProtocols: []stack.NetworkProtocolFactory{
			arp.NewProtocol, ipv4.NewProtocol,
			ipv6.NewProtocolWithOptions(ipv6.Options{NDPConfigs: ipv6.NDPConfigurations{HandleRAs: ipv6.HandlingRAsDisabled}}),
		},
		TransportProtocols: []stack.TransportProtocolFactory{
			tcp.NewProtocol, icmp.NewProtocol4, icmp.NewProtocol6,
		},
		Clock: clock, RandSource: source, SecureRNG: source,
	})
}

// source is all randomness of a stack. gVisor wants it safe for concurrent
// use; what it draws is in the same order each time all the same, because a
// stack in virtual time does one thing at a time.
type source struct {
	mu     sync.Mutex
	chacha *rand.ChaCha8
}

func newSource(seed uint64) *source {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return &source{chacha: rand.NewChaCha8(key)}
}

func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.chacha.Read(p)
}

func (s *source) Int63() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.chacha.Uint64() >> 1)
}

func (s *source) Seed(int64) {} // gVisor never asks

// virtualHost is one stack under a virtual clock.
type virtualHost struct {
	stack     *stack.Stack
	clock     *virtualClock
	link      *channel.Endpoint
	frame     []byte // Sent's
	listening bool   // there is or was a listener
	keepAlive keepAliveDefaults
}

// settle returns when the stack has done everything that it does at this
// instant: it is the only thing that anybody waits for in virtual time.
//
// The stack works on three kinds of goroutine. The first is ours: a frame goes
// through link and network layer on the goroutine that injects it, and ends in
// the queue of its endpoint; the endpoint is in the queue of a processor when
// InjectInbound returns. Calls on an endpoint and timers run here as well.
//
// The second are TCP's processors. stack.Pause asks each for a pause, and
// waits until it has acknowledged. A processor looks at that request only
// between two pieces of work, and if an endpoint is in its queue then, it puts
// the request back and serves the endpoint first (processor.start). An
// endpoint that has more segments than are handled in one go is queued again
// before the processor looks up. So an acknowledged pause means: queue empty,
// nothing in hand.
//
// A segment can also be left behind in the queue of its endpoint, because a
// user holds the endpoint's lock: then it is not queued for a processor at all
// (dispatcher.queuePacket), or the processor's TryLock fails and it drops the
// endpoint from its queue. Both leave it to the user's unlock to queue the
// endpoint (Endpoint.UnlockUser looks under the lock of the segment queue, so
// that no segment slips in between). Here all users of endpoints are on our
// goroutine and have unlocked before they return, and settle comes after.
// While another processor holds the lock, the endpoint is queued again at
// once, for that is no user. TestSettleAfterTheLockOfTheUser and
// TestSettleBesideAUser hold this.
//
// Processors are paused one after the other, so one of them could give work to
// another that is paused already. That takes two endpoints, one of them
// listening: a segment of a connection that is over is handed to the listener
// of its port. One hop costs one more round; there are at most two.
//
// The third kind, a timer that is due at once, virtualClock does not have: it
// waits until it is run here. What it does may be for a processor again.
func (h *virtualHost) settle() {
	rounds := 1
	if h.listening {
		rounds = 3
	}
	for {
		for range rounds {
			h.stack.Pause()
			h.stack.Resume()
		}
		if !h.clock.runOne(h.clock.Now()) {
			return
		}
	}
}

// Receive implements lab.VirtualHost.
func (h *virtualHost) Receive(frame []byte) {
	pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(frame)})
	h.link.InjectInbound(0, pkt)
	pkt.DecRef()
	h.settle()
}

// Next implements lab.VirtualHost.
func (h *virtualHost) Next() time.Time { return h.clock.next() }

// Advance implements lab.VirtualHost.
func (h *virtualHost) Advance(now time.Time) {
	for h.clock.runOne(now) {
		h.settle()
	}
	h.clock.moveTo(now)
}

// Sent implements lab.VirtualHost.
func (h *virtualHost) Sent(yield func(frame []byte)) {
	for pkt := h.link.Read(); pkt != nil; pkt = h.link.Read() {
		h.frame = h.frame[:0]
		for _, part := range pkt.AsSlices() {
			h.frame = append(h.frame, part...)
		}
		pkt.DecRef()
		yield(h.frame)
	}
}

// Socket implements lab.VirtualHost.
func (h *virtualHost) Socket(v6 bool) (lab.VirtualSocket, error) {
	protocol := ipv4.ProtocolNumber
	if v6 {
		protocol = ipv6.ProtocolNumber
	}
	ep, err := h.stack.NewEndpoint(tcp.ProtocolNumber, protocol, new(waiter.Queue))
	if err != nil {
		return nil, virtualErrno(err)
	}
	s := &virtualSocket{host: h, ep: ep}
	h.keepAlive.apply(ep)
	return s, nil
}

// Close implements lab.VirtualHost.
func (h *virtualHost) Close() { h.stack.Destroy() }
