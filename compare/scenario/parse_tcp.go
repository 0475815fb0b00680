package scenario

import (
	"fmt"
	"math"
	"strings"
)

const flagLetters = "FSRP.UEWA" // FIN is bit 0, as in Flags

// tcp reads [SRC > DST] FLAGS SEQ [ack N] [win N] [urg N] [<OPTIONS>].
func (p *parser) tcp(dir Direction) *TCP {
	s := &TCP{}
	if p.atPorts() {
		s.Ports = p.portPair()
	}
	p.flags(s)
	s.Seq = p.seq()
	if p.acceptWord("ack") {
		s.Ack = p.value(dir, "an acknowledgement number", math.MaxUint32)
	}
	if p.acceptWord("win") {
		s.Window = p.wild(dir, "a window", math.MaxUint16)
	}
	if p.acceptWord("urg") {
		s.Urgent = p.wild(dir, "an urgent pointer", math.MaxUint16)
	}
	if p.tok.is("<") {
		s.Options = p.options(dir)
	}
	return s
}

// flags reads the letters of a segment, or - for none. A digit is the AccECN
// counter; it stands behind or before the dot.
func (p *parser) flags(s *TCP) {
	const what = "TCP flags: letters of FSRP.UEWA, or -"
	at := p.tok
	if at.kind == tokEOF || at.kind == tokBad {
		p.fail(what)
	}
	p.rescan(func(c byte) bool {
		return isDigit(c) || c == '.' || c == '-' || 'A' <= c && c <= 'Z'
	})
	word := p.tok
	if prefix(word.text, isDigit) == len(word.text) {
		p.tok = at
		p.failAt(at.pos, what, at.describe())
	}
	if word.text != "-" {
		for i := 0; i < len(word.text); i++ {
			if !s.flag(word.text[i]) {
				p.failAt(at.pos, what, word.describe())
			}
		}
	}
	p.next()
}

// flag adds one letter or digit and says whether it is a new one.
func (s *TCP) flag(c byte) bool {
	if c == 'C' {
		c = 'W' // another letter for CWR
	}
	if '0' <= c && c <= '7' && !s.ACE.Set() {
		s.ACE = Value{Exact, uint32(c - '0')}
		return true
	}
	i := strings.IndexByte(flagLetters, c)
	if i < 0 || s.Flags&(1<<i) != 0 {
		return false
	}
	s.Flags |= 1 << i
	return true
}

// seq reads START:END(LEN), with ! behind it when the numbers are those on
// the wire, or ...(LEN).
func (p *parser) seq() Seq {
	if p.tok.kind == tokEllipsis || p.tok.is("*") {
		p.next()
		p.expect("(")
		s := Seq{Kind: Any, Len: int(p.number("a payload length", math.MaxUint16))}
		p.expect(")")
		return s
	}
	at := p.tok
	s := Seq{Kind: Exact}
	s.Start = uint32(p.number("a sequence range as in 1:1001(1000)", math.MaxUint32))
	p.expect(":")
	s.End = uint32(p.number("the end of the sequence range", math.MaxUint32))
	p.expect("(")
	s.Len = int(p.number("the length of the payload", math.MaxUint16))
	p.expect(")")
	if s.Start+uint32(s.Len) != s.End {
		p.failAt(at.pos, fmt.Sprintf("a sequence range of %d bytes, %d:%d(%d)", s.Len, s.Start, s.Start+uint32(s.Len), s.Len),
			fmt.Sprintf("%d:%d(%d)", s.Start, s.End, s.Len))
	}
	if p.accept("!") {
		s.Kind = Literal
	}
	return s
}

// wild reads a number, or * or ... in an expected packet.
func (p *parser) wild(dir Direction, what string, max uint64) Value {
	if p.tok.is("*") || p.tok.kind == tokEllipsis {
		if dir == Inject {
			p.fail(what + " (a wildcard is for expected packets)")
		}
		p.next()
		return Value{Kind: Any}
	}
	return p.exact(what, max)
}

// value reads a number that may also be literal (5!) or, in an injected
// packet, auto.
func (p *parser) value(dir Direction, what string, max uint64) Value {
	if p.tok.word("auto") {
		if dir == Expect {
			p.fail(what + " (auto is for injected packets)")
		}
		p.next()
		return Value{Kind: Auto}
	}
	v := p.wild(dir, what, max)
	if v.Kind == Exact && p.accept("!") {
		v.Kind = Literal
	}
	return v
}

// faults reads with FAULT, FAULT … behind an injected packet.
func (p *parser) faults(k *Packet) {
	if !p.tok.word("with") {
		return
	}
	if k.Dir == Expect {
		p.fail("the end of the line (a fault is for injected packets)")
	}
	p.next()
	k.Faults = append(k.Faults, p.fault(k))
	for p.accept(",") {
		k.Faults = append(k.Faults, p.fault(k))
	}
}

// faultMax has the largest number of each fault; 0 is a fault without one.
var faultMax = map[FaultKind]uint64{
	BadChecksum: 0, BadIPChecksum: 0, DataOffset: 15, IPLength: math.MaxUint16, IPHeader: 15,
	IPVersion: 15, IPFragment: math.MaxUint16, IPProtocol: math.MaxUint8, ReservedBits: 7,
	Truncate: math.MaxUint16, Padding: 1500,
}

const faultNames = "bad checksum, bad ip checksum, data offset, ip length, ip header length, ip version, " +
	"ip fragment, ip protocol, reserved bits, truncated to or padding"

func (p *parser) fault(k *Packet) Fault {
	at := p.tok
	name := FaultKind(p.word(faultNames))
	for {
		if _, ok := faultMax[name]; ok || p.tok.kind != tokWord || p.atStatement() || len(name) > 20 {
			break
		}
		name += FaultKind(" " + p.word(faultNames))
	}
	max, ok := faultMax[name]
	if !ok {
		p.failAt(at.pos, faultNames, fmt.Sprintf("%q", clip(string(name))))
	}
	if k.TCP == nil && (name == DataOffset || name == ReservedBits) {
		p.failAt(at.pos, "a TCP segment for "+string(name), "another packet")
	}
	f := Fault{Kind: name}
	if max > 0 {
		f.N = uint32(p.number("the number of "+string(name), max))
	}
	return f
}
