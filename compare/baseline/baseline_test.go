package baseline_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcping-cmp/compare"
	"tcping-cmp/compare/baseline"
	"tcping-cmp/compare/rules"
)

// found is a difference with that id and verdict.
func found(id string, v compare.Verdict) compare.Difference {
	return compare.Difference{
		ID: id, Verdict: v, Class: compare.Field, Field: "tcp.window_size", Role: "SYN", Clause: "RFC 9293 §3.8.6",
		Repeat: 1, Occurrences: []compare.Occurrence{{}},
	}
}

func reportOf(list ...compare.Difference) *compare.Report {
	return &compare.Report{Reference: compare.Run{Stack: "netstack"}, Tested: compare.Run{Stack: "handcrafted"}, Differences: list}
}

func seen(r *compare.Report, scenario string) *baseline.Seen {
	var s baseline.Seen
	s.Report(r, scenario)
	return &s
}

func seenChecked(c *compare.Checked) *baseline.Seen {
	var s baseline.Seen
	s.Checked(c)
	return &s
}

func text(t *testing.T, f *baseline.File) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The file is what people review: a field a line, sorted, no escapes, and the
// same whatever the order in which things were found.
func TestFileReadsWell(t *testing.T) {
	one, two := found("0000000001", compare.Permitted), found("0000000002", compare.Violation)
	two.Field, two.Role, two.Rule, two.By = "tcp.checksum", "data", "MUST-2", compare.Tested
	var a, b baseline.File
	a.Accept(seen(reportOf(one, two), ""), false)
	b.Accept(seen(reportOf(two, one), ""), false)
	want := `{
  "schema": "tcping-cmp/baseline/v1",
  "least": "permitted",
  "differences": [
    {
      "tested": "handcrafted",
      "reference": "netstack",
      "id": "0000000002",
      "verdict": "violation",
      "by": [
        "tested"
      ],
      "what": "tcp.checksum in data, sent",
      "field": "tcp.checksum",
      "role": "data",
      "rule": "MUST-2",
      "clause": "RFC 9293 §3.8.6",
      "reason": ""
    },
    {
      "tested": "handcrafted",
      "reference": "netstack",
      "id": "0000000001",
      "verdict": "permitted",
      "what": "tcp.window_size in SYN, sent",
      "field": "tcp.window_size",
      "role": "SYN",
      "clause": "RFC 9293 §3.8.6",
      "reason": ""
    }
  ]
}
`
	if d := cmp.Diff(want, text(t, &a)); d != "" {
		t.Error(d)
	}
	if text(t, &a) != text(t, &b) {
		t.Error("the order of the findings shows in the file")
	}
}

// What people wrote stays; what is not seen any more goes, unless it is kept.
func TestAcceptKeepsReasons(t *testing.T) {
	var f baseline.File
	f.Accept(seen(reportOf(found("1", compare.Permitted), found("2", compare.Permitted)), ""), false)
	for n := range f.Differences {
		f.Differences[n].Reason = "because " + f.Differences[n].ID
	}
	next := seen(reportOf(found("2", compare.Deviation), found("3", compare.Permitted)), "")
	if added, dropped := f.Accept(next, true); added != 1 || dropped != 0 || len(f.Differences) != 3 {
		t.Errorf("%d added, %d dropped, %d in all", added, dropped, len(f.Differences))
	}
	if added, dropped := f.Accept(next, false); added != 0 || dropped != 1 || len(f.Differences) != 2 {
		t.Errorf("%d added, %d dropped, %d in all", added, dropped, len(f.Differences))
	}
	got := text(t, &f)
	if !strings.Contains(got, `"reason": "because 2"`) || !strings.Contains(got, `"verdict": "deviation"`) {
		t.Error(got)
	}
}

func TestHold(t *testing.T) {
	var f baseline.File
	f.Accept(seen(reportOf(found("1", compare.Permitted), found("2", compare.Deviation), found("3", compare.Violation)), ""), false)
	for _, c := range []struct {
		name      string
		seen      []compare.Difference
		least     compare.Verdict
		new, gone string
		accepted  int
	}{
		{"the same", []compare.Difference{found("3", compare.Violation), found("1", compare.Permitted), found("2", compare.Deviation)}, compare.Permitted, "", "", 3},
		{"the worst new first", []compare.Difference{found("5", compare.Permitted), found("4", compare.Violation)}, compare.Permitted, "45", "123", 0},
		{"better is accepted", []compare.Difference{found("3", compare.Permitted)}, compare.Permitted, "", "12", 1},
		{"worse is new", []compare.Difference{found("1", compare.Unspecified)}, compare.Permitted, "1", "23", 0},
		{"noise and artefacts are nobody's business", []compare.Difference{found("8", compare.Noise), found("9", compare.Artefact)}, compare.Permitted, "", "123", 0},
		{"below the least verdict", []compare.Difference{found("4", compare.Permitted), found("2", compare.Deviation)}, compare.Deviation, "", "3", 1},
		{"twice is once, at its worst", []compare.Difference{found("1", compare.Permitted), found("1", compare.Violation)}, compare.Permitted, "1", "23", 0},
	} {
		f.Least = c.least.String()
		out := f.Hold(seen(reportOf(c.seen...), ""))
		ids := func(list []baseline.Entry) (s string) {
			for _, e := range list {
				s += e.ID
			}
			return s
		}
		if ids(out.New) != c.new || ids(out.Gone) != c.gone || out.Accepted != c.accepted {
			t.Errorf("%s: new %s, gone %s, %d accepted", c.name, ids(out.New), ids(out.Gone), out.Accepted)
		}
	}
	f.Least = ""
	other := reportOf(found("1", compare.Permitted))
	other.Tested.Stack = "kernel"
	if out := f.Hold(seen(other, "")); len(out.New) != 1 || len(out.Gone) != 0 {
		t.Error("what one stack is allowed another one is too")
	}
	if out := f.Hold(seen(reportOf(found("1", compare.Permitted)), "closing/x")); len(out.New) != 1 || len(out.Gone) != 0 {
		t.Error("what one scenario may show another one may too")
	}
}

// A report that was held against a baseline decides its own exit status: what
// is accepted does not count, whatever it is, and what is new does.
func TestMarkDecidesTheExitStatus(t *testing.T) {
	var f baseline.File
	broken := found("3", compare.Violation)
	broken.By = compare.Tested
	r := reportOf(broken, found("1", compare.Permitted))
	f.Accept(seen(r, ""), false)
	f.Differences[0].Reason, f.Differences[1].Reason = "we know", "we know"
	if r.ExitStatus() != 1 {
		t.Fatal("a violation ends with 0")
	}
	f.Mark(r, "")
	if r.ExitStatus() != 0 || r.Differences[0].Known == nil || r.Differences[0].Known.Why != "we know" || r.Differences[1].New {
		t.Errorf("%+v", r.Differences)
	}
	r = reportOf(found("7", compare.Permitted))
	f.Mark(r, "")
	if r.ExitStatus() != 1 || !r.Differences[0].New {
		t.Errorf("%+v", r.Differences)
	}
	r = reportOf(found("7", compare.Permitted))
	f.Least = "deviation"
	f.Mark(r, "")
	if r.ExitStatus() != 0 {
		t.Error("what is below the least verdict is new")
	}
}

// What the reference or a peer breaks does not decide the exit status.
func TestOthersAreTheirOwnAffair(t *testing.T) {
	for _, by := range []compare.Sides{compare.Reference, compare.TestedPeer, compare.Reference | compare.ReferencePeer} {
		d := found("1", compare.Violation)
		d.By = by
		r := reportOf(d)
		var f baseline.File
		if f.Mark(r, ""); r.ExitStatus() != 0 || r.Differences[0].New || len(seen(r, "").Entries) != 0 {
			t.Errorf("%v is asked of the stack under test", by.Names())
		}
	}
}

func TestMarkChecked(t *testing.T) {
	broken := func(verdict compare.Verdict) *compare.Checked {
		return &compare.Checked{Broken: []compare.BrokenRule{{ID: "1", Rule: &rules.Book[0], Verdict: verdict}}}
	}
	var f baseline.File
	f.MarkChecked(broken(compare.Deviation))
	c := broken(compare.Violation)
	f.MarkChecked(c)
	if !c.Broken[0].New || c.ExitStatus() != 1 {
		t.Error("not new")
	}
	f.Accept(seenChecked(c), false)
	c = broken(compare.Violation)
	f.MarkChecked(c)
	if c.Broken[0].New || c.ExitStatus() != 0 {
		t.Error("not accepted")
	}
	if d := broken(compare.Deviation); true {
		var empty baseline.File
		empty.MarkChecked(d)
		if d.ExitStatus() != 1 {
			t.Error("a new deviation ends with 0")
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := `{"schema":"tcping-cmp/baseline/v1","differences":[{"id":"1","verdict":"permitted","what":"x","reason":""}]}`
	if f, err := baseline.Read("b.json", strings.NewReader(good)); err != nil || len(f.Differences) != 1 {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{good, "", "b.json:1: not a baseline"},
		{good, "{\n<<<<<<< HEAD\n", "b.json:2: not a baseline"},
		{"baseline/v1", "baseline/v7", "tcping-cmp/baseline/v7"},
		{`"reason"`, `"raeson"`, "raeson"},
		{`"permitted"`, `"allowed"`, "allowed"},
		{`"differences"`, `"least":"bad","differences"`, `"bad" is no verdict`},
		{`"id":"1"`, `"id":""`, "entry 1"},
		{`[{`, `[{"id":"1","verdict":"permitted","what":"x","reason":"y"},{`, "1 is there twice"},
	} {
		_, err := baseline.Read("b.json", strings.NewReader(strings.Replace(good, c.old, c.new, 1)))
		if err == nil || !errors.Is(err, baseline.ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
}

// A file about deviations keeps no permitted difference, and what it had goes.
func TestLeast(t *testing.T) {
	var f baseline.File
	all := seen(reportOf(found("1", compare.Permitted), found("2", compare.Deviation)), "")
	f.Accept(all, false)
	f.Least = "deviation"
	if _, dropped := f.Accept(all, true); dropped != 1 || len(f.Differences) != 1 || f.Differences[0].ID != "2" {
		t.Errorf("%d dropped: %v", dropped, f.Differences)
	}
	again, err := baseline.Read("b.json", strings.NewReader(text(t, &f)))
	if err != nil {
		t.Fatal(err)
	}
	if out := again.Hold(all); len(out.New)+len(out.Gone) != 0 || out.Accepted != 1 {
		t.Errorf("%+v", out)
	}
}
