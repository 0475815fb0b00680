package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"tcping-cmp/tap"
)

// checkInterfaces looks at one interface, or at all that are up.
func checkInterfaces(name string) ([]finding, error) {
	if name != "" {
		iface, err := net.InterfaceByName(name)
		if err != nil {
			return nil, meantInterface(fmt.Errorf("%s: %w: `ip link` lists those there are", name, tap.ErrNoInterface), name)
		}
		return []finding{checkInterface(iface)}, nil
	}
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("listing the interfaces: %w", err)
	}
	var findings []finding
	for i := range all {
		if all[i].Flags&net.FlagUp != 0 && all[i].Flags&net.FlagLoopback == 0 {
			findings = append(findings, checkInterface(&all[i]))
		}
	}
	if findings == nil {
		findings = append(findings, finding{gradeWarn, "interfaces", "none is up besides loopback", "the lab needs none; for a real host set one up"})
	}
	return findings, nil
}

// checkInterface says how an interface stands and what its offloads do to
// captures. Opening it sends nothing.
func checkInterface(iface *net.Interface) finding {
	f := finding{gradeOK, "interface " + iface.Name, fmt.Sprintf("MTU %d%s", iface.MTU, addresses(iface)), ""}
	link, err := tap.OpenEth(iface.Name, tap.EthConfig{})
	switch {
	case errors.Is(err, tap.ErrPrivilege):
		return f // the line about raw frames says it
	case err != nil:
		return finding{gradeWarn, f.name, err.Error(), "choose another interface, or the lab, which needs none"}
	}
	defer link.Close()
	var checksums, merging []string
	for _, o := range link.Info().Offloads {
		switch {
		case !o.On:
		case strings.HasPrefix(o.Name, "rx-gro"), strings.HasPrefix(o.Name, "rx-lro"):
			merging = append(merging, o.Name)
		case strings.HasPrefix(o.Name, "tx-checksum"):
			checksums = append(checksums, o.Name)
		}
	}
	if len(checksums) > 0 {
		f.seen += "; the host leaves checksums to it (" + strings.Join(checksums, ", ") + "), run completes them"
	}
	if len(merging) > 0 {
		f.grade = gradeWarn
		f.seen += "; it merges received segments (" + strings.Join(merging, ", ") + "), so captures can show longer ones than were sent"
		f.fix = "ethtool -K " + iface.Name + " gro off lro off"
	}
	return f
}

func addresses(iface *net.Interface) string {
	addrs, err := iface.Addrs()
	if err != nil || len(addrs) == 0 {
		return ", no address"
	}
	text := ""
	for _, a := range addrs {
		text += ", " + a.String()
	}
	return text
}

// checkDuplicates looks for an address that two interfaces of this host have:
// the route decides which of them a conversation uses.
func checkDuplicates() []finding {
	all, err := net.Interfaces()
	if err != nil {
		return []finding{{gradeWarn, "addresses", err.Error(), ""}}
	}
	owner := map[netip.Addr]string{}
	var findings []finding
	for _, iface := range all {
		addrs, _ := iface.Addrs()
		for _, a := range addrs {
			prefix, err := netip.ParsePrefix(a.String())
			if err != nil || prefix.Addr().IsLinkLocalUnicast() {
				continue
			}
			if other, taken := owner[prefix.Addr()]; taken {
				findings = append(findings, finding{gradeWarn, "address " + prefix.Addr().String(),
					fmt.Sprintf("on %s and on %s", other, iface.Name), "take it from one of them, or name the interface with --interface"})
			}
			owner[prefix.Addr()] = iface.Name
		}
	}
	if findings == nil {
		findings = append(findings, finding{gradeOK, "addresses", "no two interfaces have the same; --interface asks the network", ""})
	}
	return findings
}

// checkTaken asks on the interface's wire who has an address: the one named,
// or each of the interface's own.
func checkTaken(ctx context.Context, name, address string) ([]finding, error) {
	iface, err := net.InterfaceByName(name)
	if err != nil {
		return nil, err
	}
	addrs, err := addressesToProbe(iface, address)
	if err != nil {
		return nil, err
	}
	link, err := tap.OpenEth(name, tap.EthConfig{})
	if err != nil {
		return nil, err
	}
	defer link.Close()
	var findings []finding
	for _, addr := range addrs {
		f := finding{gradeOK, "address " + addr.String(), "nobody else on " + name + " answers for it", ""}
		switch err := tap.ProbeAddress(ctx, link, iface.HardwareAddr, addr, 0); {
		case errors.Is(err, tap.ErrAddressTaken):
			f.grade, f.seen, f.fix = gradeFail, err.Error(), "use another address, or take this one from the other host"
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			return nil, err
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// addressesToProbe is the address that was named, or the interface's own.
func addressesToProbe(iface *net.Interface, address string) ([]netip.Addr, error) {
	if address != "" {
		addr, err := netip.ParseAddr(address)
		if err != nil {
			return nil, fmt.Errorf("--address %q is no IP address: give one such as 192.0.2.9", address)
		}
		return []netip.Addr{addr}, nil
	}
	own, err := iface.Addrs()
	if err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	for _, a := range own {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			addrs = append(addrs, prefix.Addr())
		}
	}
	return addrs, nil
}
