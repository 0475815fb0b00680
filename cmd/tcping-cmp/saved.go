package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"tcping-cmp/compare/report"
)

// collector takes the records of one kind of result.
type collector interface{ Add(*report.Line) error }

// saved are results that were saved as JSON Lines, all of one kind.
type saved struct {
	of          string // the commands that make results of this kind
	records     collector
	comparisons report.Comparisons
	checked     report.Checked
	plays       savedPlays
}

// readSaved reads the files one after the other; - is standard input.
func readSaved(a *app, paths []string) (*saved, error) {
	s := &saved{}
	stdin := 0
	for _, path := range paths {
		if path == "-" {
			if stdin++; stdin > 1 {
				return nil, errors.New("standard input can be read once: give - once")
			}
			if err := s.read("standard input", a.In); err != nil {
				return nil, err
			}
			continue
		}
		file, err := openSaved(path)
		if err != nil {
			return nil, err
		}
		err = s.read(path, file)
		file.Close()
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func openSaved(path string) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, inputError(path, err)
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		file.Close()
		return nil, fmt.Errorf("%s is a directory: give a file that was saved with --format json", path)
	}
	return file, nil
}

// read takes the results of one file.
func (s *saved) read(name string, from io.Reader) error {
	r := report.NewReader(name, from)
	begun := false
	for {
		line, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return inputError(name, err)
		}
		if !begun {
			if err := s.begin(line); err != nil {
				return err
			}
			begun = true
		}
		if err := s.records.Add(line); err != nil {
			return err
		}
		begun = line.Record != "summary"
	}
}

// begin chooses what takes the records of a result by the first of them.
func (s *saved) begin(l *report.Line) error {
	of, records, err := s.collectorFor(l)
	if err != nil {
		return err
	}
	if s.records != nil && s.of != of {
		return l.Errorf("this is a result of %s, and the one before it is of %s: give one kind at a time", of, s.of)
	}
	s.of, s.records = of, records
	return nil
}

func (s *saved) collectorFor(l *report.Line) (of string, records collector, err error) {
	switch kind, err := kindOf(l); kind {
	case "run", "frame", "pair", "difference", "rule":
		return "run or diff", &s.comparisons, nil
	case "conversation", "finding":
		return "check", &s.checked, nil
	case "scenario":
		return "suite", &s.plays, nil
	case "script":
		return "script", &s.plays, nil
	case "bench", "requirement":
		return "", nil, l.Errorf("a result of %s is text or JSON and nothing else; run, diff and check make others", map[string]string{"bench": "bench", "requirement": "rules"}[kind])
	default:
		if err == nil {
			err = l.Errorf("no result begins with a record %q; is a line missing?", kind)
		}
		return "", nil, err
	}
}

// kindOf is the kind of the first record of a result. A result that has only
// its summary shows by that whose it is.
func kindOf(l *report.Line) (string, error) {
	if l.Record != "summary" {
		return l.Record, nil
	}
	var fields map[string]any
	if err := l.Into(&fields); err != nil {
		return "", err
	}
	for _, k := range [...]struct{ field, kind string }{{"comparisons", "run"}, {"conversations", "conversation"}, {"scenarios", "scenario"}, {"scripts", "script"}} {
		if _, ok := fields[k.field]; ok {
			return k.kind, nil
		}
	}
	return "summary", nil
}

// ending says how the commands ended whose results these are.
func (s *saved) ending() report.Ending {
	switch s.records {
	case &s.checked:
		return s.checked.Ending
	case &s.plays:
		return s.plays.ending
	}
	return s.comparisons.Ending
}

// endedError ends a command as another one has ended.
type endedError struct {
	status  int
	message string
}

func (e endedError) Error() string { return e.message }

// outcomeOf is the error with which a command ended.
func outcomeOf(end report.Ending) error {
	var why error
	if end.Message != "" {
		why = errors.New(end.Message)
	}
	switch {
	case end.Status == statusFound && why == nil:
		return errFound
	case end.Status != statusOK:
		return endedError{end.Status, end.Message}
	}
	return why
}
