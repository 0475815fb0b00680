package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"tcping-cmp/compare/spelling"
)

// usageError turns what the parser says into a failure with its hint: what
// could have been meant, which variable of the environment is to blame, and
// where to read on.
func usageError(err error) error {
	command := ""
	var parse *kong.ParseError
	var parsed *kong.Context
	if errors.As(err, &parse) {
		parsed = parse.Context
	}
	if parsed != nil && parsed.Selected() != nil {
		command = " " + parsed.Selected().Path()
	}
	hint := fromVariables(parsed, err.Error()) + meantValue(err.Error()) + meantWord(parsed, err.Error()) + wantedNumber(err.Error())
	return fmt.Errorf("%w%s (see tcping-cmp%s --help)", err, hint, command)
}

// refusedValue is how the parser says that a value is none of an enum.
var refusedValue = regexp.MustCompile(`must be one of (".*") but got "(.*)"$`)

// meantValue suggests the value of an enum that is nearest to what was given.
func meantValue(complaint string) string {
	m := refusedValue.FindStringSubmatch(complaint)
	if m == nil {
		return ""
	}
	return didYouMean(m[2], strings.Split(strings.Trim(m[1], `"`), `","`))
}

// wantedNumber says how to write what the parser could not read.
func wantedNumber(complaint string) string {
	switch {
	case strings.Contains(complaint, "missing unit in duration"):
		return "; give it a unit, such as 5s or 500ms"
	case strings.Contains(complaint, "expected a valid 16 bit uint"):
		return "; give a number from 0 to 65535"
	}
	return ""
}

// refusedWord is how the parser says that it knows no such command or flag.
// It suggests what begins like it, or is two letters off; nothing where a
// longer name is three.
var refusedWord = regexp.MustCompile(`^(?:unexpected argument|unknown flag) ([^ ,]+)$`)

func meantWord(parsed *kong.Context, complaint string) string {
	m := refusedWord.FindStringSubmatch(complaint)
	if m == nil || parsed == nil {
		return ""
	}
	node := parsed.Selected()
	if node == nil {
		node = parsed.Model.Node
	}
	var known []string
	if strings.HasPrefix(m[1], "--") {
		for _, f := range parsed.Flags() {
			known = append(known, "--"+f.Name)
		}
	} else {
		for _, n := range node.Children {
			known = append(known, n.Name)
		}
	}
	return didYouMean(m[1], known)
}

// didYouMean names what could have been meant, or nothing.
func didYouMean(written string, known []string) string {
	near := spelling.Nearest(written, known)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}
