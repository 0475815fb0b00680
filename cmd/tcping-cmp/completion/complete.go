// Package completion answers the shells: what can stand at the cursor of a
// command line, by the model of the command line itself. The shells are given
// a short script each, which asks the program at every press of Tab, so that
// names which only the program knows are there too, and nothing goes stale.
//
// # Limitations
//
// A word that the shell would expand (a variable, a command's output) is taken
// as it stands.
package completion

import (
	"strings"

	"github.com/alecthomas/kong"
)

// Candidate is a word that can stand at the cursor.
type Candidate struct{ Value, About string }

// Kind is what else can stand there.
type Kind string

// The kinds.
const (
	Words   Kind = "words" // the candidates only
	Files   Kind = "files"
	Folders Kind = "folders"
)

// Answer is what can stand at the cursor.
type Answer struct {
	Kind       Kind
	Candidates []Candidate
}

// Completer knows the command line. Values of flags and arguments come from
// their enum, or by the tag complete:"NAME" from the source of that name;
// complete:"files" and complete:"folders" leave it to the shell.
type Completer struct {
	App     *kong.Application
	Sources map[string]func() []Candidate
}

// Complete returns what can become of the last of words. The program's own
// name is not among them.
func (c Completer) Complete(words []string) Answer {
	if len(words) == 0 {
		words = []string{""}
	}
	at := cursor{node: c.App.Node}
	for _, w := range words[:len(words)-1] {
		at.pass(w)
	}
	answer := c.offer(&at, words[len(words)-1])
	if answer.Kind == "" {
		answer.Kind = Words
	}
	return answer
}

// cursor is how far the words before the last have led.
type cursor struct {
	node    *kong.Node
	pending *kong.Flag // whose value is the next word
	args    int        // positional arguments that are there
	onlyArg bool       // after --
}

// pass goes over a word.
func (at *cursor) pass(word string) {
	switch {
	case at.pending != nil:
		at.pending = nil
	case at.onlyArg:
		at.args++
	case word == "--":
		at.onlyArg = true
	case strings.HasPrefix(word, "--"):
		if name, _, valued := strings.Cut(word[2:], "="); !valued {
			at.await(at.long(name))
		}
	case len(word) > 1 && word[0] == '-':
		at.passShort(word[1:])
	default:
		at.passArgument(word)
	}
}

// passShort goes over short flags: the value of one may follow at once.
func (at *cursor) passShort(letters string) {
	for i, letter := range letters {
		f := at.short(letter)
		if f == nil {
			return
		}
		if takesValue(f) {
			if i+len(string(letter)) == len(letters) {
				at.pending = f
			}
			return
		}
	}
}

func (at *cursor) passArgument(word string) {
	for _, child := range at.node.Children {
		if child.Name == word && child.Type == kong.CommandNode {
			at.node, at.args = child, 0
			return
		}
	}
	at.args++
}

func (at *cursor) await(f *kong.Flag) {
	if f != nil && takesValue(f) {
		at.pending = f
	}
}

func takesValue(f *kong.Flag) bool { return !f.IsBool() && !f.IsCounter() }

// flags are those that may stand here, the command's own first.
func (at *cursor) flags() (list []*kong.Flag) {
	for n := at.node; n != nil; n = n.Parent {
		for _, f := range n.Flags {
			if !f.Hidden {
				list = append(list, f)
			}
		}
	}
	return list
}

func (at *cursor) long(name string) *kong.Flag {
	for _, f := range at.flags() {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (at *cursor) short(letter rune) *kong.Flag {
	for _, f := range at.flags() {
		if f.Short == letter {
			return f
		}
	}
	return nil
}
