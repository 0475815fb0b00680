package compare

import (
	"strconv"

	"tcping-cmp/compare/capture"
)

// pair is two frames that stand for the same thing.
type pair struct {
	ref, test *view
	x, y      *capture.Event // the reference's and the tested stack's
	role      role

	told        []told                   // scratch
	known       map[uint64]layoutVerdict // by the two layouts' numbers
	lastKey     uint64
	lastVerdict layoutVerdict
}

// opinion is what is thought of a difference.
type opinion struct {
	verdict Verdict
	clause  string
	reason  string
}

// A field is one thing in which two frames may differ.
type field struct {
	name    string // Wireshark's name where it has one
	kinds   kinds
	wide    bool // one difference for the whole conversation, not one a role
	differs func(p *pair) bool
	value   func(v *view, e *capture.Event) string
	judge   func(p *pair) opinion
}

// kinds is a set of frame kinds.
type kinds uint8

const (
	forTCP kinds = 1 << iota
	forARP
	forICMP
	forIP = forTCP | forICMP
)

func kindOf(k capture.Kind) kinds {
	switch k {
	case capture.TCP:
		return forTCP
	case capture.ARP:
		return forARP
	case capture.ICMP4, capture.ICMP6:
		return forICMP
	}
	return 0
}

func permitted(clause, reason string) func(*pair) opinion {
	return func(*pair) opinion { return opinion{Permitted, clause, reason} }
}

func unexplained(reason string) func(*pair) opinion {
	return func(*pair) opinion { return opinion{Unspecified, "", reason} }
}

// number makes a field of an integer.
func number(name string, k kinds, wide bool, get func(*capture.Event) int, judge func(*pair) opinion) field {
	return field{
		name: name, kinds: k, wide: wide, judge: judge,
		differs: func(p *pair) bool { return get(p.x) != get(p.y) },
		value:   func(_ *view, e *capture.Event) string { return strconv.Itoa(get(e)) },
	}
}

// mark makes a field of something that was noticed or not.
func mark(name string, k kinds, m capture.Marks, yes, no string, judge func(*pair) opinion) field {
	return field{
		name: name, kinds: k, wide: true, judge: judge,
		differs: func(p *pair) bool { return p.x.Marks.Any(m) != p.y.Marks.Any(m) },
		value: func(_ *view, e *capture.Event) string {
			if e.Marks.Any(m) {
				return yes
			}
			return no
		},
	}
}

// bit makes a field of a control bit.
func bit(name string, f capture.TCPFlags, judge func(*pair) opinion) field {
	return field{
		name: name, kinds: forTCP, judge: judge,
		differs: func(p *pair) bool { return (p.x.Flags^p.y.Flags)&f != 0 },
		value:   func(_ *view, e *capture.Event) string { return e.Flags.String() },
	}
}

// fields is every field that is compared, in the order of a frame.
var fields = []field{
	mark("ip.version", forIP, capture.IPv6, "6", "4", unexplained("the two conversations use different versions of IP")),
	number("ip.ttl", forIP, true, func(e *capture.Event) int { return int(e.TTL) },
		permitted("RFC 1122 §3.2.1.7", "the TTL is the sender's to choose, if it is large enough to cross the network")),
	number("ip.dsfield.dscp", forIP, true, func(e *capture.Event) int { return int(e.TOS >> 2) },
		permitted("RFC 9293 §3.9.1.9", "the DSCP is the application's or the system's to choose")),
	number("ip.dsfield.ecn", forIP, true, func(e *capture.Event) int { return int(e.ECN()) }, judgeECN),
	mark("ip.flags.df", forIP, capture.DontFragment, "set", "clear",
		permitted("RFC 9293 §3.7.2", "path MTU discovery is recommended, not required; without it DF stays clear")),
	mark("ip.flags.rb", forIP, capture.IPReserved, "set", "clear", unexplained("the reserved flag of the IPv4 header is set on one side only")),
	mark("ip.options", forIP, capture.IPOptions, "present", "none", unexplained("one side sends IP options or extension headers")),
	mark("ip.flags.mf", forIP, capture.Fragmented, "fragmented", "whole", unexplained("one side sends the packet in fragments")),
	mark("ip.checksum", forTCP|forICMP, capture.IPChecksumBad, "wrong", "right", unexplained("one side's IPv4 header checksum is wrong")),
	mark("ip.len", forIP, capture.LengthBad, "does not fit", "fits", unexplained("one side's IP length does not fit the frame")),
	{name: "tcp.checksum", kinds: forTCP, wide: true, value: checksumValue, judge: judgeChecksum,
		differs: func(p *pair) bool { return (p.x.Marks^p.y.Marks)&checksumMarks != 0 }},
	mark("icmp.checksum", forICMP, capture.ChecksumBad, "wrong", "right",
		func(*pair) opinion {
			return opinion{Unspecified, "RFC 792, RFC 4443 §2.3", "one side's ICMP checksum is wrong"}
		}),
	bit("tcp.flags.res", capture.Reserved, unexplained("reserved bits differ")),
	bit("tcp.flags.fin", capture.FIN, unexplained("FIN is set on one side only")),
	bit("tcp.flags.syn", capture.SYN, unexplained("SYN is set on one side only")),
	bit("tcp.flags.reset", capture.RST, unexplained("RST is set on one side only")),
	bit("tcp.flags.push", capture.PSH, judgePush),
	bit("tcp.flags.ack", capture.ACK, unexplained("ACK is set on one side only")),
	bit("tcp.flags.urg", capture.URG, unexplained("URG is set on one side only")),
	bit("tcp.flags.ece", capture.ECE, judgeECNFlag),
	bit("tcp.flags.cwr", capture.CWR, judgeECNFlag),
	{name: "tcp.seq", kinds: forTCP, differs: func(p *pair) bool { return p.x.RelSeq != p.y.RelSeq },
		value: func(_ *view, e *capture.Event) string { return strconv.FormatInt(e.RelSeq, 10) }, judge: judgeSeq},
	{name: "tcp.ack", kinds: forTCP,
		differs: func(p *pair) bool { return p.x.RelAck != p.y.RelAck && (p.x.Flags & p.y.Flags).Has(capture.ACK) },
		value:   func(_ *view, e *capture.Event) string { return strconv.FormatInt(e.RelAck, 10) },
		judge: permitted("RFC 9293 §3.8.6.3",
			"an acknowledgement covers what has arrived when it is sent; how long it waits for more is up to the receiver, within half a second")},
	{name: "tcp.ack_raw", kinds: forTCP,
		differs: func(p *pair) bool {
			return !(p.x.Flags | p.y.Flags).Has(capture.ACK) && (p.x.Ack == 0) != (p.y.Ack == 0)
		},
		value: func(_ *view, e *capture.Event) string { return strconv.FormatUint(uint64(e.Ack), 10) },
		judge: permitted("RFC 9293 §3.1", "without ACK the acknowledgement number means nothing")},
	number("tcp.window_size_value", forTCP, false, func(e *capture.Event) int { return int(e.Window) },
		permitted("RFC 9293 §3.8.6", "how much a receiver buffers, and in which units it says so, is its own choice")),
	{name: "tcp.window_size", kinds: forTCP,
		differs: func(p *pair) bool {
			return p.ref.scaled && p.test.scaled && p.ref.window(p.x) != p.test.window(p.y)
		},
		value: func(v *view, e *capture.Event) string { return strconv.FormatInt(v.window(e), 10) },
		judge: permitted("RFC 9293 §3.8.6", "how much a receiver buffers is its own choice")},
	{name: "tcp.urgent_pointer", kinds: forTCP, differs: func(p *pair) bool { return p.x.Urgent != p.y.Urgent },
		value: func(_ *view, e *capture.Event) string { return strconv.Itoa(int(e.Urgent)) }, judge: judgeUrgent},
	{name: "tcp.len", kinds: forTCP, differs: func(p *pair) bool { return p.x.PayloadLen != p.y.PayloadLen },
		value: func(_ *view, e *capture.Event) string { return strconv.Itoa(int(e.PayloadLen)) }, judge: judgeLen},
	{name: "tcp.payload", kinds: forTCP, differs: payloadDiffers,
		value: payloadValue, judge: unexplained("the octets at the same place of the stream differ")},
	{name: "tcp.options", kinds: forTCP, differs: optionSetDiffers,
		value: func(v *view, e *capture.Event) string { return v.c.Layout(e).String() }, judge: judgeOptionSet},
	{name: "tcp.options.order", kinds: forTCP, differs: optionOrderDiffers,
		value: func(v *view, e *capture.Event) string { return v.c.Layout(e).String() },
		judge: permitted("RFC 9293 §3.1, MUST-64", "options may come in any order and at any alignment")},
	mark("tcp.options.malformed", forTCP, capture.OptionsMalformed, "malformed", "well formed", unexplained("one side's options have an illegal length")),
	{name: "tcp.options.mss_val", kinds: forTCP,
		differs: func(p *pair) bool { return both(p, capture.HasMSS) && p.x.MSS != p.y.MSS },
		value:   func(_ *view, e *capture.Event) string { return strconv.Itoa(int(e.MSS)) },
		judge:   permitted("RFC 9293 §3.7.1", "an end may announce any MSS that its link can carry")},
	{name: "tcp.options.wscale.shift", kinds: forTCP,
		differs: func(p *pair) bool { return both(p, capture.HasWindowScale) && p.x.WindowScale != p.y.WindowScale },
		value:   func(_ *view, e *capture.Event) string { return strconv.Itoa(int(e.WindowScale)) },
		judge:   permitted("RFC 7323 §2.3", "an end chooses the shift by the size of its buffer, up to 14")},
	{name: "tcp.options.timestamp.tsecr", kinds: forTCP,
		differs: func(p *pair) bool { return both(p, capture.HasTimestamps) && (p.x.TSEcr == 0) != (p.y.TSEcr == 0) },
		value:   func(_ *view, e *capture.Event) string { return strconv.FormatUint(uint64(e.TSEcr), 10) },
		judge:   unexplained("one side echoes a timestamp where the other echoes none")},
	{name: "tcp.options.sack", kinds: forTCP, differs: sackDiffers, value: sackValue,
		judge: permitted("RFC 2018 §4", "which blocks are reported depends on what had arrived, and on the room for them")},
	{name: "arp.target", kinds: forARP,
		differs: func(p *pair) bool { return p.ref.arpRole(p.x) != p.test.arpRole(p.y) },
		value:   func(_ *view, e *capture.Event) string { return e.ARPTarget().String() },
		judge:   permitted("RFC 826", "an address is resolved when and as often as its host needs it")},
	number("icmp.type", forICMP, false, func(e *capture.Event) int { return int(e.Type) }, unexplained("the ICMP messages are of different types")),
}
