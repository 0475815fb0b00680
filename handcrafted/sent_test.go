package handcrafted

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// sent is one of our TCP segments as a stranger reads it: none of this shares
// code with package wire, so a mistake there cannot cancel out.
type sent struct {
	six      bool
	dontFrag bool
	ipID     uint16
	tos, ttl byte
	seq, ack uint32
	flags    byte
	window   uint16
	urgent   uint16
	options  []byte
	payload  []byte
	mss      int // from the option; 0 if there is none
	scale    int // from the option; -1 if there is none
	hasTS    bool
	tsval    uint32
	blocks   int // of SACK
}

const (
	fin, syn, rst, psh, ack, urg = 1, 2, 4, 8, 16, 32
)

var errNotTCP = errors.New("not a TCP segment")

// readSent takes a frame of ours apart and checks all that can be checked of a
// frame by itself: lengths, checksums, reserved bits and the form of options.
func readSent(frame []byte) (s sent, err error) {
	var segment, pseudo []byte
	switch binary.BigEndian.Uint16(frame[12:]) {
	case 0x0800:
		segment, pseudo, err = s.ipv4(frame[14:])
	case 0x86dd:
		segment, pseudo, err = s.ipv6(frame[14:])
	default:
		return s, errNotTCP
	}
	if err != nil {
		return s, err
	}
	if got := onesSum(append(pseudo, segment...)); got != 0xffff {
		return s, fmt.Errorf("the TCP checksum adds up to %#x (MUST-2)", got)
	}
	return s, s.tcp(segment)
}

func (s *sent) ipv4(b []byte) (segment, pseudo []byte, err error) {
	switch {
	case b[0] != 0x45:
		return nil, nil, fmt.Errorf("version and header length %#x", b[0])
	case int(binary.BigEndian.Uint16(b[2:])) != len(b):
		return nil, nil, fmt.Errorf("total length %d of %d bytes", binary.BigEndian.Uint16(b[2:]), len(b))
	case onesSum(b[:20]) != 0xffff:
		return nil, nil, errors.New("the IPv4 header checksum is wrong")
	case b[9] != 6:
		return nil, nil, errNotTCP
	case b[6]&0xbf != 0 || b[7] != 0:
		return nil, nil, fmt.Errorf("a fragment: %x", b[6:8])
	}
	s.dontFrag, s.ipID, s.tos, s.ttl = b[6]&0x40 != 0, binary.BigEndian.Uint16(b[4:]), b[1], b[8]
	pseudo = append(append([]byte(nil), b[12:20]...), 0, 6)
	return b[20:], binary.BigEndian.AppendUint16(pseudo, uint16(len(b)-20)), nil
}

func (s *sent) ipv6(b []byte) (segment, pseudo []byte, err error) {
	switch {
	case b[0]>>4 != 6:
		return nil, nil, fmt.Errorf("version %d", b[0]>>4)
	case int(binary.BigEndian.Uint16(b[4:])) != len(b)-40:
		return nil, nil, fmt.Errorf("payload length %d of %d bytes", binary.BigEndian.Uint16(b[4:]), len(b)-40)
	case b[6] != 6:
		return nil, nil, errNotTCP
	}
	s.six, s.tos, s.ttl = true, b[0]<<4|b[1]>>4, b[7]
	pseudo = append([]byte(nil), b[8:40]...)
	pseudo = binary.BigEndian.AppendUint32(pseudo, uint32(len(b)-40))
	return b[40:], append(pseudo, 0, 0, 0, 6), nil
}

// onesSum is the sum of RFC 1071, an octet after the other.
func onesSum(b []byte) uint32 {
	var sum uint32
	for i, v := range b {
		if i%2 == 0 {
			sum += uint32(v) << 8
		} else {
			sum += uint32(v)
		}
		if sum > 0xffff {
			sum -= 0xffff
		}
	}
	return sum
}

func (s *sent) tcp(b []byte) error {
	if len(b) < 20 {
		return fmt.Errorf("%d bytes of TCP", len(b))
	}
	offset := int(b[12]>>4) * 4
	if offset < 20 || offset > len(b) {
		return fmt.Errorf("data offset %d of %d bytes", offset, len(b))
	}
	s.seq, s.ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	s.flags, s.window, s.urgent = b[13], binary.BigEndian.Uint16(b[14:]), binary.BigEndian.Uint16(b[18:])
	s.options, s.payload, s.scale = b[20:offset], b[offset:], -1
	switch {
	case b[12]&0xf != 0:
		return fmt.Errorf("reserved bits %#x", b[12]&0xf)
	case s.flags&ack == 0 && s.ack != 0:
		return fmt.Errorf("no ACK, but the number %d", s.ack)
	case s.flags&(ack|syn|rst) == 0:
		return fmt.Errorf("flags %#x: neither ACK nor SYN nor RST", s.flags)
	case s.flags&urg == 0 && s.urgent != 0:
		return fmt.Errorf("no URG, but the pointer %d", s.urgent)
	}
	return s.readOptions()
}

// readOptions holds the form of options (RFC 9293 §3.1 and §3.2).
func (s *sent) readOptions() error {
	for b := s.options; len(b) > 0; {
		switch b[0] {
		case 0:
			for _, pad := range b {
				if pad != 0 {
					return fmt.Errorf("options %x: the padding is not zero (MUST-69)", s.options)
				}
			}
			return nil
		case 1:
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			return fmt.Errorf("options %x: no valid length (MUST-68)", s.options)
		}
		if err := s.option(b[0], b[2:b[1]]); err != nil {
			return fmt.Errorf("options %x: %w", s.options, err)
		}
		b = b[b[1]:]
	}
	return nil
}

func (s *sent) option(kind byte, v []byte) error {
	length, onSYN := map[byte]int{2: 2, 3: 1, 4: 0, 8: 8}[kind], s.flags&syn != 0
	switch {
	case kind == 5:
		if len(v) == 0 || len(v)%8 != 0 || onSYN {
			return fmt.Errorf("SACK of %d bytes", len(v))
		}
		s.blocks = len(v) / 8
		return nil
	case kind < 2 || kind == 6 || kind == 7 || kind > 8:
		return fmt.Errorf("kind %d, which this stack does not know", kind)
	case len(v) != length:
		return fmt.Errorf("kind %d has %d bytes", kind, len(v))
	case kind <= 4 && !onSYN:
		return fmt.Errorf("kind %d belongs on a SYN (MUST-65)", kind)
	}
	switch kind {
	case 2:
		s.mss = int(binary.BigEndian.Uint16(v))
	case 3:
		s.scale = int(v[0])
	case 8:
		s.hasTS, s.tsval = true, binary.BigEndian.Uint32(v)
	}
	return nil
}

// seqLen is SEG.LEN.
func (s *sent) seqLen() uint32 {
	n := uint32(len(s.payload))
	if s.flags&syn != 0 {
		n++
	}
	if s.flags&fin != 0 {
		n++
	}
	return n
}

// sender is what one connection of ours has sent so far, and what holds from
// one segment to the next.
type sender struct {
	started   bool
	iss, top  uint32 // first number, and the one after the last sent
	ackAt     uint32 // the last acknowledgement
	acked     bool
	edge      uint32 // of the advertised window
	offered   int    // what our SYN offered; -1 if nothing
	peerSYN   bool
	tsval     uint32
	hasTS     bool
	peerScale bool
	segments  int
	gaps      bool // the host threw some away: nobody told it the next hop's address
}

// heard is told of the peer's first SYN: scaling is in force if both had it
// (RFC 7323 §2.2).
func (d *sender) heard(s *sent) {
	if s.flags&syn != 0 && s.flags&rst == 0 && !d.peerSYN {
		d.peerSYN, d.peerScale = true, s.scale >= 0
	}
}

// check holds the invariants of a segment in its connection. A RST that answers
// a segment for no connection belongs to none.
func (d *sender) check(s *sent) error {
	if s.flags&rst != 0 {
		return nil
	}
	d.segments++
	if !d.started {
		if s.flags&syn == 0 && !d.gaps {
			return errors.New("the first segment is no SYN")
		}
		d.started, d.iss, d.top, d.offered = true, s.seq, s.seq, s.scale
	}
	if s.flags&syn != 0 && (s.seq != d.iss || len(s.payload) > 0) {
		return fmt.Errorf("a SYN at %d with %d octets, the first was at %d", s.seq, len(s.payload), d.iss)
	}
	if ahead := int32(s.seq - d.top); ahead > 0 && !d.gaps {
		return fmt.Errorf("the sequence number is %d beyond what was sent", ahead)
	}
	if end := s.seq + s.seqLen(); int32(end-d.top) > 0 {
		d.top = end
	}
	if s.hasTS {
		if d.hasTS && int32(s.tsval-d.tsval) < 0 {
			return fmt.Errorf("TSval went back by %d", d.tsval-s.tsval)
		}
		d.hasTS, d.tsval = true, s.tsval
	}
	if s.flags&ack == 0 {
		return nil
	}
	return d.checkAck(s)
}

// checkAck holds that acknowledgement and window never go back, but for the
// fraction of a unit that scaling rounds away (RFC 7323 §2.4).
func (d *sender) checkAck(s *sent) error {
	if d.acked && int32(s.ack-d.ackAt) < 0 {
		return fmt.Errorf("the acknowledgement went back by %d", d.ackAt-s.ack)
	}
	shift, unit := 0, int32(1)
	if d.peerScale && d.offered >= 0 {
		unit <<= d.offered
		if s.flags&syn == 0 {
			shift = d.offered
		}
	}
	edge := s.ack + uint32(s.window)<<shift
	if back := int32(d.edge - edge); d.acked && back > 0 && back >= unit {
		return fmt.Errorf("the window's right edge went back by %d (SHLD-14)", back)
	}
	if !d.acked || int32(edge-d.edge) > 0 {
		d.edge = edge
	}
	d.acked, d.ackAt = true, s.ack
	return nil
}
