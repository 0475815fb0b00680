package scenario

import (
	"encoding/hex"
	"math"
	"strings"
)

const maxOptionBytes = 65535 // room for hostile options; a header has 40

// options reads < … > behind a segment.
func (p *parser) options(dir Direction) *Options {
	p.expect("<")
	o := &Options{}
	if p.tok.kind == tokEllipsis {
		if dir == Inject {
			p.fail("the options of the injected packet (<...> is for expected packets)")
		}
		p.next()
		o.Any = true
		p.expect(">")
		return o
	}
	if dir == Expect && p.accept("*") {
		o.Any = true
		p.expect(">")
		return o
	}
	o.List = append(o.List, p.tcpOption(dir))
	for !p.tok.is(">") {
		if !p.tok.is(",") {
			p.fail(`"," or ">" behind the option`)
		}
		p.next()
		o.List = append(o.List, p.tcpOption(dir))
	}
	p.next()
	return o
}

// tcpOption reads one option.
func (p *parser) tcpOption(dir Direction) TCPOption {
	o := TCPOption{Pos: p.tok.pos, Kind: OptionKind(p.tok.text)}
	if p.tok.kind != tokWord {
		p.fail("a TCP option")
	}
	name := p.tok.text
	p.next()
	switch o.Kind {
	case OptNOP, OptEOL, OptSACKPermitted:
	case OptMSS:
		p.named(&o, dir, "an MSS", math.MaxUint16)
	case OptWindowScale:
		p.named(&o, dir, "a window scale", math.MaxUint8)
	case OptSACK:
		p.sack(&o, dir)
	case OptTimestamps:
		p.timestamps(&o, dir)
	case OptMD5, OptFastOpen, OptFastOpenExp:
		p.blob(&o)
	case OptAccECN, "AccECN0", "AccECN1":
		p.accECN(&o, name)
	case OptGeneric:
		p.generic(&o)
	case OptRaw:
		o.Data = p.hex("octets in hexadecimal", true)
	case "exp":
		p.experimental(&o)
	default:
		o.Kind, o.Text = OptUnknown, p.unknown(name)
	}
	return o
}

// named reads a number or the symbol of one.
func (p *parser) named(o *TCPOption, dir Direction, what string, max uint64) {
	if p.tok.kind == tokWord && !p.tok.word("auto") {
		o.Text = p.tok.text
		p.next()
		return
	}
	o.Value = p.wild(dir, what, max)
}

// experimental reads exp-FO COOKIE, the other dialect's name for FOEXP, and
// keeps its other experimental options.
func (p *parser) experimental(o *TCPOption) {
	text := "exp"
	if p.accept("-") {
		text = "exp -"
		if p.acceptWord("FO") {
			o.Kind = OptFastOpenExp
			p.blob(o)
			return
		}
	}
	o.Kind, o.Text = OptUnknown, p.unknown(text)
}

// some gives nil for no bytes, so that equal options compare equal.
func some(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

// sack reads blocks LEFT:RIGHT with blanks between them.
func (p *parser) sack(o *TCPOption, dir Direction) {
	if dir == Expect && (p.tok.is("*") || p.tok.kind == tokEllipsis) {
		p.next()
		o.Value = Value{Kind: Any}
		return
	}
	for {
		b := SACKBlock{Left: uint32(p.number("a SACK block as in 1:1001", math.MaxUint32))}
		p.expect(":")
		b.Right = uint32(p.number("the right edge of the SACK block", math.MaxUint32))
		o.Blocks = append(o.Blocks, b)
		if p.tok.kind != tokInt {
			return
		}
	}
}

// timestamps reads val N ecr N.
func (p *parser) timestamps(o *TCPOption, dir Direction) {
	if !p.acceptWord("val") {
		p.fail("val and a timestamp")
	}
	o.Value = p.wild(dir, "a timestamp value", math.MaxUint32)
	if p.accept("!") && o.Value.Kind == Exact {
		o.Value.Kind = Literal
	}
	if !p.acceptWord("ecr") {
		p.fail("ecr and a timestamp")
	}
	o.Echo = p.value(dir, "a timestamp echo", math.MaxUint32)
}

// blob reads a cookie or digest: hexadecimal digits, a symbol, or nothing.
func (p *parser) blob(o *TCPOption) {
	switch p.tok.kind {
	case tokWord, tokInt, tokHex:
	default:
		if o.Kind == OptMD5 {
			p.fail("a digest in hexadecimal, valid or invalid")
		}
		return
	}
	s := p.tok.text
	b, err := hex.DecodeString(s)
	switch {
	case err == nil:
		o.Data = some(b)
	case isDigit(s[0]) || s[0] == '-':
		p.fail("an even number of hexadecimal digits, or a symbol")
	default:
		o.Text = s
	}
	p.next()
}

// accECN reads the counters of an AccECN option (RFC 9768 §3.2.3), in the
// names of either dialect: e0b, ceb, e1b or ee0b, eceb, ee1b.
func (p *parser) accECN(o *TCPOption, name string) {
	o.Kind = OptAccECN
	if name != string(OptAccECN) {
		o.Number = 172
		if name == "AccECN1" {
			o.Number = 174
		}
	}
	for p.tok.kind == tokWord {
		f := Field{Name: p.tok.text}
		if strings.HasPrefix(f.Name, "ee") || f.Name == "eceb" {
			f.Name = f.Name[1:]
		}
		if f.Name != "e0b" && f.Name != "ceb" && f.Name != "e1b" {
			p.fail("e0b, ceb or e1b")
		}
		p.next()
		f.N = uint32(p.number("a byte counter", 1<<24-1))
		o.Fields = append(o.Fields, f)
	}
	switch {
	case o.Number != 0:
	case len(o.Fields) == 0 || o.Fields[0].Name == "e0b":
		o.Number = 172
	default:
		o.Number = 174
	}
}

// generic reads opt KIND [len N] [HEX].
func (p *parser) generic(o *TCPOption) {
	o.Number = uint8(p.number("an option kind", math.MaxUint8))
	if p.acceptWord("len") {
		o.Value = p.exact("the length octet of the option", math.MaxUint8)
	}
	o.Data = p.hex("the option's octets in hexadecimal", false)
}

// hex reads hexadecimal digits, in quotes or not.
func (p *parser) hex(what string, needed bool) []byte {
	if p.tok.is(",") || p.tok.is(">") {
		if needed {
			p.fail(what)
		}
		return nil
	}
	s := p.tok.text
	switch p.tok.kind {
	case tokWord, tokInt, tokString:
	default:
		p.fail(what)
	}
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", ":", "").Replace(s))
	if err != nil || len(b) > maxOptionBytes || needed && len(b) == 0 {
		p.fail(what + ", an even number of digits")
	}
	p.next()
	return some(b)
}

// unknown keeps the tokens of an option that is not read any further.
func (p *parser) unknown(name string) string {
	var b strings.Builder
	b.WriteString(name)
	depth := 0
	for {
		switch {
		case p.tok.kind == tokEOF || p.tok.kind == tokBad || p.tok.first:
			p.fail(`"," or ">" behind the option ` + clip(name))
		case depth == 0 && (p.tok.is(",") || p.tok.is(">")):
			return b.String()
		case p.tok.is("[") || p.tok.is("(") || p.tok.is("{"):
			depth++
		case p.tok.is("]") || p.tok.is(")") || p.tok.is("}"):
			depth--
		}
		p.keep(&b)
	}
}
