package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// resultShape is what a command has to show; a set of them says who can show a
// format.
type resultShape uint8

const (
	ofComparison resultShape = 1 << iota // two conversations: run, diff
	ofMatrix                             // many scenarios or scripts: suite, script
	ofCheck                              // the conversations of a capture: check
	ofList                               // anything else
	ofResults    = ofComparison | ofMatrix | ofCheck
)

// formats are the ways to show a result, what each is for, and who has it.
var formats = []struct {
	name, use string
	of        resultShape
}{
	{"text", "", ofResults | ofList},
	{"json", "JSON Lines with exactly one summary at the end, however the command ends", ofResults | ofList},
	{"markdown", "for a comment or a step summary", ofResults},
	{"junit", "XML for dashboards", ofResults},
	{"tap", "Test Anything Protocol", ofResults},
	{"github", "annotations of a workflow", ofResults},
	{"mermaid", "a sequence diagram", ofComparison},
	{"html", "one page for a browser", ofResults},
}

// formatsOf are the names of the formats that a shape of result has.
func formatsOf(s resultShape) (names []string) {
	for _, f := range formats {
		if f.of&s != 0 {
			names = append(names, f.name)
		}
	}
	return names
}

// formatHelp says what the formats of a shape of result are for.
func formatHelp(s resultShape) string {
	var parts []string
	for _, f := range formats {
		switch {
		case f.of&s == 0:
		case f.use == "":
			parts = append(parts, f.name)
		default:
			parts = append(parts, f.name+": "+f.use)
		}
	}
	return strings.Join(parts, "; ") + "."
}

// formatVars are what the flags of the commands say of formats.
func formatVars() kong.Vars {
	vars := kong.Vars{}
	for _, v := range []struct {
		prefix string
		of     resultShape
	}{{"", ofList}, {"report_", ofComparison}, {"matrix_", ofMatrix}, {"check_", ofCheck}, {"saved_", ofResults}} {
		vars[v.prefix+"formats"] = strings.Join(formatsOf(v.of), ",")
		vars[v.prefix+"format_help"] = formatHelp(v.of)
	}
	return vars
}
