package rules

import (
	"encoding/binary"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// icmpNews is what ICMP errors have told the client.
type icmpNews struct {
	any     bool
	soft    int64 // time of the last error that must not end the connection; 0 if there was none
	quench  int64
	hard    int64 // time of the last error that should end an attempt
	path    int64 // the smallest MTU that a genuine message has told; 0 if there was none
	pathAt  int64
	blind   int64 // the MTU that a message told which quotes nothing that is in flight; 0 if there was none
	tiny    bool  // a message told less than every path carries
	wider   int64 // the MTU that was known when a message told a larger one; 0 if there was none
	small   int   // full segments in a row that are no longer than what a message told that must not count
	longest int64 // the longest packet the client has sent with data, in octets
	raw     []byte
}

var icmpRules = []Rule{
	{ID: "MUST-54", Clause: "RFC 9293 §3.9.2.2, RFC 1191 §3, RFC 8201 §4", Level: Must, Field: "ip.len",
		Meaning: "A genuine message that a packet was too big is obeyed, for five minutes at the least.", When: "a smaller MTU on the path",
		Says: "a packet of %[1]d octets with DF, the path carries %[2]d", check: obeysPath, needs: seesNear | seesMessage | seesData},
	{ID: "MUST-55", Clause: "RFC 9293 §3.9.2.2, RFC 6633 §3", Level: Must, Field: "icmp.type",
		Meaning: "Source Quench is ignored.", When: "an ICMP Source Quench",
		Says: "resets the connection %[1]d ms after a Source Quench", check: ignoresQuench, needs: seesNear | seesMessage, timed: gotTime},
	{ID: "MUST-56", Clause: "RFC 9293 §3.9.2.2", Level: Must, Field: "icmp.type",
		Meaning: "Unreachable (0, 1, 5, or 0, 3 of ICMPv6), time exceeded and parameter problem do not end a connection.", When: "such an ICMP error",
		Says: "resets the connection %[1]d ms after a soft ICMP error", check: survivesSoft, needs: seesNear | seesMessage, timed: gotTime},
	{ID: "SHLD-26", Clause: "RFC 9293 §3.9.2.2", Level: Should, Field: "icmp.type",
		Meaning: "Protocol or port unreachable ends an attempt to connect.", When: "such an ICMP error in SYN-SENT",
		Says: "sends the SYN again %[1]d ms after a hard ICMP error", check: heedsHard, needs: seesNear | seesMessage, timed: gotTime},
	{ID: "1191:3:min68", Clause: "RFC 1191 §3, RFC 8201 §4", Level: Must, Field: "ip.len",
		Meaning: "No message brings packets below 68 octets, or over IPv6 below 1280.", When: "a message with a smaller MTU than that",
		Says: "packets of %[1]d octets follow a message with an MTU below %[2]d", check: notTiny, needs: seesNear | seesMessage | seesData},
	{ID: "1191:3:no-increase", Clause: "RFC 1191 §3, RFC 8201 §4", Level: Must, Field: "ip.len",
		Meaning: "A message does not make packets longer.", When: "a message with an MTU above that of the path",
		Says: "a packet of %[1]d octets follows a message, the path was known to carry %[2]d", check: notWider, needs: seesNear | seesMessage | seesData},
	{ID: "5927:4.1:seqcheck", Clause: "RFC 5927 §4.1", Level: May, Field: "ip.len",
		Meaning: "A message that quotes nothing in flight is ignored.", When: "a forged message that a packet was too big",
		Says: "packets shrink to %[1]d octets after a message that quotes nothing in flight and tells %[2]d", check: ignoresBlind, needs: seesNear | seesMessage | seesData},
}

// message notes an ICMP error to the client. Only its own link shows it.
func (t *Track) message() {
	e, n := t.E, &t.icmp
	t.messages = true
	if e.Dir != tap.In || e.Marks.Any(capture.ChecksumBad|capture.IPChecksumBad) {
		return
	}
	kind, code := e.Type, e.Code
	if e.Kind == capture.ICMP6 {
		kind, code = fromICMP6(kind, code)
	}
	switch {
	case kind == 3 && (code == 0 || code == 1 || code == 5) || kind == 11 && code <= 1 || kind == 12:
		n.any, n.soft = true, e.Time
	case kind == 3 && code == 4:
		n.any = true
		t.tooBig()
	case kind == 3 && (code == 2 || code == 3):
		n.any = true
		if seq, ok := t.quotes(); ok && t.inFlight(seq) {
			n.hard = e.Time
		}
	case kind == 3:
		n.any = true
	case kind == 4:
		n.any, n.quench = true, e.Time
	}
}

// fromICMP6 gives type and code of the ICMP message that RFC 9293 §3.9.2.2
// treats alike: of the unreachable ones it calls no route and no address soft.
func fromICMP6(kind, code uint8) (uint8, uint8) {
	switch {
	case kind == 1 && code == 4:
		return 3, 3
	case kind == 1 && (code == 0 || code == 3):
		return 3, 1
	case kind == 1:
		return 3, 13
	case kind == 2:
		return 3, 4
	case kind == 3:
		return 11, code
	case kind == 4 && code <= 2:
		return 12, 0
	}
	return 0, 0
}

// tooBig reads the MTU that a message tells and the number it quotes.
func (t *Track) tooBig() {
	e, n := t.E, &t.icmp
	seq, ok := t.quotes()
	if !ok {
		return
	}
	mtu := int64(binary.BigEndian.Uint32(n.raw[e.L4Offset+4:]))
	if e.Kind == capture.ICMP4 {
		mtu = int64(binary.BigEndian.Uint16(n.raw[e.L4Offset+6:]))
	}
	if mtu == 0 {
		return
	}
	switch {
	case !t.inFlight(seq):
		n.blind = mtu
	case mtu < leastMTU(e):
		n.tiny = true
	case n.path != 0 && mtu > n.path:
		n.wider = n.path
	case n.path == 0 || mtu < n.path:
		n.path, n.pathAt = mtu, e.Time
	}
	n.small = 0
}

// leastMTU is what every path carries, in octets (RFC 791 §3.2, RFC 8200 §5).
func leastMTU(e *capture.Event) int64 {
	if e.Marks.Has(capture.IPv6) {
		return 1280
	}
	return 68
}

// pathMemory is how long a host may not try whether the path has become wider,
// in nanoseconds (RFC 1191 §3, RFC 8201 §4).
const pathMemory = 300e9

// quotes reads the message and gives the sequence number that it quotes.
func (t *Track) quotes() (seq uint32, ok bool) {
	n, at := &t.icmp, int(t.E.L4Offset)+8
	raw, err := t.C.Raw(t.E, n.raw[:0])
	if n.raw = raw; err != nil || at > len(raw) {
		return 0, false
	}
	return quoted(raw[at:])
}

// inFlight reports whether the client waits for the acknowledgement of a
// number.
func (t *Track) inFlight(seq uint32) bool {
	s := &t.Sides[tap.Out]
	rel := s.Una + int64(int32(seq-t.C.ISS-uint32(s.Una)))
	return rel >= s.Una && rel < s.Next
}

// quoted is the sequence number in the packet that an error quotes.
func quoted(b []byte) (uint32, bool) {
	if len(b) < 28 {
		return 0, false
	}
	n := int(b[0]&15) * 4
	if b[0]>>4 == 6 {
		n = 40
	}
	if n < 20 || len(b) < n+8 {
		return 0, false
	}
	return binary.BigEndian.Uint32(b[n+4:]), true
}

// packetLen is the length of the frame's IP packet.
func packetLen(e *capture.Event) int64 {
	return int64(e.PayloadOffset) - int64(e.IPOffset) + int64(e.PayloadLen)
}

// heard reports whether the client has had an error, and the frame is its own.
func (t *Track) heard(at int64) bool { return at != 0 && t.near() }

func obeysPath(t *Track, f *Finding) Answer {
	n := &t.icmp
	if !t.heard(n.pathAt) || t.E.Time-n.pathAt > pathMemory || n.wider != 0 || t.E.PayloadLen == 0 || !t.E.Marks.Any(capture.DontFragment|capture.IPv6) {
		return NotExercised
	}
	f.Got, f.Want = packetLen(t.E), n.path
	if t.E.Time-n.pathAt <= queueLate && (f.Got > f.Want || !t.recut(n.path)) {
		return NotExercised // it may have left before the message came
	}
	return holdsUnless(f.Got > f.Want)
}

// recut reports whether the frame repeats the beginning of a segment that was
// too long for the path.
func (t *Track) recut(path int64) bool {
	p := t.Own().front()
	return p != nil && t.Rtx.Front && p.seq == t.E.RelSeq && packetLen(t.E)+int64(p.length)-int64(t.E.PayloadLen) > path
}

func ignoresQuench(t *Track, f *Finding) Answer { return t.survives(t.icmp.quench, f) }
func survivesSoft(t *Track, f *Finding) Answer  { return t.survives(t.icmp.soft, f) }

// survives judges what follows a message within a second.
func (t *Track) survives(at int64, f *Finding) Answer {
	if !t.heard(at) || t.Own().Closed != 0 {
		return NotExercised
	}
	f.Got = (t.E.Time - at) / 1e6
	return holdsUnless(t.E.Flags.Has(capture.RST) && t.E.Time-at < 1e9)
}

func heedsHard(t *Track, f *Finding) Answer {
	own := t.Own()
	if !t.heard(t.icmp.hard) || t.E.Time-t.icmp.hard <= queueLate {
		return NotExercised
	}
	f.Got = (t.E.Time - t.icmp.hard) / 1e6
	switch {
	case own.HasAcked:
		return NotExercised // it goes on with a connection
	case own.Synced && t.E.Flags.Has(capture.RST):
		return Holds // to a SYN-ACK that was right: it does not wait for it any more
	}
	return holdsUnless(!own.Synced && t.E.Flags.Has(capture.SYN))
}

// fullOnes counts segments in a row that were not the last of what was
// queued and are no longer than the limit.
func (t *Track) fullOnes(limit int64) int {
	e, n := t.E, &t.icmp
	if !t.near() || e.PayloadLen == 0 {
		return 0
	}
	if packetLen(e) > limit {
		n.small = 0
		return -1
	}
	if e.Flags.Any(capture.PSH | capture.FIN) {
		return 0
	}
	n.small++
	return n.small
}

func notTiny(t *Track, f *Finding) Answer {
	if !t.icmp.tiny || t.icmp.longest < leastMTU(t.E) {
		return NotExercised
	}
	f.Got, f.Want = packetLen(t.E), leastMTU(t.E)
	switch k := t.fullOnes(f.Want - 1); {
	case k == 0:
		return NotExercised
	default:
		return holdsUnless(k >= 2)
	}
}

func notWider(t *Track, f *Finding) Answer {
	n := &t.icmp
	if n.wider == 0 || !t.near() || t.E.Time-n.pathAt > pathMemory || t.E.PayloadLen == 0 {
		return NotExercised
	}
	f.Got, f.Want = packetLen(t.E), n.wider
	return holdsUnless(f.Got > f.Want)
}

func ignoresBlind(t *Track, f *Finding) Answer {
	n := &t.icmp
	if n.blind == 0 || n.path != 0 || n.longest <= n.blind {
		return NotExercised
	}
	f.Got, f.Want = packetLen(t.E), n.blind
	switch k := t.fullOnes(n.blind); {
	case k == 0:
		return NotExercised
	default:
		return holdsUnless(k >= 2)
	}
}
