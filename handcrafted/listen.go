package handcrafted

import (
	"net/netip"
	"slices"
	"time"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// Bounds of a backlog.
const (
	defaultBacklog = 128
	maxBacklog     = 4096
)

// Acceptor is a port of a Host in LISTEN: the passive OPEN call of RFC 9293
// §3.10.1. Connections that are opened to it wait here until Accept takes them.
type Acceptor struct {
	host     *Host
	local    netip.AddrPort
	cfg      tcp.Config // of its connections
	backlog  int
	half     []*Flow // in SYN-RECEIVED, the oldest first
	ready    []*Flow // for Accept, the oldest first
	listener *Listener
}

// Listen opens a port to others. A port of 0 is chosen. An address that is not
// valid stands for all of the host's, 0.0.0.0 and :: for all of their version.
//
// The port may have connections already: they are not touched, whatever their
// state (RFC 9293 §3.9.1.1, MUST-41 and MUST-42). Only another Acceptor for the
// same address and port is in the way: ErrPortInUse.
//
// At most backlog connections wait, opening ones and open ones together; 0
// stands for 128. A SYN beyond that is dropped and the peer repeats it, unless a
// half-open connection whose SYN,ACK had to be repeated can give way (RFC 4987
// §3.4).
func (h *Host) Listen(local netip.AddrPort, backlog int) (*Acceptor, error) {
	return h.ListenWith(h.cfg.TCP, local, backlog)
}

// ListenWith is Listen with a configuration for its connections other than
// Config.TCP. Tuple, MTU, ISS and TSOffset are filled in.
func (h *Host) ListenWith(cfg tcp.Config, local netip.AddrPort, backlog int) (*Acceptor, error) {
	local = netip.AddrPortFrom(local.Addr().Unmap(), local.Port())
	a := &Acceptor{host: h, local: local, cfg: cfg, backlog: min(max(backlog, 0), maxBacklog)}
	if a.backlog == 0 {
		a.backlog = defaultBacklog
	}
	switch addr := local.Addr(); {
	case h.cfg.Shared:
		return nil, ErrShared
	case !a.hears(h.addr4) && !a.hears(h.addr6):
		return nil, ErrNoAddress
	case local.Port() == 0:
		port, ok := h.numbers.Port(addr, netip.AddrPort{}, func(port uint16) bool { return h.taken(a, port) })
		if !ok {
			return nil, ErrPortInUse
		}
		a.local = netip.AddrPortFrom(addr, port)
	case h.taken(a, local.Port()):
		return nil, ErrPortInUse
	}
	if h.acceptors == nil {
		h.acceptors = make(map[uint16][]*Acceptor)
	}
	h.acceptors[a.local.Port()] = append(h.acceptors[a.local.Port()], a)
	return a, nil
}

// hears reports whether a stands for an address of the host.
func (a *Acceptor) hears(addr netip.Addr) bool {
	own := a.local.Addr()
	switch {
	case !addr.IsValid():
		return false
	case !own.IsValid():
		return true
	case own.IsUnspecified():
		return own.Is4() == addr.Is4()
	}
	return own == addr
}

// taken reports whether another hears what a would at a port.
func (h *Host) taken(a *Acceptor, port uint16) bool {
	return slices.ContainsFunc(h.acceptors[port], func(other *Acceptor) bool {
		return a.hears(h.addr4) && other.hears(h.addr4) || a.hears(h.addr6) && other.hears(h.addr6)
	})
}

// acceptor returns who listens at an address; nil if nobody does.
func (h *Host) acceptor(addr netip.Addr, port uint16) *Acceptor {
	for _, a := range h.acceptors[port] {
		if a.hears(addr) {
			return a
		}
	}
	return nil
}

// Addr returns what the Acceptor listens to; its address is the one that
// Listen was given.
func (a *Acceptor) Addr() netip.AddrPort { return a.local }

// Waiting returns how many connections Accept can give now.
func (a *Acceptor) Waiting() int { return len(a.ready) }

// Accept returns the connection that has waited longest; nil if none waits.
// One that the peer has reset meanwhile is returned too: its calls say so.
func (a *Acceptor) Accept() *Flow {
	if len(a.ready) == 0 {
		return nil
	}
	f := a.ready[0]
	a.ready = slices.Delete(a.ready, 0, 1)
	f.acceptor = nil
	return f
}

// Close listens no more. Connections that nobody has accepted are reset.
func (a *Acceptor) Close(now time.Time, e *Effects) {
	h, port := a.host, a.local.Port()
	h.acceptors[port] = slices.DeleteFunc(h.acceptors[port], func(other *Acceptor) bool { return other == a })
	if len(h.acceptors[port]) == 0 {
		delete(h.acceptors, port)
	}
	for _, f := range append(a.half, a.ready...) {
		f.acceptor = nil
		h.apply(now, f, f.tcp.Abort(now), e)
	}
	a.half, a.ready = nil, nil
}

// listen gives a segment that belongs to no connection to whoever listens at
// its port. It is false if nobody does.
func (h *Host) listen(now time.Time, eth *wire.Ethernet, ip *wire.IP, seg *wire.Segment, e *Effects) bool {
	a := h.acceptor(ip.Dst, seg.DstPort)
	if a == nil {
		return false
	}
	reply, answer, syn := tcp.ListenReply(seg)
	switch {
	case syn:
		a.open(now, ip, seg, 0, e)
	case answer:
		h.drop(DropNoFlow)
		h.reset(eth, ip, &reply, e)
	default:
		h.drop(DropNoFlow)
	}
	return true
}

// open makes a connection of a SYN. Its first number is after a number of the
// connection before it, if that is not 0.
func (a *Acceptor) open(now time.Time, ip *wire.IP, syn *wire.Segment, after wire.Seq, e *Effects) {
	h := a.host
	_, hop, err := h.route(ip.Src)
	switch {
	case err != nil || syn.SrcPort == 0:
		h.drop(DropSource)
		return
	case !a.room(now, e):
		h.drop(DropBacklog)
		return
	}
	cfg := a.cfg
	cfg.Tuple = wire.Tuple{
		Local:  netip.AddrPortFrom(ip.Dst, syn.DstPort),
		Remote: netip.AddrPortFrom(ip.Src, syn.SrcPort),
	}
	cfg.MTU = h.cfg.MTU
	cfg.ISS, cfg.TSOffset = h.numbers.ISN(now, cfg.Tuple), h.numbers.TSOffset(cfg.Tuple)
	if after != 0 && !cfg.ISS.After(after) {
		cfg.ISS = after.Add(issGap)
	}
	conn, effects := tcp.Accept(now, cfg, syn)
	if conn.State() == tcp.Closed {
		h.cfg.Logger.Debug("connection not accepted", "connection", cfg.Tuple, "error", conn.Err())
		h.drop(DropNoFlow)
		return
	}
	h.counters.Segments++
	f := h.newFlow(conn, cfg.Tuple, hop)
	f.acceptor = a
	a.half = append(a.half, f)
	h.apply(now, f, effects, e)
}

// issGap lies between the numbers of a connection and those of the next one of
// the same tuple, when the clock of RFC 9293 §3.4.1 has not gone that far.
const issGap = 1 << 16

// room makes room for one more connection, if it can.
func (a *Acceptor) room(now time.Time, e *Effects) bool {
	if len(a.half)+len(a.ready) < a.backlog {
		return true
	}
	if len(a.half) == 0 || a.half[0].tcp.Retries() == 0 {
		return false
	}
	f := a.half[0]
	a.host.apply(now, f, f.tcp.Forget(now), e)
	return true
}

// follow looks where a connection has got to that nobody has accepted yet.
func (a *Acceptor) follow(f *Flow) {
	i := slices.Index(a.half, f)
	if i < 0 || f.tcp.State() == tcp.SynReceived {
		return
	}
	a.half = slices.Delete(a.half, i, i+1)
	if f.tcp.State() == tcp.Closed {
		f.acceptor = nil
		return
	}
	a.ready = append(a.ready, f)
	if a.listener != nil {
		a.host.knocked = append(a.host.knocked, a.listener)
	}
}

// reopen closes a connection in TIME-WAIT whose place a SYN may take, and gives
// the SYN to whoever listens (RFC 9293 §3.6.1, MAY-2). It is false if
// the SYN is for the old connection.
func (h *Host) reopen(now time.Time, f *Flow, ip *wire.IP, syn *wire.Segment, e *Effects) bool {
	a := h.acceptor(ip.Dst, syn.DstPort)
	if a == nil {
		return false
	}
	after, ok := f.tcp.Reopens(syn, &a.cfg)
	if !ok {
		return false
	}
	h.apply(now, f, f.tcp.Abort(now), e) // sends nothing: both sides have closed
	a.open(now, ip, syn, after, e)
	return true
}
