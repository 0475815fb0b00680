package handcrafted

import (
	"net/netip"
	"time"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// Receive takes the frames that were waiting on the link, in their order. The
// segments of one connection are given to it together, so that it can answer
// them with one acknowledgement (RFC 9293 §3.10.7.4, MUST-58 and MUST-59).
// Frames are not kept.
func (h *Host) Receive(now time.Time, frames [][]byte, e *Effects) {
	for _, frame := range frames {
		h.counters.Received++
		h.receive(now, frame, e)
	}
	h.deliver(now, e)
}

// batch holds the segments that have been read and not delivered.
type batch struct {
	segs   []wire.Segment
	owner  []*Flow
	gather []wire.Segment // those of one flow, when there are several
}

func (h *Host) receive(now time.Time, frame []byte, e *Effects) {
	eth, payload, err := wire.ParseEthernet(frame)
	if err != nil {
		h.dropError(err)
		return
	}
	switch {
	case eth.Src == h.mac:
		h.drop(DropOwn)
	case eth.Dst != h.mac && !eth.Dst.IsMulticast():
		h.drop(DropNotForUs)
	case eth.Tagged && eth.VLAN&0xfff != 0:
		h.drop(DropTag)
	default:
		h.receivePayload(now, &eth, payload, e)
	}
}

func (h *Host) receivePayload(now time.Time, eth *wire.Ethernet, b []byte, e *Effects) {
	switch {
	case eth.Type == wire.TypeIPv4 && h.addr4.IsValid():
		ip, payload, err := wire.ParseIPv4(b)
		h.receiveIP(now, eth, &ip, payload, err, e)
	case eth.Type == wire.TypeIPv6 && h.addr6.IsValid():
		ip, payload, err := wire.ParseIPv6(b)
		h.receiveIP(now, eth, &ip, payload, err, e)
	case eth.Type == wire.TypeARP && h.addr4.IsValid():
		h.receiveARP(now, b, e)
	default:
		h.drop(DropEtherType)
	}
}

func (h *Host) receiveARP(now time.Time, b []byte, e *Effects) {
	a, err := wire.ParseARP(b)
	if err != nil {
		h.dropError(err)
		return
	}
	if h.cfg.Shared && a.Op != wire.ARPReply {
		h.drop(DropNotForUs) // the kernel answers
		return
	}
	before := h.table.Conflicts()
	h.neighbors(h.table.ReceiveARP(now, &a), e)
	if h.table.Conflicts() != before {
		h.cfg.Logger.Warn("another station uses our address", "address", a.SenderIP, "station", a.SenderMAC)
	}
}

func (h *Host) receiveIP(now time.Time, eth *wire.Ethernet, ip *wire.IP, payload []byte, err error, e *Effects) {
	switch {
	case err != nil:
		h.dropError(err)
	case ip.Fragment():
		h.drop(DropFragment)
	case ip.Protocol == wire.ProtocolICMPv6 && eth.Type == wire.TypeIPv6:
		h.receiveICMPv6(now, eth, ip, payload, e)
	case ip.Dst != h.addr4 && ip.Dst != h.addr6 || eth.Dst.IsMulticast():
		h.drop(DropNotForUs) // broadcasts too: no connection lives there (MUST-57)
	case !h.oneHost(ip.Src) || ip.Src == ip.Dst:
		h.drop(DropSource)
	case ip.Protocol == wire.ProtocolTCP:
		h.receiveTCP(now, eth, ip, payload, e)
	case ip.Protocol == wire.ProtocolICMPv4 && eth.Type == wire.TypeIPv4:
		h.receiveICMPv4(now, eth, ip, payload, e)
	default:
		h.drop(DropProtocol)
	}
}

// receiveTCP reads a segment into the batch.
func (h *Host) receiveTCP(now time.Time, eth *wire.Ethernet, ip *wire.IP, b []byte, e *Effects) {
	q := &h.batch
	if len(q.segs) < cap(q.segs) {
		q.segs = q.segs[:len(q.segs)+1]
	} else {
		q.segs = append(q.segs, wire.Segment{})
	}
	seg := &q.segs[len(q.segs)-1]
	if err := wire.ParseTCP(seg, b, ip); err != nil {
		q.segs = q.segs[:len(q.segs)-1]
		h.dropError(err)
		return
	}
	f := h.flowOf(ip, seg.SrcPort, seg.DstPort)
	switch {
	case f == nil:
		h.strayed(now, eth, ip, seg, e)
		q.segs = q.segs[:len(q.segs)-1]
		return
	case f.tcp.State() == tcp.TimeWait && seg.Flags.Has(wire.SYN) && h.acceptors != nil:
		syn := *seg
		q.segs = q.segs[:len(q.segs)-1]
		h.deliver(now, e) // what came before it counts first
		if h.reopen(now, f, ip, &syn, e) {
			return
		}
		q.segs = append(q.segs, syn)
	}
	h.counters.Segments++
	q.owner = append(q.owner, f)
}

// flowOf finds the connection of a segment: usually that of the segment
// before it.
func (h *Host) flowOf(ip *wire.IP, remotePort, localPort uint16) *Flow {
	if q := &h.batch; len(q.owner) > 0 {
		f := q.owner[len(q.owner)-1]
		if f.tuple.Remote.Port() == remotePort && f.tuple.Local.Port() == localPort && f.ip.Dst == ip.Src {
			return f
		}
	}
	return h.flows[wire.Tuple{
		Local:  netip.AddrPortFrom(ip.Dst, localPort),
		Remote: netip.AddrPortFrom(ip.Src, remotePort),
	}]
}

// strayed takes a segment that belongs to no connection. Somebody may listen;
// otherwise a RST answers it, unless the kernel has connections of its own at
// this address.
func (h *Host) strayed(now time.Time, eth *wire.Ethernet, in *wire.IP, seg *wire.Segment, e *Effects) {
	if h.acceptors != nil && h.listen(now, eth, in, seg, e) {
		return
	}
	h.drop(DropNoFlow)
	if h.cfg.Shared {
		return
	}
	if reply, ok := tcp.ClosedReply(seg); ok {
		h.reset(eth, in, &reply, e)
	}
}

// reset sends a RST that belongs to no connection.
func (h *Host) reset(eth *wire.Ethernet, in *wire.IP, reply *wire.Segment, e *Effects) {
	h.counters.Resets++
	h.counters.Sent++
	outEth, outIP := h.answer(eth, in, wire.ProtocolTCP)
	b := appendPacket(e.buf, &outEth, &outIP, reply.WireLen())
	e.commit(wire.AppendTCP(b, reply, outIP.Src, outIP.Dst))
}

// deliver gives each connection its segments.
func (h *Host) deliver(now time.Time, e *Effects) {
	q := &h.batch
	for i := 0; i < len(q.owner); i++ {
		if f := q.owner[i]; f != nil {
			h.arrive(now, f, q.of(f, i), e)
		}
	}
	clear(q.owner)
	q.segs, q.owner = q.segs[:0], q.owner[:0]
}

// of returns the segments of a flow, the first of which is at i, in their
// order, and takes them from the batch.
func (q *batch) of(f *Flow, i int) []wire.Segment {
	end := i
	for end < len(q.owner) && q.owner[end] == f {
		end++
	}
	if end == len(q.owner) {
		clear(q.owner[i:])
		return q.segs[i:]
	}
	q.gather = q.gather[:0]
	for ; i < len(q.owner); i++ {
		if q.owner[i] == f {
			q.gather = append(q.gather, q.segs[i])
			q.owner[i] = nil
		}
	}
	return q.gather
}

// arrive gives segments to their connection. They are forward progress, so
// the next hop is alive (RFC 4861 §7.3.1).
func (h *Host) arrive(now time.Time, f *Flow, segs []wire.Segment, e *Effects) {
	f.hop.Confirm(now)
	h.apply(now, f, f.tcp.Arrive(now, segs), e)
}

// flowOfQuote finds the connection of a segment that we sent.
func (h *Host) flowOfQuote(q *wire.Quote) *Flow {
	return h.flows[wire.Tuple{
		Local:  netip.AddrPortFrom(q.IP.Src, q.SrcPort),
		Remote: netip.AddrPortFrom(q.IP.Dst, q.DstPort),
	}]
}
