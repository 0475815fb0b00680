package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"syscall"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/report"
)

// diffCommand compares two captures.
type diffCommand struct {
	A    string   `arg:"" complete:"files" help:"The reference: a pcap or pcapng file."`
	B    string   `arg:"" complete:"files" help:"The stack under test: another, or the same with another --flow."`
	Flow []string `sep:"none" placeholder:"FLOW" help:"Which conversation of a file: its number, the address HOST:PORT or :PORT of an end, or the name of its interface. Once for both files, or twice, for A and for B."`

	outputFlag
	baselineFlag
	reportFlags
}

// Run reads, compares and prints.
func (c *diffCommand) Run(a *app) error {
	r, closeFiles, err := c.compare(a)
	defer closeFiles()
	if err == nil {
		err = errors.Join(c.baselineFlag.open(), c.outputFlag.prepare())
	}
	if err != nil {
		return c.ended(a, nil, err)
	}
	reports := []*compare.Report{r}
	c.mark(a.Err, reports)
	frames := func(w io.Writer) error { return report.Pcapng(w, reports...) }
	outcome := c.render(a, reports, nil)
	return c.comparisons("diff", reports, nil, frames, ending(outcome, nil), outcome)
}

func (c *diffCommand) compare(a *app) (r *compare.Report, closeFiles func(), err error) {
	var files []*capture.File
	closeFiles = func() {
		for _, f := range files {
			f.Close()
		}
	}
	if len(c.Flow) > 2 {
		return nil, closeFiles, fmt.Errorf("--flow was given %d times: once is for both files, twice for A and B", len(c.Flow))
	}
	paths := [2]string{c.A, c.B}
	opened, failed := openCaptures(paths)
	for _, file := range opened {
		if file != nil {
			files = append(files, file)
		}
	}
	var conversations [2]*capture.Conversation
	for i, path := range paths {
		if failed[i] != nil {
			return nil, closeFiles, failed[i]
		}
		file := opened[i]
		if file.Problem != nil {
			fmt.Fprintf(a.Err, "tcping-cmp: %s: %v; what came before is compared\n", path, file.Problem)
		}
		if conversations[i], err = file.Flow(c.selector(i)); err != nil {
			return nil, closeFiles, fmt.Errorf("%s: %w%s", path, err, flowHint(err))
		}
	}
	nameStacks(conversations)
	opts := compare.Options{
		Reference: compare.Run{Stack: conversations[0].Stack},
		Tested:    compare.Run{Stack: conversations[1].Stack},
	}
	return compare.Compare(conversations[:1], conversations[1:], opts), closeFiles, nil
}

// selector returns what chooses the conversation of file i.
func (c *diffCommand) selector(i int) string {
	switch len(c.Flow) {
	case 0:
		return ""
	case 1:
		return c.Flow[0]
	}
	return c.Flow[i]
}

// openCaptures reads two files at the same time.
func openCaptures(paths [2]string) (files [2]*capture.File, errs [2]error) {
	var work sync.WaitGroup
	for i, path := range paths {
		work.Go(func() { files[i], errs[i] = openCapture(path) })
	}
	work.Wait()
	return files, errs
}

func openCapture(path string) (*capture.File, error) {
	file, err := capture.ReadFile(path)
	if err != nil {
		return nil, inputError(path, err)
	}
	return file, nil
}

// inputError says what to do about a file that cannot be read.
func inputError(path string, err error) error {
	var pathErr *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return saidError{fmt.Sprintf("there is no file %s: check its name", path), err}
	case errors.Is(err, fs.ErrPermission):
		return saidError{fmt.Sprintf("%s may not be read: ask its owner, or run as root", path), err}
	case errors.Is(err, syscall.EISDIR):
		return saidError{fmt.Sprintf("%s is a directory: give the name of a file", path), err}
	case errors.As(err, &pathErr):
		return fmt.Errorf("%s cannot be read: %w; choose another file", path, pathErr.Err)
	}
	return err
}

// flowHint adds the flag to a complaint about the choice of conversation.
func flowHint(err error) string {
	if errors.Is(err, capture.ErrAmbiguous) {
		return "\n(--flow chooses; given twice, the second is for B)"
	}
	return ""
}

// nameStacks names the two sides after their interfaces, where the files name
// them, or after the files, and keeps them apart.
func nameStacks(c [2]*capture.Conversation) {
	for _, side := range c {
		if side.Stack == "" {
			side.Stack = baseName(side.Source)
		}
	}
	if c[0].Stack == c[1].Stack {
		c[0].Stack, c[1].Stack = c[0].Source, c[1].Source
	}
	if c[0].Stack == c[1].Stack {
		c[0].Stack, c[1].Stack = "A", "B"
	}
}
