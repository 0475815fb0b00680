package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/baseline"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario/library"
)

// cellVerdict is what became of one scenario with one stack.
type cellVerdict uint8

// The verdicts of a cell.
const (
	cellOK       cellVerdict = iota
	cellKnown                // a declared difference
	cellAccepted             // a difference that is in the baseline
	cellNotRun               // the stack could not play it
	cellFound                // something that nobody declared
	numCellVerdicts
)

func (v cellVerdict) String() string {
	return [...]string{"ok", "declared", "accepted", "not run", "found"}[v]
}

// cell is one scenario with one stack, held against what the script expects.
type cell struct {
	play     *lab.Play
	verdict  cellVerdict
	findings []lab.Finding      // of the shape or of the strict oracle
	known    library.Difference // if it is declared
}

// held is one scenario with one stack under test, held against the reference.
type held struct {
	*against
	verdict cellVerdict
	known   library.Difference // if it is declared
}

// suiteCase is one row of the matrix.
type suiteCase struct {
	library.Case
	outcome *scriptOutcome
	cells   []cell // one a stack
	held    []held // of the differential oracle: one a stack under test
}

// suiteResult is what a run of the library has shown.
type suiteResult struct {
	command  *suiteCommand
	oracle   lab.Oracle // that the cells are judged by: shape or strict
	compared bool       // the differential oracle decides, and the shape is shown beside it
	stacks   []string   // the reference first
	cases    map[string]library.Case
	done     []*suiteCase
	records  []*suiteRecord // of done
	seen     baseline.Seen
	began    time.Time
	wall     time.Duration
}

func newSuiteResult(c *suiteCommand, b *scriptBatch, cases []library.Case) *suiteResult {
	s := &suiteResult{command: c, oracle: b.oracle, cases: map[string]library.Case{}, began: time.Now()}
	if b.oracle == lab.Differential {
		s.oracle, s.compared = lab.Shape, true
	}
	for _, one := range cases {
		s.cases[one.ID()] = one
	}
	for _, stack := range b.stacks {
		s.stacks = append(s.stacks, stack.Name())
	}
	return s
}

// add judges one outcome.
func (s *suiteResult) add(o *scriptOutcome) *suiteCase {
	one := &suiteCase{Case: s.caseOf(o), outcome: o}
	for _, a := range o.against {
		a.seen(&s.seen, o.name)
		if s.command.file != nil {
			a.holdAgainstBaseline(s.command.file, o.name)
		}
	}
	for _, play := range o.plays {
		one.cells = append(one.cells, s.judge(one, play))
	}
	for i, a := range o.against {
		one.held = append(one.held, one.hold(a, &one.cells[0], &one.cells[i+1]))
	}
	s.done = append(s.done, one)
	s.records = append(s.records, s.record(one))
	return one
}

// caseOf is the case of the library, or a script in the form of one.
func (s *suiteResult) caseOf(o *scriptOutcome) library.Case {
	if c, ok := s.cases[o.name]; ok {
		return c
	}
	c := library.Case{Entry: library.Entry{Name: o.name}}
	if o.script != nil {
		c.Claim, c.Version = strings.Join(strings.Fields(o.script.Doc), " "), o.script.Config.IPVersion
	}
	return c
}

// judge says what one stack has done. Declared differences are declared for
// the shape.
func (s *suiteResult) judge(one *suiteCase, play *lab.Play) cell {
	c := cell{play: play, findings: play.Of(s.oracle)}
	known, declared := library.KnownDifference(play.Stack, one.Name)
	switch {
	case play.NotRun != "":
		c.verdict = cellNotRun
	case len(c.findings) == 0:
		c.verdict = cellOK
	case declared && len(play.Of(lab.Shape)) > 0:
		c.verdict, c.known = cellKnown, known
	case s.accepts(one, &c):
		c.verdict = cellAccepted
	default:
		c.verdict = cellFound
	}
	return c
}

// accepts reports whether everything that was found is in the baseline.
func (s *suiteResult) accepts(one *suiteCase, c *cell) bool {
	var list []baseline.Entry
	all := s.command.file != nil
	for _, text := range c.why() {
		e := baseline.Sentence(text)
		list = append(list, e)
		all = all && s.command.file.Accepts(one.ID(), c.play.Stack, "", e)
	}
	if !s.compared {
		s.seen.Add(one.ID(), c.play.Stack, "", list...)
	}
	return all
}

// hold says how a stack under test compares with the reference.
func (one *suiteCase) hold(a *against, reference, tested *cell) held {
	h := held{against: a}
	switch {
	case a.not != "":
		h.verdict = cellNotRun
	case !a.found() && a.excused:
		h.verdict = cellAccepted
		if known, ok := one.explain(a, reference, tested); ok {
			h.verdict, h.known = cellKnown, known
		}
	case !a.found():
		h.verdict = cellOK
	default:
		h.verdict = cellFound
		if a.isNew {
			break // whatever is declared of the scenario, this was not there
		}
		if known, ok := one.explain(a, reference, tested); ok {
			h.verdict, h.known = cellKnown, known
		}
	}
	return h
}

// explain finds the declared difference that makes two stacks differ: of
// either, but what the stack under test breaks is excused by its own only. It
// explains nothing when one of the stacks strays from the scenario undeclared
// as well, for nobody can tell then which made the difference.
func (one *suiteCase) explain(a *against, reference, tested *cell) (known library.Difference, ok bool) {
	if reference.verdict == cellFound || tested.verdict == cellFound {
		return known, false
	}
	sides := []*cell{tested, reference}
	if a.worst() == compare.Violation {
		sides = sides[:1]
	}
	for _, c := range sides {
		if c.verdict == cellKnown {
			return c.known, true
		}
		if known, ok = library.KnownBeside(c.play.Stack, one.Name); ok {
			return known, true
		}
	}
	return known, false
}

// tested says whether a stack decides the exit status: it is under test, and
// nothing is held against it.
func (s *suiteResult) tested(stack int) bool {
	return slices.Contains(s.command.Stack, s.stacks[stack]) && !(s.compared && stack == 0)
}

// decides is what the oracle of the command says of a stack under test, with a
// sentence for each thing that was found.
func (s *suiteResult) decides(one *suiteCase, stack int) (v cellVerdict, why []string) {
	if s.compared {
		if stack == 0 || stack > len(one.held) {
			return cellNotRun, nil
		}
		h := &one.held[stack-1]
		if h.verdict == cellNotRun {
			return h.verdict, []string{h.not}
		}
		return h.verdict, h.why()
	}
	if stack >= len(one.cells) {
		return cellNotRun, nil
	}
	c := &one.cells[stack]
	if c.verdict == cellNotRun {
		return c.verdict, []string{c.play.NotRun}
	}
	return c.verdict, c.why()
}

// why says in a sentence each what was found.
func (c *cell) why() (list []string) {
	for _, f := range c.findings {
		list = append(list, fmt.Sprintf("line %d at %.6f: %s", f.Pos.Line, f.At.Seconds(), f.Text))
	}
	return list
}

// count counts the cells of a stack by verdict; an empty topic means all.
func (s *suiteResult) count(topic string, stack int) (n [numCellVerdicts]int) {
	for _, one := range s.done {
		if stack < len(one.cells) && (topic == "" || one.Topic() == topic) {
			n[one.cells[stack].verdict]++
		}
	}
	return n
}

// agree counts how a stack under test compares with the reference, by verdict.
func (s *suiteResult) agree(topic string, stack int) (n [numCellVerdicts]int) {
	for _, one := range s.done {
		if stack <= len(one.held) && (topic == "" || one.Topic() == topic) {
			n[one.held[stack-1].verdict]++
		}
	}
	return n
}

// topics are those of the cases, in order.
func (s *suiteResult) topics() (list []string) {
	for _, one := range s.done {
		if t := one.Topic(); len(list) == 0 || list[len(list)-1] != t {
			list = append(list, t)
		}
	}
	return list
}

// trouble is the first script or capture that could not be read or written.
func (s *suiteResult) trouble() error {
	for _, one := range s.done {
		if one.outcome.err != nil {
			return one.outcome.err
		}
		if one.outcome.files != nil {
			return one.outcome.files
		}
	}
	return nil
}

// found says whether a stack under test has done what nobody declared.
func (s *suiteResult) found() bool {
	return slices.ContainsFunc(s.done, func(one *suiteCase) bool { return s.verdict(one) == cellFound })
}

// verdict is the worst that is said of a stack under test.
func (s *suiteResult) verdict(one *suiteCase) (worst cellVerdict) {
	for i := range s.stacks {
		if s.tested(i) {
			v, _ := s.decides(one, i)
			worst = max(worst, v)
		}
	}
	return worst
}

// virtual is how much time passed for the stacks.
func (s *suiteResult) virtual() (sum time.Duration) {
	for _, one := range s.done {
		for _, c := range one.cells {
			sum += c.play.Virtual
		}
	}
	return sum
}
