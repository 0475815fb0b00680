package handcrafted

import (
	"net/netip"
	"time"

	"tcping-cmp/handcrafted/arp"
	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// Flow is one connection of a Host: the state machine and what it takes to
// put its segments into frames. Its calls are those of tcp.Conn; the frames go
// to Effects.
type Flow struct {
	host  *Host
	id    uint64 // in the order of opening
	tcp   *tcp.Conn
	tuple wire.Tuple
	hop   *arp.Neighbor
	eth   wire.Ethernet
	ip    wire.IP
	err   error // why the host ended it; the connection's own error otherwise

	timestamps bool      // they are in use
	waiting    time.Time // since when in TIME-WAIT

	next  time.Time // when tcp wants its Tick
	place int       // in the host's deadlines, -1 if it is not there
	dead  bool      // closed and forgotten by the host

	touched  bool // it is in the host's list
	conn     *Conn
	acceptor *Acceptor // of one that nobody has accepted yet
}

// Open starts a connection. A local port of 0 is chosen by RFC 6056, a local
// address that is not valid by the route.
func (h *Host) Open(now time.Time, local, remote netip.AddrPort, e *Effects) (*Flow, error) {
	remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	src, hop, err := h.route(remote.Addr())
	if err != nil {
		return nil, err
	}
	if a := local.Addr().Unmap(); a.IsValid() && !a.IsUnspecified() && a != src {
		return nil, ErrNoAddress
	}
	tuple := wire.Tuple{Local: netip.AddrPortFrom(src, local.Port()), Remote: remote}
	if tuple, err = h.choosePort(now, tuple, e); err != nil {
		return nil, err
	}
	cfg := h.cfg.TCP
	cfg.Tuple, cfg.MTU = tuple, h.cfg.MTU
	cfg.ISS, cfg.TSOffset = h.numbers.ISN(now, tuple), h.numbers.TSOffset(tuple)
	conn, effects := tcp.Open(now, cfg)
	if conn.State() == tcp.Closed {
		return nil, conn.Err()
	}
	f := h.newFlow(conn, tuple, hop)
	h.apply(now, f, effects, e)
	return f, nil
}

// newFlow makes the templates of its headers.
func (h *Host) newFlow(conn *tcp.Conn, t wire.Tuple, hop netip.Addr) *Flow {
	h.opened++
	f := &Flow{
		host: h, id: h.opened, tcp: conn, tuple: t, place: -1,
		hop: h.table.Hold(hop),
		eth: wire.Ethernet{Src: h.mac, Type: wire.TypeIPv6},
		ip:  wire.IP{Src: t.Local.Addr(), Dst: t.Remote.Addr(), Protocol: wire.ProtocolTCP},
	}
	if f.ip.Dst.Is4() {
		f.eth.Type = wire.TypeIPv4
		f.ip.DontFragment = conn.Profile().DF
	} else {
		f.ip.FlowLabel = h.flowLabel(t)
	}
	h.flows[t] = f
	return f
}

// flowLabel is a number that all packets of a connection share and that tells
// nothing about it (RFC 6437 §3).
func (h *Host) flowLabel(t wire.Tuple) uint32 {
	swapped := wire.Tuple{Local: t.Remote, Remote: t.Local}
	return max(1, h.numbers.TSOffset(swapped)&0xfffff)
}

// apply takes over what a call on the connection wants: segments, changes of
// state and the next deadline.
func (h *Host) apply(now time.Time, f *Flow, effects tcp.Effects, e *Effects) {
	for i := range effects.Out {
		h.sendSegment(now, f, &effects.Out[i], e)
	}
	for _, change := range effects.Trace {
		if h.debug { // what goes into a line costs allocations
			h.cfg.Logger.Debug("state", "connection", f.tuple, "from", change.From, "to", change.To, "clause", change.Clause)
		}
		if h.cfg.Trace != nil {
			h.cfg.Trace(f.tuple, change)
		}
		if change.To == tcp.TimeWait {
			f.waiting = now
		}
	}
	if effects.Suspect {
		f.hop.Doubt()
		h.notify(f, NoAnswer)
	}
	if effects.Urgent {
		h.notify(f, UrgentData)
	}
	if f.tcp.State() == tcp.Closed {
		h.forget(f)
	} else {
		h.deadlines.set(f, effects.Next)
	}
	if f.acceptor != nil {
		f.acceptor.follow(f)
	}
	h.touch(f)
}

// notify tells whoever asked for it.
func (h *Host) notify(f *Flow, n Notice) {
	h.cfg.Logger.Debug("notice", "connection", f.tuple, "notice", n)
	if h.cfg.Notify != nil {
		h.cfg.Notify(f.tuple, n)
	}
}

// touch notes that somebody may be waiting for what has just happened.
func (h *Host) touch(f *Flow) {
	if !f.touched && f.conn != nil {
		f.touched = true
		h.touched = append(h.touched, f)
	}
}

// forget drops a closed connection.
func (h *Host) forget(f *Flow) {
	if !f.dead {
		f.dead = true
		delete(h.flows, f.tuple)
		h.deadlines.set(f, time.Time{})
		h.table.Release(f.hop)
	}
}

// Err returns why the connection ended; nil while it lives and after an
// orderly close.
func (f *Flow) Err() error {
	if f.err != nil {
		return f.err
	}
	return f.tcp.Err()
}

// State returns the state of the connection.
func (f *Flow) State() tcp.State { return f.tcp.State() }

// Tuple returns both ends.
func (f *Flow) Tuple() wire.Tuple { return f.tuple }

// TCP returns the state machine, for questions; calls that have effects go
// through the Flow.
func (f *Flow) TCP() *tcp.Conn { return f.tcp }

// Write queues what fits of p and sends what may leave.
func (f *Flow) Write(now time.Time, p []byte, e *Effects) (int, error) {
	n, effects, err := f.tcp.Write(now, p)
	f.host.apply(now, f, effects, e)
	return n, f.explain(err)
}

// Read moves received octets to p; 0 without an error means that nothing is
// there.
func (f *Flow) Read(now time.Time, p []byte, e *Effects) (int, error) {
	n, effects, err := f.tcp.Read(now, p)
	f.host.apply(now, f, effects, e)
	return n, f.explain(err)
}

// CloseWrite sends a FIN after what is queued.
func (f *Flow) CloseWrite(now time.Time, e *Effects) error {
	effects, err := f.tcp.CloseWrite(now)
	f.host.apply(now, f, effects, e)
	return f.explain(err)
}

// Close ends both directions.
func (f *Flow) Close(now time.Time, e *Effects) error {
	effects, err := f.tcp.Close(now)
	f.host.apply(now, f, effects, e)
	return f.explain(err)
}

// Abort ends the connection with a RST.
func (f *Flow) Abort(now time.Time, e *Effects) {
	f.host.apply(now, f, f.tcp.Abort(now), e)
}

// WriteUrgent is Write of urgent data.
func (f *Flow) WriteUrgent(now time.Time, p []byte, e *Effects) (int, error) {
	n, effects, err := f.tcp.WriteUrgent(now, p)
	f.host.apply(now, f, effects, e)
	return n, f.explain(err)
}

// Do makes any other call on the state machine and takes over what it wants.
func (f *Flow) Do(now time.Time, e *Effects, call func(c *tcp.Conn) tcp.Effects) {
	f.host.apply(now, f, call(f.tcp), e)
}

// explain puts the host's reason before the connection's.
func (f *Flow) explain(err error) error {
	if err != nil && f.err != nil {
		return f.err
	}
	return err
}
