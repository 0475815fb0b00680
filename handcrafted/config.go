package handcrafted

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"

	"tcping-cmp/handcrafted/arp"
	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
	"tcping-cmp/tap"
)

// Errors of Open, Dial and Listen.
var (
	// ErrConfig: the configuration cannot work.
	ErrConfig = errors.New("bad host configuration")
	// ErrNoRoute: the destination is not on the link and there is no gateway.
	ErrNoRoute error = &hostError{"no route: the address is not on the link and no gateway is configured", enetunreach}
	// ErrNotAHost: the destination is a group or a broadcast (RFC 9293
	// §3.9.1.1, MUST-46).
	ErrNotAHost error = &hostError{"the address is not that of one host: TCP reaches no groups and no broadcasts", enetunreach}
	// ErrNoNeighbor: the next hop does not answer ARP or neighbour
	// solicitations.
	ErrNoNeighbor error = &hostError{"next hop does not answer: nobody on the link has that address", ehostunreach}
	// ErrPortInUse: the tuple of a Dial or the port of a Listen is taken, or
	// all ports are.
	ErrPortInUse error = &hostError{"address in use: choose another local port, or wait until TIME-WAIT is over", eaddrinuse}
	// ErrShared: the kernel has the address too, and refuses every SYN that we
	// would accept.
	ErrShared error = &hostError{"cannot listen at an address that the kernel has too: give the host one of its own", eaddrnotavail}
	// ErrNoAddress: the host has no address of the destination's version.
	ErrNoAddress error = &hostError{"the host has no such local address", eaddrnotavail}
)

// Config says who the host is and how it behaves.
type Config struct {
	// Link carries the frames of a Client; a Host does without.
	Link tap.Link

	MAC          net.HardwareAddr // nil takes that of the link
	Addr4, Addr6 netip.Prefix     // own address and its subnet; invalid if the version is not used
	// Gateway4 and Gateway6 are the next hops for what is off-link; invalid if
	// there are none.
	Gateway4, Gateway6 netip.Addr
	MTU                int // bytes of IP packet in a frame; 0 takes that of the link, or 1500

	// Shared says that the kernel has the same address on the same link, and
	// that only the segments of our own connections are for us: nothing else
	// is answered, above all not with a RST.
	Shared bool

	// TCP is what connections are made of: Profile, buffers, timers. Tuple,
	// MTU, ISS and TSOffset are filled in for each.
	TCP tcp.Config

	// Rand is where all randomness comes from; nil means crypto/rand. The same
	// bytes give the same run.
	Rand io.Reader

	// Logger is told of what is odd; nil means nobody.
	Logger *slog.Logger
	// Trace is told of each change of state of each connection, in order. It
	// must return soon and not call the host.
	Trace func(t wire.Tuple, change tcp.Transition)
	// Notify is told what a connection has to say beside data and errors. The
	// same holds for it.
	Notify func(t wire.Tuple, n Notice)
}

// Notice is news of a connection that goes on.
type Notice uint8

// The notices.
const (
	// NoAnswer: several retransmissions of the same segment brought nothing
	// (R1 of RFC 9293 §3.8.3, SHLD-9).
	NoAnswer Notice = iota
	// UrgentData: the peer has marked data as urgent; Conn.Urgent says how
	// much (RFC 9293 §3.8.5, MUST-32).
	UrgentData
)

func (n Notice) String() string {
	switch n {
	case NoAnswer:
		return "no answer"
	case UrgentData:
		return "urgent data"
	}
	panic("BUG: unknown notice")
}

// complete fills in defaults and refuses what cannot work.
func (cfg *Config) complete() error {
	if cfg.Link != nil {
		info := cfg.Link.Info()
		if cfg.MAC == nil {
			cfg.MAC = info.MAC
		}
		if cfg.MTU == 0 {
			cfg.MTU = info.MTU
		}
	}
	if cfg.MTU == 0 {
		cfg.MTU = 1500
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return cfg.check()
}

func (cfg *Config) check() error {
	switch {
	case len(cfg.MAC) != 6:
		return fmt.Errorf("%w: MAC address %q: give six bytes", ErrConfig, cfg.MAC)
	case cfg.MAC[0]&1 != 0:
		return fmt.Errorf("%w: MAC address %v is a group: choose one whose first byte is even", ErrConfig, cfg.MAC)
	case !cfg.Addr4.IsValid() && !cfg.Addr6.IsValid():
		return fmt.Errorf("%w: no address: give Addr4 or Addr6", ErrConfig)
	case cfg.Addr4.IsValid() && !usable(cfg.Addr4.Addr(), true):
		return fmt.Errorf("%w: %v is not an IPv4 address of one host", ErrConfig, cfg.Addr4)
	case cfg.Addr6.IsValid() && !usable(cfg.Addr6.Addr(), false):
		return fmt.Errorf("%w: %v is not an IPv6 address of one host", ErrConfig, cfg.Addr6)
	case cfg.Gateway4.IsValid() && !usable(cfg.Gateway4, true):
		return fmt.Errorf("%w: gateway %v is not an IPv4 address of one host", ErrConfig, cfg.Gateway4)
	case cfg.Gateway6.IsValid() && !usable(cfg.Gateway6, false):
		return fmt.Errorf("%w: gateway %v is not an IPv6 address of one host", ErrConfig, cfg.Gateway6)
	case cfg.MTU < 68 || cfg.MTU > 65535:
		return fmt.Errorf("%w: MTU %d is not between 68 and 65535", ErrConfig, cfg.MTU)
	case cfg.Addr6.IsValid() && cfg.MTU < 1280:
		return fmt.Errorf("%w: IPv6 needs an MTU of 1280 (RFC 8200 §5), the link has %d", ErrConfig, cfg.MTU)
	}
	return nil
}

// usable reports whether a may be the address of one host.
func usable(a netip.Addr, four bool) bool {
	return a.Is4() == four && !a.Is4In6() && a.Zone() == "" && unicast(a)
}

// unicast reports whether a packet may come from a.
func unicast(a netip.Addr) bool {
	return !a.IsMulticast() && !a.IsUnspecified() && a != broadcast
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// neighborConfig is the neighbour table's share of the configuration.
func (cfg *Config) neighborConfig() arp.Config {
	return arp.Config{MAC: wire.MAC(cfg.MAC), Addr4: cfg.Addr4.Addr(), Addr6: cfg.Addr6.Addr()}
}
