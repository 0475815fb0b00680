package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tcping-cmp/compare/spelling"
)

// ErrSaved says that a file is no result that was saved whole.
var ErrSaved = errors.New("not a saved result")

// Line is one record of saved JSON Lines, not yet decoded.
type Line struct {
	Head
	Bytes []byte // valid until the next call of Next

	file   string
	number int
}

// Into decodes the record.
func (l *Line) Into(record any) error {
	if err := json.Unmarshal(l.Bytes, record); err != nil {
		return l.Errorf("%s: %v; was it changed by hand?", l.Record, spelling.JSON(err))
	}
	return nil
}

// Errorf says what is wrong with the line, and where it stands.
func (l *Line) Errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w: %s", l.file, l.number, ErrSaved, fmt.Sprintf(format, args...))
}

// Reader reads JSON Lines that were saved, and insists on the summary that
// ends them: without one nobody can say how the command ended.
type Reader struct {
	in      *bufio.Reader
	line    Line
	long    []byte // scratch for lines longer than the buffer
	open    bool   // a result has begun and not ended
	results int
}

// NewReader reads the file of that name from r.
func NewReader(name string, r io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 1<<16), line: Line{file: name}}
}

// Next returns the next record; io.EOF after the last one.
func (r *Reader) Next() (*Line, error) {
	if r.line.number == 0 {
		if err := r.foreign(); err != nil {
			return nil, err
		}
	}
	for {
		text, err := r.read()
		if err != nil {
			return nil, err
		}
		r.line.number++
		if len(bytes.TrimSpace(text)) > 0 {
			return r.decode(text)
		}
	}
}

func (r *Reader) decode(text []byte) (*Line, error) {
	l := &r.line
	l.Head, l.Bytes = Head{}, text
	switch err := json.Unmarshal(text, &l.Head); {
	case err != nil && text[len(text)-1] != '\n':
		return nil, l.Errorf("the line is cut off; save the result again")
	case err != nil:
		return nil, l.Errorf("the line is no JSON object (%s); save the result with --format json", spelling.JSON(err))
	case l.Schema != Schema && l.Schema != schemaV1:
		return nil, l.Errorf("its schema is %q, and this program reads %s; save the result with --format json", l.Schema, Schema)
	case l.Record == "":
		return nil, l.Errorf("the line does not say in a field record what it is; was it changed by hand?")
	}
	r.open = l.Record != "summary"
	if !r.open {
		r.results++
	}
	return l, nil
}

// read returns a line with its end; the last one may have none.
func (r *Reader) read() ([]byte, error) {
	r.long = r.long[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		switch {
		case err == nil && len(r.long) == 0:
			return part, nil
		case err == nil:
			return append(r.long, part...), nil
		case errors.Is(err, bufio.ErrBufferFull):
			r.long = append(r.long, part...)
		case err != io.EOF:
			return nil, err
		case len(part)+len(r.long) > 0:
			return append(r.long, part...), nil
		default:
			return nil, r.end()
		}
	}
}

// end is io.EOF if the file may end here.
func (r *Reader) end() error {
	switch {
	case r.open:
		return fmt.Errorf("%s ends after line %d without a summary: %w: it was cut off; save the result again", r.line.file, r.line.number, ErrSaved)
	case r.results == 0:
		return fmt.Errorf("%s is empty: %w: save one with --format json", r.line.file, ErrSaved)
	}
	return io.EOF
}

// foreign says what to do with a file of another kind that people have at
// hand.
func (r *Reader) foreign() error {
	magic, err := r.in.Peek(4)
	if err != nil {
		return nil // too short for any of them; whoever reads on says so
	}
	for _, k := range [...]struct{ magic, hint string }{
		{"\x0a\x0d\x0d\x0a", "a capture: tcping-cmp diff and check read it"},
		{"\xd4\xc3\xb2\xa1", "a capture: tcping-cmp diff and check read it"},
		{"\xa1\xb2\xc3\xd4", "a capture: tcping-cmp diff and check read it"},
		{"\x4d\x3c\xb2\xa1", "a capture: tcping-cmp diff and check read it"},
		{"\x1f\x8b", "compressed: unpack it with gunzip first"},
		{"\x28\xb5\x2f\xfd", "compressed: unpack it with unzstd first"},
	} {
		if bytes.HasPrefix(magic, []byte(k.magic)) {
			return fmt.Errorf("%s: %w, but %s", r.line.file, ErrSaved, k.hint)
		}
	}
	return nil
}
