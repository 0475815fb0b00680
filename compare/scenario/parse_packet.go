package scenario

import (
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
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

// encap reads the outer headers, each with a colon behind it.
func (p *parser) encap(k *Packet) {
	for p.tok.kind == tokWord {
		e := Encap{Kind: p.tok.text}
		switch p.tok.text {
		case "ipv4", "ipv6":
			p.next()
			p.marks(&e.IP, k.Dir)
			e.Src = p.address(e.Kind)
			p.expect(">")
			e.Dst = p.address(e.Kind)
			p.expect(":")
		case "gre", "GREv0", "mpls", "psp":
			if e.Kind == "GREv0" {
				e.Kind = "gre"
			}
			p.next()
			e.Text = p.tokensToColon(e.Kind)
		case "encap":
			p.next()
			e.Text = p.transportPSP()
		default:
			return
		}
		k.Encap = append(k.Encap, e)
	}
}

// transportPSP reads psp spi N [, vc N], which has no colon behind it.
func (p *parser) transportPSP() string {
	if !p.acceptWord("psp") || !p.acceptWord("spi") {
		p.fail("psp spi and a number")
	}
	text := fmt.Sprintf("psp spi %d", p.number("a security parameter index", math.MaxUint32))
	if p.accept(",") {
		if !p.acceptWord("vc") {
			p.fail("vc and a number")
		}
		text += fmt.Sprintf(", vc %d", p.number("a virtual cookie", math.MaxUint64))
	}
	return text
}

// path reads the address names that the Multipath TCP dialect puts in front
// of a segment: addr[NAME] > addr[NAME], either of which may be missing.
func (p *parser) path() string {
	var b strings.Builder
	for p.tok.word("addr") || p.tok.is(">") {
		if p.tok.is(">") {
			p.keep(&b)
			continue
		}
		p.keep(&b)
		if !p.tok.is("[") {
			p.fail(`"[" and the name of an address`)
		}
		p.keep(&b)
		if p.tok.kind != tokWord {
			p.fail("the name of an address")
		}
		p.keep(&b)
		if !p.tok.is("]") {
			p.fail(`"]"`)
		}
		p.keep(&b)
	}
	return b.String()
}

// mutation reads what packetdrill's fuzzing dialect puts behind a packet
// between braces.
func (p *parser) mutation() string {
	var b strings.Builder
	if !p.sameLine() || !p.accept("{") {
		return ""
	}
	for !p.tok.is("}") {
		if p.tok.kind == tokEOF || p.tok.kind == tokBad || p.tok.first || p.tok.is("{") {
			p.fail(`"}" behind the mutation`)
		}
		p.keep(&b)
	}
	if b.Len() == 0 {
		p.fail("a mutation")
	}
	p.next()
	return b.String()
}

// address reads an IP address; the colon that ends the header may touch it.
func (p *parser) address(version string) string {
	p.rescan(func(c byte) bool { return isHex(c) || c == '.' || c == ':' })
	s := p.tok.text
	if v := strings.TrimSuffix(s, ":"); v != s && !isAddr(s, version) {
		n := len(v)
		p.rescan(func(byte) bool { n--; return n >= 0 })
		s = v
	}
	if !isAddr(s, version) {
		p.fail("an " + map[string]string{"ipv4": "IPv4", "ipv6": "IPv6"}[version] + " address")
	}
	p.next()
	return s
}

func isAddr(s, version string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4() == (version == "ipv4")
}

// tokensToColon keeps the fields of a header that is not read any further.
func (p *parser) tokensToColon(header string) string {
	var b strings.Builder
	for !p.tok.is(":") {
		if p.tok.kind == tokEOF || p.tok.kind == tokBad || p.tok.first {
			p.fail(`":" behind the ` + header + ` header`)
		}
		p.keep(&b)
	}
	p.next()
	return b.String()
}

// tokensToStatement keeps the rest of a packet that is not read any further.
func (p *parser) tokensToStatement() string {
	var b strings.Builder
	for p.tok.kind != tokEOF && !p.atStatement() {
		if p.tok.kind == tokBad || p.tok.kind == tokOption {
			p.fail("the rest of the packet")
		}
		p.keep(&b)
	}
	return b.String()
}

// keep adds the next token as it would be written.
func (p *parser) keep(b *strings.Builder) {
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	switch p.tok.kind {
	case tokString:
		b.WriteString(quote(p.tok.text))
	case tokCommand, tokCode, tokOption:
		p.fail("a field of the packet")
	default:
		b.WriteString(p.tok.text)
	}
	p.next()
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
	if !p.sameLine() || !p.accept("/") {
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
	for p.sameLine() && !p.tok.is("{") {
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
