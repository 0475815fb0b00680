package capture

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/zeebo/xxh3"
)

// decoder turns frames into events. It is reused from frame to frame and
// allocates nothing for a well-formed one.
type decoder struct {
	arena *arena
	sacks *[]SACKBlock // where those of the events go
	link  LinkType

	pairs      []byte // scratch for option layouts
	lastPairs  []byte // of the layout that was wanted last
	lastLayout uint32

	// Of the last frame.
	outer  ends
	quoted ends // of the packet that an ICMP error is about

	vlan layers.Dot1Q
	arp  layers.ARP
	icmp layers.ICMPv4
	six  layers.ICMPv6
}

// newDecoder returns one whose events share the arena.
func newDecoder(a *arena, link LinkType) *decoder {
	return &decoder{arena: a, sacks: &a.sacks, link: link, pairs: make([]byte, 0, 80)}
}

// address is an IP address; IPv4 as ::ffff:a.b.c.d.
type address struct{ high, low uint64 }

func address4(b []byte) address {
	return address{0, 0xffff<<32 | uint64(binary.BigEndian.Uint32(b))}
}

func address6(b []byte) address {
	return address{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

func (a address) before(b address) bool { return a.high < b.high || a.high == b.high && a.low < b.low }

func (a address) port(port uint16) netip.AddrPort {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], a.high)
	binary.BigEndian.PutUint64(b[8:], a.low)
	return netip.AddrPortFrom(netip.AddrFrom16(b).Unmap(), port)
}

// ends are the addresses and ports of a packet.
type ends struct {
	src, dst         address
	srcPort, dstPort uint16
}

// turned is the same packet's ends seen from the other side.
func (p ends) turned() ends {
	return ends{src: p.dst, dst: p.src, srcPort: p.dstPort, dstPort: p.srcPort}
}

func (p *ends) from() netip.AddrPort { return p.src.port(p.srcPort) }
func (p *ends) to() netip.AddrPort   { return p.dst.port(p.dstPort) }

// same reports whether these are the same ends. The ports come first: most
// differ there.
func (p *ends) same(q *ends) bool {
	return p.srcPort == q.srcPort && p.dstPort == q.dstPort && p.src == q.src && p.dst == q.dst
}

// answers reports whether a packet between these ends is one the other way.
func (p *ends) answers(q *ends) bool {
	return p.srcPort == q.dstPort && p.dstPort == q.srcPort && p.src == q.dst && p.dst == q.src
}

// hashSeed differs from run to run, so that nobody can make payloads of one hash.
var hashSeed = rand.Uint64()

var feedback = gopacket.NilDecodeFeedback

// decode reads one frame, of which wireLen bytes crossed the link.
func (d *decoder) decode(frame []byte, wireLen int, e *Event) {
	d.outer, d.quoted = ends{}, ends{}
	e.CapLen, e.WireLen = uint32(len(frame)), uint32(wireLen)
	if wireLen > len(frame) {
		e.Marks |= CutShort
	}
	etherType, offset := d.linkHeader(frame, e)
	if offset < 0 || offset > len(frame) {
		e.Marks |= HeaderBad
		return
	}
	e.IPOffset = uint16(offset)
	packet := frame[offset:]
	switch etherType {
	case etherARP:
		d.decodeARP(packet, e)
	case etherIPv4:
		d.decodeIPv4(packet, wireLen-offset, e)
	case etherIPv6:
		d.decodeIPv6(packet, wireLen-offset, e)
	}
}

// linkHeader returns what the frame carries and where that begins; -1 if the
// header is cut off.
func (d *decoder) linkHeader(frame []byte, e *Event) (etherType uint16, offset int) {
	if d.link != LinkEthernet {
		return d.link.network(frame)
	}
	if len(frame) < 14 {
		return 0, -1
	}
	etherType, offset = binary.BigEndian.Uint16(frame[12:]), 14
	for tags := 0; (etherType == etherVLAN || etherType == etherQinQ) && tags < 4; tags++ {
		if d.vlan.DecodeFromBytes(frame[offset:], feedback) != nil {
			return 0, -1
		}
		e.Marks |= VLANTagged
		etherType, offset = uint16(d.vlan.Type), offset+4
	}
	return etherType, offset
}

// decodeARP reads ARP for IPv4 over Ethernet. gopacket trusts the address
// lengths, so they are looked at first.
func (d *decoder) decodeARP(packet []byte, e *Event) {
	e.Kind = ARP
	if len(packet) < 28 || packet[4] != 6 || packet[5] != 4 || d.arp.DecodeFromBytes(packet, feedback) != nil {
		e.Marks |= HeaderBad
		return
	}
	e.Type = uint8(min(d.arp.Operation, 255))
	e.Seq = binary.BigEndian.Uint32(d.arp.SourceProtAddress)
	e.Ack = binary.BigEndian.Uint32(d.arp.DstProtAddress)
	if len(packet) > 28 {
		e.Marks |= Padded
	}
	d.outer.src, d.outer.dst = address4(d.arp.SourceProtAddress), address4(d.arp.DstProtAddress)
}

// decodeTransport reads what an IP packet carries. segment is what the
// capture has of it, length what the IP header says it has.
func (d *decoder) decodeTransport(protocol uint8, segment []byte, length int, addresses []byte, e *Event) {
	switch protocol {
	case 6:
		d.decodeTCP(segment, length, addresses, e)
	case 17:
		e.Kind = UDP
		d.ports(segment)
	case 1:
		d.decodeICMP4(segment, length, e)
	case 58:
		d.decodeICMP6(segment, length, addresses, e)
	}
}

// ports reads the ports with which the headers of TCP and UDP begin.
func (d *decoder) ports(segment []byte) {
	if len(segment) >= 4 {
		d.outer.srcPort, d.outer.dstPort = binary.BigEndian.Uint16(segment), binary.BigEndian.Uint16(segment[2:])
	}
}

// decodeTCP reads a TCP header.
func (d *decoder) decodeTCP(segment []byte, length int, addresses []byte, e *Event) {
	e.Kind = TCP
	d.ports(segment)
	if len(segment) < 20 {
		e.Marks |= HeaderBad | ChecksumUnverified
		return
	}
	header := int(segment[12]>>4) * 4
	if header < 20 || header > len(segment) {
		e.Marks |= HeaderBad
		header = 20
	}
	e.Seq, e.Ack = binary.BigEndian.Uint32(segment[4:]), binary.BigEndian.Uint32(segment[8:])
	e.Flags = TCPFlags(binary.BigEndian.Uint16(segment[12:]) & 0x0fff)
	e.Window, e.Urgent = binary.BigEndian.Uint16(segment[14:]), binary.BigEndian.Uint16(segment[18:])
	d.decodeOptions(e, segment[20:header])
	e.PayloadOffset = e.L4Offset + uint16(header)
	e.PayloadLen = uint32(max(length-header, 0))
	if payload := segment[header:]; len(payload) > 0 {
		e.PayloadHash = xxh3.HashSeed(payload, hashSeed)
	}
	if len(segment) < length || e.Marks.Has(Fragmented) {
		e.Marks |= ChecksumUnverified
		return
	}
	verify(e, pseudo(addresses, 6, length), segment, 16, true)
}

// decodeICMP4 reads an ICMP message and the packet it quotes.
func (d *decoder) decodeICMP4(message []byte, length int, e *Event) {
	e.Kind = ICMP4
	if d.icmp.DecodeFromBytes(message, feedback) != nil {
		e.Marks |= HeaderBad | ChecksumUnverified
		return
	}
	e.Type, e.Code = d.icmp.TypeCode.Type(), d.icmp.TypeCode.Code()
	e.PayloadOffset, e.PayloadLen = e.L4Offset+8, uint32(length-min(length, 8))
	e.checkICMP(0, message, length)
	switch e.Type {
	case 3, 4, 5, 11, 12: // errors quote the packet they are about (RFC 792)
		d.quoted = quotedEnds4(message[8:])
	}
}

func (d *decoder) decodeICMP6(message []byte, length int, addresses []byte, e *Event) {
	e.Kind = ICMP6
	if d.six.DecodeFromBytes(message, feedback) != nil {
		e.Marks |= HeaderBad | ChecksumUnverified
		return
	}
	e.Type, e.Code = d.six.TypeCode.Type(), d.six.TypeCode.Code()
	e.PayloadOffset, e.PayloadLen = e.L4Offset+4, uint32(length-min(length, 4))
	e.checkICMP(pseudo(addresses, 58, length), message, length)
	if e.Type < 128 && len(message) > 8 { // errors (RFC 4443 §2.1)
		d.quoted = quotedEnds6(message[8:])
	}
}

func (e *Event) checkICMP(header uint64, message []byte, length int) {
	if len(message) < length || e.Marks.Has(Fragmented) {
		e.Marks |= ChecksumUnverified
		return
	}
	verify(e, header, message, 2, false)
}

func quotedEnds4(packet []byte) (p ends) {
	if len(packet) < 20 {
		return p
	}
	header := int(packet[0]&15) * 4
	if header < 20 || len(packet) < header+4 {
		return p
	}
	p.src, p.dst = address4(packet[12:]), address4(packet[16:])
	p.srcPort, p.dstPort = binary.BigEndian.Uint16(packet[header:]), binary.BigEndian.Uint16(packet[header+2:])
	return p
}

func quotedEnds6(packet []byte) (p ends) {
	if len(packet) < 44 {
		return p
	}
	p.src, p.dst = address6(packet[8:]), address6(packet[24:])
	p.srcPort, p.dstPort = binary.BigEndian.Uint16(packet[40:]), binary.BigEndian.Uint16(packet[42:])
	return p
}
