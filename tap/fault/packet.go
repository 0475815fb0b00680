package fault

import (
	"encoding/binary"
	"slices"
)

// The flags of a TCP header, with the reserved bits above them.
const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
	urg
	ece
	cwr
	reserved = 0xe00 // the three that nobody uses
)

// The ECN codepoints of an IP header.
const ect0 = 2

const (
	etherLen = 14
	ip6Len   = 40
	tcpLen   = 20
	tcp      = 6

	typeIPv4, typeIPv6             = 0x0800, 0x86dd
	typeVLAN, typeSVLAN, typeQinQ  = 0x8100, 0x88a8, 0x9100
	maxTCPHeader                   = 60
	dontFragment, fragmentOrOffset = 0x4000, 0x3fff
	reservedFlag                   = 0x8000
)

// packet is a TCP segment that can be changed. Its header fields are numbers;
// what is not among them stays as it was.
type packet struct {
	ether          []byte // with its tags
	ip             []byte // header, with its options
	sport, dport   uint16
	seq, ack       uint32
	flags          uint16
	window, urgent uint16
	options        []byte // a multiple of four octets
	payload        []byte
	sumOK          bool // its checksum was right

	sum        sumMode
	ipSumBad   bool
	lengthLies int // added to the IP length
}

// sumMode is how the TCP checksum is computed.
type sumMode uint8

const (
	sumRight         sumMode = iota
	sumWrong                 // off by a bit
	sumWithoutLength         // the pseudo-header has no length
	sumPseudoOnly            // the pseudo-header alone, as if hardware were to do the rest
	sumOddFirst              // the octet that fills the last word up stands before the last one
	sumCarryLost             // what overflows 16 bits is dropped
)

// concerns says whether a frame may carry TCP, at no cost.
func concerns(frame []byte) bool {
	t, at := network(frame)
	return t == typeIPv4 && len(frame) > at+9 && frame[at+9] == tcp ||
		t == typeIPv6 && len(frame) > at+6 && frame[at+6] == tcp
}

// network returns the type of what a frame carries and where that begins,
// behind the VLAN tags; 0 if the frame ends before.
func network(frame []byte) (etherType uint16, at int) {
	for at = etherLen; at <= etherLen+8 && len(frame) >= at; at += 4 {
		if t := binary.BigEndian.Uint16(frame[at-2:]); t != typeVLAN && t != typeSVLAN && t != typeQinQ {
			return t, at
		}
	}
	return 0, 0
}

// parse reads a frame. It is false for what is not one whole TCP segment.
func parse(frame []byte) (*packet, bool) {
	t, at := network(frame)
	p := &packet{ether: slices.Clone(frame[:at])}
	var segment []byte
	switch t {
	case typeIPv4:
		segment = p.parse4(frame[at:])
	case typeIPv6:
		segment = p.parse6(frame[at:])
	}
	return p, p.parseTCP(segment)
}

func (p *packet) parse4(b []byte) []byte {
	if len(b) < 20 || b[0]>>4 != 4 || b[9] != tcp {
		return nil
	}
	header, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if header < 20 || total < header || total > len(b) || binary.BigEndian.Uint16(b[6:])&fragmentOrOffset != 0 {
		return nil
	}
	p.ip = slices.Clone(b[:header])
	return b[header:total]
}

func (p *packet) parse6(b []byte) []byte {
	if len(b) < ip6Len || b[0]>>4 != 6 || b[6] != tcp {
		return nil
	}
	total := ip6Len + int(binary.BigEndian.Uint16(b[4:]))
	if total > len(b) {
		return nil
	}
	p.ip = slices.Clone(b[:ip6Len])
	return b[ip6Len:total]
}

func (p *packet) parseTCP(b []byte) bool {
	if len(b) < tcpLen {
		return false
	}
	header := int(b[12]>>4) * 4
	if header < tcpLen || header > len(b) {
		return false
	}
	p.sport, p.dport = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	p.seq, p.ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	p.flags = binary.BigEndian.Uint16(b[12:]) & 0xfff
	p.window, p.urgent = binary.BigEndian.Uint16(b[14:]), binary.BigEndian.Uint16(b[18:])
	p.options, p.payload = slices.Clone(b[tcpLen:header]), slices.Clone(b[header:])
	p.sumOK = fold(add(p.pseudo(len(b)), b)) == 0xffff
	return true
}

func (p *packet) v6() bool { return p.ip[0]>>4 == 6 }

// clone returns a copy that shares nothing.
func (p *packet) clone() *packet {
	c := *p
	c.ether, c.ip = slices.Clone(p.ether), slices.Clone(p.ip)
	c.options, c.payload = slices.Clone(p.options), slices.Clone(p.payload)
	return &c
}

// segLen is SEG.LEN: octets of payload, SYN and FIN.
func (p *packet) segLen() uint32 {
	n := uint32(len(p.payload))
	if p.flags&syn != 0 {
		n++
	}
	if p.flags&fin != 0 {
		n++
	}
	return n
}

// end is the number after the last octet.
func (p *packet) end() uint32 { return p.seq + p.segLen() }

// encode returns the packet as a frame, with lengths and checksums that are
// right but for what is to be wrong.
func (p *packet) encode() []byte {
	header := tcpLen + len(p.options)
	frame := slices.Concat(p.ether, p.ip, make([]byte, header), p.payload)
	ip := frame[len(p.ether):]
	p.encodeIP(ip)
	b := ip[len(p.ip):]
	binary.BigEndian.PutUint16(b, p.sport)
	binary.BigEndian.PutUint16(b[2:], p.dport)
	binary.BigEndian.PutUint32(b[4:], p.seq)
	binary.BigEndian.PutUint32(b[8:], p.ack)
	binary.BigEndian.PutUint16(b[12:], uint16(header/4)<<12|p.flags&0xfff)
	binary.BigEndian.PutUint16(b[14:], p.window)
	binary.BigEndian.PutUint16(b[18:], p.urgent)
	copy(b[tcpLen:], p.options)
	binary.BigEndian.PutUint16(b[16:], p.checksum(b))
	return frame
}

func (p *packet) encodeIP(ip []byte) {
	length := len(ip) + p.lengthLies
	if p.v6() {
		binary.BigEndian.PutUint16(ip[4:], uint16(length-ip6Len))
		return
	}
	binary.BigEndian.PutUint16(ip[2:], uint16(length))
	ip[10], ip[11] = 0, 0
	sum := ^fold(add(0, ip[:len(p.ip)]))
	if p.ipSumBad {
		sum ^= 0x0100
	}
	binary.BigEndian.PutUint16(ip[10:], sum)
}

// checksum is that of the segment b, whose checksum field is zero.
func (p *packet) checksum(b []byte) uint16 {
	switch p.sum {
	case sumWrong:
		return ^fold(add(p.pseudo(len(b)), b)) ^ 0x0010
	case sumWithoutLength:
		return ^fold(add(p.pseudo(0), b))
	case sumPseudoOnly:
		return fold(p.pseudo(len(b)))
	case sumOddFirst:
		sum := add(p.pseudo(len(b)), b)
		if len(b)%2 == 1 {
			last := uint32(b[len(b)-1])
			sum += last - last<<8
		}
		return ^fold(sum)
	case sumCarryLost:
		return ^uint16(add(p.pseudo(len(b)), b))
	}
	return ^fold(add(p.pseudo(len(b)), b))
}

// pseudo sums the pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1).
func (p *packet) pseudo(length int) uint32 {
	addresses := p.ip[12:20]
	if p.v6() {
		addresses = p.ip[8:40]
	}
	return add(uint32(length)+tcp, addresses)
}

// add adds 16-bit words to a sum that has room for a whole frame of them.
func add(sum uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum
}

func fold(sum uint32) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// The fields of either version's IP header.

func (p *packet) tos() byte {
	if p.v6() {
		return byte(binary.BigEndian.Uint16(p.ip) >> 4)
	}
	return p.ip[1]
}

func (p *packet) setTOS(v byte) {
	if p.v6() {
		w := binary.BigEndian.Uint16(p.ip)
		binary.BigEndian.PutUint16(p.ip, w&0xf00f|uint16(v)<<4)
		return
	}
	p.ip[1] = v
}

func (p *packet) setECN(v byte) { p.setTOS(p.tos()&^3 | v) }

// ttl returns the octet of the TTL or hop limit.
func (p *packet) ttl() *byte {
	if p.v6() {
		return &p.ip[7]
	}
	return &p.ip[8]
}

// setID clears DF and sets the identification; IPv4 only.
func (p *packet) setID(id uint16) {
	if p.v6() {
		return
	}
	binary.BigEndian.PutUint16(p.ip[4:], id)
	p.ip[6] &^= dontFragment >> 8
}
