package handcrafted

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"tcping-cmp/handcrafted/arp"
	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// Host is one station on a link, without the link: it is told what arrives
// and what time it is, and appends what it sends to Effects. It is not safe
// for concurrent use; the caller serialises.
type Host struct {
	cfg       Config
	mac       wire.MAC
	addr4     netip.Addr
	addr6     netip.Addr
	subnet    netip.Addr // broadcast address of our IPv4 subnet; invalid if there is none
	table     *arp.Table
	numbers   *tcp.Numbers
	flows     map[wire.Tuple]*Flow
	opened    uint64                 // flows so far
	acceptors map[uint16][]*Acceptor // by local port
	deadlines deadlines
	touched   []*Flow     // those whose connection may have changed, for the Client
	knocked   []*Listener // those who may have a connection to accept, for the Client
	batch     batch
	ipID      uint16
	counters  Counters
	debug     bool // Config.Logger wants to know of every change of state
}

// NewHost makes a host. Config.Link is not used.
func NewHost(cfg Config) (*Host, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	source := cfg.Rand
	if source == nil {
		source = rand.Reader
	}
	var random [34]byte
	if _, err := io.ReadFull(source, random[:]); err != nil {
		return nil, fmt.Errorf("reading random bytes: %w", err)
	}
	return &Host{
		cfg:     cfg,
		mac:     wire.MAC(cfg.MAC),
		addr4:   cfg.Addr4.Addr(),
		addr6:   cfg.Addr6.Addr(),
		subnet:  broadcastOf(cfg.Addr4),
		table:   arp.New(cfg.neighborConfig()),
		numbers: tcp.NewNumbers([32]byte(random[:32])),
		ipID:    binary.BigEndian.Uint16(random[32:]),
		flows:   make(map[wire.Tuple]*Flow),
		debug:   cfg.Logger.Enabled(context.Background(), slog.LevelDebug),
	}, nil
}

// Next returns when Tick wants to be called; the zero time means never.
func (h *Host) Next() time.Time {
	next := h.table.Next()
	if at := h.deadlines.first(); !at.IsZero() && (next.IsZero() || at.Before(next)) {
		next = at
	}
	return next
}

// Tick runs every timer that is due.
func (h *Host) Tick(now time.Time, e *Effects) {
	n := h.table.Tick(now)
	h.neighbors(n, e)
	for _, addr := range n.Failed {
		h.unreachable(now, addr, e)
	}
	for at := h.deadlines.first(); !at.IsZero() && !now.Before(at); at = h.deadlines.first() {
		f := h.deadlines.heap[0]
		h.apply(now, f, f.tcp.Tick(now), e)
		if !f.next.IsZero() && !f.next.After(now) {
			break // it wants to be called again at once: let the frames out first
		}
	}
}

// unreachable ends what waits for a neighbour that does not answer. Only
// connections that are being opened fail: an established one repeats what was
// lost, and R2 decides (RFC 9293 §3.8.3). One that the neighbour opened, in
// whose name whoever it was, is forgotten.
func (h *Host) unreachable(now time.Time, hop netip.Addr, e *Effects) {
	h.cfg.Logger.Debug("neighbour does not answer", "address", hop)
	waiting := h.where(func(f *Flow) bool { return f.hop.Addr() == hop && !f.tcp.Established() })
	for _, f := range waiting {
		switch {
		case f.tcp.Passive():
			h.apply(now, f, f.tcp.Forget(now), e)
		case f.tcp.State() == tcp.SynSent:
			f.err = ErrNoNeighbor
			h.apply(now, f, f.tcp.Abort(now), e)
		}
	}
}

// AbortAll ends every connection, in the order in which they were opened, with
// a RST where the peer still counts on it. Those in TIME-WAIT just go.
func (h *Host) AbortAll(now time.Time, e *Effects) {
	for _, f := range h.where(func(*Flow) bool { return true }) {
		h.apply(now, f, f.tcp.Abort(now), e)
	}
}

// where returns the connections that meet a condition, in the order in which
// they were opened.
func (h *Host) where(condition func(*Flow) bool) (found []*Flow) {
	for _, f := range h.flows {
		if condition(f) {
			found = append(found, f)
		}
	}
	slices.SortFunc(found, func(a, b *Flow) int { return cmp.Compare(a.id, b.id) })
	return found
}

// Counters returns what was counted so far.
func (h *Host) Counters() Counters { return h.counters }

// Conflicts returns how often another station used an address of ours.
func (h *Host) Conflicts() int { return h.table.Conflicts() }

// broadcastOf returns the address of all hosts in an IPv4 subnet (RFC 922); one
// of two addresses has none (RFC 3021).
func broadcastOf(p netip.Prefix) (all netip.Addr) {
	if !p.IsValid() || p.Bits() >= 31 {
		return all
	}
	b := p.Addr().As4()
	n := binary.BigEndian.Uint32(b[:]) | ^uint32(0)>>p.Bits()
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, n)))
}

// oneHost reports whether an address can be that of one host.
func (h *Host) oneHost(a netip.Addr) bool { return unicast(a) && a != h.subnet }

// route chooses source address and next hop for a destination: the
// destination itself if it is on the link, the gateway otherwise (RFC 9293
// §3.9.1.1, MUST-44). Groups and broadcasts are refused (MUST-46).
func (h *Host) route(dst netip.Addr) (src, hop netip.Addr, err error) {
	own, gateway := h.cfg.Addr6, h.cfg.Gateway6
	if dst.Is4() {
		own, gateway = h.cfg.Addr4, h.cfg.Gateway4
	}
	switch {
	case !own.IsValid():
		return src, hop, ErrNoAddress
	case !h.oneHost(dst):
		return src, hop, ErrNotAHost
	case own.Contains(dst) || dst.IsLinkLocalUnicast():
		return own.Addr(), dst, nil
	case !gateway.IsValid():
		return src, hop, ErrNoRoute
	}
	return own.Addr(), gateway, nil
}
