//go:build !linux

package tap

import "net/netip"

// Guard keeps the kernel quiet about a port; it needs Linux.
type Guard struct{}

// HoldPort needs Linux; it returns ErrNotSupported.
func HoldPort(netip.AddrPort) (*Guard, error) { return nil, ErrNotSupported }

// Addr returns the zero address.
func (g *Guard) Addr() netip.AddrPort { return netip.AddrPort{} }

// Close does nothing.
func (g *Guard) Close() error { return nil }
