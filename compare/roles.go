package compare

import (
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// role is what a frame is for in its conversation.
type role uint8

const (
	roleOther role = iota
	roleARP
	roleNeighbour // IPv6 neighbour and router discovery
	roleICMP
	roleFragment
	roleSYN
	roleSYNAgain
	roleData
	roleDataAgain
	roleProbe // one octet or none below SND.NXT: keep-alive
	roleACK
	roleFIN
	roleFINAgain
	roleRST
	roleDamaged // a TCP header that makes no sense
	roleCount
)

var roleNames = [...]string{
	"frame", "ARP", "neighbour discovery", "ICMP", "fragment", "SYN", "SYN retransmission", "data",
	"data retransmission", "keep-alive", "ACK", "FIN", "FIN retransmission", "RST", "damaged segment",
}

// view is a conversation prepared for comparing.
type view struct {
	c      *capture.Conversation
	roles  []role
	end    [2]int64 // octets sent by each side: the number after the last
	ackMax [2]int64 // the highest acknowledgement of each side
	shift  [2]uint8 // of the windows each side announces after its SYN
	scaled bool     // the shifts are known

	segments [2]shown
	ipv6     bool // there are segments over IPv6
}

// shown is what the segments of one side show.
type shown struct {
	first          *capture.Event
	padded, tagged int // frames
}

func (s *shown) add(e *capture.Event) {
	if s.first == nil {
		s.first = e
	}
	if e.Marks.Has(capture.Padded) {
		s.padded++
	}
	if e.Marks.Has(capture.VLANTagged) {
		s.tagged++
	}
}

func newView(c *capture.Conversation) *view {
	v := &view{c: c, roles: make([]role, len(c.Events)), scaled: c.FromStart()}
	var started [2]bool
	var scaling [2]bool
	for i, e := range c.Events {
		v.roles[i] = v.roleOf(e, &started)
		if e.Kind != capture.TCP {
			continue
		}
		v.segments[e.Dir].add(e)
		v.ipv6 = v.ipv6 || e.Marks.Has(capture.IPv6)
		if v.roles[i] == roleDamaged {
			continue
		}
		if e.Flags.Has(capture.SYN) && e.Marks.Has(capture.HasWindowScale) {
			v.shift[e.Dir], scaling[e.Dir] = min(e.WindowScale, 14), true
		}
		if e.Flags.Has(capture.ACK) && !e.Flags.Has(capture.RST) {
			v.ackMax[e.Dir] = max(v.ackMax[e.Dir], e.RelAck)
		}
		if e.Flags.Has(capture.RST) {
			continue
		}
		if end := e.RelEnd(); !started[e.Dir] || end > v.end[e.Dir] {
			v.end[e.Dir], started[e.Dir] = end, true
		}
	}
	if !scaling[tap.Out] || !scaling[tap.In] {
		v.shift = [2]uint8{}
	}
	return v
}

// roleOf tells what a frame is for, from the frames before it.
func (v *view) roleOf(e *capture.Event, started *[2]bool) role {
	switch e.Kind {
	case capture.ARP:
		return roleARP
	case capture.ICMP4:
		return roleICMP
	case capture.ICMP6:
		if e.Type >= 133 && e.Type <= 137 || e.Type == 143 {
			return roleNeighbour
		}
		return roleICMP
	case capture.Fragment:
		return roleFragment
	case capture.TCP:
		if e.Marks.Has(capture.HeaderBad) {
			return roleDamaged
		}
		return v.segmentRole(e, started[e.Dir])
	}
	return roleOther
}

func (v *view) segmentRole(e *capture.Event, started bool) role {
	again := started && e.SegLen() > 0 && e.RelEnd() <= v.end[e.Dir]
	switch {
	case e.Flags.Has(capture.RST):
		return roleRST
	case e.Flags.Has(capture.SYN):
		return either(again, roleSYNAgain, roleSYN)
	case e.Flags.Has(capture.FIN):
		return either(again, roleFINAgain, roleFIN)
	case e.PayloadLen <= 1 && started && e.RelSeq == v.end[e.Dir]-1 && v.ackMax[1-e.Dir] >= v.end[e.Dir]:
		return roleProbe
	case e.PayloadLen == 0:
		return roleACK
	}
	return either(again, roleDataAgain, roleData)
}

func either(cond bool, yes, no role) role {
	if cond {
		return yes
	}
	return no
}

// name is what a report calls the frame's role.
func (v *view) name(i int32) string {
	e := v.c.Events[i]
	switch r := v.roles[i]; {
	case r == roleSYN && e.Flags.Has(capture.ACK):
		return "SYN-ACK"
	case r == roleARP && e.Type == 1:
		return "ARP request"
	case r == roleARP && e.Type == 2:
		return "ARP reply"
	case r == roleACK && e.RelSeq == 1 && e.RelAck == 1 && e.Dir == tap.Out && v.c.FromStart():
		return "handshake ACK"
	default:
		return roleNames[r]
	}
}

// window is the receive window a segment announces, in octets.
func (v *view) window(e *capture.Event) int64 {
	if e.Flags.Has(capture.SYN) {
		return int64(e.Window)
	}
	return int64(e.Window) << v.shift[e.Dir]
}
