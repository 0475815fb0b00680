package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// target is HOST:PORT as the user wrote it.
type target struct {
	Host string // a name or an address, without brackets
	Port uint16
}

// parseTarget reads HOST:PORT or [IPv6 address]:PORT.
func parseTarget(s string) (target, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		if _, ipErr := netip.ParseAddr(s); ipErr == nil {
			return target{}, fmt.Errorf("%s has no port: write %s", s, net.JoinHostPort(s, "PORT"))
		}
		return target{}, fmt.Errorf("%q is not HOST:PORT (an IPv6 address stands in brackets, [::1]:80)", s)
	}
	if host == "" {
		return target{}, fmt.Errorf("%q names no host: write HOST:PORT", s)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return target{}, fmt.Errorf("%q is not a port: give a number from 1 to 65535", port)
	}
	return target{host, uint16(n)}, nil
}

// resolve returns the target's address, IPv4 before IPv6.
func (t target) resolve(ctx context.Context) (netip.AddrPort, error) {
	addr, err := netip.ParseAddr(t.Host)
	if err == nil {
		return netip.AddrPortFrom(addr.Unmap(), t.Port), nil
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", t.Host)
	if ctx.Err() != nil {
		return netip.AddrPort{}, context.Cause(ctx)
	}
	if err != nil || len(addrs) == 0 {
		return netip.AddrPort{}, unknownHost(t.Host, err)
	}
	addr = addrs[0].Unmap()
	for _, a := range addrs {
		if a.Unmap().Is4() {
			addr = a.Unmap()
			break
		}
	}
	return netip.AddrPortFrom(addr, t.Port), nil
}

// unknownHost is the sentence for a name that has no address.
func unknownHost(host string, err error) error {
	var dns *net.DNSError
	if errors.As(err, &dns) && !dns.IsNotFound {
		return fmt.Errorf("the name %s could not be looked up, because no name server answers (%s): give its address instead", host, dns.Err)
	}
	return fmt.Errorf("unknown host %s: check the spelling, or give its address", host)
}
