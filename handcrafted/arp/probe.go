package arp

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// The pace of probing for an IPv4 address (RFC 5227 §1.1).
const (
	probeWait    = time.Second
	probeNum     = 3
	probeMin     = time.Second
	probeMax     = 2 * time.Second
	announceWait = 2 * time.Second
)

// A Probe finds out whether an address is free before anybody uses it: three
// ARP probes with a random pause before each (RFC 5227 §2.1.1), or one
// neighbour solicitation from the unspecified address (RFC 4862 §5.4.2).
type Probe struct {
	table *Table // speaks for the address that is not ours yet
	addr  netip.Addr
	rand  *rand.Rand
	left  int // questions still to ask
	next  time.Time
	taken bool
	owner wire.MAC
}

// NewProbe begins to ask for addr from mac at now. The pauses come from r.
func NewProbe(now time.Time, mac wire.MAC, addr netip.Addr, r *rand.Rand) *Probe {
	p := &Probe{table: New(Config{MAC: mac}), addr: addr, rand: r, left: probeNum}
	if addr.Is6() {
		p.left = 1
	}
	p.next = now.Add(p.pause(0, probeWait))
	return p
}

func (p *Probe) pause(least, most time.Duration) time.Duration {
	return least + time.Duration(p.rand.Int64N(int64(most-least)))
}

// Next returns when Tick wants to be called; the zero time means that the
// answer is known.
func (p *Probe) Next() time.Time { return p.next }

// Done reports whether the answer is known, and whether the address is free.
// If it is not, owner has it.
func (p *Probe) Done() (done, free bool, owner wire.MAC) {
	return p.next.IsZero(), p.next.IsZero() && !p.taken, p.owner
}

// Tick asks if it is time, and ends the probe when nobody answered.
func (p *Probe) Tick(now time.Time) (e Effects) {
	if p.next.IsZero() || now.Before(p.next) {
		return e
	}
	if p.left == 0 {
		p.next = time.Time{}
		return e
	}
	p.left--
	p.ask(&e)
	switch {
	case p.left > 0:
		p.next = now.Add(p.pause(probeMin, probeMax))
	case p.addr.Is6():
		p.next = now.Add(retryInterval)
	default:
		p.next = now.Add(announceWait)
	}
	return e
}

func (p *Probe) ask(e *Effects) {
	if p.addr.Is4() {
		e.send(p.table.arpFrame(wire.Broadcast, wire.ARP{
			Op: wire.ARPRequest, SenderIP: netip.IPv4Unspecified(), TargetIP: p.addr,
		}))
		return
	}
	dst := wire.SolicitedNode(p.addr)
	e.send(p.table.ndpFrame(wire.MulticastMAC6(dst), netip.IPv6Unspecified(), dst, wire.Neighbor{Target: p.addr}))
}

// ReceiveARP looks for somebody who has the address, or wants it at the same
// time (RFC 5227 §2.1.1).
func (p *Probe) ReceiveARP(a *wire.ARP) {
	if a.SenderMAC == p.table.cfg.MAC {
		return
	}
	wants := a.Op == wire.ARPRequest && a.SenderIP.IsUnspecified() && a.TargetIP == p.addr
	if a.SenderIP == p.addr || wants {
		p.found(a.SenderMAC)
	}
}

// ReceiveNDP does the same for IPv6 (RFC 4862 §5.4.3, §5.4.4).
func (p *Probe) ReceiveNDP(from wire.MAC, h *wire.IP, m *wire.ICMP) {
	n, err := wire.ParseNeighbor(m)
	if err != nil || h.TTL != hopLimit || from == p.table.cfg.MAC || n.Target != p.addr {
		return
	}
	if n.Advert || h.Src.IsUnspecified() {
		p.found(from)
	}
}

func (p *Probe) found(owner wire.MAC) {
	p.taken, p.owner, p.next = true, owner, time.Time{}
}
