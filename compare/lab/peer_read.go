package lab

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"
)

// seen is a frame that the stack sent, as far as the scripted peer looks at
// it. What cannot be read leaves the rest zero.
type seen struct {
	frame int       // in the recording
	at    time.Time // when it left
	taken bool      // a line of the script expected it

	src, dst     netip.Addr
	protocol     uint8
	tos, ttl     uint8
	id           uint16
	df           bool
	flowLabel    uint32
	tcp          bool // the fields below hold
	sport, dport uint16
	seq, ack     uint32
	flags        uint16 // nine bits
	reserved     uint8
	window       uint16
	urgent       uint16
	options      []byte
	payload      []byte // of TCP; the whole message of ICMP
	icmp         bool
	problems     []string // checksums and lengths that are wrong
}

func (s *seen) problem(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

// end is the sequence number after the segment.
func (s *seen) end() uint32 {
	n := uint32(len(s.payload))
	if s.flags&flagSYN != 0 {
		n++
	}
	if s.flags&flagFIN != 0 {
		n++
	}
	return s.seq + n
}

// The flags of a TCP header.
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	flagPSH
	flagACK
	flagURG
	flagECE
	flagCWR
	flagAE
)

// readFrame reads a frame that the stack sent. It is false for what is not IP.
// The result aliases frame.
func readFrame(frame []byte) (*seen, bool) {
	if len(frame) < etherHeader {
		return nil, false
	}
	s := &seen{}
	b := frame[etherHeader:]
	switch binary.BigEndian.Uint16(frame[12:]) {
	case etherIPv4:
		b = s.readIPv4(b)
	case etherIPv6:
		b = s.readIPv6(b)
	default:
		return nil, false
	}
	switch {
	case b == nil:
	case s.protocol == protocolTCP:
		s.readTCP(b)
	case s.protocol == protocolICMP4 || s.protocol == protocolICMP6:
		s.readICMP(b)
	}
	return s, true
}

func (s *seen) readIPv4(b []byte) []byte {
	if len(b) < 20 || b[0]>>4 != 4 {
		s.problem("the IPv4 header is not one")
		return nil
	}
	hl, total := int(b[0]&15)*4, int(binary.BigEndian.Uint16(b[2:]))
	if hl < 20 || total < hl || total > len(b) {
		s.problem("IPv4 lengths: header %d, total %d, frame %d bytes", hl, total, len(b))
		return nil
	}
	if fold(sum(0, b[:hl])) != 0xffff {
		s.problem("the IPv4 header checksum is wrong")
	}
	if total != len(b) {
		s.problem("%d bytes follow the IP packet", len(b)-total)
	}
	s.tos, s.ttl, s.protocol = b[1], b[8], b[9]
	s.id, s.df = binary.BigEndian.Uint16(b[4:]), b[6]&0x40 != 0
	s.src, s.dst = netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))
	if binary.BigEndian.Uint16(b[6:])&0x3fff != 0 {
		return nil // a fragment
	}
	return b[hl:total]
}

func (s *seen) readIPv6(b []byte) []byte {
	if len(b) < 40 || b[0]>>4 != 6 {
		s.problem("the IPv6 header is not one")
		return nil
	}
	n := int(binary.BigEndian.Uint16(b[4:]))
	if n != len(b)-40 {
		s.problem("IPv6 payload length %d in a frame with %d bytes of it", n, len(b)-40)
		if n > len(b)-40 {
			return nil
		}
	}
	first := binary.BigEndian.Uint32(b)
	s.tos, s.flowLabel = uint8(first>>20), first&0xfffff
	s.protocol, s.ttl, s.df = b[6], b[7], true
	s.src, s.dst = netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:]))
	b = b[40 : 40+n]
	if s.protocol == 0 && len(b) >= 8 && len(b) >= 8+int(b[1])*8 { // hop-by-hop options
		s.protocol, b = b[0], b[8+int(b[1])*8:]
	}
	return b
}

func (s *seen) readTCP(b []byte) {
	if transportSum(s.src, s.dst, protocolTCP, b) != 0xffff {
		s.problem("the TCP checksum is wrong")
	}
	if len(b) < 20 || int(b[12]>>4)*4 < 20 || int(b[12]>>4)*4 > len(b) {
		s.problem("the TCP header does not fit into its packet")
		return
	}
	off := int(b[12]>>4) * 4
	s.tcp = true
	s.sport, s.dport = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	s.seq, s.ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	bits := binary.BigEndian.Uint16(b[12:])
	s.flags, s.reserved = bits&0x1ff, uint8(bits>>9&7)
	s.window, s.urgent = binary.BigEndian.Uint16(b[14:]), binary.BigEndian.Uint16(b[18:])
	s.options, s.payload = b[20:off], b[off:]
	if s.reserved != 0 {
		s.problem("reserved bits of the TCP header are set (%d)", s.reserved)
	}
}

func (s *seen) readICMP(b []byte) {
	s.icmp, s.payload = len(b) >= 8, b
	good := false
	if s.protocol == protocolICMP4 {
		good = fold(sum(0, b)) == 0xffff
	} else {
		good = transportSum(s.src, s.dst, protocolICMP6, b) == 0xffff
	}
	if !good {
		s.problem("the ICMP checksum is wrong")
	}
}

// tcpOption is one option of a header that was read.
type tcpOption struct {
	kind uint8
	data []byte
}

const (
	kindEOL        = 0
	kindNOP        = 1
	kindMSS        = 2
	kindWScale     = 3
	kindSACKOK     = 4
	kindSACK       = 5
	kindTimestamps = 8
	kindMD5        = 19
	kindFastOpen   = 34
	kindAccECN0    = 172
	kindAccECN1    = 174
	kindExperiment = 254
)

// readOptions reads options; false if they make no sense somewhere. What
// follows an end-of-options is not read.
func readOptions(b []byte) (list []tcpOption, ok bool) {
	for len(b) > 0 {
		switch b[0] {
		case kindEOL:
			return append(list, tcpOption{kind: kindEOL}), true
		case kindNOP:
			list = append(list, tcpOption{kind: kindNOP})
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return list, false
		}
		list = append(list, tcpOption{b[0], b[2:b[1]]})
		b = b[b[1]:]
	}
	return list, true
}

// timestamps returns the timestamps option of a segment.
func (s *seen) timestamps() (val, ecr uint32, ok bool) {
	list, _ := readOptions(s.options)
	for _, o := range list {
		if o.kind == kindTimestamps && len(o.data) == 8 {
			return binary.BigEndian.Uint32(o.data), binary.BigEndian.Uint32(o.data[4:]), true
		}
	}
	return 0, 0, false
}
