package scenario

import (
	"strconv"
	"strings"
)

// kind is what sort of token the lexer found.
type kind uint8

const (
	tokEOF kind = iota
	tokWord
	tokInt   // decimal, with its sign
	tokHex   // 0x…
	tokFloat // digits with a decimal point, with its sign
	tokString
	tokCommand // text between backticks
	tokCode    // text between %{ and }%
	tokOption  // --name
	tokEllipsis
	tokPunct // one byte of punctuation
	tokBad   // cannot be a token; text says what was expected
)

// token is one token and where it begins. text is the source text, without
// the delimiters for strings, commands, code and options.
type token struct {
	kind  kind
	text  string
	off   int // byte offset of the first byte
	pos   Pos
	first bool // nothing but blanks before it on its line
	found string
}

func (t token) is(punct string) bool { return t.kind == tokPunct && t.text == punct }
func (t token) word(w string) bool   { return t.kind == tokWord && t.text == w }

// describe names the token in an error message.
func (t token) describe() string {
	switch t.kind {
	case tokEOF:
		return "end of file"
	case tokString:
		return "string " + clip(strconv.Quote(t.text))
	case tokCommand:
		return "command `" + clip(t.text) + "`"
	case tokCode:
		return "code %{" + clip(t.text) + "}%"
	case tokOption:
		return "option --" + clip(t.text)
	case tokEllipsis:
		return `"..."`
	case tokBad:
		return t.found
	default:
		return strconv.Quote(clip(t.text))
	}
}

// clip keeps a message short when the token is a megabyte.
func clip(s string) string {
	const limit = 40
	if i := strings.IndexByte(s, '\n'); i >= 0 && i <= limit {
		return s[:i] + "…"
	}
	if len(s) > limit {
		return s[:limit] + "…"
	}
	return s
}
