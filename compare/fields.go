package compare

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// pair is two frames that stand for the same thing.
type pair struct {
	ref, test *view
	x, y      *capture.Event // the reference's and the tested stack's
	role      role

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

// Fields is every field that is compared, in the order of a frame.
var fields = []field{
	mark("ip.version", forIP, capture.IPv6, "6", "4", unexplained("the two conversations use different versions of IP")),
	number("ip.ttl", forIP, true, func(e *capture.Event) int { return int(e.TTL) },
		permitted("RFC 1122 §3.2.1.7", "the TTL is the sender's to choose, if it is large enough to cross the network")),
	number("ip.dsfield.dscp", forIP, true, func(e *capture.Event) int { return int(e.TOS >> 2) },
		permitted("RFC 9293 §3.9.1.9", "the DSCP is the application's or the system's to choose")),
	number("ip.dsfield.ecn", forIP, true, func(e *capture.Event) int { return int(e.ECN()) }, judgeECN),
	mark("ip.flags.df", forIP, capture.DontFragment, "set", "clear",
		permitted("RFC 9293 §3.7.2", "path MTU discovery is recommended, not required; without it DF stays clear")),
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
		judge:   permitted("RFC 9293 §3.7.1, MUST-67", "an end may announce any MSS that its link can carry")},
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

// checksumMarks are what is known of a checksum beside that it is right.
const checksumMarks = capture.ChecksumBad | capture.ChecksumPartial | capture.ChecksumUnverified | capture.ChecksumCompleted

func checksumValue(_ *view, e *capture.Event) string {
	switch m := e.Marks; {
	case m.Has(capture.ChecksumBad):
		return "wrong"
	case m.Has(capture.ChecksumPartial):
		return "left to hardware"
	case m.Has(capture.ChecksumUnverified):
		return "not verifiable"
	case m.Has(capture.ChecksumCompleted):
		return "completed on receipt"
	}
	return "right"
}

func judgeChecksum(p *pair) opinion {
	if (p.x.Marks | p.y.Marks).Has(capture.ChecksumBad) {
		return opinion{Unspecified, "", "one side's TCP checksum is wrong"}
	}
	return opinion{Artefact, "", "one side's checksum could not be verified as it was sent: offloading, or bytes that the capture lacks"}
}

func both(p *pair, m capture.Marks) bool { return p.x.Marks.Has(m) && p.y.Marks.Has(m) }

func judgeECN(p *pair) opinion {
	if p.x.Dir == tap.Out && p.x.Kind == capture.TCP {
		return opinion{Permitted, "RFC 3168 §6.1", "ECN is used only where both ends ask for it, and each may refrain"}
	}
	return opinion{Permitted, "RFC 3168 §5", "marks may be set by any router on the way"}
}

func judgeECNFlag(p *pair) opinion {
	if p.role == roleSYN || p.role == roleSYNAgain {
		return opinion{Permitted, "RFC 3168 §6.1.1", "a host may offer ECN in its SYN"}
	}
	if p.x.Dir == tap.In {
		return opinion{Permitted, "RFC 3168 §6.1.2", "the peer answers what it was offered and what the network marked"}
	}
	return opinion{Unspecified, "", "an ECN bit is set on one side only"}
}

func judgePush(p *pair) opinion {
	if p.x.PayloadLen == 0 || p.y.PayloadLen == 0 {
		return opinion{Permitted, "RFC 9293 §3.9.1.2", "PSH means nothing on a segment without data"}
	}
	return opinion{Permitted, "RFC 9293 §3.9.1.2, MUST-61, SHLD-27",
		"PSH belongs on the last segment of what is queued; on others it may be set or collapsed"}
}

func judgeUrgent(p *pair) opinion {
	if !(p.x.Flags | p.y.Flags).Has(capture.URG) {
		return opinion{Permitted, "RFC 9293 §3.1", "the urgent pointer means nothing without URG"}
	}
	return opinion{Unspecified, "", "the urgent pointers differ"}
}

// judgeSeq: a place in the stream differs only because the octets before it
// were cut otherwise, or because somebody miscounts, which the rules find.
func judgeSeq(p *pair) opinion {
	switch p.role {
	case roleData, roleDataAgain:
		return opinion{Permitted, "RFC 9293 §3.7.5, SHLD-28", "a sender may cut its stream where it likes"}
	case roleACK, roleProbe, roleRST, roleFIN, roleFINAgain:
		if p.ref.end[p.x.Dir] != p.test.end[p.y.Dir] {
			return opinion{Permitted, "RFC 9293 §3.4", "the two senders had sent a different number of octets"}
		}
		if p.role == roleACK {
			return opinion{Permitted, "RFC 9293 §3.4", "more had been sent by one side when this segment left; each carries its next number"}
		}
	}
	return opinion{Unspecified, "", "the sequence numbers differ"}
}

func judgeLen(p *pair) opinion {
	if p.x.Marks.Has(capture.SuperFrame) || p.y.Marks.Has(capture.SuperFrame) {
		return opinion{Artefact, "", "offloading merged segments before the capture saw them"}
	}
	if p.role == roleFIN || p.role == roleRST || p.role == roleACK {
		return opinion{Permitted, "RFC 9293 §3.9.1.4", "the last data may ride on the FIN or go before it"}
	}
	return opinion{Permitted, "RFC 9293 §3.7.5, SHLD-28", "a sender may cut its stream where it likes, up to the receiver's MSS"}
}

// payloadDiffers compares the octets that both frames carry. With the same
// cut the hashes decide; otherwise the bytes of the common part.
func payloadDiffers(p *pair) bool {
	x, y := p.x, p.y
	if x.PayloadLen == 0 || y.PayloadLen == 0 || x.PayloadHash == y.PayloadHash ||
		(x.Marks | y.Marks).Any(capture.CutShort|capture.SuperFrame) || p.x.Flags.Has(capture.RST) {
		return false
	}
	if x.PayloadLen == y.PayloadLen && x.RelSeq == y.RelSeq {
		return true
	}
	from, to := max(x.RelSeq, y.RelSeq), min(x.RelSeq+int64(x.PayloadLen), y.RelSeq+int64(y.PayloadLen))
	if from >= to {
		return false
	}
	return !bytes.Equal(p.ref.octets(x, from, to), p.test.octets(y, from, to))
}

// octets returns the stream's octets [from, to) out of a frame; nil if they
// cannot be fetched.
func (v *view) octets(e *capture.Event, from, to int64) []byte {
	raw, err := v.c.Raw(e, nil)
	start := int64(e.PayloadOffset) + from - e.RelSeq
	end := int64(e.PayloadOffset) + to - e.RelSeq
	if err != nil || start < 0 || end > int64(len(raw)) {
		return nil
	}
	return raw[start:end]
}

// payloadValue shows the first octets of a payload.
func payloadValue(v *view, e *capture.Event) string {
	const shown = 24
	b := v.octets(e, e.RelSeq, e.RelSeq+int64(min(e.PayloadLen, shown)))
	s := strconv.QuoteToASCII(string(b))
	if e.PayloadLen > shown {
		s += "…"
	}
	return s
}

// layoutVerdict says how two option layouts differ.
type layoutVerdict uint8

const (
	layoutsCompared layoutVerdict = 1 << iota
	layoutSetDiffers
	layoutOrderDiffers
)

// layouts compares the option layouts of a pair. There are few different ones
// in a conversation, so each combination is looked at once.
func (p *pair) layouts() layoutVerdict {
	key := uint64(p.ref.c.LayoutID(p.x))<<32 | uint64(p.test.c.LayoutID(p.y))
	if key == 0 {
		return layoutsCompared
	}
	if p.lastKey == key {
		return p.lastVerdict
	}
	verdict := p.known[key]
	if verdict == 0 {
		verdict = compareLayouts(p.ref.c.Layout(p.x), p.test.c.Layout(p.y))
		p.known[key] = verdict
	}
	p.lastKey, p.lastVerdict = key, verdict
	return verdict
}

// compareLayouts leaves SACK blocks out, which are a field of their own.
func compareLayouts(l, m capture.Layout) layoutVerdict {
	l, m = withoutSACK(l), withoutSACK(m)
	switch {
	case sameLayout(l, m):
		return layoutsCompared
	case sameLayout(l.Set(), m.Set()):
		return layoutsCompared | layoutOrderDiffers
	}
	return layoutsCompared | layoutSetDiffers
}

func optionSetDiffers(p *pair) bool   { return p.layouts()&layoutSetDiffers != 0 }
func optionOrderDiffers(p *pair) bool { return p.layouts()&layoutOrderDiffers != 0 }

func sameLayout(l, m capture.Layout) bool {
	if len(l) != len(m) {
		return false
	}
	for i := range l {
		if l[i] != m[i] {
			return false
		}
	}
	return true
}

// withoutSACK leaves out a SACK option and the padding, which goes with it.
func withoutSACK(l capture.Layout) capture.Layout {
	if !l.Has(5) {
		return l
	}
	kept := l[:0:0]
	for _, o := range l {
		if o.Kind > 1 && o.Kind != 5 {
			kept = append(kept, o)
		}
	}
	return kept
}

// optional are the options that a stack may leave out, with the clause that
// says so.
var optional = map[uint8]string{
	2: "RFC 9293 §3.7.1, SHLD-5", 3: "RFC 7323 §2.2", 4: "RFC 2018 §2", 8: "RFC 7323 §3.2",
	28: "RFC 5482", 30: "RFC 8684", 34: "RFC 7413", 172: "RFC 9768", 174: "RFC 9768",
}

func judgeOptionSet(p *pair) opinion {
	l, m := p.ref.c.Layout(p.x), p.test.c.Layout(p.y)
	var clauses []string
	for _, o := range append(l.Set(), m.Set()...) {
		if l.Has(o.Kind) == m.Has(o.Kind) || o.Kind == 5 {
			continue
		}
		clause, known := optional[o.Kind]
		if !known {
			return opinion{Unspecified, "", "one side sends option " + o.Name() + ", of which no rule is known here"}
		}
		if !strings.Contains(strings.Join(clauses, "; "), clause) {
			clauses = append(clauses, clause)
		}
	}
	reason := "these options may be offered or not"
	if p.role != roleSYN && p.role != roleSYNAgain {
		reason = "the option follows from what both SYNs offered"
	}
	return opinion{Permitted, strings.Join(clauses, "; "), reason}
}

func sackDiffers(p *pair) bool {
	if p.x.SACKCount == 0 && p.y.SACKCount == 0 {
		return false
	}
	return sackValue(p.ref, p.x) != sackValue(p.test, p.y)
}

// sackValue lists SACK blocks in relative numbers.
func sackValue(v *view, e *capture.Event) string {
	if e.SACKCount == 0 {
		return "none"
	}
	var b strings.Builder
	for i, block := range v.c.SACK(e) {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d-%d", e.RelAck+int64(int32(block.Left-e.Ack)), e.RelAck+int64(int32(block.Right-e.Ack)))
	}
	return b.String()
}
