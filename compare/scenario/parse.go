package scenario

import (
	"fmt"
	"strconv"
)

const (
	maxNesting = 64       // of brackets in an argument
	maxBytes   = 64 << 20 // of a script
)

// Parse reads a script in packetdrill's notation with the extensions of
// docs/scenarios.md. name stands in error messages. The error is Errors, with
// a line for each statement that could not be read, up to ten.
func Parse(name string, src []byte) (*File, error) {
	if len(src) > maxBytes {
		return nil, Errors{{Pos{name, 1, 1}, "a script of at most 64 MiB", fmt.Sprintf("%d bytes", len(src))}}
	}
	p := &parser{lex: newLexer(name, string(src)), file: &File{Name: name}}
	p.next()
	p.file.Doc = p.lex.docText()
	for p.tok.kind != tokEOF && len(p.errs) < maxErrors {
		p.statement()
	}
	if len(p.errs) > 0 {
		return nil, p.errs
	}
	return p.file, nil
}

// parser is a recursive descent over the tokens with one token of look-ahead.
type parser struct {
	lex      *lexer
	tok      token // the next token
	prevLine int   // the line on which the token before it ended
	depth    int
	timed    bool // an event with a time has been seen
	file     *File
	errs     Errors
}

// bail ends the statement in which an error was found.
type bail struct{}

func (p *parser) next() {
	p.prevLine = p.lex.line
	p.tok = p.lex.next()
}

// rescan takes the bytes of class from where the next token begins and makes
// them the next token.
func (p *parser) rescan(class func(byte) bool) { p.tok = p.lex.rescan(p.tok, class) }

// sameLine says whether the next token is on the line of the one before.
func (p *parser) sameLine() bool { return p.tok.kind != tokEOF && p.tok.pos.Line == p.prevLine }

// more says whether what comes next can belong to the statement: it does not
// begin another.
func (p *parser) more() bool { return p.tok.kind != tokEOF && !p.atStatement() }

// statement reads one option or event. After an error it goes on with the
// next line that looks like a statement.
func (p *parser) statement() {
	start := p.tok.off
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(bail); !ok {
				panic(r)
			}
			p.recover(start)
		}
	}()
	p.depth = 0
	if p.tok.kind == tokOption {
		p.option()
		return
	}
	p.event()
}

// recover skips to the beginning of a line that may be a statement, but not to
// start, where the statement with the error began.
func (p *parser) recover(start int) {
	if p.tok.off == start {
		p.next()
	}
	for p.tok.kind != tokEOF && !p.atStatement() {
		p.next()
	}
}

// atStatement says whether a statement may begin here.
func (p *parser) atStatement() bool {
	if !p.tok.first {
		return false
	}
	switch p.tok.kind {
	case tokInt, tokFloat, tokCommand, tokCode, tokOption:
		return true
	case tokWord:
		return impairWord(p.tok.text)
	}
	return p.tok.is("+") || p.tok.is("*")
}

// fail reports what was expected in the place of the next token.
func (p *parser) fail(expected string) {
	if p.tok.kind == tokBad {
		expected = p.tok.text
	}
	p.failAt(p.tok.pos, expected, p.tok.describe())
}

func (p *parser) failAt(pos Pos, expected, found string) {
	p.errs = append(p.errs, &Error{pos, expected, found})
	panic(bail{})
}

// accept moves over the punctuation if it is next.
func (p *parser) accept(punct string) bool {
	if p.tok.is(punct) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(punct string) {
	if !p.accept(punct) {
		p.fail(strconv.Quote(punct))
	}
}

func (p *parser) acceptWord(w string) bool {
	if p.tok.word(w) {
		p.next()
		return true
	}
	return false
}

// word takes any word; what names it in the error.
func (p *parser) word(what string) string {
	if p.tok.kind != tokWord {
		p.fail(what)
	}
	s := p.tok.text
	p.next()
	return s
}

// number takes a number without sign, decimal or hexadecimal, of at most max.
func (p *parser) number(what string, max uint64) uint64 {
	t := p.tok
	if t.kind != tokInt && t.kind != tokHex || t.text[0] == '-' {
		p.fail(what)
	}
	n, err := strconv.ParseUint(trimHex(t), base(t), 64)
	if err != nil {
		p.failAt(t.pos, what+" below 2^64", clip(t.text))
	}
	if n > max {
		p.failAt(t.pos, fmt.Sprintf("%s of at most %d", what, max), clip(t.text))
	}
	p.next()
	return n
}

func base(t token) int {
	if t.kind == tokHex {
		return 16
	}
	return 10
}

func trimHex(t token) string {
	if t.kind == tokHex {
		return t.text[2:]
	}
	return t.text
}

// option reads --name, --name=value or --name value.
func (p *parser) option() {
	o := Option{Pos: p.tok.pos, Name: p.tok.text}
	if p.timed {
		p.fail("an event (options go before the first event)")
	}
	p.next()
	switch {
	case p.sameLine() && p.tok.is("="):
		p.next()
		if !p.sameLine() {
			p.fail("a value for --" + clip(o.Name))
		}
		o.Value = p.optionValue()
	case p.sameLine() && p.tok.kind != tokOption:
		o.Value = p.optionValue()
	}
	p.file.Options = append(p.file.Options, o)
}

// optionValue takes what stands up to the next blank or comment; blanks in
// quotes belong to it.
func (p *parser) optionValue() string {
	quote, prev, esc := byte(0), byte(0), false
	from := p.lex.src[min(p.tok.off, len(p.lex.src)):]
	n := 0
	for ; n < len(from); n++ {
		c := from[n]
		if c == '\n' || c < ' ' && c != '\t' {
			break
		}
		if quote == 0 && (c == ' ' || c == '\t' || prev == '/' && (c == '/' || c == '*')) {
			break
		}
		switch {
		case esc:
			esc = false
		case quote != 0 && c == '\\':
			esc = true
		case quote == c:
			quote = 0
		case quote == 0 && (c == '"' || c == '`'):
			quote = c
		}
		prev = c
	}
	if quote != 0 {
		p.fail("a value with a closing " + string(quote) + " on the same line")
	}
	if n < len(from) && n > 0 && prev == '/' && (from[n] == '/' || from[n] == '*') {
		n--
	}
	pos := p.tok
	left := n
	p.rescan(func(byte) bool { left--; return left >= 0 })
	if p.tok.text == "" {
		p.tok = pos
		p.fail("a value")
	}
	v := p.tok.text
	p.next()
	return v
}
