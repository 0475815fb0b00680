package lab

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/bpf"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// EthOptions say how a real host is reached.
type EthOptions struct {
	Target    netip.AddrPort
	Interface string     // empty means that of the kernel's route
	Address   netip.Addr // a spare address of the subnet; invalid means the host's own
	Quiet     time.Duration
}

// ethQuiet allows for a peer that is some way off.
const ethQuiet = 200 * time.Millisecond

// NewEth returns the place where conversations with a real host happen, over an
// interface that is already there. The kernel is kept quiet in one of two ways,
// and no rule of a firewall is touched:
//
// With the host's own address, each conversation has its own port, which
// tap.HoldPort takes from the kernel until the place is closed: the peer may
// have segments for it still. With a spare address, the kernel does not take
// the segments for its own; the stack answers for the address, after nobody
// else did (RFC 5227 §2.1.1).
//
// Everything happens in the network namespace of the thread that calls NewEth
// and Open.
//
// # Limitations
//
// The peer's state cannot be seen; a conversation is over when the stack's end
// is done and the wire is quiet. Frames of the host's other connections are
// neither seen nor recorded.
func NewEth(options EthOptions) (Place, error) {
	target := options.Target.Addr().Unmap()
	if target.IsLoopback() {
		return nil, fmt.Errorf("%w: %s is its loopback, which has no Ethernet; use --link tap, or another host", ErrOwnTarget, target)
	}
	r, err := findRoute(target, options.Interface, options.Address.Unmap())
	if err != nil {
		return nil, err
	}
	options.Target = netip.AddrPortFrom(target.WithZone(""), options.Target.Port())
	if options.Quiet == 0 {
		options.Quiet = ethQuiet
	}
	return &ethPlace{options: options, route: r}, nil
}

type ethPlace struct {
	options EthOptions
	route   route
	probe   sync.Once
	taken   error // what the probe for a spare address found

	mu     sync.Mutex
	guards []*tap.Guard
	next   uint16 // port of the spare address
}

// Close gives the held ports back to the kernel.
func (p *ethPlace) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, g := range p.guards {
		g.Close()
	}
	p.guards = nil
	return nil
}

// Open implements Place.
func (p *ethPlace) Open(ctx context.Context, _ scenario.Application) (*Site, error) {
	site := &Site{
		Remote:      p.options.Target,
		Quiet:       p.options.Quiet,
		Network:     Network{MAC: p.route.mac, MTU: p.route.mtu},
		Environment: p.environment(),
	}
	if p.route.own.Addr().Is4() {
		site.Network.Addr4, site.Network.Gateway4 = p.route.own, p.route.gateway
	} else {
		site.Network.Addr6, site.Network.Gateway6 = p.route.own, p.route.gateway
	}
	filter, err := p.claim(ctx, site)
	if err != nil {
		return nil, err
	}
	if site.Link, err = tap.OpenEth(p.route.device, tap.EthConfig{Filter: filter}); err != nil {
		return nil, err
	}
	site.owns(site.Link)
	site.Environment = append(site.Environment, Setting{"offloads", offloads(site.Link.Info())})
	return site, nil
}

// offloads lists what the driver does to frames before a capture sees them.
func offloads(info tap.Info) string {
	var on []string
	for _, o := range info.Offloads {
		if o.On {
			on = append(on, o.Name)
		}
	}
	if on == nil {
		return "none"
	}
	return strings.Join(on, ", ")
}

// claim decides where the stack dials from, sees to it that the kernel stays
// quiet about it, and returns the filter of what the stack is to see.
func (p *ethPlace) claim(ctx context.Context, site *Site) ([]bpf.RawInstruction, error) {
	own := p.route.own.Addr()
	if p.options.Address.IsValid() {
		p.probe.Do(func() { p.taken = p.probeSpare(ctx) })
		if p.taken != nil {
			return nil, p.taken
		}
		site.Local = netip.AddrPortFrom(own, p.sparePort())
		return addressFilter(own)
	}
	guard, err := tap.HoldPort(netip.AddrPortFrom(own, 0))
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.guards = append(p.guards, guard)
	p.mu.Unlock()
	site.Local = guard.Addr()
	return connectionFilter(site.Local, site.Remote)
}

// sparePort returns a new port each time: the last one may be in TIME-WAIT at
// the peer.
func (p *ethPlace) sparePort() uint16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == 0 {
		p.next = labClientPort + uint16(time.Now().UnixNano()%10000)
	}
	p.next++
	return p.next
}

// probeSpare asks whether a host has the spare address already.
func (p *ethPlace) probeSpare(ctx context.Context) error {
	link, err := tap.OpenEth(p.route.device, tap.EthConfig{})
	if err != nil {
		return err
	}
	defer link.Close()
	return tap.ProbeAddress(ctx, link, p.route.mac, p.options.Address.Unmap(), 0)
}

func (p *ethPlace) environment() []Setting {
	mode := "the host's own, its kernel kept quiet by a deaf listener on the port"
	if p.options.Address.IsValid() {
		mode = "a spare one of the subnet, which nobody answered for"
	}
	hop := "the target, on the link"
	if p.route.gateway.IsValid() {
		hop = p.route.gateway.String()
	}
	return []Setting{
		{"interface", fmt.Sprintf("%s, %v, MTU %d", p.route.device, p.route.mac, p.route.mtu)},
		{"address", fmt.Sprintf("%s: %s", p.route.own, mode)},
		{"next hop", hop},
	}
}
