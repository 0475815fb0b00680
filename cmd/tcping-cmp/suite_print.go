package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

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
		outcome = foundError{}
	}
	var err error
	if s.command.Format == "json" {
		err = s.jsonSummary(a.Out, outcome)
	} else {
		err = s.text(a.Out)
	}
	if outcome == nil {
		return err
	}
	return outcome
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

// printFound lists what nobody declared.
func (s *suiteResult) printFound(w io.Writer) {
	n := 0
	for _, one := range s.done {
		for i, c := range one.cells {
			if c.verdict != cellFound && c.verdict != cellNotRun {
				continue
			}
			if n++; n > maxFound && !s.command.Full {
				continue
			}
			why := c.play.NotRun
			if c.verdict == cellFound {
				f := c.findings[0]
				why = fmt.Sprintf("line %d at %.6f: %s", f.Pos.Line, f.At.Seconds(), f.Text)
				if more := len(c.findings) - 1; more > 0 {
					why += fmt.Sprintf("; and %s more", plural(more, "finding"))
				}
			}
			fmt.Fprintf(w, "%-8s%s: %s: %s\n", c.verdict, one.ID(), s.stacks[i], why)
		}
		if err := one.outcome.err; err != nil {
			fmt.Fprintf(w, "error   %s: %v\n", one.ID(), err)
		}
		if err := one.outcome.files; err != nil {
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
	width := len("topic")
	for _, topic := range s.topics() {
		width = max(width, len(topic))
	}
	order := s.columns()
	fmt.Fprintf(w, "%-*s", width, "topic")
	for _, i := range order {
		fmt.Fprintf(w, "  %-*s", columnWidth, s.stacks[i])
	}
	if s.compared {
		fmt.Fprintf(w, "  against %s", s.stacks[0])
	}
	fmt.Fprintln(w)
	for _, topic := range s.topics() {
		s.printRow(w, topic, topic, width, order)
	}
	s.printRow(w, "", "all", width, order)
	fmt.Fprintln(w)
}

const columnWidth = 24

// columns are the stacks in the order in which they are printed: those under
// test first.
func (s *suiteResult) columns() (order []int) {
	for i := 1; i < len(s.stacks); i++ {
		order = append(order, i)
	}
	return append(order, 0)
}

func (s *suiteResult) printRow(w io.Writer, topic, name string, width int, order []int) {
	row := fmt.Sprintf("%-*s", width, name)
	for _, i := range order {
		row += fmt.Sprintf("  %-*s", columnWidth, cellText(s.count(topic, i)))
	}
	for i := 1; s.compared && i < len(s.stacks); i++ {
		same, differ := s.agree(topic, i)
		row += fmt.Sprintf("  %d agree, %d differ", same, differ)
	}
	fmt.Fprintln(w, strings.TrimRight(row, " "))
}

// cellText sums up a cell of the matrix.
func cellText(n [numCellVerdicts]int) string {
	var parts []string
	for v := range numCellVerdicts {
		if n[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[v], v))
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
	for _, i := range s.columns() {
		line := fmt.Sprintf("%s: %s", s.stacks[i], cellText(s.count("", i)))
		if shown := s.shown(i); len(shown) > 0 {
			verdicts := map[library.Verdict]int{}
			for _, d := range shown {
				verdicts[d.Verdict]++
			}
			line += fmt.Sprintf("; it differs in %d ways: %d violations, %d deviations, %d permitted", len(shown),
				verdicts[library.Violation], verdicts[library.Deviation], verdicts[library.Permitted])
			if !s.command.Full {
				line += " (--full lists them)"
			}
		}
		fmt.Fprintln(w, line)
	}
	fmt.Fprintf(w, "%s judged by the %s oracle; %v of the stacks' time in %v\n", plural(len(s.done), "scenario"), s.oracle,
		s.virtual().Round(time.Second), time.Since(s.began).Round(time.Millisecond))
}
