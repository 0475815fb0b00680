package scenario

import "strings"

// skip moves over blanks and comments. It gives false and a bad token at a
// comment without end.
//
// Comments are // and # to the end of the line (# only where nothing stands
// before it) and /* … */.
func (l *lexer) skip() (token, bool) {
	for l.off < len(l.src) {
		s := l.rest()
		switch {
		case s[0] == ' ' || s[0] == '\t' || s[0] == '\r' || s[0] == '\n':
			l.take(1)
		case strings.HasPrefix(s, "//"):
			if bad, ok := l.lineComment(2); !ok {
				return bad, false
			}
		case s[0] == '#' && !l.inLine:
			if bad, ok := l.lineComment(1); !ok {
				return bad, false
			}
		case strings.HasPrefix(s, "/*"):
			if bad, ok := l.blockComment(); !ok {
				return bad, false
			}
		default:
			return token{}, true
		}
	}
	return token{}, true
}

func (l *lexer) lineComment(marker int) (token, bool) {
	s := l.rest()
	n := strings.IndexByte(s, '\n')
	if n < 0 {
		n = len(s)
	}
	return l.comment(n, s[marker:n])
}

func (l *lexer) blockComment() (token, bool) {
	s := l.rest()
	n := strings.Index(s[2:], "*/")
	if n < 0 {
		t := l.bad(token{off: l.off, pos: l.pos(), first: !l.inLine},
			"a closing */ for the comment that begins here", "end of file")
		l.inLine = true
		l.take(len(s))
		return t, false
	}
	return l.comment(n+4, s[2:n+2])
}

// comment moves over a comment of n bytes; text is what it says.
func (l *lexer) comment(n int, text string) (token, bool) {
	if i := strings.IndexByte(text, 0); i >= 0 {
		t := l.bad(token{off: l.off, pos: l.pos(), first: !l.inLine},
			"text in the comment that begins here", "byte 0x00")
		l.take(n)
		return t, false
	}
	begin, inLine := l.line, l.inLine
	l.take(n)
	if inLine && begin == l.line {
		l.inLine = true
	}
	if !l.started {
		l.addDoc(text, begin)
	}
	return token{}, true
}

// addDoc keeps the comments before the first statement.
func (l *lexer) addDoc(text string, line int) {
	if len(l.doc) > 0 && line > l.docLine+1 {
		l.doc = append(l.doc, "")
	}
	for _, s := range strings.Split(text, "\n") {
		s = strings.TrimRight(s, " \t\r")
		l.doc = append(l.doc, strings.TrimPrefix(s, " "))
	}
	l.docLine = l.line
}

// docText is what the comments before the first statement say, without empty
// lines around it.
func (l *lexer) docText() string { return strings.Trim(strings.Join(l.doc, "\n"), "\n") }

// unescape resolves the escapes of C in a string: \n \t \r \a \b \f \v, \xHH,
// octal, and any other character for itself.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		i += unescapeOne(&b, s[i:])
	}
	return b.String()
}

// unescapeOne writes what the escape whose letter is s[0] stands for, and
// gives the number of bytes after that letter that belong to it.
func unescapeOne(b *strings.Builder, s string) int {
	if i := strings.IndexByte("abtnvfr", s[0]); i >= 0 {
		b.WriteByte(byte(7 + i))
		return 0
	}
	switch {
	case s[0] == '\n': // an escaped line break joins two lines
		return 0
	case s[0] == 'x' && len(s) > 1 && isHex(s[1]):
		n := min(prefix(s[1:], isHex), 2)
		b.WriteByte(byte(digits(s[1:1+n], 16)))
		return n
	case '0' <= s[0] && s[0] <= '7':
		n := min(prefix(s, func(c byte) bool { return '0' <= c && c <= '7' }), 3)
		b.WriteByte(byte(digits(s[:n], 8)))
		return n - 1
	}
	b.WriteByte(s[0])
	return 0
}

// digits reads a few digits of a base up to 16.
func digits(s string, base int) int {
	n := 0
	for i := 0; i < len(s); i++ {
		d := int(s[i] | 0x20)
		if d >= 'a' {
			d -= 'a' - 10
		} else {
			d = int(s[i] - '0')
		}
		n = n*base + d
	}
	return n
}
