package scenario

import (
	"errors"
	"fmt"
	"strings"
)

// Pos is a place in a script.
type Pos struct {
	File string // as given to Parse
	Line int    // from 1
	Col  int    // byte in the line, from 1
}

// String gives file:line:column, the form that editors jump to.
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// ErrSyntax is what every error of Parse unwraps to.
var ErrSyntax = errors.New("script does not parse")

// Error says what was expected at one place of a script.
type Error struct {
	Pos      Pos
	Expected string
	Found    string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: expected %s, found %s", e.Pos, e.Expected, e.Found)
}

// Unwrap makes errors.Is(err, ErrSyntax) true.
func (e *Error) Unwrap() error { return ErrSyntax }

// Errors are the errors of one script in the order of its lines. Parse stops
// after maxErrors of them.
type Errors []*Error

const maxErrors = 10

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	if len(e) == maxErrors {
		lines = append(lines, "(further errors of this script are not shown)")
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors to errors.Is and errors.As.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, err := range e {
		out[i] = err
	}
	return out
}
