package main

import (
	"fmt"
	"net/netip"
	"strings"

	"tcping-cmp/handcrafted/wire"
)

// readSegment finds the TCP segment in a frame; nil if there is none that is
// whole and unharmed.
func readSegment(frame []byte) (*wire.Segment, wire.Tuple) {
	eth, packet, err := wire.ParseEthernet(frame)
	if err != nil {
		return nil, wire.Tuple{}
	}
	var ip wire.IP
	var payload []byte
	switch eth.Type {
	case wire.TypeIPv4:
		ip, payload, err = wire.ParseIPv4(packet)
	case wire.TypeIPv6:
		ip, payload, err = wire.ParseIPv6(packet)
	default:
		return nil, wire.Tuple{}
	}
	if err != nil || ip.Protocol != wire.ProtocolTCP || ip.Fragment() {
		return nil, wire.Tuple{}
	}
	seg := new(wire.Segment)
	if wire.ParseTCP(seg, payload, &ip) != nil {
		return nil, wire.Tuple{}
	}
	// The frame came in, so its destination is the local end.
	return seg, wire.Tuple{
		Local:  netip.AddrPortFrom(ip.Dst, seg.DstPort),
		Remote: netip.AddrPortFrom(ip.Src, seg.SrcPort),
	}
}

// frameLine is a received segment as ping prints it: the address pair, the
// numbers as they stand in the header, the flags, and how much data there is.
func frameLine(seg *wire.Segment, t wire.Tuple) string {
	line := fmt.Sprintf("%v → %v  seq %-10d  ack %-10d  %s", t.Remote, t.Local, seg.Seq, seg.Ack, flagNames(seg.Flags))
	if len(seg.Payload) > 0 {
		line += fmt.Sprintf("  %d bytes", len(seg.Payload))
	}
	return line
}

// flagNames joins the names of the flags: SYN·ACK.
func flagNames(f wire.Flags) string {
	var names []string
	for _, flag := range []struct {
		bit  wire.Flags
		name string
	}{
		{wire.SYN, "SYN"}, {wire.FIN, "FIN"}, {wire.RST, "RST"}, {wire.PSH, "PSH"}, {wire.URG, "URG"},
		{wire.ECE, "ECE"}, {wire.CWR, "CWR"}, {wire.ACK, "ACK"},
	} {
		if f.Has(flag.bit) {
			names = append(names, flag.name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, "·")
}
