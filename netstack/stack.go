package netstack

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/link/ethernet"
	"gvisor.dev/gvisor/pkg/tcpip/network/arp"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/icmp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"

	"tcping-cmp/compare/lab"
	"tcping-cmp/tap"
)

// Name is what reports call the stack.
const Name = "netstack"

const (
	nic = tcpip.NICID(1)

	// queueLen is the channel endpoint's transmit queue in packets. When it
	// is full the endpoint drops without a word, so it holds more than a
	// 4 MiB window of full segments.
	queueLen = 4096
)

// New returns gVisor's TCP with the library's defaults.
func New() lab.Stack { return netstack{} }

type netstack struct{}

func (netstack) Name() string { return Name }

// Attach puts a new, empty stack on the link.
func (netstack) Attach(ctx context.Context, link tap.Link, network lab.Network) (lab.Host, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return attach(link, network, nil)
}

// newStack returns a stack with no link, everything as the library has it.
// probe may be nil.
func newStack(probe tcp.TCPProbeFunc) *stack.Stack {
	return stack.New(stack.Options{
		NetworkProtocols: []stack.NetworkProtocolFactory{
			arp.NewProtocol, ipv4.NewProtocol, ipv6.NewProtocol,
		},
		TransportProtocols: []stack.TransportProtocolFactory{
			tcp.NewProtocolProbe(probe), icmp.NewProtocol4, icmp.NewProtocol6,
		},
	})
}

// configure creates the stack's one interface on ch and gives it the
// addresses and routes of network.
func configure(s *stack.Stack, ch *channel.Endpoint, network lab.Network) error {
	if err := s.CreateNIC(nic, ethernet.New(ch)); err != nil {
		return setupError("create the interface", err)
	}
	for _, place := range []struct {
		own     netip.Prefix
		gateway netip.Addr
		all     tcpip.Subnet
	}{
		{network.Addr4, network.Gateway4, header.IPv4EmptySubnet},
		{network.Addr6, network.Gateway6, header.IPv6EmptySubnet},
	} {
		if !place.own.IsValid() {
			continue
		}
		if err := addAddress(s, place.own); err != nil {
			return err
		}
		if place.gateway.IsValid() {
			s.AddRoute(tcpip.Route{Destination: place.all, Gateway: address(place.gateway), NIC: nic})
		}
	}
	return nil
}

// addAddress gives the interface an address and the route to its subnet.
func addAddress(s *stack.Stack, own netip.Prefix) error {
	with := tcpip.AddressWithPrefix{Address: address(own.Addr()), PrefixLen: own.Bits()}
	protocol := tcpip.ProtocolAddress{Protocol: protocolOf(own.Addr()), AddressWithPrefix: with}
	if err := s.AddProtocolAddress(nic, protocol, stack.AddressProperties{}); err != nil {
		return setupError(fmt.Sprintf("add the address %s", own), err)
	}
	s.AddRoute(tcpip.Route{Destination: with.Subnet(), NIC: nic})
	return nil
}

// channelFor returns the endpoint whose MTU, after the Ethernet header that
// ethernet.New takes off it, is that of the network.
func channelFor(link tap.Link, network lab.Network) (*channel.Endpoint, error) {
	mac, mtu := network.MAC, network.MTU
	if mac == nil {
		mac = link.Info().MAC
	}
	if mtu == 0 {
		mtu = link.Info().MTU
	}
	if len(mac) != header.EthernetAddressSize {
		return nil, errors.New("netstack: the network names no Ethernet address to send from; give it one")
	}
	return channel.New(queueLen, uint32(mtu+header.EthernetMinimumSize), tcpip.LinkAddress(mac)), nil
}

func address(a netip.Addr) tcpip.Address { return tcpip.AddrFromSlice(a.Unmap().AsSlice()) }

func protocolOf(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Unmap().Is4() {
		return ipv4.ProtocolNumber
	}
	return ipv6.ProtocolNumber
}
