package lab

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"tcping-cmp/compare/scenario"
)

// shape says whether a packet is of the shape that a line expects: kind, flags
// but PSH, relative numbers and length.
func (p *player) shape(k *scenario.Packet, s *seen) bool {
	switch {
	case k.ICMP != nil:
		typ, code, _ := p.icmpTypeCode(k.ICMP)
		return s.icmp && s.payload[0] == typ && (k.ICMP.Code == "" || s.payload[1] == code)
	case k.TCP == nil || !s.tcp:
		return false
	}
	l := k.TCP
	if l.Ports != nil && (l.Ports.Src != s.sport || l.Ports.Dst != s.dport) {
		return false
	}
	t := p.talkOfFrame(s)
	if flagsOf(l, s)&^flagPSH != s.flags&^flagPSH || len(s.payload) != l.Seq.Len {
		return false
	}
	if l.Flags&scenario.SYN != 0 && l.Seq.Kind == scenario.Exact {
		return (l.Ack.Kind != scenario.Exact || l.Ack.N == s.ack) && s.seq == t.localISN
	}
	seq, ack := t.relative(s)
	switch l.Seq.Kind {
	case scenario.Exact:
		if seq != l.Seq.Start {
			return false
		}
	case scenario.Literal:
		if s.seq != l.Seq.Start {
			return false
		}
	}
	switch l.Ack.Kind {
	case scenario.Exact:
		return ack == l.Ack.N
	case scenario.Literal:
		return s.ack == l.Ack.N
	}
	return true
}

// flagsOf are the flags that a line expects of a segment.
func flagsOf(l *scenario.TCP, s *seen) uint16 {
	const ace = flagAE | flagCWR | flagECE
	switch l.ACE.Kind {
	case scenario.Exact:
		return uint16(l.Flags)&^ace | aceFlags(l.ACE.N)
	case scenario.None:
		return uint16(l.Flags)
	}
	return uint16(l.Flags)&^ace | s.flags&ace
}

// strictly holds a packet of the right shape against what its line says beyond
// that.
func (p *player) strictly(k *scenario.Packet, s *seen) {
	p.judgeIP(&k.IP, s)
	if k.TCP == nil {
		return
	}
	l, t := k.TCP, p.talkOfFrame(s)
	if l.Flags&scenario.SYN != 0 && l.Seq.Kind == scenario.Exact {
		t.localBase = l.Seq.Start
	}
	if (uint16(l.Flags)^s.flags)&flagPSH != 0 {
		p.find(s, false, "%s: flags %s, expected %s", p.describe(s), flagLetters(s.flags), flagLetters(flagsOf(l, s)))
	}
	if l.Ack.Kind == scenario.None && s.flags&flagACK != 0 && l.Flags&scenario.ACK == 0 {
		p.find(s, false, "%s carries an acknowledgement", p.describe(s))
	}
	p.field(s, "win", l.Window, uint32(s.window))
	p.field(s, "urg", l.Urgent, uint32(s.urgent))
	p.judgeOptions(l.Options, s, t)
	p.judgePayload(s, t)
}

// field compares a number if the line has one.
func (p *player) field(s *seen, name string, want scenario.Value, got uint32) {
	if (want.Kind == scenario.Exact || want.Kind == scenario.Literal) && want.N != got {
		p.find(s, false, "%s: %s %d, expected %d", p.describe(s), name, got, want.N)
	}
}

func (p *player) judgeIP(m *scenario.IPMarks, s *seen) {
	ecn := s.tos & 3
	wrong := false
	switch m.ECN {
	case scenario.NotECT:
		wrong = ecn != 0
	case scenario.ECT0:
		wrong = ecn != 2
	case scenario.ECT1:
		wrong = ecn != 1
	case scenario.ECT01:
		wrong = ecn != 1 && ecn != 2
	case scenario.CE:
		wrong = ecn != 3
	}
	if wrong {
		p.find(s, false, "%s: the ECN bits are %02b", p.describe(s), ecn)
	}
	p.field(s, "tos", m.TOS, uint32(s.tos))
	p.field(s, "dscp", m.DSCP, uint32(s.tos>>2))
	p.field(s, "ttl", m.TTL, uint32(s.ttl))
	p.field(s, "IP ID", m.ID, uint32(s.id))
	p.field(s, "flow label", m.FlowLabel, s.flowLabel)
	df := uint32(0)
	if s.df {
		df = 1
	}
	p.field(s, "DF", m.DontFragment, df)
}

// judgePayload holds what a segment carries against what the application has
// written at that place of its stream.
func (p *player) judgePayload(s *seen, t *talk) {
	if len(s.payload) == 0 || s.flags&flagSYN != 0 {
		return
	}
	from := int64(s.seq - t.localISN - 1)
	if from+int64(len(s.payload)) <= int64(len(t.written)) && !bytes.Equal(s.payload, t.written[from:from+int64(len(s.payload))]) {
		p.find(s, true, "%s: the payload is not what the application wrote", p.describe(s))
	}
}

// judgeOptions compares the options in their order.
func (p *player) judgeOptions(want *scenario.Options, s *seen, t *talk) {
	if want != nil && want.Any {
		return
	}
	got, ok := readOptions(s.options)
	if !ok {
		p.find(s, false, "%s: the options make no sense", p.describe(s))
		return
	}
	var list []scenario.TCPOption
	if want != nil {
		list = want.List
	}
	if len(list) != len(got) {
		p.find(s, false, "%s: options <%s>, expected %d", p.describe(s), optionNames(got), len(list))
		return
	}
	for i := range list {
		if list[i].Kind == scenario.OptTimestamps {
			p.judgeTimestamps(&list[i], got[i], s, t)
		} else if why := t.judgeOption(&list[i], got[i]); why != "" {
			p.find(s, false, "%s: %s", p.describe(s), why)
		}
	}
}

// judgeOption compares one option with the bytes that the line stands for,
// and says what is wrong.
func (t *talk) judgeOption(want *scenario.TCPOption, got tcpOption) string {
	any := want.Value.Kind == scenario.Any
	switch want.Kind {
	case scenario.OptSACK:
		if any && got.kind == kindSACK {
			return ""
		}
		return t.judgeSACK(want, got)
	case scenario.OptMSS:
		if any && got.kind == kindMSS {
			return ""
		}
	case scenario.OptWindowScale:
		if any && got.kind == kindWScale {
			return ""
		}
	case scenario.OptGeneric:
		if want.Data == nil && got.kind == want.Number {
			return ""
		}
	}
	expected := t.option(nil, want)
	actual := []byte{got.kind}
	if got.kind > kindNOP {
		actual = append(append(actual, byte(2+len(got.data))), got.data...)
	}
	if !bytes.Equal(expected, actual) {
		return fmt.Sprintf("option <%s> (% x), expected %s (% x)", optionNames([]tcpOption{got}), actual, want.Kind, expected)
	}
	return ""
}

func (t *talk) judgeSACK(want *scenario.TCPOption, got tcpOption) string {
	if got.kind != kindSACK || len(got.data) != 8*len(want.Blocks) {
		return fmt.Sprintf("option <%s>, expected sack with %d blocks", optionNames([]tcpOption{got}), len(want.Blocks))
	}
	for i, b := range want.Blocks {
		left := binary.BigEndian.Uint32(got.data[8*i:]) - t.remoteISN
		right := binary.BigEndian.Uint32(got.data[8*i+4:]) - t.remoteISN
		if left != b.Left || right != b.Right {
			return fmt.Sprintf("sack %d:%d, expected %d:%d", left, right, b.Left, b.Right)
		}
	}
	return ""
}

// judgeTimestamps compares TSecr, and TSval if the script says how fast it
// runs; and remembers which of the stack's timestamps the script means.
func (p *player) judgeTimestamps(want *scenario.TCPOption, got tcpOption, s *seen, t *talk) {
	if got.kind != kindTimestamps || len(got.data) != 8 {
		p.find(s, false, "%s: option <%s>, expected TS", p.describe(s), optionNames([]tcpOption{got}))
		return
	}
	val, ecr := binary.BigEndian.Uint32(got.data), binary.BigEndian.Uint32(got.data[4:])
	p.field(s, "ecr", want.Echo, ecr)
	if want.Value.Kind != scenario.Exact {
		return
	}
	if t.stamps != nil {
		t.stamps[want.Value.N] = val
	}
	if !t.firstTS.set {
		t.firstTS = tsPoint{true, want.Value.N, val}
		return
	}
	tick := p.script.Config.TimestampTick
	if tick == 0 {
		return
	}
	expected := want.Value.N - t.firstTS.script + t.firstTS.onWire
	off := time.Duration(int32(val-expected)) * tick
	if off.Abs() > p.script.Config.Tolerance+tick {
		p.find(s, false, "%s: TS val is %v off what the script's clock says", p.describe(s), off)
	}
}

var optionWords = map[uint8]string{
	kindEOL: "eol", kindNOP: "nop", kindMSS: "mss", kindWScale: "wscale", kindSACKOK: "sackOK", kindSACK: "sack",
	kindTimestamps: "TS", kindMD5: "md5", kindFastOpen: "FO", kindExperiment: "FOEXP",
	kindAccECN0: "AccECN0", kindAccECN1: "AccECN1",
}

// optionNames writes options by their names and, where short, their values.
func optionNames(list []tcpOption) string {
	var b []byte
	for i, o := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		word, ok := optionWords[o.kind]
		if !ok {
			word = fmt.Sprintf("opt %d", o.kind)
		}
		b = append(b, word...)
		switch {
		case o.kind == kindMSS && len(o.data) == 2:
			b = fmt.Appendf(b, " %d", binary.BigEndian.Uint16(o.data))
		case o.kind == kindWScale && len(o.data) == 1:
			b = fmt.Appendf(b, " %d", o.data[0])
		}
	}
	return string(b)
}
