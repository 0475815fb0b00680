package handcrafted

import (
	"time"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

func (h *Host) receiveICMPv4(now time.Time, eth *wire.Ethernet, ip *wire.IP, b []byte, e *Effects) {
	m, err := wire.ParseICMPv4(b)
	if err != nil {
		h.dropError(err)
		return
	}
	switch m.Type {
	case wire.ICMPv4Echo:
		h.echo(eth, ip, &m, wire.ICMPv4EchoReply, e)
	case wire.ICMPv4Unreachable, wire.ICMPv4SourceQuench, wire.ICMPv4TimeExceeded, wire.ICMPv4ParameterProblem:
		q, err := wire.ParseQuote4(m.Body)
		h.icmpError(now, &m, &q, m.MTU4(), err, e)
	default:
		h.drop(DropICMP)
	}
}

func (h *Host) receiveICMPv6(now time.Time, eth *wire.Ethernet, ip *wire.IP, b []byte, e *Effects) {
	m, err := wire.ParseICMPv6(b, ip.Src, ip.Dst)
	if err != nil {
		h.dropError(err)
		return
	}
	switch m.Type {
	case wire.ICMPv6NeighborSolicit, wire.ICMPv6NeighborAdvert:
		h.receiveNDP(now, eth, ip, &m, e)
		return
	}
	if ip.Dst != h.addr6 {
		h.drop(DropNotForUs)
		return
	}
	switch m.Type {
	case wire.ICMPv6Echo:
		h.echo(eth, ip, &m, wire.ICMPv6EchoReply, e)
	case wire.ICMPv6Unreachable, wire.ICMPv6PacketTooBig, wire.ICMPv6TimeExceeded, wire.ICMPv6ParameterProblem:
		q, err := wire.ParseQuote6(m.Body)
		mtu := 0
		if m.Type == wire.ICMPv6PacketTooBig {
			mtu = m.MTU6()
		}
		h.icmpError(now, &m, &q, mtu, err, e)
	default:
		h.drop(DropICMP)
	}
}

func (h *Host) receiveNDP(now time.Time, eth *wire.Ethernet, ip *wire.IP, m *wire.ICMP, e *Effects) {
	if h.cfg.Shared && m.Type != wire.ICMPv6NeighborAdvert {
		h.drop(DropNotForUs) // the kernel answers
		return
	}
	n, ok := h.table.ReceiveNDP(now, eth.Src, ip, m)
	if !ok {
		h.drop(DropNeighbor)
	}
	h.neighbors(n, e)
}

// echo answers an echo request to our own address with what it carried (RFC
// 1122 §3.2.2.6, RFC 4443 §4.2).
func (h *Host) echo(eth *wire.Ethernet, in *wire.IP, m *wire.ICMP, reply uint8, e *Effects) {
	if h.cfg.Shared || m.Code != 0 || !unicast(in.Src) {
		h.drop(DropICMP)
		return
	}
	h.counters.Echoes++
	h.counters.Sent++
	outEth, outIP := h.answer(eth, in, in.Protocol)
	outIP.TOS = in.TOS &^ 3
	out := wire.ICMP{Type: reply, Rest: m.Rest, Body: m.Body}
	b := appendPacket(e.buf, &outEth, &outIP, wire.ICMPLen+len(m.Body))
	if eth.Type == wire.TypeIPv4 {
		e.commit(wire.AppendICMPv4(b, &out))
	} else {
		e.commit(wire.AppendICMPv6(b, &out, outIP.Src, outIP.Dst))
	}
}

// icmpError gives an error to the connection whose segment it quotes (RFC 9293
// §3.9.2.2, MUST-54). Whether it means anything there, the connection judges.
func (h *Host) icmpError(now time.Time, m *wire.ICMP, q *wire.Quote, mtu int, err error, e *Effects) {
	if err != nil {
		h.dropError(err)
		return
	}
	f := h.flowOfQuote(q)
	if f == nil || q.IP.Protocol != wire.ProtocolTCP || q.IP.FragmentStart != 0 {
		h.drop(DropICMPUnknown)
		return
	}
	h.deliver(now, e) // what came before it counts first
	h.apply(now, f, f.tcp.ICMP(now, tcp.ICMPError{Type: m.Type, Code: m.Code, Seq: q.Seq, MTU: mtu}), e)
}
