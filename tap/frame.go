package tap

import (
	"encoding/binary"
	"fmt"
)

const (
	etherLen = 14 // two addresses and the type
	tagLen   = 4  // one 802.1Q tag
	maxTags  = 2

	typeIPv4  = 0x0800
	typeARP   = 0x0806
	typeIPv6  = 0x86dd
	typeVLAN  = 0x8100 // 802.1Q
	typeSVLAN = 0x88a8 // 802.1ad, the outer tag
	typeQinQ  = 0x9100 // the outer tag before 802.1ad
)

// network returns the type of what the frame carries and where it starts,
// behind the VLAN tags. ok is false if the frame ends before that.
func network(frame []byte) (etherType uint16, offset int, ok bool) {
	for offset = etherLen; offset <= etherLen+maxTags*tagLen; offset += tagLen {
		if len(frame) < offset {
			return 0, 0, false
		}
		switch t := binary.BigEndian.Uint16(frame[offset-2:]); t {
		case typeVLAN, typeSVLAN, typeQinQ:
		default:
			return t, offset, true
		}
	}
	return 0, 0, false
}

// tooLong reports whether a frame carries more than mtu bytes behind its
// Ethernet header and its VLAN tags.
func tooLong(frame []byte, mtu int) bool {
	if len(frame) <= etherLen+mtu {
		return false
	}
	_, offset, ok := network(frame)
	return !ok || len(frame) > offset+mtu
}

// checkSize is what every WriteFrame asks first.
func checkSize(frame []byte, mtu int) error {
	if len(frame) < etherLen {
		return fmt.Errorf("%d bytes: %w", len(frame), ErrFrameTooShort)
	}
	if tooLong(frame, mtu) {
		return fmt.Errorf("a frame of %d bytes on a link with an MTU of %d: %w", len(frame), mtu, ErrFrameTooLong)
	}
	return nil
}
