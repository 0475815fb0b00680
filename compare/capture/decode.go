package capture

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// decoder turns frames into events. It is reused from frame to frame and
// allocates nothing for a well-formed one.
type decoder struct {
	arena *arena
	link  LinkType
	pairs []byte // scratch for option layouts

	vlan layers.Dot1Q
	arp  layers.ARP
	ip4  layers.IPv4
	ip6  layers.IPv6
	tcp  layers.TCP
	icmp layers.ICMPv4
	six  layers.ICMPv6
}

// ends are the addresses and ports of a packet.
type ends struct {
	src, dst         [16]byte // IPv4 as ::ffff:a.b.c.d
	srcPort, dstPort uint16
}

// turned is the same packet's ends seen from the other side.
func (p ends) turned() ends {
	return ends{src: p.dst, dst: p.src, srcPort: p.dstPort, dstPort: p.srcPort}
}

// answers reports whether a packet between these ends is one the other way.
func (p *ends) answers(q *ends) bool {
	return p.src == q.dst && p.dst == q.src && p.srcPort == q.dstPort && p.dstPort == q.srcPort
}

var hashSeed = maphash.MakeSeed()

var feedback = gopacket.NilDecodeFeedback

// decode reads one frame, of which wireLen bytes crossed the link. For an
// ICMP error, quoted holds the ends of the packet it is about.
func (d *decoder) decode(frame []byte, wireLen int, e *Event) (outer, quoted ends) {
	e.CapLen, e.WireLen = uint32(len(frame)), uint32(wireLen)
	if wireLen > len(frame) {
		e.Marks |= CutShort
	}
	etherType, offset := d.linkHeader(frame, e)
	if offset < 0 || offset > len(frame) {
		e.Marks |= HeaderBad
		return outer, quoted
	}
	e.IPOffset = uint16(offset)
	packet := frame[offset:]
	switch etherType {
	case etherARP:
		return d.decodeARP(packet, e), quoted
	case etherIPv4:
		return d.decodeIPv4(packet, wireLen-offset, e)
	case etherIPv6:
		return d.decodeIPv6(packet, wireLen-offset, e)
	}
	return outer, quoted
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
func (d *decoder) decodeARP(packet []byte, e *Event) (p ends) {
	e.Kind = ARP
	if len(packet) < 28 || packet[4] != 6 || packet[5] != 4 || d.arp.DecodeFromBytes(packet, feedback) != nil {
		e.Marks |= HeaderBad
		return p
	}
	e.Type = uint8(min(d.arp.Operation, 255))
	e.Seq = binary.BigEndian.Uint32(d.arp.SourceProtAddress)
	e.Ack = binary.BigEndian.Uint32(d.arp.DstProtAddress)
	if len(packet) > 28 {
		e.Marks |= Padded
	}
	p.src, p.dst = mapped(d.arp.SourceProtAddress), mapped(d.arp.DstProtAddress)
	return p
}

func mapped(addr []byte) (m [16]byte) {
	m[10], m[11] = 0xff, 0xff
	copy(m[12:], addr)
	return m
}

// decodeTransport reads what an IP packet carries. segment is what the
// capture has of it, length what the IP header says it has.
func (d *decoder) decodeTransport(protocol uint8, segment []byte, length int, addresses []byte, e *Event, p, quoted *ends) {
	switch protocol {
	case 6:
		d.decodeTCP(segment, length, addresses, e, p)
	case 17:
		e.Kind = UDP
		if len(segment) >= 4 {
			p.srcPort, p.dstPort = binary.BigEndian.Uint16(segment), binary.BigEndian.Uint16(segment[2:])
		}
	case 1:
		d.decodeICMP4(segment, length, e, quoted)
	case 58:
		d.decodeICMP6(segment, length, addresses, e, quoted)
	}
}

// decodeTCP reads a TCP header. gopacket gives up at malformed options, after
// the fixed fields; the options and the reserved bits are read here.
func (d *decoder) decodeTCP(segment []byte, length int, addresses []byte, e *Event, p *ends) {
	e.Kind = TCP
	if len(segment) < 20 {
		e.Marks |= HeaderBad | ChecksumUnverified
		if len(segment) >= 4 {
			p.srcPort, p.dstPort = binary.BigEndian.Uint16(segment), binary.BigEndian.Uint16(segment[2:])
		}
		return
	}
	header := int(segment[12]>>4) * 4
	if header < 20 || header > len(segment) {
		e.Marks |= HeaderBad
		header = 20
	}
	d.tcp.DecodeFromBytes(segment[:header], feedback) // sets the fixed fields whatever the options are
	p.srcPort, p.dstPort = uint16(d.tcp.SrcPort), uint16(d.tcp.DstPort)
	e.Seq, e.Ack = d.tcp.Seq, d.tcp.Ack
	e.Flags = TCPFlags(binary.BigEndian.Uint16(segment[12:]) & 0x0fff)
	e.Window, e.Urgent = d.tcp.Window, d.tcp.Urgent
	d.decodeOptions(e, segment[20:header])
	e.PayloadOffset = e.L4Offset + uint16(header)
	e.PayloadLen = uint32(max(length-header, 0))
	if payload := segment[header:]; len(payload) > 0 {
		e.PayloadHash = maphash.Bytes(hashSeed, payload)
	}
	if len(segment) < length || e.Marks.Has(Fragmented) {
		e.Marks |= ChecksumUnverified
		return
	}
	verify(e, pseudo(addresses, 6, length), segment, 16, true)
}

// decodeICMP4 reads an ICMP message and the packet it quotes.
func (d *decoder) decodeICMP4(message []byte, length int, e *Event, quoted *ends) {
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
		*quoted = quotedEnds4(message[8:])
	}
}

func (d *decoder) decodeICMP6(message []byte, length int, addresses []byte, e *Event, quoted *ends) {
	e.Kind = ICMP6
	if d.six.DecodeFromBytes(message, feedback) != nil {
		e.Marks |= HeaderBad | ChecksumUnverified
		return
	}
	e.Type, e.Code = d.six.TypeCode.Type(), d.six.TypeCode.Code()
	e.PayloadOffset, e.PayloadLen = e.L4Offset+4, uint32(length-min(length, 4))
	e.checkICMP(pseudo(addresses, 58, length), message, length)
	if e.Type < 128 && len(message) > 8 { // errors (RFC 4443 §2.1)
		*quoted = quotedEnds6(message[8:])
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
	p.src, p.dst = mapped(packet[12:16]), mapped(packet[16:20])
	p.srcPort, p.dstPort = binary.BigEndian.Uint16(packet[header:]), binary.BigEndian.Uint16(packet[header+2:])
	return p
}

func quotedEnds6(packet []byte) (p ends) {
	if len(packet) < 44 {
		return p
	}
	copy(p.src[:], packet[8:24])
	copy(p.dst[:], packet[24:40])
	p.srcPort, p.dstPort = binary.BigEndian.Uint16(packet[40:]), binary.BigEndian.Uint16(packet[42:])
	return p
}
