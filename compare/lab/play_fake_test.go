package lab

import (
	"errors"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"tcping-cmp/compare/scenario"
)

// fakeStack is a stack that sends what a test tells it, when the test tells
// it, and does nothing else.
type fakeStack struct {
	// timers are frames that it sends at their times, in the order of time.
	timers []fakeTimer
	// answer gives what it sends when a frame arrives.
	answer func(frame []byte) [][]byte
	// option gives the value of every socket option.
	option OptionValue
	// arrives is when its socket has something to read.
	arrives time.Duration
	// listens is whether its sockets do; nobody ever connects to them.
	listens bool

	settings map[string]string
}

type fakeTimer struct {
	after time.Duration
	frame []byte
}

func (f *fakeStack) Name() string        { return "fake" }
func (f *fakeStack) Settings() []Setting { return nil }
func (f *fakeStack) Start(cfg VirtualConfig) (VirtualHost, error) {
	if f.settings["broken"] != "" {
		return nil, errors.New("it is broken")
	}
	return &fakeHost{fake: f, now: cfg.Now, start: cfg.Now, timers: slices.Clone(f.timers)}, nil
}

type fakeHost struct {
	fake       *fakeStack
	start, now time.Time
	timers     []fakeTimer
	out        [][]byte
}

func (h *fakeHost) Receive(frame []byte) {
	if h.fake.answer != nil {
		h.out = append(h.out, h.fake.answer(frame)...)
	}
}

func (h *fakeHost) Next() time.Time {
	next := time.Time{}
	if len(h.timers) > 0 {
		next = h.start.Add(h.timers[0].after)
	}
	if at := h.start.Add(h.fake.arrives); h.fake.arrives > 0 && at.After(h.now) && (next.IsZero() || at.Before(next)) {
		next = at
	}
	return next
}

func (h *fakeHost) Advance(now time.Time) {
	for len(h.timers) > 0 && !h.start.Add(h.timers[0].after).After(now) {
		h.out = append(h.out, h.timers[0].frame)
		h.timers = h.timers[1:]
	}
	h.now = now
}

func (h *fakeHost) Sent(yield func([]byte)) {
	out := h.out
	h.out = nil
	for _, frame := range out {
		yield(frame)
	}
}

func (h *fakeHost) Socket(bool) (VirtualSocket, error) { return &fakeSocket{host: h}, nil }
func (h *fakeHost) Set(name, value string) bool        { return h.fake.settings[name] == value }
func (h *fakeHost) Close()                             {}

// fakeSocket connects at once and takes everything.
type fakeSocket struct {
	host *fakeHost
	read bool
}

func (s *fakeSocket) Bind(netip.AddrPort) error { return nil }
func (s *fakeSocket) Listen(int) error {
	if s.host.fake.listens {
		return nil
	}
	return ErrNoPassiveOpen
}
func (s *fakeSocket) Accept() (VirtualSocket, netip.AddrPort, error) {
	return nil, netip.AddrPort{}, ErrNoPassiveOpen
}
func (s *fakeSocket) Connect(netip.AddrPort) error               { return nil }
func (s *fakeSocket) Send(p []byte, _ SendFlags) (int, error)    { return len(p), nil }
func (s *fakeSocket) Unread() int                                { return 3 }
func (s *fakeSocket) Shutdown(bool, bool) error                  { return nil }
func (s *fakeSocket) Close() error                               { return nil }
func (s *fakeSocket) SetOption(name string, _ OptionValue) error { return syscall.ENOPROTOOPT }
func (s *fakeSocket) Option(string) (OptionValue, error)         { return s.host.fake.option, nil }
func (s *fakeSocket) Ready() Readiness                           { return Readiness{Readable: true} }
func (s *fakeSocket) State() string                              { return "ESTABLISHED" }

func (s *fakeSocket) Receive(p []byte, _ bool) (int, error) {
	if s.host.now.Sub(s.host.start) < s.host.fake.arrives || s.read {
		return 0, syscall.EAGAIN
	}
	s.read = true
	return copy(p, "xyz"), nil
}

// frameOf is a segment from the stack with relative numbers as they are on
// the wire: its initial number is 0.
func frameOf(s peerSegment) []byte {
	s.src, s.dst = playLocalPort, playPeerPort
	h := header{src: labClient4.Addr(), dst: labServer4.Addr(), protocol: protocolTCP, ttl: 64, fragment: dontFragment}
	body := appendSegment(nil, &s)
	f := faulty{b: append(appendIP(nil, h, len(body)), body...), ipLen: 20, transport: protocolTCP, checksum: 16}
	return append(appendEther(nil, labServerMAC, labClientMAC, etherIPv4), f.finish(h, nil)...)
}

// played plays lines to a fake stack.
func played(t *testing.T, f *fakeStack, o PlayOptions, lines string) *Play {
	t.Helper()
	s, err := scenario.Read("test.pkt", []byte(lines))
	if err != nil {
		t.Fatal(err)
	}
	return PlayScript(f, s, o)
}

// found lists the findings, the shape oracle's with a star.
func found(p *Play) (list []string) {
	for _, f := range p.Findings {
		star := ""
		if f.Shape {
			star = "* "
		}
		list = append(list, star+f.Text)
	}
	return list
}
