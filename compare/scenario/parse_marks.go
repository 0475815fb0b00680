package scenario

import (
	"math"
	"strings"
)

var ecnWords = map[string]ECN{"noecn": NotECT, "ect0": ECT0, "ect1": ECT1, "ect01": ECT01, "ce": CE}

// dscpWords are the names of RFC 4594 and the RFCs that it gathers.
var dscpWords = map[string]uint32{
	"be": 0, "cs0": 0, "cs1": 8, "cs2": 16, "cs3": 24, "cs4": 32, "cs5": 40, "cs6": 48, "cs7": 56,
	"af11": 10, "af12": 12, "af13": 14, "af21": 18, "af22": 20, "af23": 22,
	"af31": 26, "af32": 28, "af33": 30, "af41": 34, "af42": 36, "af43": 38,
	"ef": 46, "voice_admit": 44, "va": 44, "le": 1,
}

// marks reads the fields of an IP header between () or [], commas between
// them. What begins a quoted packet is left alone.
func (p *parser) marks(m *IPMarks, dir Direction) {
	for p.tok.is("(") || p.tok.is("[") && !p.quoteAhead() {
		end := ")"
		if p.tok.is("[") {
			end = "]"
		}
		p.next()
		p.mark(m, dir)
		for p.accept(",") {
			p.mark(m, dir)
		}
		p.expect(end)
	}
}

// quoteAhead says whether the bracket that comes next opens a quoted packet.
func (p *parser) quoteAhead() bool {
	rest := strings.TrimLeft(p.lex.src[p.tok.off+1:min(p.tok.off+64, len(p.lex.src))], " \t")
	return rest == "" || isDigit(rest[0]) || rest[0] == '.' ||
		strings.HasPrefix(rest, "udp") || strings.HasPrefix(rest, "raw")
}

// mark reads one field.
func (p *parser) mark(m *IPMarks, dir Direction) {
	const what = "ect0, ect1, ect01, ce, noecn, tos, dscp, ttl, hlim, id, flowlabel, df or nodf"
	t := p.tok
	name := p.word(what)
	if name == "ecn" {
		t = p.tok
		if name = p.word("ect0, ect1, ect01, ce or noecn"); ecnWords[name] == ECNUnsaid {
			p.failAt(t.pos, "ect0, ect1, ect01, ce or noecn", t.describe())
		}
	}
	if ecn, ok := ecnWords[name]; ok {
		if ecn == ECT01 && dir == Inject {
			p.failAt(t.pos, "ect0 or ect1 in an injected packet", t.describe())
		}
		m.ECN = ecn
		return
	}
	switch name {
	case "tos", "class":
		m.TOS = p.exact("an octet", math.MaxUint8)
	case "ttl", "hlim":
		m.TTL = p.exact("a time to live", math.MaxUint8)
	case "id":
		m.ID = p.exact("an IP identification", math.MaxUint16)
	case "flowlabel":
		m.FlowLabel = p.exact("a flow label", 1<<20-1)
	case "df":
		m.DontFragment = Value{Exact, 1}
	case "nodf":
		m.DontFragment = Value{Exact, 0}
	case "dscp":
		m.DSCP = p.dscp()
	default:
		p.failAt(t.pos, what, t.describe())
	}
}

func (p *parser) exact(what string, max uint64) Value {
	return Value{Exact, uint32(p.number(what, max))}
}

func (p *parser) dscp() Value {
	if n, ok := dscpWords[strings.ToLower(p.tok.text)]; ok && p.tok.kind == tokWord {
		p.next()
		return Value{Exact, n}
	}
	return p.exact("a DSCP by name or number", 63)
}
