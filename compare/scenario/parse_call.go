package scenario

import (
	"strconv"
	"strings"
)

// call reads [... END] name(arguments) = result [errno] [(note)].
func (p *parser) call(at Time) *Call {
	c := &Call{Pos: p.tok.pos}
	if p.tok.kind == tokEllipsis {
		p.next()
		p.accept("+")
		c.Blocking = true
		end := p.tok
		c.End = p.seconds("the time at which the call returns")
		if c.End < at.At {
			p.failAt(end.pos, "a return that is not before the call", end.describe())
		}
		c.Pos = p.tok.pos
	}
	c.Name = p.word("the name of a system call")
	if !p.tok.is("(") {
		p.fail(`"(" after the system call ` + clip(c.Name))
	}
	c.Args = p.args()
	p.expect("=")
	c.Result = p.result()
	if p.more() && p.tok.kind == tokWord {
		c.Errno = p.word("errno")
	}
	if p.tok.is("(") {
		c.Note = p.note()
	}
	return c
}

// result reads what a call is expected to return.
func (p *parser) result() Expr {
	if p.accept("?") || p.accept("*") {
		return Ellipsis{}
	}
	return p.expr()
}

// note reads the text between parentheses, which is in plain language.
func (p *parser) note() string {
	open := p.tok
	depth := 0
	s := p.lex.src[open.off:]
	for i := 0; i < len(s) && s[i] != '\n' && s[i] != 0; i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			left := i + 1
			p.rescan(func(byte) bool { left--; return left >= 0 })
			text := strings.TrimSpace(p.tok.text[1:i])
			p.next()
			return text
		}
	}
	p.fail(`a note with a closing ")" on the same line`)
	return ""
}

// args reads ( … ) with expressions between commas.
func (p *parser) args() []Expr { return p.list("(", ")") }

// list reads expressions between commas inside brackets.
func (p *parser) list(open, end string) []Expr {
	p.expect(open)
	p.enter()
	var out []Expr
	for !p.tok.is(end) {
		if len(out) > 0 {
			if !p.tok.is(",") {
				p.fail(`"," or ` + strconv.Quote(end))
			}
			p.next()
		}
		out = append(out, p.expr())
	}
	p.next()
	p.depth--
	return out
}

// enter counts the nesting, so that a hostile script cannot exhaust the stack.
func (p *parser) enter() {
	if p.depth++; p.depth > maxNesting {
		p.fail("at most 64 brackets inside each other")
	}
}

// expr reads a | b | …, or one of them, or target = value.
func (p *parser) expr() Expr {
	first := p.operand()
	if p.tok.is("=") && p.depth > 0 {
		switch first.(type) {
		case Word, Func:
			p.next()
			p.enter()
			value := p.expr()
			p.depth--
			return Assign{first, value}
		}
	}
	if !p.tok.is("|") {
		return first
	}
	or := appendOr(nil, first)
	for p.accept("|") {
		or = appendOr(or, p.operand())
	}
	return or
}

// appendOr makes one list of a | (b | c).
func appendOr(or Or, e Expr) Or {
	if inner, ok := e.(Or); ok {
		return append(or, inner...)
	}
	return append(or, e)
}

// operand reads one value.
func (p *parser) operand() Expr {
	t := p.tok
	switch {
	case t.kind == tokEllipsis:
		p.next()
		return Ellipsis{}
	case t.kind == tokInt || t.kind == tokHex:
		return p.intOrRange()
	case t.kind == tokString:
		return p.text()
	case t.kind == tokWord:
		p.next()
		if p.tok.is("(") && p.depth > 0 {
			return Func{t.text, p.args()}
		}
		return Word(t.text)
	case t.is("["):
		return List(p.list("[", "]"))
	case t.is("{"):
		return Struct(p.list("{", "}"))
	case t.is("("):
		return p.grouped()
	case t.is("?") && p.depth > 0:
		p.next()
		return Ellipsis{}
	}
	p.fail("a value")
	return nil
}

// grouped reads ( expr ), which means the same as expr.
func (p *parser) grouped() Expr {
	p.next()
	p.enter()
	e := p.expr()
	p.depth--
	p.expect(")")
	return e
}

func (p *parser) intOrRange() Expr {
	low := p.integer()
	if !p.tok.is("~") {
		return low
	}
	p.next()
	if p.tok.kind != tokInt && p.tok.kind != tokHex {
		p.fail("the highest number of the range")
	}
	return Range{low, p.integer()}
}

// integer reads a number with its sign.
func (p *parser) integer() Int {
	t := p.tok
	i := Int{Hex: t.kind == tokHex}
	s := trimHex(t)
	if s[0] == '-' {
		i.Neg, s = true, s[1:]
	}
	n, err := strconv.ParseUint(s, base(t), 64)
	i.N = n
	if _, fits := i.Int64(); err != nil || i.Neg && !fits {
		p.failAt(t.pos, "a number from -2^63 to 2^64-1", clip(t.text))
	}
	if n == 0 {
		i.Neg = false
	}
	p.next()
	return i
}

// text reads strings side by side, which are one string, and "...".
func (p *parser) text() Expr {
	var b strings.Builder
	for p.tok.kind == tokString {
		b.WriteString(p.tok.text)
		p.next()
	}
	out := Text{S: b.String()}
	if p.tok.kind == tokEllipsis {
		p.next()
		out.Open = true
	}
	return out
}
