package scenario

import (
	"encoding/hex"
	"math"
	"strings"
)

// packet reads what stands behind a time from < or > to the end of the packet.
func (p *parser) packet() *Packet {
	k := &Packet{Pos: p.tok.pos, Dir: Inject}
	if p.tok.is(">") {
		k.Dir = Expect
	}
	p.next()
	k.Path = p.path()
	p.encap(k)
	p.marks(&k.IP, k.Dir)
	quoted := p.quoted()
	switch {
	case p.tok.word("icmp"):
		k.ICMP = p.icmp(quoted)
	case quoted != nil:
		p.fail("icmp behind the quoted packet")
	case p.tok.word("udp"):
		k.UDP = p.udp()
	case p.tok.word("raw"):
		k.Raw = p.rawPacket()
	case p.tok.word("sctp") || p.tok.word("udplite"):
		k.Other = &Other{p.tokensToStatement()}
		return k
	default:
		k.TCP = p.tcp(k.Dir)
		k.Tunnel = p.tunnel()
	}
	k.Mutation = p.mutation()
	p.faults(k)
	return k
}

// portPair reads SRC > DST if a port comes next.
func (p *parser) portPair() *Ports {
	src := uint16(p.number("a source port", math.MaxUint16))
	p.expect(">")
	return &Ports{src, uint16(p.number("a destination port", math.MaxUint16))}
}

// atPorts says whether a number with > behind it comes next.
func (p *parser) atPorts() bool {
	if p.tok.kind != tokInt {
		return false
	}
	rest := p.lex.src[p.tok.off+len(p.tok.text):]
	n := prefix(rest, func(c byte) bool { return c == ' ' || c == '\t' })
	return n < len(rest) && rest[n] == '>'
}

// rawPacket reads raw HEX: a whole IP packet, octet by octet.
func (p *parser) rawPacket() []byte {
	p.next()
	if p.tok.kind != tokString {
		p.fail("the packet in hexadecimal between quotes")
	}
	clean := strings.NewReplacer(" ", "", "\n", "", "\t", "", ":", "").Replace(p.tok.text)
	b, err := hex.DecodeString(clean)
	if err != nil || len(b) == 0 || len(b) > math.MaxUint16 {
		p.fail("an even number of hexadecimal digits, for 1 to 65535 octets")
	}
	p.next()
	return b
}
