package lab

import (
	"context"
	"io"
	"net/netip"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// Place is where the conversations of a comparison happen: each gets a site
// of its own, and as far as the place allows, all sites are alike.
type Place interface {
	// Open prepares a site for one conversation by the script.
	Open(ctx context.Context, app scenario.Application) (*Site, error)
	// Close frees what outlives a conversation.
	Close() error
}

// Site is a wire with a peer at its far end, for one conversation.
type Site struct {
	Link        tap.Link // the near end; the stack under test goes here
	Network     Network
	Local       netip.AddrPort // where the stack is to dial from
	Remote      netip.AddrPort // where the peer listens
	Quiet       time.Duration  // how long the wire must be quiet before the conversation is over
	Environment []Setting

	// PeerState returns the RFC 9293 name of the state that the peer's end of
	// the connection is in; nil if it cannot be seen.
	PeerState func() string
	// PeerErr returns what went wrong at the peer; nil if it cannot be seen.
	PeerErr func() error

	closers []io.Closer // closed in reverse order
}

// Close closes the link and frees everything behind it.
func (s *Site) Close() error {
	var first error
	for i := len(s.closers) - 1; i >= 0; i-- {
		if err := s.closers[i].Close(); err != nil && first == nil {
			first = err
		}
	}
	s.closers = nil
	return first
}

// owns makes c part of what Close closes.
func (s *Site) owns(c io.Closer) { s.closers = append(s.closers, c) }

// The addresses of the labs: those set aside for documentation, so that
// nobody takes them for a real host's (RFC 5737 §3, RFC 3849 §2).
var (
	labClient4 = netip.MustParsePrefix("192.0.2.2/24")
	labServer4 = netip.MustParsePrefix("192.0.2.1/24")
	labClient6 = netip.MustParsePrefix("2001:db8::2/64")
	labServer6 = netip.MustParsePrefix("2001:db8::1/64")
)

// The lab's Ethernet addresses are locally administered and always the same.
var (
	labClientMAC = []byte{0x02, 0, 0, 0, 0, 0x02}
	labServerMAC = []byte{0x02, 0, 0, 0, 0, 0x01}
)

const (
	// EchoPort is the port of the project's echo server.
	EchoPort = 63751
	// labClientPort is where stacks dial from. Every site is new, so all can
	// have the same.
	labClientPort = 40000
	labMTU        = 1500
	// labQuiet is generous: the far end is a few microseconds away.
	labQuiet = 10 * time.Millisecond
)

// LabOptions shape a lab's sites. The zero value is IPv4 at an MTU of 1500.
type LabOptions struct {
	IPv6       bool
	MTU        int                     // bytes of IP packet; 0 means 1500
	Manners    *Manners                // what the server does; nil means what the script needs
	Congestion string                  // of the server; empty means cubic, or reno where there is none
	Port       uint16                  // of the server; 0 means EchoPort
	Filter     func(tap.Link) tap.Link // wraps the near end, for example to impair it; nil leaves it alone
}

func (o LabOptions) withDefaults(app scenario.Application) LabOptions {
	if o.MTU == 0 {
		o.MTU = labMTU
	}
	if o.Port == 0 {
		o.Port = EchoPort
	}
	if o.Manners == nil {
		m := MannersFor(app)
		o.Manners = &m
	}
	return o
}

// site returns a site with the lab's addresses and no link yet.
func (o LabOptions) site() *Site {
	s := &Site{Quiet: labQuiet, Network: Network{MAC: labClientMAC, MTU: o.MTU}}
	client, server := labClient4, labServer4
	if o.IPv6 {
		client, server = labClient6, labServer6
		s.Network.Addr6 = client
	} else {
		s.Network.Addr4 = client
	}
	s.Local = netip.AddrPortFrom(client.Addr(), labClientPort)
	s.Remote = netip.AddrPortFrom(server.Addr(), o.Port)
	return s
}
