// Package arp finds out which Ethernet address has an IP address: with ARP for
// IPv4 (RFC 826) and with neighbour discovery for IPv6 (RFC 4861). It answers
// the same question about its own addresses, and defends them (RFC 5227 §2.4).
//
// It holds neither sockets nor clocks: frames and the time go in, frames and
// the next deadline come out.
//
// # Limitations
//
// Router solicitations, redirects and proxies are not handled: the next hop is
// for the caller to choose. Nobody is asked whether an address is free before it
// is used; tap.ProbeAddress does that. Multicast groups are not reported (no MLD), so a
// switch that snoops may keep solicitations away from an address that nobody
// announced. Neighbours that nobody asked for are not learnt.
package arp
