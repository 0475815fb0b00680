package handcrafted

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// defaultTTL is the hop limit of what belongs to no connection, the one that
// RFC 9293 §3.9.2 recommends.
const defaultTTL = 64

// sendSegment puts a segment of a connection into a frame and sends it on its
// way to the next hop.
func (h *Host) sendSegment(now time.Time, f *Flow, s *wire.Segment, e *Effects) {
	f.timestamps = s.Options.HasTimestamps
	f.ip.TOS = s.DSCP<<2 | s.ECN
	f.ip.TTL = s.TTL
	if f.ip.TTL == 0 {
		f.ip.TTL = defaultTTL
	}
	if p := f.tcp.Profile(); p.FixedIPID {
		f.ip.ID = p.IPID
	} else {
		f.ip.ID = h.nextIPID()
	}
	start := len(e.buf)
	b := appendPacket(e.buf, &f.eth, &f.ip, s.WireLen())
	b = wire.AppendTCP(b, s, f.ip.Src, f.ip.Dst)
	ready, n := h.table.Send(now, f.hop, b[start:])
	if ready {
		e.commit(b)
		h.counters.Sent++
		return
	}
	e.buf = b[:start]
	h.neighbors(n, e)
}

// appendPacket appends Ethernet and IP headers for a payload of that many
// bytes.
func appendPacket(b []byte, eth *wire.Ethernet, ip *wire.IP, payload int) []byte {
	b = wire.AppendEthernet(b, eth)
	if eth.Type == wire.TypeIPv4 {
		return wire.AppendIPv4(b, ip, payload)
	}
	return wire.AppendIPv6(b, ip, payload)
}

// nextIPID counts the packets of the host. With DF set the number means
// nothing (RFC 6864 §4.1); without it a counter over all destinations repeats
// itself as late as can be (§4.3).
func (h *Host) nextIPID() uint16 {
	h.ipID++
	return h.ipID
}

// answer is a packet back to where one came from: its addresses swapped, to
// the station that delivered it. Nobody needs to be resolved, so a stranger
// cannot make us ask for addresses.
func (h *Host) answer(from *wire.Ethernet, in *wire.IP, protocol uint8) (wire.Ethernet, wire.IP) {
	eth := wire.Ethernet{Dst: from.Src, Src: h.mac, Type: from.Type}
	ip := wire.IP{Src: in.Dst, Dst: in.Src, Protocol: protocol, TTL: defaultTTL}
	if from.Type == wire.TypeIPv4 {
		ip.ID, ip.DontFragment = h.nextIPID(), true
	}
	return eth, ip
}
