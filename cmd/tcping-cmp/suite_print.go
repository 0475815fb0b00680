package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/scenario/library"
)

// end prints the matrix and the summary and says how the command ends. failure
// is why not all was played.
func (s *suiteResult) end(a *app, failure error) error {
	outcome := failure
	switch trouble := s.trouble(); {
	case failure != nil:
	case trouble != nil:
		outcome = trouble
	case s.found():
		outcome = errFound
	}
	s.wall = time.Since(s.began)
	var err error
	switch s.command.Format {
	case "json":
		err = s.jsonSummary(a.Out, outcome)
	case "text":
		err = s.text(a.Out)
	default:
		err = report.WriteMatrix(a.Out, s.command.Format, matrixOf(s.records), playedEnding(outcome))
	}
	return s.output(worst(err, outcome))
}

// playedEnding says how playing ends; what was found is no failure.
func playedEnding(outcome error) report.Ending {
	if errors.Is(outcome, errFound) {
		return ending(outcome, nil)
	}
	return ending(outcome, outcome)
}

// text prints what was found, the matrix and a line for each stack.
func (s *suiteResult) text(to io.Writer) error {
	w := bufio.NewWriter(to)
	s.printFound(w)
	if !s.command.Quiet {
		s.printMatrix(w)
	}
	if s.command.Full {
		s.printKnown(w)
	}
	s.printSummary(w)
	return w.Flush()
}

// maxFound is how many findings are printed without --full.
const maxFound = 20

// printFound lists what decides and nobody declared, then what could not be
// played, and what the scenario expects otherwise beside a comparison.
func (s *suiteResult) printFound(w io.Writer) {
	n := 0
	line := func(verdict cellVerdict, id, who string, why []string) {
		if n++; n > maxFound && !s.command.Full {
			return
		}
		text := strings.Join(why[:min(1, len(why))], "")
		if more := len(why) - 1; more > 0 {
			text += fmt.Sprintf("; and %s more", report.Plural(more, "finding"))
		}
		fmt.Fprintf(w, "%-7s %s: %s: %s\n", verdict, id, who, text)
	}
	for _, one := range s.done {
		for i := range one.held {
			if h := &one.held[i]; h.verdict == cellFound {
				line(h.verdict, one.ID(), h.tested+" against "+h.reference, h.why())
			}
		}
		for i := range one.cells {
			switch c := &one.cells[i]; c.verdict {
			case cellFound:
				line(c.verdict, one.ID(), s.stacks[i], c.why())
			case cellNotRun:
				line(c.verdict, one.ID(), s.stacks[i], []string{c.play.NotRun})
			}
		}
		if err := errors.Join(one.outcome.err, one.outcome.files); err != nil {
			fmt.Fprintf(w, "error   %s: %v\n", one.ID(), err)
		}
	}
	if n > maxFound && !s.command.Full {
		fmt.Fprintf(w, "and %d more; --full lists them\n", n-maxFound)
	}
	if n > 0 {
		fmt.Fprintln(w)
	}
}

// printMatrix prints a line for each topic.
func (s *suiteResult) printMatrix(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	columns := s.columns()
	row := func(name string, cell func(column) string) {
		for _, c := range columns {
			name += "\t" + cell(c)
		}
		fmt.Fprintln(table, name)
	}
	row("topic", func(c column) string { return c.title })
	for _, topic := range s.topics() {
		row(topic, func(c column) string { return cellText(c.count(topic), c.fine) })
	}
	row("all", func(c column) string { return cellText(c.count(""), c.fine) })
	table.Flush()
	fmt.Fprintln(w)
}

// column is one of the matrix.
type column struct {
	title string
	fine  string // what a scenario is called in which nothing was found
	count func(topic string) [numCellVerdicts]int
	stack int // whose cells these are; -1 for comparisons
}

// columns are those that decide first, then those of the stacks under test,
// then that of the reference.
func (s *suiteResult) columns() (list []column) {
	title := "%s"
	if s.compared {
		title = "%s " + string(s.oracle)
		for i := 1; i < len(s.stacks); i++ {
			list = append(list, column{
				title: s.stacks[i] + " against " + s.stacks[0], fine: "agree", stack: -1,
				count: func(topic string) [numCellVerdicts]int { return s.agree(topic, i) },
			})
		}
	}
	for n := range s.stacks {
		i := (n + 1) % len(s.stacks)
		list = append(list, column{
			title: fmt.Sprintf(title, s.stacks[i]), fine: "ok", stack: i,
			count: func(topic string) [numCellVerdicts]int { return s.count(topic, i) },
		})
	}
	return list
}

// cellText sums up a cell of the matrix.
func cellText(n [numCellVerdicts]int, fine string) string {
	var parts []string
	for v := range numCellVerdicts {
		word := v.String()
		if v == cellOK {
			word = fine
		}
		if n[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[v], word))
		}
	}
	if parts == nil {
		return "-"
	}
	return strings.Join(parts, ", ")
}

// printKnown lists the declared differences that showed.
func (s *suiteResult) printKnown(w io.Writer) {
	for i, stack := range s.stacks {
		shown := s.shown(i)
		if len(shown) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s does not do what scenarios expect, as declared:\n", stack)
		for _, d := range shown {
			fmt.Fprintf(w, "  %-10s %s, %s: it %s\n", d.Verdict, d.Clause(), d.Requirement, d.What)
			fmt.Fprintf(w, "             %s\n", strings.Join(d.Scenarios, " "))
		}
		fmt.Fprintln(w)
	}
}

// shown are the declared differences of a stack that showed, in the order of
// the declarations.
func (s *suiteResult) shown(stack int) (list []library.Difference) {
	for _, d := range library.Known {
		for _, one := range s.done {
			if stack < len(one.cells) && one.cells[stack].verdict == cellKnown && one.cells[stack].known.Requirement == d.Requirement &&
				one.cells[stack].known.What == d.What {
				list = append(list, d)
				break
			}
		}
	}
	return list
}

// printSummary says in a few lines what came out.
func (s *suiteResult) printSummary(w io.Writer) {
	for _, c := range s.columns() {
		line := fmt.Sprintf("%s: %s", c.title, cellText(c.count(""), c.fine))
		if c.stack >= 0 {
			line += s.ways(c.stack)
		}
		fmt.Fprintln(w, line)
	}
	oracle := string(s.oracle)
	if s.compared {
		oracle = string(lab.Differential)
	}
	fmt.Fprintf(w, "%s judged by the %s oracle; %v of the stacks' time in %v\n", report.Plural(len(s.done), "scenario"), oracle,
		s.virtual().Round(time.Second), s.wall.Round(time.Millisecond))
}

// ways says in how many ways a stack differs as declared.
func (s *suiteResult) ways(stack int) string {
	shown := s.shown(stack)
	if len(shown) == 0 {
		return ""
	}
	verdicts := map[library.Verdict]int{}
	for _, d := range shown {
		verdicts[d.Verdict]++
	}
	text := fmt.Sprintf("; it differs in %s: %s, %s, %d permitted", report.Plural(len(shown), "way"),
		report.Plural(verdicts[library.Violation], "violation"), report.Plural(verdicts[library.Deviation], "deviation"), verdicts[library.Permitted])
	if !s.command.Full {
		text += " (--full lists them)"
	}
	return text
}
