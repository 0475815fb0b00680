package lab

import (
	"errors"
	"net/netip"
	"time"
)

// VirtualStack is an implementation of TCP whose clock somebody else moves.
// Nothing in it sleeps, and the same calls with the same seed give the same
// bytes.
type VirtualStack interface {
	// Name is what reports and captures call the stack.
	Name() string
	// Settings lists its version and the defaults that show on the wire.
	Settings() []Setting
	// Start makes a new host with no history.
	Start(VirtualConfig) (VirtualHost, error)
}

// VirtualConfig is what a host starts with.
type VirtualConfig struct {
	Network Network
	Now     time.Time // what its clock shows; well after 1970
	Seed    uint64    // of all its randomness
}

// VirtualHost is a station in virtual time: it takes a frame, a step of the
// clock or a call of the application, and when that call returns it has done
// all that it does at once because of it. It is not safe for concurrent use.
type VirtualHost interface {
	// Receive hands over a frame that arrives now. The host keeps nothing of
	// it.
	Receive(frame []byte)
	// Next returns when the host's next timer is due; the zero time if none
	// runs.
	Next() time.Time
	// Advance moves the clock to now and runs every timer that is due by
	// then, one after the other. Time never goes back.
	Advance(now time.Time)
	// Sent calls yield with each frame that the host has sent since the last
	// call, in order. A frame is valid until yield returns.
	Sent(yield func(frame []byte))
	// Socket opens a TCP socket.
	Socket(ipv6 bool) (VirtualSocket, error)
	// Set asks for a property by its name in scenario.Setting. It is false if
	// the host cannot have it; then nothing has changed.
	Set(name, value string) bool
	Close()
}

// VirtualSocket is a socket that never blocks. Errors are syscall.Errno as a
// socket of Linux would give them: EAGAIN where it would block, EINPROGRESS
// from Connect.
type VirtualSocket interface {
	Bind(local netip.AddrPort) error
	Listen(backlog int) error // from 0 to 4096
	Accept() (VirtualSocket, netip.AddrPort, error)
	Connect(remote netip.AddrPort) error
	// Send queues what fits of p.
	Send(p []byte, flags SendFlags) (int, error)
	// Receive moves received bytes to p, or copies them if peek is set; 0
	// without an error is the end of what the peer sends.
	Receive(p []byte, peek bool) (int, error)
	// Unread returns how many bytes Receive could give now.
	Unread() int
	Shutdown(read, write bool) error
	Close() error
	// SetOption and Option know the options of setsockopt by their names,
	// such as TCP_NODELAY. ENOPROTOOPT means that the socket does not know
	// this one.
	SetOption(name string, value OptionValue) error
	Option(name string) (OptionValue, error)
	Ready() Readiness
	// State returns the RFC 9293 name of the connection's state, also after
	// Close.
	State() string
}

// SendFlags are the flags of a send call that mean something to TCP.
type SendFlags struct{ More, Urgent bool }

// OptionValue is the value of a socket option: a number, two of them for
// SO_LINGER (on, seconds), or a name for TCP_CONGESTION.
type OptionValue struct {
	N    [2]int64
	Text string
}

// Number makes an OptionValue of one number.
func Number(n int64) OptionValue { return OptionValue{N: [2]int64{n}} }

// Readiness is what poll says of a socket.
type Readiness struct {
	Readable, Writable, HangUp, PeerClosed, Error bool
}

// ErrNoPassiveOpen is what Listen returns of a stack that can only connect.
var ErrNoPassiveOpen = errors.New("the stack has no passive open")
