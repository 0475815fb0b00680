package report

import (
	"fmt"
	"io"

	"tcping-cmp/compare"
)

// IndexFile is a file of an output folder.
type IndexFile struct {
	Name   string `json:"name"`   // from the folder, with slashes
	Format string `json:"format"` // as --format calls it, or pcapng
	What   string `json:"what"`
	Bytes  int64  `json:"bytes"`
	Error  string `json:"error"` // why it could not be written; empty if it was
}

// Index says what is in an output folder.
type Index struct {
	Head
	Command    string       `json:"command"` // such as run
	Version    string       `json:"version"` // of the program
	Conclusion []string     `json:"conclusion"`
	ExitStatus int          `json:"exit_status"`
	Error      *ErrorRecord `json:"error,omitempty"`
	Files      []IndexFile  `json:"files"`
}

// NewIndex begins an index of what a command wrote.
func NewIndex(command, version string, conclusion []string, files []IndexFile, end Ending) *Index {
	return &Index{
		Head: head("index"), Command: command, Version: version, Conclusion: append([]string{}, conclusion...),
		Files: files, ExitStatus: end.Status, Error: end.Record(),
	}
}

type indexPage struct {
	sheetHead
	Lines []string
	Files []IndexFile
}

// HTML writes the index as a page. shown are the files that it lists.
func (x *Index) HTML(w io.Writer, shown func(*IndexFile) bool) error {
	mark, end := "=", Ending{}
	if x.ExitStatus != 0 {
		mark = "!"
	}
	if x.Error != nil {
		end.Message = x.Error.Message
	}
	page := indexPage{sheetHead: newSheet(mark, "tcping-cmp "+x.Command, "", end, 0)}
	page.Facts = []compare.Setting{{Name: "tcping-cmp", Value: x.Version}}
	for _, line := range x.Conclusion {
		page.Lines = append(page.Lines, printable(line))
	}
	for n := range x.Files {
		if shown(&x.Files[n]) {
			page.Files = append(page.Files, x.Files[n])
		}
	}
	return writePage(w, "index", page)
}

// Headlines are comparisons in a line each.
func Headlines(reports []*compare.Report) (lines []string) {
	for _, r := range reports {
		lines = append(lines, fmt.Sprintf("%s %s: %s (%s)", mark(r), pairing(r), conclusion(r), Counts(r)))
	}
	return lines
}

// CheckHeadline is a check in a line.
func CheckHeadline(list []*compare.Checked) string {
	mark, text := checkedLine(list)
	return mark + " " + text
}

// Headline is a matrix in a line.
func (m *Matrix) Headline(end Ending) string {
	mark, text := m.conclusion(end)
	return mark + " " + m.Title + ": " + text
}
