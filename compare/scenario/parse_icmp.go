package scenario

import (
	"fmt"
	"math"
)

// udp reads udp [SRC > DST] (LEN).
func (p *parser) udp() *UDP {
	p.next()
	u := &UDP{}
	if p.atPorts() {
		u.Ports = p.portPair()
	}
	p.expect("(")
	if p.atPorts() {
		u.Ports = p.portPair()
		p.expect(")")
		p.expect("(")
	}
	u.Len = int(p.number("the length of the datagram's payload", math.MaxUint16))
	p.expect(")")
	return u
}

// tunnel reads /udp(SRC > DST).
func (p *parser) tunnel() *Ports {
	if !p.accept("/") {
		return nil
	}
	if !p.acceptWord("udp") {
		p.fail("udp(source > destination)")
	}
	p.expect("(")
	ports := p.portPair()
	p.expect(")")
	return ports
}

// icmp reads icmp TYPE [CODE] [mtu N] [id N] [QUOTED].
func (p *parser) icmp(quoted *Quoted) *ICMP {
	p.next()
	m := &ICMP{Quoted: quoted}
	m.Type = p.icmpName("an ICMP type")
	for p.more() && !p.tok.is("{") {
		switch {
		case p.tok.word("mtu"):
			p.next()
			m.MTU = Value{Exact, uint32(p.number("an MTU", math.MaxUint32))}
		case p.tok.word("id"):
			p.next()
			m.ID = Value{Exact, uint32(p.number("an echo identifier", math.MaxUint16))}
		case p.tok.word("with"):
			return m
		case p.tok.is("[") && m.Quoted == nil:
			m.Quoted = p.quoted()
		case m.Code == "" && (p.tok.kind == tokWord || p.tok.kind == tokInt):
			m.Code = p.icmpName("an ICMP code")
		default:
			p.fail("an ICMP code, mtu, id or the quoted packet")
		}
	}
	return m
}

func (p *parser) icmpName(what string) string {
	if p.tok.kind == tokInt {
		return fmt.Sprint(p.number(what, math.MaxUint8))
	}
	return p.word(what)
}

// quoted reads [START:END(LEN)], [udp (LEN)] or [raw (LEN)] if one is next.
func (p *parser) quoted() *Quoted {
	if !p.accept("[") {
		return nil
	}
	q := &Quoted{Proto: "tcp"}
	switch {
	case p.tok.word("udp") || p.tok.word("raw"):
		q.Proto = p.word("udp or raw")
		p.expect("(")
		q.Len = int(p.number("a payload length", math.MaxUint16))
		p.expect(")")
	default:
		q.Seq = p.seq()
	}
	p.expect("]")
	return q
}
