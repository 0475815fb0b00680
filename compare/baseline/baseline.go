// Package baseline keeps the differences that somebody has looked at and
// accepted, and tells those that are new from them.
//
// The file is meant for a repository: JSON with an entry a difference, sorted,
// so that a change reads well in a review, and with room for the reason why it
// is accepted, which people write by hand.
//
// # Limitations
//
// An entry stands for a kind of difference and not for its places or values: a
// window that differs otherwise than it did is the same difference. Noise and
// artefacts say nothing about a stack, and what the reference or a peer breaks
// nothing about the stack under test: they are neither kept nor looked for.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/spelling"
)

// Schema is the name of the file's format.
const Schema = "tcping-cmp/baseline/v1"

// ErrFormat says that a file is no baseline.
var ErrFormat = errors.New("not a baseline")

// Entry is one kind of difference.
type Entry struct {
	Scenario  string   `json:"scenario,omitempty"`  // of the library, or a script
	Tested    string   `json:"tested,omitempty"`    // the stack under test; empty for a check
	Reference string   `json:"reference,omitempty"` // empty if the stack was held against a script
	ID        string   `json:"id"`
	Verdict   string   `json:"verdict"`
	By        []string `json:"by,omitempty"` // who is at fault
	What      string   `json:"what"`
	Field     string   `json:"field,omitempty"`
	Role      string   `json:"role,omitempty"` // of the frames
	Rule      string   `json:"rule,omitempty"`
	Clause    string   `json:"clause,omitempty"`
	Reason    string   `json:"reason"` // why it is accepted, by hand
}

// key is what makes two entries the same.
type key struct{ scenario, tested, reference, id string }

func (e *Entry) key() key { return key{e.Scenario, e.Tested, e.Reference, e.ID} }

// order is the order in the file: what belongs together stands together, and
// nothing moves when a verdict changes.
func order(a, b Entry) int {
	return cmp.Or(
		strings.Compare(a.Scenario, b.Scenario), strings.Compare(a.Tested, b.Tested), strings.Compare(a.Reference, b.Reference),
		strings.Compare(a.Field, b.Field), strings.Compare(a.Role, b.Role), strings.Compare(a.Rule, b.Rule), strings.Compare(a.ID, b.ID),
	)
}

// Seen is what results show: their differences, and of whom they are. Whatever
// else a baseline knows is not gone because somebody did not look.
type Seen struct {
	Entries  []Entry
	subjects map[subject]bool
}

// subject is whose differences an entry is among.
type subject struct{ scenario, tested, reference string }

func (e *Entry) subject() subject { return subject{e.Scenario, e.Tested, e.Reference} }

// look notes that somebody was looked at, whatever was seen.
func (s *Seen) look(at subject) {
	if s.subjects == nil {
		s.subjects = map[subject]bool{}
	}
	s.subjects[at] = true
}

// Add adds what was seen of a stack in a scenario, held against a reference or
// against the script.
func (s *Seen) Add(scenario, tested, reference string, list ...Entry) {
	s.look(subject{scenario, tested, reference})
	for _, e := range list {
		e.Scenario, e.Tested, e.Reference = scenario, tested, reference
		s.Entries = append(s.Entries, e)
	}
}

// File is a baseline.
type File struct {
	Schema string `json:"schema"`

	// Least is the least verdict that the file is about: what is below it is
	// neither kept nor new. Empty is permitted: everything.
	Least       string  `json:"least"`
	Differences []Entry `json:"differences"`

	known map[key]*Entry // of Differences; made when it is wanted
}

// maxFile is more than any baseline has, in bytes.
const maxFile = 64 << 20

// Read reads a baseline. name is for messages.
func Read(name string, r io.Reader) (*File, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: %w: it has more than %d bytes; is it the right file?", name, ErrFormat, maxFile)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	f := &File{}
	if err := d.Decode(f); err != nil {
		at := d.InputOffset()
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = syntax.Offset
		}
		line := 1 + bytes.Count(text[:min(int(at), len(text))], []byte("\n"))
		return nil, fmt.Errorf("%s:%d: %w: %s; restore it, or make another with tcping-cmp baseline save", name, line, ErrFormat, spelling.JSON(err))
	}
	if f.Schema != Schema {
		return nil, fmt.Errorf("%s: %w: its schema is %q, and this program reads %s; tcping-cmp baseline save makes one", name, ErrFormat, f.Schema, Schema)
	}
	if _, ok := compare.ParseVerdict(f.Least); !ok && f.Least != "" {
		return nil, fmt.Errorf("%s: %w: %q is no verdict, and cannot be the least; save it again with --least", name, ErrFormat, f.Least)
	}
	seen := map[key]bool{}
	for n := range f.Differences {
		e := &f.Differences[n]
		if _, ok := compare.ParseVerdict(e.Verdict); !ok || e.ID == "" {
			return nil, fmt.Errorf("%s: %w: entry %d has the id %q and the verdict %q, which are none; delete it", name, ErrFormat, n+1, e.ID, e.Verdict)
		}
		if seen[e.key()] {
			return nil, fmt.Errorf("%s: %w: %s is there twice; a merge may have doubled it, delete one", name, ErrFormat, e.ID)
		}
		seen[e.key()] = true
	}
	return f, nil
}

// least is Least as a verdict.
func (f *File) least() compare.Verdict {
	if v, ok := compare.ParseVerdict(f.Least); ok {
		return v
	}
	return compare.Permitted
}

// Write writes the file in its order, an entry field a line.
func (f *File) Write(w io.Writer) error {
	f.Schema, f.Least = Schema, f.least().String()
	if f.Differences == nil {
		f.Differences = []Entry{}
	}
	f.known = nil
	slices.SortStableFunc(f.Differences, order)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(f); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Accept makes the file say that what was seen is accepted. Reasons that were
// written stay. Entries that were looked for and not seen are dropped unless
// keep is set. It returns how many entries came and went.
func (f *File) Accept(seen *Seen, keep bool) (added, dropped int) {
	old := f.index()
	var list []Entry
	for _, e := range merge(seen.Entries) {
		if verdict(&e) < f.least() {
			continue
		}
		if was, ok := old[e.key()]; ok {
			e.Reason = was.Reason
			delete(old, e.key())
		} else {
			added++
		}
		list = append(list, e)
	}
	for _, e := range old {
		if verdict(e) >= f.least() && (keep || !seen.subjects[e.subject()]) {
			list = append(list, *e)
		} else {
			dropped++
		}
	}
	f.Differences, f.known = list, nil
	return added, dropped
}

func (f *File) index() map[key]*Entry {
	m := map[key]*Entry{}
	for n := range f.Differences {
		m[f.Differences[n].key()] = &f.Differences[n]
	}
	return m
}

// merge leaves each kind of difference once, with its worst verdict.
func merge(seen []Entry) []Entry {
	at := map[key]int{}
	var list []Entry
	for _, e := range seen {
		n, ok := at[e.key()]
		if !ok {
			at[e.key()] = len(list)
			list = append(list, e)
		} else if verdict(&e) > verdict(&list[n]) {
			list[n] = e
		}
	}
	return list
}

func verdict(e *Entry) compare.Verdict {
	v, _ := compare.ParseVerdict(e.Verdict)
	return v
}

// Outcome is what has changed since a baseline was accepted.
type Outcome struct {
	New      []Entry // not in the baseline, or worse than there
	Gone     []Entry // in the baseline, looked for and not seen
	Accepted int     // in both
}

// Hold compares what was seen with the baseline.
func (f *File) Hold(seen *Seen) (out Outcome) {
	old := f.index()
	for _, e := range merge(seen.Entries) {
		was, ok := old[e.key()]
		delete(old, e.key())
		switch {
		case verdict(&e) < f.least():
		case ok && verdict(&e) <= verdict(was):
			out.Accepted++
		default:
			out.New = append(out.New, e)
		}
	}
	for _, e := range old {
		if verdict(e) >= f.least() && seen.subjects[e.subject()] {
			out.Gone = append(out.Gone, *e)
		}
	}
	slices.SortStableFunc(out.New, func(a, b Entry) int {
		return cmp.Or(int(verdict(&b))-int(verdict(&a)), order(a, b))
	})
	slices.SortStableFunc(out.Gone, order)
	return out
}

// Find returns the entry that accepts what was seen; nil if there is none.
func (f *File) Find(seen *Entry) *Entry {
	if f.known == nil {
		f.known = f.index()
	}
	if e := f.known[seen.key()]; e != nil && verdict(seen) <= verdict(e) {
		return e
	}
	return nil
}

// Accepts reports whether an entry of a stack in a scenario is accepted.
func (f *File) Accepts(scenario, tested, reference string, e Entry) bool {
	e.Scenario, e.Tested, e.Reference = scenario, tested, reference
	return f.Find(&e) != nil
}
