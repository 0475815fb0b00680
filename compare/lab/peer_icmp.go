package lab

import (
	"encoding/binary"
	"strconv"
	"strings"

	"tcping-cmp/compare/scenario"
)

// icmpNumbers are the types and codes of one version of ICMP by the names that
// packetdrill has for them.
type icmpNumbers struct {
	types map[string]uint8
	codes map[string]uint8
}

var icmpV4 = icmpNumbers{
	types: map[string]uint8{
		"echo_reply": 0, "unreachable": 3, "source_quench": 4, "redirect": 5, "echo_request": 8,
		"time_exceeded": 11, "parameter_problem": 12, "timestamp": 13, "timestamp_request": 13, "timestamp_reply": 14,
		"information_request": 15, "information_reply": 16, "address_mask_request": 17, "address_mask_reply": 18,
	},
	codes: map[string]uint8{
		"net_unreachable": 0, "host_unreachable": 1, "protocol_unreachable": 2, "port_unreachable": 3,
		"frag_needed": 4, "source_route_failed": 5, "net_unknown": 6, "host_unknown": 7,
		"source_host_isolated": 8, "net_prohibited": 9, "host_prohibited": 10,
		"net_unreachable_for_tos": 11, "host_unreachable_for_tos": 12,
		"admin_prohibited": 13, "pkt_filtered": 13, "packet_filtered": 13,
		"host_precedence_violation": 14, "precedence_violation": 14, "precedence_cutoff": 15,
		"ttl_exceeded": 0, "exceeded_ttl": 0, "frag_reass_exceeded": 1, "exceeded_fragtime": 1,
	},
}

var icmpV6 = icmpNumbers{
	types: map[string]uint8{
		"unreachable": 1, "packet_too_big": 2, "time_exceeded": 3, "parameter_problem": 4,
		"echo_request": 128, "echo_reply": 129,
	},
	codes: map[string]uint8{
		"no_route": 0, "noroute": 0, "admin_prohibited": 1, "not_neighbour": 2, "not_neighbor": 2, "beyond_scope": 2,
		"address_unreachable": 3, "addr_unreachable": 3, "host_unreachable": 3, "port_unreachable": 4,
		"exceeded_hop_limit": 0, "hop_limit_exceeded": 0, "frag_reass_exceeded": 1, "exceeded_fragtime": 1,
		"erroneous_header": 0, "unknown_next_header": 1, "unknown_option": 2,
	},
}

// number reads a type or code by its name, as type_N or code_N, or as a number.
func number(names map[string]uint8, name, prefix string) (uint8, bool) {
	if n, ok := names[name]; ok {
		return n, true
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(name, prefix), 10, 8)
	return uint8(n), err == nil
}

// icmpTypeCode gives the numbers of a line; false if a name is not known for
// this version of IP.
func (p *player) icmpTypeCode(m *scenario.ICMP) (typ, code uint8, ok bool) {
	names := icmpV4
	if p.local.Is6() {
		names = icmpV6
	}
	typ, ok = number(names.types, m.Type, "type_")
	if ok && m.Code != "" {
		code, ok = number(names.codes, m.Code, "code_")
	}
	return typ, code, ok
}

// icmp builds a message without its checksum: eight bytes and, for an error,
// the headers of the packet it is about.
func (p *player) icmp(m *scenario.ICMP) []byte {
	typ, code, _ := p.icmpTypeCode(m) // unplayable looked at it
	b := []byte{typ, code, 0, 0, 0, 0, 0, 0}
	switch {
	case m.MTU.Set() && p.local.Is6():
		binary.BigEndian.PutUint32(b[4:], m.MTU.N)
	case m.MTU.Set():
		binary.BigEndian.PutUint16(b[6:], uint16(m.MTU.N))
	case m.ID.Set():
		binary.BigEndian.PutUint16(b[4:], uint16(m.ID.N))
	}
	if m.Quoted == nil {
		return b
	}
	return p.appendQuote(b, m.Quoted)
}

// appendQuote appends the beginning of a packet that the stack sent, or that
// a liar says it sent: IP header and 20 bytes of TCP.
func (p *player) appendQuote(b []byte, q *scenario.Quoted) []byte {
	h := header{src: p.local, dst: p.remote, protocol: protocolTCP, ttl: 63, fragment: dontFragment}
	if q.Proto == "udp" {
		h.protocol = 17
		b = appendIP(b, h, 8+q.Len)
		b = binary.BigEndian.AppendUint32(b, uint32(p.talkOf(nil).local)<<16|uint32(p.talkOf(nil).remote))
		return append(b, byte((8+q.Len)>>8), byte(8+q.Len), 0, 0)
	}
	if q.Proto == "raw" {
		h.protocol = 255
		return append(appendIP(b, h, q.Len), make([]byte, 8)...)
	}
	t := p.talkOf(nil)
	s := peerSegment{src: t.local, dst: t.remote, seq: q.Seq.Start, ack: t.remoteISN + 1, flags: flagACK, window: 65535}
	if q.Seq.Kind != scenario.Literal {
		s.seq += t.localISN
	}
	if s.seq == t.localISN { // only a SYN has this number
		s.flags, s.ack = flagSYN, 0
	}
	return appendSegment(appendIP(b, h, 20+q.Seq.Len), &s)
}
