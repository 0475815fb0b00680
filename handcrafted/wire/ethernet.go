package wire

import (
	"encoding/binary"
	"encoding/hex"
)

// MAC is an Ethernet address.
type MAC [6]byte

// Broadcast is the address of every station on the link.
var Broadcast = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// IsMulticast reports whether the group bit is set; broadcast counts.
func (m MAC) IsMulticast() bool { return m[0]&1 != 0 }

// String writes the address as six pairs of hexadecimal digits.
func (m MAC) String() string {
	var b [17]byte
	for i, c := range m {
		hex.Encode(b[3*i:], []byte{c})
		if i < 5 {
			b[3*i+2] = ':'
		}
	}
	return string(b[:])
}

// EtherType says what a frame carries.
type EtherType uint16

// The types that this stack reads.
const (
	TypeIPv4 EtherType = 0x0800
	TypeARP  EtherType = 0x0806
	TypeVLAN EtherType = 0x8100 // 802.1Q customer tag
	TypeQinQ EtherType = 0x88a8 // 802.1ad service tag
	TypeIPv6 EtherType = 0x86dd
)

// EthernetLen is the length of an Ethernet header without tag, in bytes.
const EthernetLen = 14

// Ethernet is the header of a frame.
type Ethernet struct {
	Dst, Src MAC
	Type     EtherType // of the payload, behind a tag if there is one
	Tagged   bool      // an 802.1Q tag was there
	VLAN     uint16    // the tag's control information: priority, DEI, identifier
}

// ParseEthernet reads the header of a frame and returns what follows it, link
// padding included. One 802.1Q tag is read through; a second one stays in
// Type.
func ParseEthernet(frame []byte) (h Ethernet, payload []byte, err error) {
	if len(frame) < EthernetLen {
		return h, nil, errEthernetShort
	}
	h.Dst, h.Src = MAC(frame[0:6]), MAC(frame[6:12])
	h.Type = EtherType(binary.BigEndian.Uint16(frame[12:]))
	payload = frame[EthernetLen:]
	if h.Type != TypeVLAN && h.Type != TypeQinQ {
		return h, payload, nil
	}
	if len(payload) < 4 {
		return h, nil, errVLANShort
	}
	h.Tagged = true
	h.VLAN = binary.BigEndian.Uint16(payload)
	h.Type = EtherType(binary.BigEndian.Uint16(payload[2:]))
	return h, payload[4:], nil
}

// AppendEthernet appends the header, with its tag if it has one.
func AppendEthernet(b []byte, h *Ethernet) []byte {
	b = append(b, h.Dst[:]...)
	b = append(b, h.Src[:]...)
	if h.Tagged {
		b = binary.BigEndian.AppendUint16(b, uint16(TypeVLAN))
		b = binary.BigEndian.AppendUint16(b, h.VLAN)
	}
	return binary.BigEndian.AppendUint16(b, uint16(h.Type))
}
