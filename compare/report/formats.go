package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tcping-cmp/compare"
)

// formats are the ways to show finished comparisons to other programs.
var formats = map[string]func(io.Writer, []*compare.Report, Ending) error{
	"json":     JSONAllEnding,
	"markdown": Markdown,
	"junit":    JUnit,
	"tap":      TAP,
	"github":   GitHub,
	"mermaid":  Mermaid,
	"html":     HTML,
}

// ErrFormat says that there is no format of that name.
var ErrFormat = fmt.Errorf("no such format: choose one of %s", strings.Join(Formats(), ", "))

// Formats returns the names of the formats that Write knows, in order.
func Formats() []string {
	return []string{"json", "markdown", "junit", "tap", "github", "mermaid", "html"}
}

// Write shows comparisons in a format. end says what went wrong beside them,
// or instead of them.
func Write(w io.Writer, format string, reports []*compare.Report, end Ending) error {
	write, ok := formats[format]
	if !ok {
		return fmt.Errorf("%s: %w", format, ErrFormat)
	}
	return write(w, reports, end)
}

// headline is a comparison in one line.
func headline(r *compare.Report) string {
	return fmt.Sprintf("%s: %s (%s)", r.Tested.Stack, conclusion(r), Counts(r))
}

// names are those of the two stacks, with their parts where they are the same.
func names(r *compare.Report) (reference, tested string) {
	if r.Reference.Stack == r.Tested.Stack {
		return "reference " + r.Reference.Stack, "tested " + r.Tested.Stack
	}
	return r.Reference.Stack, r.Tested.Stack
}

// pairing names the two stacks.
func pairing(r *compare.Report) string {
	if r.Reference.Stack == r.Tested.Stack {
		return r.Tested.Stack + " compared with itself"
	}
	return fmt.Sprintf("%s compared with %s", r.Tested.Stack, r.Reference.Stack)
}

// worstFirst returns the differences, the worst first and otherwise in their
// order.
func worstFirst(r *compare.Report) []*compare.Difference {
	list := make([]*compare.Difference, len(r.Differences))
	for n := range r.Differences {
		list[n] = &r.Differences[n]
	}
	slices.SortStableFunc(list, func(a, b *compare.Difference) int { return int(b.Verdict) - int(a.Verdict) })
	return list
}

// counting reports whether a difference decides the exit status: nobody
// explains it, or the stack under test breaks a MUST, and it is not accepted; or
// it is new since a baseline was.
func counting(d *compare.Difference) bool {
	return d.New || d.Known == nil && (d.Verdict == compare.Unspecified || d.Verdict == compare.Violation && d.By&compare.Tested != 0)
}

const notInBaseline = "it is not in the baseline"

// reason is why a difference has its verdict, and what counts beside it.
func reason(d *compare.Difference) string {
	text := because(d)
	if d.Cause != 0 {
		text += fmt.Sprintf("; follows from difference %d", d.Cause)
	}
	if d.Known != nil {
		text += "; known of " + d.Known.Stack + " and accepted: " + d.Known.Why
	}
	if d.New {
		text += "; " + notInBaseline
	}
	return text
}

// place is an occurrence in one line.
func place(r *compare.Report, d *compare.Difference, o compare.Occurrence) string {
	ref, test := r.Values(d, o)
	text := fmt.Sprintf("reference %s%s | tested %s%s", ref, frameNumber(o.Ref), test, frameNumber(o.Test))
	if d.Class == compare.Rule && d.Verdict != compare.Artefact {
		text = d.Finding(o) + "; " + text
	}
	return text
}

// cut shortens a text to n characters.
func cut(text string, n int) string {
	if columns(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}

// printable replaces what neither XML nor a log can carry: control characters
// and what is not UTF-8.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0xfffe && r <= 0xffff, r >= 0xd800 && r < 0xe000:
			return '�'
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
}
