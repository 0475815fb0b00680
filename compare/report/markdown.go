package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"tcping-cmp/compare"
)

// markdownBytes bounds a Markdown report: a comment on GitHub holds 65,536
// characters, and something may stand before and after it.
const markdownBytes = 60000

// markdownRows is how many differences of a comparison the table shows.
const markdownRows = 40

// Markdown writes comparisons so that they fit a comment on a pull request:
// the verdict first, then what differs, and the rest folded away. What does
// not fit is left out, which it says.
func Markdown(w io.Writer, reports []*compare.Report, end Ending) error {
	m := &markdown{left: markdownBytes}
	if end.Message != "" {
		m.block(fmt.Sprintf("**! tcping-cmp: %s**\n\n", markdownText(end.Message)), "")
	}
	for _, r := range reports {
		m.block(fmt.Sprintf("### %s %s %s\n\n%s; %s.\n\n", mark(r), markdownText(r.Tested.Stack), conclusion(r), markdownText(pairing(r)), Counts(r)), "")
	}
	for _, r := range reports {
		m.block(differenceTable(r), "the differences of "+pairing(r))
	}
	for _, r := range reports {
		m.block(folded("Frames: "+pairing(r), "text", ladderText(r)), "the frames of "+pairing(r))
	}
	for _, r := range reports {
		var diagram bytes.Buffer
		if err := Mermaid(&diagram, []*compare.Report{r}, Ending{}); err != nil {
			return err
		}
		m.block(folded("Diagram: "+pairing(r), "mermaid", diagram.String()), "the diagram of "+pairing(r))
		m.block(folded("Environment: "+pairing(r), "text", environmentText(r)), "the environment of "+pairing(r))
	}
	_, err := w.Write(m.out.Bytes())
	return err
}

// markdown collects blocks as long as there is room for them.
type markdown struct {
	out  bytes.Buffer
	left int
}

func (m *markdown) block(text, name string) {
	if len(text) > m.left-1000 && name != "" {
		text = fmt.Sprintf("*Too long for here: %s.*\n\n", markdownText(name))
	}
	if len(text) > m.left {
		return
	}
	m.left -= len(text)
	m.out.WriteString(text)
}

func differenceTable(r *compare.Report) string {
	if len(r.Differences) == 0 {
		return "No difference.\n\n"
	}
	var b strings.Builder
	b.WriteString("| | verdict | what | reference | tested | why |\n|---|---|---|---|---|---|\n")
	for n, d := range worstFirst(r) {
		if n == markdownRows {
			fmt.Fprintf(&b, "\n*%d more differences.*\n", len(r.Differences)-n)
			break
		}
		verdict := d.Verdict.String()
		if by := who(r, d); by != "" {
			verdict += " by " + by
		}
		ref, test := "", ""
		if len(d.Occurrences) > 0 {
			o := d.Occurrences[0]
			ref, test = r.Values(d, o)
			ref, test = ref+inFrame(o.Ref), test+inFrame(o.Test)
		}
		what := title(d)
		if more := len(d.Occurrences) - 1; more > 0 {
			what += fmt.Sprintf(" (and %d more)", more)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", d.Verdict.Glyph(), cell(verdict), cell(what), cell(ref), cell(test), cell(reason(d)))
	}
	b.WriteString("\n")
	return b.String()
}

// inFrame does without the sign that GitHub would turn into a link.
func inFrame(i int32) string {
	if i == compare.None {
		return ""
	}
	return fmt.Sprintf(" (frame %d)", i+1)
}

// cell is a text for a table.
func cell(text string) string { return markdownText(cut(text, 300)) }

// markdownText writes what a text means by itself: nothing in it is markup,
// a mention or a link to an issue.
func markdownText(text string) string {
	var b strings.Builder
	for _, r := range oneLine(text) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|~", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '@' || r == '#':
			b.WriteRune(r)
			b.WriteString("<!---->")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// folded is a block of code that a click opens. The fence is longer than any
// in the text.
func folded(summary, language, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fmt.Sprintf("<details><summary>%s</summary>\n\n%s%s\n%s\n%s\n\n</details>\n\n", markdownText(summary), fence, language, strings.TrimRight(text, "\n"), fence)
}

// ladderText is the ladder as the text report has it.
func ladderText(r *compare.Report) string { return textOf(r, (*printer).ladder) }

func environmentText(r *compare.Report) string { return textOf(r, (*printer).environment) }

// textOf prints a part of the text report into a string, without its heading.
func textOf(r *compare.Report, part func(*printer, *compare.Report)) string {
	var b bytes.Buffer
	p := newPrinter(&b, Style{Width: 110})
	part(p, r)
	p.w.Flush()
	lines := strings.SplitN(strings.TrimLeft(b.String(), "\n"), "\n", 2)
	return printable(lines[len(lines)-1])
}
