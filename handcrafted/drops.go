package handcrafted

import (
	"errors"

	"tcping-cmp/handcrafted/wire"
)

// Drop is a reason why a frame or what it carried was not used.
type Drop uint8

// The reasons.
const (
	DropNotForUs    Drop = iota // another station's frame or another host's packet
	DropOwn                     // we sent it ourselves
	DropTag                     // 802.1Q tag of a VLAN
	DropEtherType               // neither IPv4, IPv6 nor ARP
	DropMalformed               // a length or a value made no sense
	DropChecksum                // IPv4 header, ICMP or TCP checksum
	DropFragment                // a fragment; they are not put together
	DropSource                  // a source address that no host has (RFC 9293 §3.9.2.3, MUST-63)
	DropProtocol                // neither TCP nor ICMP
	DropICMP                    // an ICMP message we do not act on
	DropICMPUnknown             // an ICMP error about a segment that we have no connection for
	DropNeighbor                // neighbour discovery that RFC 4861 §7.1 forbids to heed
	DropNoFlow                  // a segment for no connection; a RST answers it unless the kernel has the address too
	DropBacklog                 // a SYN for a port at which too many connections wait
	DropUnresolved              // ours: the next hop did not answer, or too many waited for it
	DropLink                    // ours: the link refused the frame
	numDrops
)

var dropNames = [numDrops]string{
	"not for us", "own", "VLAN tag", "EtherType", "malformed", "checksum", "fragment", "source address",
	"protocol", "ICMP type", "ICMP for no connection", "neighbour discovery", "no connection", "backlog full",
	"neighbour unresolved", "link",
}

func (d Drop) String() string { return dropNames[d] }

// Counters say how many frames were used and why others were not.
type Counters struct {
	Received, Sent uint64 // frames
	Segments       uint64 // TCP segments that reached a connection
	Resets         uint64 // RST sent for segments of no connection
	Echoes         uint64 // ICMP echo requests answered
	Dropped        [numDrops]uint64
}

// drop counts a reason.
func (h *Host) drop(why Drop) { h.counters.Dropped[why]++ }

// dropError counts what the parser found.
func (h *Host) dropError(err error) {
	if errors.Is(err, wire.ErrChecksum) {
		h.drop(DropChecksum)
		return
	}
	h.drop(DropMalformed)
}
