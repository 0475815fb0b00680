package completion

import (
	"strings"

	"github.com/alecthomas/kong"
)

// offer says what can become of the word at the cursor.
func (c Completer) offer(at *cursor, word string) Answer {
	switch {
	case at.pending != nil:
		return c.values(at.pending.Value, "", word)
	case at.onlyArg:
		return c.arguments(at, word)
	case strings.HasPrefix(word, "--"):
		if name, value, valued := strings.Cut(word[2:], "="); valued {
			if f := at.long(name); f != nil {
				return c.values(f.Value, "--"+name+"=", value)
			}
			return Answer{}
		}
		return flagNames(at, word)
	case strings.HasPrefix(word, "-"):
		return flagNames(at, word)
	}
	return c.arguments(at, word)
}

// flagNames are the flags that begin with word.
func flagNames(at *cursor, word string) (a Answer) {
	for _, f := range at.flags() {
		a.add("--"+f.Name, firstSentence(f.Help), word)
		if f.Short != 0 && word == "-" {
			a.add("-"+string(f.Short), firstSentence(f.Help), word)
		}
	}
	return a
}

// arguments are sub-commands, or the values of the next argument.
func (c Completer) arguments(at *cursor, word string) (a Answer) {
	if args := at.node.Positional; len(args) > 0 {
		next := args[min(at.args, len(args)-1)]
		if at.args < len(args) || next.IsCumulative() {
			return c.values(next, "", word)
		}
	}
	if at.args > 0 {
		return a
	}
	for _, child := range at.node.Children {
		if !child.Hidden {
			a.add(child.Name, firstSentence(child.Help), word)
		}
	}
	return a
}

// values are those that a flag or an argument takes; what stands before the
// word stays.
func (c Completer) values(v *kong.Value, before, word string) (a Answer) {
	source := v.Tag.Get("complete")
	switch source {
	case string(Files), string(Folders):
		return Answer{Kind: Kind(source)}
	}
	if comma := strings.LastIndexByte(word, ','); comma >= 0 && v.IsSlice() && v.Tag.Sep == ',' {
		before, word = before+word[:comma+1], word[comma+1:]
	}
	list := []Candidate{}
	if known := c.Sources[source]; known != nil {
		list = known()
	} else if v.Enum != "" {
		for value := range strings.SplitSeq(v.Enum, ",") {
			list = append(list, Candidate{Value: value})
		}
	}
	for _, candidate := range list {
		if strings.HasPrefix(candidate.Value, word) {
			a.Candidates = append(a.Candidates, Candidate{before + candidate.Value, candidate.About})
		}
	}
	return a
}

// add adds a candidate if it begins with word.
func (a *Answer) add(value, about, word string) {
	if strings.HasPrefix(value, word) {
		a.Candidates = append(a.Candidates, Candidate{value, about})
	}
}

// firstSentence is what a shell shows beside a candidate.
func firstSentence(help string) string {
	if end := strings.Index(help, ". "); end >= 0 {
		help = help[:end]
	}
	const enough = 76
	if len([]rune(help)) > enough {
		help = string([]rune(help)[:enough-1]) + "…"
	}
	return strings.TrimSuffix(help, ".")
}
