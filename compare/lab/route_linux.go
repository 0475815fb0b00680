package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"tcping-cmp/tap"
)

// route says how the host reaches a target.
type route struct {
	device  string
	mac     net.HardwareAddr
	mtu     int
	own     netip.Prefix // the host's address and subnet
	gateway netip.Addr   // next hop; invalid if the target is on the link
}

// Errors of a route lookup.
var (
	ErrNoRoute   = errors.New("no route")
	ErrOwnTarget = errors.New("the target is this host")
)

// findRoute asks the kernel how it would reach the target from the calling
// thread's network namespace. device may be empty. spare, if valid, replaces
// the host's own address.
func findRoute(target netip.Addr, device string, spare netip.Addr) (route, error) {
	options := &netlink.RouteGetOptions{Oif: device}
	if zone := target.Zone(); zone != "" && device == "" {
		options.Oif = zone
	}
	if options.Oif != "" {
		if err := usable(options.Oif); err != nil {
			return route{}, err
		}
	}
	found, err := netlink.RouteGetWithOptions(target.WithZone("").AsSlice(), options)
	if err != nil || len(found) == 0 {
		return route{}, fmt.Errorf("%w to %s: set an interface up that leads there, or name it (%v)", ErrNoRoute, target, err)
	}
	r := found[0]
	if r.Type == unix.RTN_LOCAL {
		return route{}, fmt.Errorf("%w: %s is one of its own addresses, which no frame reaches over an interface; use --link tap, or another host", ErrOwnTarget, target)
	}
	dev, err := netlink.LinkByIndex(r.LinkIndex)
	if err != nil {
		return route{}, fmt.Errorf("interface %d of the route to %s: %w", r.LinkIndex, target, err)
	}
	attrs := dev.Attrs()
	if len(attrs.HardwareAddr) != 6 {
		return route{}, fmt.Errorf("%s is not an Ethernet: name an interface that is (--interface)", attrs.Name)
	}
	out := route{device: attrs.Name, mac: attrs.HardwareAddr, mtu: attrs.MTU}
	if r.MTU > 0 && r.MTU < out.mtu {
		out.mtu = r.MTU
	}
	if out.own, err = ownPrefix(dev, r.Src, spare); err != nil {
		return route{}, err
	}
	switch {
	case r.Gw != nil:
		out.gateway, _ = netip.AddrFromSlice(r.Gw)
		out.gateway = out.gateway.Unmap()
	case !out.own.Contains(target.WithZone("")):
		out.gateway = target.WithZone("") // on the link, though not in the subnet
	}
	return out, nil
}

// usable says why an interface that was asked for carries nothing.
func usable(device string) error {
	dev, err := netlink.LinkByName(device)
	if err != nil {
		return fmt.Errorf("%s: %w: `ip link` lists those there are", device, tap.ErrNoInterface)
	}
	if dev.Attrs().Flags&net.FlagUp == 0 {
		return fmt.Errorf("%s: %w: `ip link set %s up` sets it up", device, tap.ErrLinkDown, device)
	}
	return nil
}

// ownPrefix returns the address to send from with its subnet: the spare one if
// there is one, otherwise the source of the kernel's choice.
func ownPrefix(dev netlink.Link, source net.IP, spare netip.Addr) (netip.Prefix, error) {
	addrs, err := netlink.AddrList(dev, unix.AF_UNSPEC)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("addresses of %s: %w", dev.Attrs().Name, err)
	}
	wanted, _ := netip.AddrFromSlice(source)
	wanted = wanted.Unmap()
	for _, a := range addrs {
		addr, _ := netip.AddrFromSlice(a.IP)
		bits, _ := a.Mask.Size()
		p := netip.PrefixFrom(addr.Unmap(), bits)
		switch {
		case spare.IsValid() && p.Addr() == spare:
			return netip.Prefix{}, fmt.Errorf("%s is this host's own address: leave --address out to use it", spare)
		case spare.IsValid() && p.Contains(spare):
			return netip.PrefixFrom(spare, bits), nil
		case !spare.IsValid() && p.Addr() == wanted:
			return p, nil
		}
	}
	if spare.IsValid() {
		return netip.Prefix{}, fmt.Errorf("%s is in no subnet of %s: choose a free address of one", spare, dev.Attrs().Name)
	}
	if wanted.IsValid() {
		return netip.PrefixFrom(wanted, wanted.BitLen()), nil // of another interface
	}
	return netip.Prefix{}, fmt.Errorf("%s has no address: give it one", dev.Attrs().Name)
}
