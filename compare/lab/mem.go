package lab

import (
	"context"
	"net/netip"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// PeerServer is a server that a stack other than the kernel runs.
type PeerServer interface {
	// State returns the RFC 9293 name of the state that its end of a
	// connection is in.
	State(local, remote netip.AddrPort) string
	// Err returns what went wrong so far, nil if nothing.
	Err() error
	Close() error
}

// ServeFunc puts a server on a link. The link stays open when the server is
// closed.
type ServeFunc func(link tap.Link, network Network, port uint16, m Manners) (PeerServer, error)

// NewMem returns a lab that needs no privilege and no Linux: every
// conversation gets a wire in memory, with the server that serve puts on its
// far end. name says in the report what that server is.
func NewMem(name string, serve ServeFunc, options LabOptions) Place {
	return &memPlace{name: name, serve: serve, options: options}
}

type memPlace struct {
	name    string
	serve   ServeFunc
	options LabOptions
}

func (p *memPlace) Close() error { return nil }

// Open implements Place.
func (p *memPlace) Open(ctx context.Context, app scenario.Application) (*Site, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o := p.options.withDefaults(app)
	site := o.site()
	near, far := tap.MemPair(tap.MemOptions{MTU: o.MTU})
	site.owns(near)
	site.owns(far)
	server, err := p.serve(far, o.serverNetwork(), o.Port, *o.Manners)
	if err != nil {
		site.Close()
		return nil, err
	}
	site.owns(server)
	site.Link = o.filter(near)
	site.PeerErr = server.Err
	site.PeerState = func() string { return server.State(site.Remote, site.Local) }
	site.Environment = []Setting{{"server", p.name}, {"server manners", o.Manners.String()}}
	return site, nil
}

// serverNetwork is the far end's place on the wire.
func (o LabOptions) serverNetwork() Network {
	n := Network{MAC: labServerMAC, MTU: o.MTU}
	if o.IPv6 {
		n.Addr6 = labServer6
	} else {
		n.Addr4 = labServer4
	}
	return n
}

func (o LabOptions) filter(l tap.Link) tap.Link {
	if o.Filter == nil {
		return l
	}
	return o.Filter(l)
}
