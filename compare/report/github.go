package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"tcping-cmp/compare"
)

// maxAnnotations is how many annotations of a kind GitHub shows for a step.
const maxAnnotations = 10

// GitHub writes comparisons as workflow commands, which GitHub shows as
// annotations: errors for what decides the exit status, warnings for a
// deviation, at most ten in all; and the verdicts as plain lines for the log.
func GitHub(w io.Writer, reports []*compare.Report, end Ending) error {
	b := bufio.NewWriter(w)
	var notes []annotation
	if end.Message != "" {
		notes = append(notes, annotation{"error", "tcping-cmp: " + end.Code, end.Message})
	}
	for _, level := range [...]string{"error", "warning"} {
		for _, r := range reports {
			for _, d := range worstFirst(r) {
				if levelOf(d) == level {
					notes = append(notes, annotate(r, d, level))
				}
			}
		}
	}
	writeAnnotations(b, notes)
	for _, r := range reports {
		fmt.Fprintln(b, oneLine(fmt.Sprintf("%s: %s (%s)", pairing(r), conclusion(r), Counts(r))))
	}
	return b.Flush()
}

type annotation struct{ level, title, text string }

// writeAnnotations writes the first ones; the last says how many there are
// more.
func writeAnnotations(w io.Writer, notes []annotation) {
	if left := len(notes) - maxAnnotations; left > 0 {
		notes = notes[:maxAnnotations-1]
		notes = append(notes, annotation{"notice", "tcping-cmp", fmt.Sprintf("%d more findings; see the whole report", left+1)})
	}
	for _, n := range notes {
		fmt.Fprintf(w, "::%s title=%s::%s\n", n.level, escapeProperty(n.title), escapeMessage(n.text))
	}
}

// levelOf is empty for what is no annotation's business.
func levelOf(d *compare.Difference) string {
	switch {
	case counting(d):
		return "error"
	case d.Known == nil && d.Verdict == compare.Deviation && d.By&compare.Tested != 0:
		return "warning"
	}
	return ""
}

func annotate(r *compare.Report, d *compare.Difference, level string) annotation {
	heading := fmt.Sprintf("%s: %s: %s", r.Tested.Stack, d.Verdict, title(d))
	text := reason(d)
	if len(d.Occurrences) > 0 {
		text += "\n" + place(r, d, d.Occurrences[0])
	}
	if more := len(d.Occurrences) - 1; more > 0 {
		text += fmt.Sprintf("\nand in %d more places", more)
	}
	return annotation{level, heading, text}
}

var (
	messageEscapes  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeMessage(text string) string  { return messageEscapes.Replace(printable(text)) }
func escapeProperty(text string) string { return propertyEscapes.Replace(printable(text)) }
