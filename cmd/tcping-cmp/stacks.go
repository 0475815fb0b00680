package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"tcping-cmp/compare/lab"
	"tcping-cmp/handcrafted"
	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/netstack"
	"tcping-cmp/tap"
)

// handcraftedName is what reports call the hand-made stack.
const handcraftedName = "handcrafted"

// newStack returns a stack by its name on the command line; the profile is the
// hand-made one's.
func newStack(name, profile string) lab.Stack {
	switch name {
	case handcraftedName:
		return handmade{profileNamed(profile)}
	case netstack.Name:
		return netstack.New()
	case lab.KernelName:
		return lab.Kernel()
	}
	panic(fmt.Sprintf("BUG: no stack %q", name))
}

func profileNamed(name string) tcp.Profile {
	if name == tcp.TcpingPy.Name {
		return tcp.TcpingPy
	}
	return tcp.RFC
}

// handmade makes a lab.Stack of the hand-made host.
type handmade struct{ profile tcp.Profile }

func (handmade) Name() string { return handcraftedName }

// Settings lists what shows on the wire.
func (s handmade) Settings() []lab.Setting {
	p := s.profile
	list := []lab.Setting{{Name: "profile", Value: p.Name}, {Name: "options", Value: offered(p)}}
	if p.FixedWindow != 0 {
		list = append(list, lab.Setting{Name: "window", Value: fmt.Sprintf("%d, always", p.FixedWindow)})
	} else {
		list = append(list, lab.Setting{Name: "receive buffer", Value: fmt.Sprintf("%d to %d bytes", tcp.DefaultRecvBuffer, tcp.DefaultMaxRecvBuffer)})
	}
	list = append(list, lab.Setting{Name: "delayed ACK", Value: either(p.AckEach, "none: every segment has its own", tcp.DefaultDelayedACK.String())})
	return append(list,
		lab.Setting{Name: "retransmission", Value: either(p.NoRetransmission, "none", "RFC 6298")},
		lab.Setting{Name: "TIME-WAIT", Value: (2 * tcp.DefaultMSL).String()},
		lab.Setting{Name: "TTL", Value: fmt.Sprint(p.TTL)},
		lab.Setting{Name: "don't fragment", Value: either(p.DF, "set", "clear")},
	)
}

func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// offered names the options of the SYN.
func offered(p tcp.Profile) string {
	var names []string
	for _, o := range []struct {
		on   bool
		name string
	}{{p.MSS, "MSS"}, {p.SACK, "SACK"}, {p.Timestamps, "timestamps"}, {p.WindowScale, "window scale"}} {
		if o.on {
			names = append(names, o.name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// Attach implements lab.Stack.
func (s handmade) Attach(ctx context.Context, link tap.Link, network lab.Network) (lab.Host, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, err := handcrafted.Open(handcrafted.Config{
		Link: link, MAC: network.MAC, MTU: network.MTU,
		Addr4: network.Addr4, Addr6: network.Addr6,
		Gateway4: network.Gateway4, Gateway6: network.Gateway6,
		TCP: tcp.Config{Profile: s.profile},
	})
	if err != nil {
		return nil, err
	}
	return handmadeHost{client}, nil
}

type handmadeHost struct{ *handcrafted.Client }

// Dial implements lab.Host.
func (h handmadeHost) Dial(ctx context.Context, local, remote netip.AddrPort) (lab.Conn, error) {
	conn, err := h.Client.Dial(ctx, local, remote)
	if err != nil {
		return nil, err // not a nil *Conn in an interface
	}
	return conn, nil
}
