package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// outputFlag lets a command write everything into a folder.
type outputFlag struct {
	Output string `short:"o" complete:"folders" placeholder:"DIR" help:"Write the result in every format, the captures, and an index (index.html, index.json) into this folder, beside what is printed. The folder is made if it is not there."`
}

// prepare makes the folder early, so that nothing is held or played in vain.
func (f *outputFlag) prepare() error {
	if f.Output == "" {
		return nil
	}
	err := os.MkdirAll(f.Output, 0o777)
	if err != nil {
		err = outputError(f.Output, err)
	} else {
		err = checkOutput(filepath.Join(f.Output, "index.json"))
	}
	if err != nil {
		f.Output = "" // nobody has to hear it of every file
	}
	return err
}

// outputFolder is a folder while it is being filled. A file that cannot be
// written does not keep the others from it.
type outputFolder struct {
	path    string
	files   []report.IndexFile
	failure error
}

// add writes one file; under its name there is either the old content or all of
// the new. name has slashes.
func (o *outputFolder) add(name, format, what string, write func(io.Writer) error) {
	file := report.IndexFile{Name: name, Format: format, What: what}
	path := filepath.Join(o.path, filepath.FromSlash(name))
	counted := &countingWriter{}
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err != nil {
		err = outputError(path, err)
	} else {
		err = writeOutput(path, func(w io.Writer) error {
			counted.w = w
			return write(counted)
		})
	}
	if err != nil {
		file.Error = err.Error()
		o.failure = errors.Join(o.failure, err)
	} else {
		file.Bytes = counted.n
	}
	o.files = append(o.files, file)
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// finish writes the index and returns how the command ends with what could not
// be written.
func (o *outputFolder) finish(command string, conclusion []string, outcome error) error {
	index := report.NewIndex(command, builtOf().Version, conclusion, o.files, playedEnding(worst(outcome, o.failure)))
	o.add("index.json", "json", "this list, for programs", func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(index)
	})
	o.add("index.html", "html", "this list", func(w io.Writer) error {
		return index.HTML(w, func(f *report.IndexFile) bool { return !strings.Contains(f.Name, "/") || f.Error != "" })
	})
	return worst(outcome, o.failure)
}

// fileOf are the files of the formats in an output folder.
var fileOf = map[string]struct{ file, what string }{
	"text":     {"report.txt", "the report for people"},
	"json":     {"report.jsonl", "JSON Lines; tcping-cmp report reads them"},
	"markdown": {"report.md", "for a comment on a pull request or a step summary"},
	"junit":    {"junit.xml", "for dashboards"},
	"tap":      {"report.tap", "Test Anything Protocol"},
	"github":   {"github.txt", "annotations of a workflow"},
	"mermaid":  {"report.mmd", "a sequence diagram"},
	"html":     {"report.html", "the report as a page"},
}

// formats writes every format that a result has.
func (o *outputFolder) formats(of resultShape, write func(w io.Writer, format string) error) {
	for _, format := range formatsOf(of) {
		n := fileOf[format]
		o.add(n.file, format, n.what, func(w io.Writer) error { return write(w, format) })
	}
}

// plainStyle is that of a text in a file: no colours, nothing left out.
func plainStyle() report.Style { return report.Style{Full: true} }

// comparisons fills the folder with comparisons. runs are those that were not
// compared; capture writes the frames, or is nil.
func (f *outputFlag) comparisons(command string, reports []*compare.Report, runs []compare.Run, capture func(io.Writer) error, end report.Ending, outcome error) error {
	if f.Output == "" {
		return outcome
	}
	o := &outputFolder{path: f.Output}
	o.formats(ofComparison, func(w io.Writer, format string) error {
		switch {
		case format == "json":
			return report.JSONAllRuns(w, reports, runs, end)
		case format != "text":
			return report.Write(w, format, reports, end)
		case len(reports) == 0:
			_, err := fmt.Fprintf(w, "tcping-cmp: %s\n", end.Message)
			return err
		}
		return report.TextAll(w, reports, plainStyle())
	})
	if capture != nil {
		o.add("capture.pcapng", "pcapng", "every frame, with the findings as comments, for Wireshark", capture)
	}
	return o.finish(command, report.Headlines(reports), outcome)
}

// checks fills the folder with what was found in a capture; annotated is false
// where its frames are not at hand.
func (f *outputFlag) checks(command string, list []*compare.Checked, annotated bool, verbose int, end report.Ending, outcome error) error {
	if f.Output == "" {
		return outcome
	}
	o := &outputFolder{path: f.Output}
	style := plainStyle()
	style.Verbose = verbose
	o.formats(ofCheck, func(w io.Writer, format string) error {
		switch {
		case format != "text":
			return report.WriteCheck(w, format, list, end, style)
		case len(list) == 0 && end.Message != "":
			_, err := fmt.Fprintf(w, "tcping-cmp: %s\n", end.Message)
			return err
		}
		return report.CheckText(w, list, style)
	})
	if annotated && len(list) > 0 {
		o.add("capture.pcapng", "pcapng", "the conversations, with the findings as comments, for Wireshark", func(w io.Writer) error { return report.PcapngChecked(w, list) })
	}
	return o.finish(command, []string{report.CheckHeadline(list)}, outcome)
}
