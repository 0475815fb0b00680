package wire

import (
	"encoding/binary"
	"net/netip"
)

// ARPOp is the operation of an ARP packet.
type ARPOp uint16

// The operations that a host takes part in (RFC 826).
const (
	ARPRequest ARPOp = 1
	ARPReply   ARPOp = 2
)

// ARPLen is the length of an ARP packet for IPv4 over Ethernet, in bytes.
const ARPLen = 28

// ARP is an ARP packet for IPv4 over Ethernet.
type ARP struct {
	Op                 ARPOp
	SenderMAC          MAC
	SenderIP, TargetIP netip.Addr
	TargetMAC          MAC // zero in a request
}

// arpPrefix is hardware type Ethernet, protocol type IPv4 and their lengths.
const arpPrefix = 0x0001_0800_0604

// ParseARP reads an ARP packet; bytes behind it are padding.
func ParseARP(b []byte) (a ARP, err error) {
	if len(b) < ARPLen {
		return a, errARPShort
	}
	if binary.BigEndian.Uint64(b)>>16 != arpPrefix {
		return a, errARPType
	}
	a.Op = ARPOp(binary.BigEndian.Uint16(b[6:]))
	a.SenderMAC, a.SenderIP = MAC(b[8:14]), netip.AddrFrom4([4]byte(b[14:18]))
	a.TargetMAC, a.TargetIP = MAC(b[18:24]), netip.AddrFrom4([4]byte(b[24:28]))
	return a, nil
}

// AppendARP appends an ARP packet. Both addresses must be IPv4.
func AppendARP(b []byte, a *ARP) []byte {
	b = binary.BigEndian.AppendUint64(b, arpPrefix<<16|uint64(a.Op))
	sender, target := a.SenderIP.As4(), a.TargetIP.As4()
	b = append(b, a.SenderMAC[:]...)
	b = append(b, sender[:]...)
	b = append(b, a.TargetMAC[:]...)
	return append(b, target[:]...)
}
