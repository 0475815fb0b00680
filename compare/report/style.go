// Package report renders what compare found: as text with the two ladders
// side by side, as JSON Lines, as pcapng with the findings as comments on the
// packets, as a page for a browser, and in what other programs read: Markdown,
// JUnit, TAP, GitHub annotations and Mermaid.
//
// # Limitations
//
// The text report cuts long ladders and long lists of places in the middle
// and says how much it left out; JSON leaves nothing out. Markdown, annotations
// and Mermaid are bounded by what shows them. The page has the headers of each
// frame and the first octets of the payload, and one graph, of the octets from
// the clients, without SACK blocks.
package report

import (
	"os"
	"strings"
	"unicode/utf8"

	"tcping-cmp/compare"
)

// Style says how text is to look.
type Style struct {
	Color bool // ANSI colours; nothing depends on them alone
	ASCII bool // no box drawing, no arrows beyond ASCII
	Quiet bool // violations and the verdict only
	Width int  // columns; 0 means 100
	Full  bool // leave nothing out of ladders and lists

	Verbose int // 1: what is inferred below each frame; 2: the headers of frames that differ as well
}

// Locale fills ASCII from the environment: without UTF-8 in it, boxes would
// come out as rubbish.
func Locale() Style {
	for _, name := range [...]string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			up := strings.ToUpper(v)
			return Style{ASCII: !strings.Contains(up, "UTF-8") && !strings.Contains(up, "UTF8")}
		}
	}
	return Style{}
}

func (s Style) width() int {
	if s.Width <= 0 {
		return 100
	}
	return max(s.Width, 60)
}

// The colours, as ANSI parameters.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	bold   = "1"
	faint  = "2"
)

func (s Style) paint(color, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

func verdictColor(v compare.Verdict) string {
	switch v {
	case compare.Violation, compare.Unspecified:
		return red
	case compare.Deviation:
		return yellow
	case compare.Same:
		return green
	}
	return faint
}

// glyphs are the drawing characters.
type glyphs struct {
	right, left, rule, bar, middle string
}

func (s Style) glyphs() glyphs {
	if s.ASCII {
		return glyphs{right: "->", left: "<-", rule: "-", bar: "|", middle: "..."}
	}
	return glyphs{right: "─▶", left: "◀─", rule: "─", bar: "│", middle: "⋮"}
}

// columns is how wide a string is on a terminal. All that is printed here is
// one column a rune.
func columns(s string) int { return utf8.RuneCountInString(s) }

// fit cuts or pads a string to n columns.
func (s Style) fit(text string, n int) string {
	have := columns(text)
	if have <= n {
		return text + strings.Repeat(" ", n-have)
	}
	mark := "…"
	if s.ASCII {
		mark = "~"
	}
	return string([]rune(text)[:max(n-1, 0)]) + mark
}

// Wrap breaks a text into lines of at most n columns at its spaces; a longer
// word has a line of its own.
func Wrap(text string, n int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && columns(line)+1+columns(word) > n {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
