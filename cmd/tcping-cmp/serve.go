package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"tcping-cmp/compare/lab"
)

// serveCommand is the echo server by itself.
type serveCommand struct {
	Address string `placeholder:"ADDR" help:"Listen on this address only; without it on all, IPv4 and IPv6."`
	Port    uint16 `short:"p" default:"63751" help:"Listen on this port (default ${default}); 0 lets the kernel choose."`
	Manners string `enum:"echo-once,echo,discard,source,hangup,reset" default:"echo-once" placeholder:"MANNERS" help:"What to do with a connection: echo-once (echo, wait for the acknowledgement, close first; the default), echo (until the client closes, RFC 862), discard (RFC 863), source (send --bytes and close), hangup (close at once), reset (read what comes first, then send a RST)."`
	Bytes   int64  `placeholder:"N" help:"How many bytes echo-once echoes (default: as many as the first read brings) or source sends (default: until the client goes away)."`
}

// Validate is called by kong.
func (c *serveCommand) Validate() error {
	if c.Bytes < 0 {
		return errors.New("--bytes must be 0 or more")
	}
	return nil
}

// Run serves until a signal comes. Each connection that has ended is a line on
// standard output.
func (c *serveCommand) Run(a *app) error {
	addrs, err := c.addresses()
	if err != nil {
		return err
	}
	acceptors, err := listenAll(addrs)
	if err != nil {
		return err
	}
	if err := a.done(); err != nil {
		return err
	}
	server := lab.NewServer(lab.Manners{Manner: lab.Manner(c.Manners), Bytes: c.Bytes}, func(s lab.Served) {
		fmt.Fprintln(a.Out, s)
	}, acceptors...)
	for _, l := range acceptors {
		if l, ok := l.(interface{ Addr() net.Addr }); ok {
			fmt.Fprintf(a.Err, "tcping-cmp: listening on %v: %v\n", l.Addr(), server.Manners())
		}
	}
	<-a.ctx.Done()
	return errors.Join(context.Cause(a.ctx), server.Close())
}

// addresses returns where to listen.
func (c *serveCommand) addresses() ([]netip.AddrPort, error) {
	if c.Address == "" {
		return []netip.AddrPort{
			netip.AddrPortFrom(netip.IPv4Unspecified(), c.Port),
			netip.AddrPortFrom(netip.IPv6Unspecified(), c.Port),
		}, nil
	}
	addr, err := netip.ParseAddr(c.Address)
	if err != nil {
		return nil, fmt.Errorf("--address %q is no IP address: give one of this host", c.Address)
	}
	return []netip.AddrPort{netip.AddrPortFrom(addr, c.Port)}, nil
}

// listenAll listens on every address. A host without IPv6 is no reason to
// fail as long as one address remains.
func listenAll(addrs []netip.AddrPort) (acceptors []lab.Acceptor, err error) {
	for _, addr := range addrs {
		l, listenErr := lab.Listen(addr, lab.ListenOptions{})
		if errors.Is(listenErr, syscall.EAFNOSUPPORT) && len(acceptors) > 0 {
			continue
		}
		if listenErr != nil {
			for _, l := range acceptors {
				l.Close()
			}
			return nil, listenErr
		}
		acceptors = append(acceptors, l)
	}
	return acceptors, nil
}
