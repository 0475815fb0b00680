package wire

import (
	"encoding/binary"
	"net/netip"
)

// TCPLen is the length of a TCP header without options, in bytes.
const TCPLen = 20

// ParseTCP reads a segment into s and verifies its checksum (RFC 9293 §3.1,
// MUST-3). The payload aliases b. The marks of the IP packet are taken from h.
// Options that make no sense do not make an error: they set
// s.Options.Malformed (MUST-7).
func ParseTCP(s *Segment, b []byte, h *IP) error {
	if err := readTCP(s, b); err != nil {
		return err
	}
	if !checksumHolds(b, PseudoHeader(h.Src, h.Dst, ProtocolTCP, len(b))) {
		return errTCPChecksum
	}
	s.ECN, s.DSCP, s.TTL = h.TOS&3, h.TOS>>2, h.TTL
	return nil
}

// readTCP reads header, options and payload.
func readTCP(s *Segment, b []byte) error {
	if len(b) < TCPLen {
		return errTCPShort
	}
	n := int(b[12]>>4) * 4
	if n < TCPLen {
		return errTCPOffset
	}
	if len(b) < n {
		return errTCPOptions
	}
	s.SrcPort, s.DstPort = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	s.Seq, s.Ack = Seq(binary.BigEndian.Uint32(b[4:])), Seq(binary.BigEndian.Uint32(b[8:]))
	s.Flags = Flags(binary.BigEndian.Uint16(b[12:]) & 0xfff)
	s.Window = binary.BigEndian.Uint16(b[14:])
	s.Urgent = binary.BigEndian.Uint16(b[18:])
	s.Options.parse(b[TCPLen:n])
	s.Payload = b[n:]
	return nil
}

// WireLen returns how many bytes the segment takes as TCP header, options and
// payload.
func (s *Segment) WireLen() int { return TCPLen + s.Options.WireLen() + len(s.Payload) }

// AppendTCP appends the segment with its checksum (RFC 9293 §3.1, MUST-2).
func AppendTCP(b []byte, s *Segment, src, dst netip.Addr) []byte {
	at := len(b)
	b = binary.BigEndian.AppendUint16(b, s.SrcPort)
	b = binary.BigEndian.AppendUint16(b, s.DstPort)
	b = binary.BigEndian.AppendUint32(b, uint32(s.Seq))
	b = binary.BigEndian.AppendUint32(b, uint32(s.Ack))
	offset := uint16(TCPLen+s.Options.WireLen()) / 4
	b = binary.BigEndian.AppendUint16(b, offset<<12|uint16(s.Flags)&0xfff)
	b = binary.BigEndian.AppendUint16(b, s.Window)
	b = binary.BigEndian.AppendUint16(b, 0)
	b = binary.BigEndian.AppendUint16(b, s.Urgent)
	b = s.Options.append(b)
	b = append(b, s.Payload...)
	putChecksum(b[at:], 16, PseudoHeader(src, dst, ProtocolTCP, len(b)-at))
	return b
}
