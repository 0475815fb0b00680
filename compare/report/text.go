package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/table"

	"tcping-cmp/compare"
)

// Text writes a report for people.
func Text(w io.Writer, r *compare.Report, s Style) error {
	return TextAll(w, []*compare.Report{r}, s)
}

// TextAll writes several comparisons, a section each, and a table of them
// all.
func TextAll(w io.Writer, reports []*compare.Report, s Style) error {
	p := newPrinter(w, s)
	for n, r := range reports {
		if n > 0 {
			p.line("")
		}
		p.report(r)
	}
	if len(reports) > 1 {
		p.overview(reports)
	}
	return p.w.Flush()
}

// printer writes lines; its writer keeps the first error until Flush.
type printer struct {
	w    *bufio.Writer
	s    Style
	g    glyphs
	told map[string]bool // settings that were printed for an earlier comparison
}

func newPrinter(w io.Writer, s Style) *printer {
	return &printer{w: bufio.NewWriter(w), s: s, g: s.glyphs(), told: map[string]bool{}}
}

func (p *printer) line(format string, args ...any) {
	text := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	if p.s.ASCII {
		text = strings.Map(ascii, text)
	}
	p.w.WriteString(text)
	p.w.WriteByte('\n')
}

// ascii writes what is not ASCII in one character that is.
func ascii(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return r
	case r == '§':
		return 's'
	case r == 'µ':
		return 'u'
	case r == '…':
		return '~'
	}
	return '?'
}

func (p *printer) heading(text string) {
	p.line("")
	rest := max(p.s.width()-columns(text)-1, 0)
	p.line("%s %s", p.s.paint(bold, text), p.s.paint(faint, strings.Repeat(p.g.rule, rest)))
}

func (p *printer) report(r *compare.Report) {
	if p.s.Quiet {
		p.differences("Differences", r, func(d *compare.Difference) bool { return d.Known == nil && (d.Verdict >= compare.Unspecified || d.New) })
		p.verdict(r)
		return
	}
	p.line("%s", p.s.paint(bold, pairing(r)))
	p.environment(r)
	p.ladder(r)
	if !p.differences("Differences", r, func(d *compare.Difference) bool { return d.Known == nil }) {
		p.heading("Differences")
		p.line("  none")
	}
	p.differences("Known and accepted", r, func(d *compare.Difference) bool { return d.Known != nil })
	p.normalised(r)
	p.verdict(r)
}

// differences prints those that belong here as a numbered list, and reports
// whether there are any.
func (p *printer) differences(title string, r *compare.Report, belongs func(*compare.Difference) bool) (any bool) {
	for n := range r.Differences {
		d := &r.Differences[n]
		if !belongs(d) || p.folded(d) {
			continue
		}
		if !any {
			p.heading(fmt.Sprintf("%s (reference %s, tested %s)", title, r.Reference.Stack, r.Tested.Stack))
			any = true
		}
		p.difference(r, d)
	}
	return any
}

// difference prints one of them: what and where, both values, why.
func (p *printer) difference(r *compare.Report, d *compare.Difference) {
	v := d.Verdict
	head := fmt.Sprintf("%3d %s %s", d.Number, v.Glyph(), v)
	if by := d.By.Names(); len(by) > 0 {
		head += " by " + who(r, d)
	}
	if d.New {
		head += ", new"
	}
	what := title(d)
	if columns(head)+columns(what)+columns(d.ID)+4 > p.s.width() { // too narrow for one line
		p.line("%s  %s", p.s.paint(verdictColor(v), head), p.s.paint(faint, d.ID))
		p.line("      %s", p.s.paint(bold, p.s.fit(what, p.s.width()-6)))
	} else {
		p.line("%s  %s  %s", p.s.paint(verdictColor(v), head), p.s.paint(bold, what), p.s.paint(faint, d.ID))
	}
	limit := 3
	if p.s.Full {
		limit = len(d.Occurrences)
	}
	for n, o := range d.Occurrences {
		if n == limit {
			p.line("      %s and %d more", p.g.middle, len(d.Occurrences)-n)
			break
		}
		p.occurrence(r, d, o)
	}
	for _, l := range Wrap(because(d), p.s.width()-6) {
		p.line("      %s", p.s.paint(faint, l))
	}
	if d.Known != nil {
		for _, l := range Wrap("known of "+d.Known.Stack+" and accepted: "+d.Known.Why, p.s.width()-6) {
			p.line("      %s", p.s.paint(faint, l))
		}
	}
	if d.New {
		p.line("      %s", p.s.paint(faint, notInBaseline))
	}
	p.following(r, d)
	if seen := d.Seen.String(); seen != "" {
		for _, l := range Wrap(seen, p.s.width()-6) {
			p.line("      %s", p.s.paint(faint, l))
		}
	}
	if d.Spread != "" {
		p.line("      %s", p.s.paint(faint, "seen within one stack: "+strings.TrimSuffix(d.Spread, "; ")))
	}
}

// because is the clause and what it means for the difference.
func because(d *compare.Difference) string {
	if d.Clause == "" {
		return d.Reason
	}
	why := d.Clause
	if d.Rule != "" && !strings.Contains(d.Clause, d.Rule) {
		why += ", " + d.Rule
	}
	return why + ": " + d.Reason
}

// folded reports whether a difference is told with its cause only.
func (p *printer) folded(d *compare.Difference) bool {
	return d.Cause != 0 && d.Verdict < compare.Deviation && !d.New && !p.s.Full
}

// following names what follows from a difference.
func (p *printer) following(r *compare.Report, d *compare.Difference) {
	list := r.Following(d)
	if len(list) == 0 {
		return
	}
	names := make([]string, len(list))
	for n, e := range list {
		names[n] = fmt.Sprintf("%d %s", e.Number, title(e))
	}
	for _, l := range Wrap(fmt.Sprintf("and %d that follow: %s", len(list), strings.Join(names, "; ")), p.s.width()-6) {
		p.line("      %s", l)
	}
}

// who names the parties at fault by their stacks.
func who(r *compare.Report, d *compare.Difference) string {
	var at []string
	reference, tested := names(r)
	for _, party := range [...]struct {
		side compare.Sides
		name string
	}{
		{compare.Tested, tested}, {compare.Reference, reference},
		{compare.TestedPeer, tested + "'s peer"}, {compare.ReferencePeer, reference + "'s peer"},
	} {
		if d.By&party.side != 0 {
			at = append(at, party.name)
		}
	}
	return strings.Join(at, " and ")
}

func title(d *compare.Difference) string { return d.Title() }

func (p *printer) occurrence(r *compare.Report, d *compare.Difference, o compare.Occurrence) {
	for n, l := range Wrap(place(r, d, o), p.s.width()-8) {
		if n == 0 {
			p.line("      %s", l)
		} else {
			p.line("        %s", l)
		}
	}
}

func frameNumber(i int32) string {
	if i == compare.None {
		return ""
	}
	return fmt.Sprintf(" (#%d)", i+1)
}

func (p *printer) normalised(r *compare.Report) {
	if len(r.Normalised) == 0 {
		return
	}
	p.heading("Not compared: free by design")
	for _, n := range r.Normalised {
		p.line("  %s %s %s %s", p.s.fit(n.Name, 33), n.Reference, p.g.bar, n.Test)
		p.line("    %s", p.s.paint(faint, n.Why))
	}
}

// verdict prints the last line, which says it all.
func (p *printer) verdict(r *compare.Report) {
	if !p.s.Quiet {
		p.heading("Verdict")
	}
	color := green
	switch {
	case r.ExitStatus() != 0:
		color = red
	case r.Worst() == compare.Deviation:
		color = yellow
	}
	p.line("%s %s: %s (%s)", p.s.paint(color, mark(r)), r.Tested.Stack, p.s.paint(color, conclusion(r)), Counts(r))
}

// conclusion is the verdict in a few words, to follow the stack's name.
func conclusion(r *compare.Report) string {
	switch r.Worst() {
	case compare.Violation:
		return "breaks a MUST"
	case compare.Unspecified:
		return "shows a difference that no rule explains"
	case compare.Deviation:
		if r.ExitStatus() == 0 {
			return "nothing wrong, a SHOULD is not followed"
		}
	}
	if r.ExitStatus() != 0 {
		return "shows what the baseline does not have"
	}
	return "nothing wrong"
}

// Counts says how many differences of each verdict there are in all of the
// comparisons, the worst first. What others than the stack under test do wrong
// is told apart, and so is what is known and accepted.
func Counts(reports ...*compare.Report) string {
	var list []string
	total := func(count func(*compare.Report) int) (n int) {
		for _, r := range reports {
			n += count(r)
		}
		return n
	}
	for v := compare.Violation; v > compare.Same; v-- {
		others := total(func(r *compare.Report) int { return r.CountOfOthers(v) })
		if n := total(func(r *compare.Report) int { return r.Count(v) }) - others; n > 0 {
			list = append(list, amount(n, v))
		}
		if others > 0 {
			list = append(list, amount(others, v)+" by others")
		}
	}
	if n := total((*compare.Report).CountKnown); n > 0 {
		list = append(list, fmt.Sprintf("%d known", n))
	}
	if len(list) == 0 {
		return "no difference"
	}
	return strings.Join(list, ", ")
}

// amount is a number of differences with the verdict.
func amount(n int, v compare.Verdict) string {
	switch v {
	case compare.Violation, compare.Deviation, compare.Artefact:
		if n > 1 {
			return fmt.Sprintf("%d %ss", n, v)
		}
	}
	return fmt.Sprintf("%d %s", n, v)
}

func mark(r *compare.Report) string {
	if r.ExitStatus() == 0 {
		return "="
	}
	return "!"
}

// overview prints one line a comparison.
func (p *printer) overview(reports []*compare.Report) {
	p.heading("All comparisons")
	t := table.NewWriter()
	style := table.StyleLight
	if p.s.ASCII {
		style = table.StyleDefault
	}
	style.Options = table.OptionsNoBordersAndSeparators
	t.SetStyle(style)
	t.AppendHeader(table.Row{"", "tested", "reference", "violations", "unspecified", "deviations", "permitted", "frames"})
	for _, r := range reports {
		t.AppendRow(table.Row{
			mark(r), r.Tested.Stack, r.Reference.Stack, r.Count(compare.Violation), r.Count(compare.Unspecified),
			r.Count(compare.Deviation), r.Count(compare.Permitted),
			fmt.Sprintf("%d | %d", len(r.Tested.Conversations[0].Events), len(r.Reference.Conversations[0].Events)),
		})
	}
	p.line("%s", t.Render())
	p.consensus(reports)
}
