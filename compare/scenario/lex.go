package scenario

import (
	"fmt"
	"strings"
)

// lexer cuts a script into tokens, one at a time and never twice, so its time
// is linear in the length of the script.
type lexer struct {
	file      string
	src       string
	off       int
	line      int
	lineStart int  // offset of the first byte of the line
	inLine    bool // a token of this line has been given out
	started   bool // a token has been given out
	doc       []string
	docLine   int // line on which the last comment of doc ended
}

func newLexer(file, src string) *lexer {
	return &lexer{file: file, src: src, line: 1}
}

func (l *lexer) pos() Pos { return Pos{l.file, l.line, l.off - l.lineStart + 1} }

func (l *lexer) rest() string { return l.src[l.off:] }

// peek gives the byte i after the next one, or 0 after the end.
func (l *lexer) peek(i int) byte {
	if l.off+i < len(l.src) {
		return l.src[l.off+i]
	}
	return 0
}

// take moves over n bytes and counts the lines among them.
func (l *lexer) take(n int) string {
	s := l.src[l.off : l.off+n]
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			l.line++
			l.lineStart = l.off + i + 1
			l.inLine = false
		}
	}
	l.off += n
	return s
}

// next gives the next token; after the end it gives tokEOF for ever.
func (l *lexer) next() token {
	if bad, ok := l.skip(); !ok {
		return bad
	}
	t := token{off: l.off, pos: l.pos(), first: !l.inLine}
	l.started = true
	if l.off >= len(l.src) {
		t.kind = tokEOF
		t.first = true
		return t
	}
	l.inLine = true
	l.scan(&t)
	return t
}

// bad makes a token of what cannot be one.
func (l *lexer) bad(t token, expected, found string) token {
	t.kind, t.text, t.found = tokBad, expected, found
	return t
}

// scan finds the kind and the end of a token that begins at l.off.
func (l *lexer) scan(t *token) {
	c := l.peek(0)
	switch {
	case isWordByte(c):
		l.scanWord(t)
	case c == '.' && isDigit(l.peek(1)), c == '-' && (isDigit(l.peek(1)) || l.peek(1) == '.' && isDigit(l.peek(2))):
		l.scanWord(t)
	case strings.HasPrefix(l.rest(), "..."):
		t.kind, t.text = tokEllipsis, l.take(3)
	case c == '"':
		l.scanString(t)
	case c == '`':
		l.scanCommand(t)
	case c == '%' && l.peek(1) == '{':
		l.scanCode(t)
	case c == '-' && l.peek(1) == '-' && isWordByte(l.peek(2)):
		n := 2 + prefix(l.rest()[2:], isWordByte)
		t.kind, t.text = tokOption, l.take(n)[2:]
	case c < ' ' || c >= 0x7f:
		*t = l.bad(*t, "a printable character", fmt.Sprintf("byte 0x%02x", c))
		l.take(1)
	default:
		t.kind, t.text = tokPunct, l.take(1)
	}
}

// scanWord takes a word or a number. A number with letters behind it is a
// word (2nd, 00a1), as in packetdrill.
func (l *lexer) scanWord(t *token) {
	s := l.rest()
	sign := 0
	if s[0] == '-' {
		sign = 1
	}
	n := sign + prefix(s[sign:], isWordByte)
	t.kind = wordKind(s[sign:n])
	if t.kind == tokInt || n == sign {
		if n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
			n += 1 + prefix(s[n+1:], isDigit)
			t.kind = tokFloat
		}
	}
	t.text = l.take(n)
}

func wordKind(s string) kind {
	if len(s) > 2 && s[0] == '0' && s[1] == 'x' && prefix(s[2:], isHex) == len(s)-2 {
		return tokHex
	}
	if prefix(s, isDigit) == len(s) {
		return tokInt
	}
	return tokWord
}

// scanString takes a string, which has to end on its line unless the line
// break is escaped.
func (l *lexer) scanString(t *token) {
	s := l.rest()
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			raw := l.take(i + 1)
			t.kind, t.text = tokString, unescape(raw[1:i])
			return
		case '\n':
			*t = l.bad(*t, `a closing " on the same line`, "end of line")
			l.take(i)
			return
		}
	}
	*t = l.bad(*t, `a closing "`, "end of file")
	l.take(len(s))
}

func (l *lexer) scanCommand(t *token) {
	s := l.rest()
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '`':
			t.kind, t.text = tokCommand, l.take(i + 1)[1:i]
			l.inLine = true
			return
		}
	}
	*t = l.bad(*t, "a closing ` for the command that begins here", "end of file")
	l.take(len(s))
}

func (l *lexer) scanCode(t *token) {
	s := l.rest()
	end := strings.Index(s[2:], "}%")
	if end < 0 {
		*t = l.bad(*t, "a closing }% for the code that begins here", "end of file")
		l.take(len(s))
		return
	}
	t.kind, t.text = tokCode, l.take(end + 4)[2:end+2]
	l.inLine = true
}

// rescan goes back to the beginning of the token t, which must be the last
// one given out and lie on one line, and takes the bytes of class instead.
func (l *lexer) rescan(t token, class func(byte) bool) token {
	l.off = t.off
	l.line = t.pos.Line
	l.lineStart = t.off - t.pos.Col + 1
	l.inLine = true
	t.kind = tokWord
	t.text = l.take(prefix(l.rest(), class))
	return t
}

// prefix counts the bytes of class at the beginning of s.
func prefix(s string, class func(byte) bool) int {
	for i := 0; i < len(s); i++ {
		if !class(s[i]) {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isHex(c byte) bool   { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
func isWordByte(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}
