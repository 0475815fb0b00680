package scenario

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
)

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
	if !p.accept("{") {
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
