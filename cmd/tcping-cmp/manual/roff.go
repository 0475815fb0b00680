package manual

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape writes text so that troff prints it: hyphens that can be copied, no
// escapes, nothing beyond ASCII.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r == '\'':
			b.WriteString(`\(aq`)
		case r == '`':
			b.WriteString(`\(ga`)
		case r == '^':
			b.WriteString(`\(ha`)
		case r == '~':
			b.WriteString(`\(ti`)
		case r >= utf8.RuneSelf:
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// sentences breaks a text behind each full stop that ends a sentence.
func sentences(text string) (list []string) {
	words := strings.Fields(text)
	from := 0
	for i, w := range words {
		last := i == len(words)-1
		ends := strings.HasSuffix(w, ".") || strings.HasSuffix(w, ".)") || strings.HasSuffix(w, "?")
		if last || ends && startsSentence(words[i+1]) {
			list = append(list, strings.Join(words[from:i+1], " "))
			from = i + 1
		}
	}
	return list
}

func startsSentence(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return !unicode.IsLower(r) || strings.HasPrefix(word, "json:")
}

func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[size:]
}
