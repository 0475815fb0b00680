package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/report"
)

// restore reads saved JSON Lines back.
func restore(saved []byte) (*report.Comparisons, error) {
	c := &report.Comparisons{}
	return c, addAll(saved, c.Add)
}

// addAll gives each saved line to add.
func addAll(saved []byte, add func(*report.Line) error) error {
	r := report.NewReader("r.jsonl", bytes.NewReader(saved))
	for {
		line, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = add(line)
		}
		if err != nil {
			return err
		}
	}
}

// repeated is a comparison with conversations that vary: noise, and a rule
// that only the second conversation breaks.
func repeated(t testing.TB) *compare.Report {
	slow := New().Open(MSS(1460), MSS(1460)).Out(Seg{Flags: ACK | PSH, Seq: 1, Ack: 1, Window: 64240, Payload: "x"})
	echo := conversation(t, "a", New().Echo("hello"))
	return compare.Compare(conversations(echo, conversation(t, "a", slow)),
		conversations(conversation(t, "b", New().Echo("hello")), conversation(t, "b", faulty())), compare.Options{})
}

// sharing are two comparisons with the same reference.
func sharing(t testing.TB) []*compare.Report {
	reference := conversations(conversation(t, "netstack", New().Echo("hello")))
	return []*compare.Report{
		compare.Compare(reference, conversations(conversation(t, "handcrafted", faulty())), compare.Options{}),
		compare.Compare(reference, conversations(conversation(t, "kernel", New().Echo("hello"))), compare.Options{}),
	}
}

// cooked compares two raw IP captures that miss the end of their frames.
func cooked(t testing.TB) *compare.Report {
	t.Helper()
	data, err := os.ReadFile("../testdata/kernel-syn-retries.pcap")
	if err != nil {
		t.Fatal(err)
	}
	f, err := capture.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return compare.Compare(conversations(f.Conversation(0)), conversations(conversation(t, "b", New6().Echo("hello"))), compare.Options{})
}

// TestSavedResultIsShownAsItWas: in every format, what is made from saved JSON
// Lines is what would have been printed at once.
func TestSavedResultIsShownAsItWas(t *testing.T) {
	for name, reports := range map[string][]*compare.Report{
		"none": nil, "same": {same(t)}, "different": {example(t)}, "two": {same(t), example(t)}, "long": {long(t, 100)},
		"repeated": {repeated(t)}, "sharing": sharing(t), "from a file": {cooked(t)},
	} {
		for _, end := range []report.Ending{{Status: statusOf(reports)}, {Status: 2, Code: "timeout", Message: "no answer came in time"}} {
			saved, err := restore([]byte(write(t, "json", reports, end)))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if saved.Ending != end {
				t.Errorf("%s ended with %v, and that is read as %v", name, end, saved.Ending)
			}
			for _, format := range report.Formats() {
				if now, then := write(t, format, reports, end), write(t, format, saved.Reports, saved.Ending); now != then {
					t.Errorf("%s as %s: %s", name, format, firstDifference(now, then))
				}
			}
			same := func(what string, write func(io.Writer, []*compare.Report) error) {
				var now, then bytes.Buffer
				if err := errors.Join(write(&now, reports), write(&then, saved.Reports)); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(now.Bytes(), then.Bytes()) {
					t.Errorf("%s as %s: %s", name, what, firstDifference(now.String(), then.String()))
				}
			}
			if len(reports) == 0 {
				continue
			}
			for _, style := range []report.Style{{}, {Full: true, Color: true}, {Quiet: true, ASCII: true, Width: 70}} {
				same("text", func(w io.Writer, reports []*compare.Report) error { return report.TextAll(w, reports, style) })
			}
			same("pcapng", func(w io.Writer, reports []*compare.Report) error { return report.Pcapng(w, reports...) })
		}
	}
}

func statusOf(reports []*compare.Report) (status int) {
	for _, r := range reports {
		status = max(status, r.ExitStatus())
	}
	return status
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for n := range min(len(x), len(y)) {
		if x[n] != y[n] {
			return fmt.Sprintf("line %d:\n%s\nand not\n%s", n+1, y[n], x[n])
		}
	}
	return fmt.Sprintf("%d lines, and not %d", len(y), len(x))
}

// What was not compared comes back too.
func TestRunsWithoutAComparisonAreRestored(t *testing.T) {
	runs := []compare.Run{
		{Stack: "netstack", State: "CLOSED", Conversations: conversations(conversation(t, "netstack", New().Echo("hello")), conversation(t, "netstack", faulty()))},
		{Stack: "handcrafted", Error: "no answer"},
	}
	end := report.Ending{Status: 130, Code: "interrupted", Message: "interrupted"}
	var now, then bytes.Buffer
	if err := report.JSONEnding(&now, runs, end); err != nil {
		t.Fatal(err)
	}
	saved, err := restore(now.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := report.JSONEnding(&then, saved.Runs, saved.Ending); err != nil {
		t.Fatal(err)
	}
	if now.String() != then.String() {
		t.Error(firstDifference(now.String(), then.String()))
	}
}

// A verdict does not change with the rule book: what a saved result says of a
// rule is shown, whatever the rule says today.
func TestSavedWordsAreKept(t *testing.T) {
	text := write(t, "json", []*compare.Report{example(t)}, report.Ending{Status: 1})
	old := strings.NewReplacer(`"finding":"`, `"finding":"in older words: `, `"meaning":"`, `"meaning":"once meant: `, `"rule":"MUST-3"`, `"rule":"MUST-0"`).Replace(text)
	saved, err := restore([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	if again := write(t, "json", saved.Reports, saved.Ending); again != old {
		t.Error(firstDifference(old, again))
	}
	if text := write(t, "markdown", saved.Reports, saved.Ending); strings.Contains(text, "once meant") == strings.Contains(text, "BUG") {
		t.Log(text)
	}
}

// A result that is not whole is refused with the line where it breaks.
func TestBrokenResults(t *testing.T) {
	whole := write(t, "json", []*compare.Report{example(t)}, report.Ending{Status: 1})
	all := strings.SplitAfter(whole, "\n")
	lines := func(n ...int) (text string) {
		for _, i := range n {
			text += all[i]
		}
		return text
	}
	without := func(record string) string {
		for n, line := range all {
			if strings.Contains(line, `"record":"`+record+`"`) {
				return strings.Join(all[:n], "") + strings.Join(all[n+1:], "")
			}
		}
		t.Fatal("no " + record)
		return ""
	}
	change := func(old, new string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("no %s", old)
		}
		return strings.Replace(whole, old, new, 1)
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "r.jsonl is empty"},
		{"blank", "\n\n", "r.jsonl is empty"},
		{"cut between lines", strings.Join(all[:5], ""), "r.jsonl ends after line 5 without a summary"},
		{"cut in a line", whole[:len(all[0])+20], "r.jsonl:2: not a saved result: the line is cut off"},
		{"text", "handcrafted compared with netstack\n", "r.jsonl:1: not a saved result: the line is no JSON object"},
		{"a capture", "\x0a\x0d\x0d\x0a....", "a capture: tcping-cmp diff and check read it"},
		{"compressed", "\x1f\x8b\x08\x00", "gunzip"},
		{"of another program", `{"time":1,"level":"info"}` + "\n", `its schema is "", and this program reads tcping-cmp/v2`},
		{"of a later version", change("/v2", "/v9"), `tcping-cmp/v9`},
		{"a list", "[1]\n", "no JSON object"},
		{"no kind", `{"schema":"tcping-cmp/v2"}` + "\n", "what it is"},
		{"a second conversation first", `{"schema":"tcping-cmp/v2","record":"run","comparison":0,"stack":"x","repeat":2}` + "\n", "conversation 2 of x follows number 0"},
		{"frames first", lines(1), "r.jsonl:1: not a saved result: a frame stands before the run"},
		{"no run", without("run"), "before the run"},
		{"a frame less", without("frame"), "r.jsonl:2: not a saved result: frame 2 follows number 0"},
		{"a difference less", without("difference"), "difference 2 follows number 0"},
		{"another type", change(`"frame":1`, `"frame":"1"`), "r.jsonl:2: not a saved result: frame: the field frame cannot be a string"},
		{"a new verdict", change(`"verdict":"violation"`, `"verdict":"felony"`), `felony`},
		{"a new class", change(`"class":"rule"`, `"class":"vibe"`), "class vibe"},
		{"a new party", change(`"by":["tested"]`, `"by":["me"]`), "parties me"},
		{"a new direction", change(`"direction":"out"`, `"direction":"up"`), `out or in, not "up"`},
		{"a new side", change(`"side":"reference"`, `"side":"left"`), `reference or tested, not "left"`},
		{"no address", change(`"client":"1`, `"client":"x`), "are no addresses"},
		{"no bytes", change(`"raw":"`, `"raw":"zz`), "r.jsonl:2: not a saved result: the bytes of frame 1 are not hexadecimal"},
		{"a frame that is not there", change(`"tested_frame":1,`, `"tested_frame":99,`), "not saved"},
		{"a comparison too far", change(`"comparison":1`, `"comparison":3`), "run of comparison 3, but there are 0"},
		{"the wrong count", change(`"frames":11`, `"frames":12`), "has 12 frames, and 11 were saved"},
	} {
		_, err := restore([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, report.ErrSaved) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// Results may follow each other in one file, and new kinds of record may come.
func TestSeveralResultsInOneFile(t *testing.T) {
	one := write(t, "json", []*compare.Report{same(t)}, report.Ending{})
	two := write(t, "json", []*compare.Report{example(t)}, report.Ending{Status: 2, Code: "timeout", Message: "too late"})
	saved, err := restore([]byte(one + `{"schema":"tcping-cmp/v2","record":"novelty","x":1}` + "\n" + two))
	if err != nil {
		t.Fatal(err)
	}
	if len(saved.Reports) != 2 || saved.Ending != (report.Ending{Status: 2, Code: "timeout", Message: "too late"}) {
		t.Error(len(saved.Reports), saved.Ending)
	}
}

// A stack that takes part in two comparisons is one interface with each frame
// once, restored or not.
func TestSharedReferenceIsRestoredOnce(t *testing.T) {
	saved, err := restore([]byte(write(t, "json", sharing(t), report.Ending{})))
	if err != nil {
		t.Fatal(err)
	}
	if saved.Reports[0].Reference.Conversations[0] != saved.Reports[1].Reference.Conversations[0] {
		t.Error("the reference is there twice")
	}
}

// FuzzSaved: whatever is read back can be shown.
func FuzzSaved(f *testing.F) {
	for _, saved := range smallResults(f) {
		f.Add([]byte(saved))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if saved, err := restore(data); err == nil {
			for _, format := range report.Formats() {
				report.Write(io.Discard, format, saved.Reports, saved.Ending)
			}
			if len(saved.Reports) > 0 {
				report.TextAll(io.Discard, saved.Reports, report.Style{Full: true, Verbose: 2})
				report.Pcapng(io.Discard, saved.Reports...)
			}
		}
		if checked, err := restoreCheck(string(data)); err == nil {
			for _, format := range report.CheckFormats() {
				report.WriteCheck(io.Discard, format, checked.List, checked.Ending, report.Style{Verbose: 2})
			}
			report.CheckText(io.Discard, checked.List, report.Style{Full: true, Verbose: 2})
		}
	})
}

// smallResults are results of a few thousand bytes that have each kind of
// record. Those that were saved have fifty thousand, most of it of no use to a
// reader, and the fuzzing engine then spends its time on making them shorter.
func smallResults(t testing.TB) (list []string) {
	talk := func(payload string) *Talk {
		l := New().Open(MSS(1460), MSS(1460))
		return l.Out(Seg{Flags: ACK | PSH, Seq: 1, Ack: 1, Window: 64240, Payload: payload})
	}
	one, other := conversation(t, "a", talk("x")), conversation(t, "b", talk("yz"))
	reports := []*compare.Report{
		compare.Compare(conversations(one), conversations(other), compare.Options{}),
		compare.Compare(conversations(one, one), conversations(one, other), compare.Options{}),
	}
	for _, r := range reports {
		r.Rules = r.Rules[:2]
		var b bytes.Buffer
		if err := report.JSON(&b, r); err != nil {
			t.Fatal(err)
		}
		list = append(list, withoutTheDecoded(t, b.String()))
	}
	for verbose := range 2 {
		checked := []*compare.Checked{compare.Check(conversation(t, "a", talk("x").Out(Seg{Flags: FIN, Seq: 2})), ""), compare.Check(other, "")}
		compare.CheckSeries(checked, "")
		for _, c := range checked {
			c.Held = c.Held[:2]
		}
		var b bytes.Buffer
		if err := report.WriteCheck(&b, "json", checked, report.Ending{}, report.Style{Verbose: verbose}); err != nil {
			t.Fatal(err)
		}
		list = append(list, withoutTheDecoded(t, b.String()))
	}
	for _, text := range list {
		_, err := restore([]byte(text))
		_, checkErr := restoreCheck(text)
		if err != nil && checkErr != nil {
			t.Fatal(err, checkErr)
		}
	}
	return list
}

// withoutTheDecoded leaves out of frames what a reader decodes anew.
func withoutTheDecoded(t testing.TB, saved string) string {
	var b strings.Builder
	for line := range strings.Lines(saved) {
		fields := map[string]any{}
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"ip", "tcp", "inferred", "role", "kind"} {
			delete(fields, name)
		}
		short, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if fields["record"] == "frame" {
			line = string(short) + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}
