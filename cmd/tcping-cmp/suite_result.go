package main

import (
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario/library"
)

// cellVerdict is what became of one scenario with one stack.
type cellVerdict uint8

// The verdicts of a cell.
const (
	cellOK     cellVerdict = iota
	cellKnown              // a declared difference
	cellFound              // something that nobody declared
	cellNotRun             // the stack could not play it
	numCellVerdicts
)

func (v cellVerdict) String() string {
	return [...]string{"ok", "declared", "found", "not run"}[v]
}

// cell is one scenario with one stack.
type cell struct {
	play     *lab.Play
	verdict  cellVerdict
	findings []lab.Finding      // of the oracle
	known    library.Difference // if it is declared
}

// suiteCase is one row of the matrix.
type suiteCase struct {
	library.Case
	outcome *scriptOutcome
	cells   []cell
}

// suiteResult is what a run of the library has shown.
type suiteResult struct {
	command  *suiteCommand
	oracle   lab.Oracle // that decides: shape or strict
	compared bool
	stacks   []string // the reference first
	cases    map[string]library.Case
	done     []*suiteCase
	began    time.Time
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
	one := &suiteCase{Case: s.cases[o.name], outcome: o}
	for _, play := range o.plays {
		one.cells = append(one.cells, s.judge(one.Name, play))
	}
	s.done = append(s.done, one)
	return one
}

// judge says what one stack has done. Declared differences are declared for
// the shape.
func (s *suiteResult) judge(name string, play *lab.Play) cell {
	c := cell{play: play, findings: play.Of(s.oracle)}
	known, declared := library.KnownDifference(play.Stack, name)
	switch {
	case play.NotRun != "":
		c.verdict = cellNotRun
	case len(c.findings) == 0:
		c.verdict = cellOK
	case declared && len(play.Of(lab.Shape)) > 0:
		c.verdict, c.known = cellKnown, known
	default:
		c.verdict = cellFound
	}
	return c
}

// tested says whether a stack is under test: every one but the reference,
// unless it is the only one.
func (s *suiteResult) tested(stack int) bool { return stack > 0 || len(s.stacks) == 1 }

// count counts the cells of a stack by verdict; an empty topic means all.
func (s *suiteResult) count(topic string, stack int) (n [numCellVerdicts]int) {
	for _, one := range s.done {
		if stack < len(one.cells) && (topic == "" || one.Topic() == topic) {
			n[one.cells[stack].verdict]++
		}
	}
	return n
}

// agree counts the cases of a topic in which a stack under test does the same
// as the reference but for what is permitted, and the others.
func (s *suiteResult) agree(topic string, stack int) (same, differ int) {
	for _, one := range s.done {
		if topic != "" && one.Topic() != topic || stack-1 >= len(one.outcome.reports) {
			continue
		}
		if one.outcome.reports[stack-1].Worst() < compare.Deviation {
			same++
		} else {
			differ++
		}
	}
	return same, differ
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
	for i := range s.stacks {
		if n := s.count("", i); s.tested(i) && n[cellFound] > 0 {
			return true
		}
	}
	return false
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
