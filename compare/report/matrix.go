package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"tcping-cmp/compare"
)

// Matrix is what many scenarios or scripts have shown, a row each.
type Matrix struct {
	Title   string
	Columns []string // a stack, or a stack held against another
	Rows    []MatrixRow
	Facts   []compare.Setting
}

// MatrixRow is a scenario or a script.
type MatrixRow struct {
	Name, Topic, About string
	Cells              []MatrixCell // one a column; fewer if the row could not be played
	Error              string       // why it could not be read or played; empty if it could
}

// MatrixCell is what one column shows of a row.
type MatrixCell struct {
	Verdict string   // ok, declared, found, not run
	Outcome Outcome  // Failed if it decides the exit status
	Why     []string // a sentence each
	Link    string   // where all about it stands; empty if nowhere
}

// matrixFormats are the ways to show a matrix to people and other programs.
var matrixFormats = map[string]func(io.Writer, *Matrix, Ending) error{
	"markdown": matrixMarkdown,
	"junit":    func(w io.Writer, m *Matrix, end Ending) error { return JUnitChecks(w, m.checks(end)) },
	"tap":      func(w io.Writer, m *Matrix, end Ending) error { return TAPChecks(w, m.checks(Ending{}), end.Message) },
	"github":   matrixGitHub,
	"html":     matrixHTML,
}

// MatrixFormats returns the names of the formats that WriteMatrix knows.
func MatrixFormats() []string { return []string{"markdown", "junit", "tap", "github", "html"} }

// WriteMatrix shows a matrix in a format. end says what went wrong beside it,
// or instead of it.
func WriteMatrix(w io.Writer, format string, m *Matrix, end Ending) error {
	write, ok := matrixFormats[format]
	if !ok {
		return fmt.Errorf("%s: %w", format, ErrFormat)
	}
	return write(w, m, end)
}

// topics are those of the rows, in order.
func (m *Matrix) topics() (list []string) {
	for n := range m.Rows {
		if t := m.Rows[n].Topic; len(list) == 0 || list[len(list)-1] != t {
			list = append(list, t)
		}
	}
	return list
}

// checks are a group a topic, and a check a row and column.
func (m *Matrix) checks(end Ending) []Checks {
	var all []Checks
	for n := range m.Rows {
		row := &m.Rows[n]
		if n == 0 || row.Topic != m.Rows[n-1].Topic {
			all = append(all, Checks{Name: row.Topic, Properties: m.Facts})
		}
		group := &all[len(all)-1]
		if row.Error != "" {
			group.Checks = append(group.Checks, Check{Group: row.Topic, Name: row.Name, Outcome: Errored, Kind: "error", Message: row.Error})
		}
		for k, c := range row.Cells {
			check := Check{Group: row.Topic, Name: row.Name + ": " + m.Columns[k], Outcome: c.Outcome, Kind: c.Verdict, Detail: strings.Join(c.Why, "\n")}
			if len(c.Why) > 0 {
				check.Message = c.Verdict + ": " + c.Why[0]
			} else if c.Outcome != Passed {
				check.Message = c.Verdict
			}
			group.Checks = append(group.Checks, check)
		}
	}
	if end.Message != "" {
		all = append(all, failureCheck(end))
	}
	return all
}

// verdictOrder is how verdicts are counted, the fine first.
var verdictOrder = []string{"ok", "declared", "accepted", "not run", "found"}

// tally counts the cells of a column by verdict; an empty topic means all.
func (m *Matrix) tally(topic string, column int) string {
	count := map[string]int{}
	for n := range m.Rows {
		if row := &m.Rows[n]; (topic == "" || row.Topic == topic) && column < len(row.Cells) {
			count[row.Cells[column].Verdict]++
		}
	}
	var parts []string
	for _, verdict := range verdictOrder {
		if count[verdict] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[verdict], verdict))
		}
	}
	if parts == nil {
		return "-"
	}
	return strings.Join(parts, ", ")
}

// failed counts the cells that decide the exit status and the rows that could
// not be played.
func (m *Matrix) failed() (n int) {
	for k := range m.Rows {
		if m.Rows[k].Error != "" {
			n++
		}
		for _, c := range m.Rows[k].Cells {
			if c.Outcome == Failed || c.Outcome == Errored {
				n++
			}
		}
	}
	return n
}

// conclusion is the verdict of a matrix in a few words, with its mark.
func (m *Matrix) conclusion(end Ending) (mark, text string) {
	switch n := m.failed(); {
	case n == 1:
		return "!", "one finding"
	case n > 1:
		return "!", fmt.Sprintf("%d findings", n)
	case end.Message != "":
		return "!", "not all was played"
	}
	return "=", "nothing found"
}

// matrixGitHub writes an error for each finding, at most ten in all, and a
// line a column for the log.
func matrixGitHub(w io.Writer, m *Matrix, end Ending) error {
	var notes []annotation
	if end.Message != "" {
		notes = append(notes, annotation{"error", "tcping-cmp: " + end.Code, end.Message})
	}
	for n := range m.Rows {
		row := &m.Rows[n]
		if row.Error != "" {
			notes = append(notes, annotation{"error", row.Name, row.Error})
		}
		for k, c := range row.Cells {
			if c.Outcome == Failed || c.Outcome == Errored {
				notes = append(notes, annotation{"error", row.Name + ": " + m.Columns[k] + ": " + c.Verdict, strings.Join(c.Why, "\n")})
			}
		}
	}
	b := bufio.NewWriter(w)
	writeAnnotations(b, notes)
	mark, text := m.conclusion(end)
	fmt.Fprintf(b, "%s %s: %s\n", mark, oneLine(m.Title), text)
	for k, column := range m.Columns {
		fmt.Fprintln(b, oneLine(column+": "+m.tally("", k)))
	}
	return b.Flush()
}

// matrixMarkdown fits a comment: the verdict, the counts by topic, what was
// found, and folded away what is declared.
func matrixMarkdown(w io.Writer, m *Matrix, end Ending) error {
	out := &markdown{left: markdownBytes}
	if end.Message != "" {
		out.block(fmt.Sprintf("**! tcping-cmp: %s**\n\n", markdownText(end.Message)), "")
	}
	mark, text := m.conclusion(end)
	out.block(fmt.Sprintf("### %s %s: %s\n\n", mark, markdownText(m.Title), text), "")
	out.block(m.counts(), "the counts by topic")
	out.block(m.list("What was found", func(c *MatrixCell) bool { return c.Outcome == Failed || c.Outcome == Errored }), "what was found")
	for _, fold := range []struct{ title, verdict string }{{"Accepted in the baseline", "accepted"}, {"Declared differences", "declared"}, {"Not run", "not run"}} {
		if list := m.list("", func(c *MatrixCell) bool { return c.Verdict == fold.verdict && c.Outcome != Failed }); list != "" {
			out.block(fmt.Sprintf("<details><summary>%s</summary>\n\n%s</details>\n\n", fold.title, list), strings.ToLower(fold.title))
		}
	}
	_, err := w.Write(out.out.Bytes())
	return err
}

func (m *Matrix) counts() string {
	if len(m.Rows) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| topic |")
	for _, column := range m.Columns {
		b.WriteString(" " + cell(column) + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(m.Columns)) + "\n")
	row := func(name, topic string) {
		b.WriteString("| " + cell(name) + " |")
		for k := range m.Columns {
			b.WriteString(" " + cell(m.tally(topic, k)) + " |")
		}
		b.WriteString("\n")
	}
	for _, topic := range m.topics() {
		row(topic, topic)
	}
	row("all", "")
	b.WriteString("\n")
	return b.String()
}

// list is a table of the cells that are chosen; empty if there are none.
func (m *Matrix) list(title string, chosen func(*MatrixCell) bool) string {
	var b strings.Builder
	n := 0
	row := func(name, column, verdict, why string) {
		if n++; n <= markdownRows {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(name), cell(column), cell(verdict), cell(why))
		}
	}
	for k := range m.Rows {
		r := &m.Rows[k]
		if r.Error != "" && title != "" {
			row(r.Name, "", "error", r.Error)
		}
		for i := range r.Cells {
			if c := &r.Cells[i]; chosen(c) {
				why := strings.Join(c.Why[:min(1, len(c.Why))], "")
				if more := len(c.Why) - 1; more > 0 {
					why += fmt.Sprintf(" (and %d more)", more)
				}
				row(r.Name, m.Columns[i], c.Verdict, why)
			}
		}
	}
	if n == 0 {
		return ""
	}
	if more := n - markdownRows; more > 0 {
		fmt.Fprintf(&b, "\n*%d more.*\n", more)
	}
	heading := ""
	if title != "" {
		heading = "#### " + title + "\n\n"
	}
	return heading + "| scenario | stack | verdict | why |\n|---|---|---|---|\n" + b.String() + "\n"
}

// MatrixText writes a matrix for people: what was found, the counts by topic,
// and the verdict.
func MatrixText(w io.Writer, m *Matrix, end Ending, s Style) error {
	p := newPrinter(w, s)
	for n := range m.Rows {
		row := &m.Rows[n]
		if row.Error != "" {
			p.line("%s  %s: %s", p.s.paint(red, "error  "), row.Name, row.Error)
		}
		for k, c := range row.Cells {
			if c.Outcome == Passed && !s.Full {
				continue
			}
			color := faint
			if c.Outcome == Failed {
				color = red
			}
			p.line("%s  %s: %s: %s", p.s.paint(color, p.s.fit(c.Verdict, 7)), row.Name, m.Columns[k], strings.Join(c.Why, "; "))
		}
	}
	for k, column := range m.Columns {
		p.line("%s: %s", column, m.tally("", k))
	}
	mark, text := m.conclusion(end)
	color := green
	if mark != "=" {
		color = red
	}
	p.line("%s %s: %s", p.s.paint(color, mark), m.Title, p.s.paint(color, text))
	return p.w.Flush()
}
