package report_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/report"
)

func conversations(c ...*capture.Conversation) []*capture.Conversation { return c }

// records decodes JSON Lines and holds them against the promises of every
// output: schema, kind, no null, one summary and that last.
func records(t testing.TB, out []byte) []map[string]any {
	t.Helper()
	var all []map[string]any
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var record map[string]any
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		if bytes.Contains(lines.Bytes(), []byte(":null")) {
			t.Fatalf("null in %s", lines.Bytes())
		}
		if record["schema"] != report.Schema || record["record"] == "" {
			t.Fatalf("%s", lines.Bytes())
		}
		all = append(all, record)
	}
	for n, r := range all {
		if (r["record"] == "summary") != (n == len(all)-1) {
			t.Fatalf("record %d of %d is %v", n+1, len(all), r["record"])
		}
	}
	if len(all) == 0 {
		t.Fatal("no record")
	}
	return all
}

func TestJSONHasEveryRecord(t *testing.T) {
	r := example(t)
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	raw := map[string][]string{}
	for _, record := range records(t, b.Bytes()) {
		kind := record["record"].(string)
		count[kind]++
		if kind == "frame" {
			side := record["side"].(string)
			raw[side] = append(raw[side], record["raw"].(string))
		}
	}
	if count["run"] != 2 || count["frame"] != 22 || count["pair"] != len(r.Rows) || count["difference"] != len(r.Differences) || count["rule"] == 0 {
		t.Error(count)
	}
	for n, f := range faulty().Frames {
		if raw["tested"][n] != hex.EncodeToString(f.Data) {
			t.Errorf("frame %d: other bytes", n+1)
		}
	}
}

func TestJSONGolden(t *testing.T) {
	var b bytes.Buffer
	if err := report.JSON(&b, example(t)); err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, line := range strings.SplitAfter(b.String(), "\n") {
		if strings.Contains(line, `"record":"rule"`) {
			continue // the rule book grows
		}
		kept = append(kept, line)
	}
	golden(t, "json.golden", []byte(strings.Join(kept, "")))
}

func TestSummaryOnEveryEnding(t *testing.T) {
	run := compare.Run{Stack: "handcrafted", Conversations: conversations(conversation(t, "handcrafted", New().Out(Seg{Flags: SYN, Options: MSS(1460)})))}
	for name, write := range map[string]func(b *bytes.Buffer) error{
		"nothing recorded": func(b *bytes.Buffer) error {
			return report.JSONEnding(b, nil, report.Ending{Status: 2, Code: "unreachable", Message: "no answer"})
		},
		"a run without frames": func(b *bytes.Buffer) error {
			return report.JSONEnding(b, []compare.Run{{Stack: "x", Error: "timeout"}}, report.Ending{Status: 2, Code: "timeout", Message: "m"})
		},
		"half a run": func(b *bytes.Buffer) error {
			return report.JSONEnding(b, []compare.Run{run}, report.Ending{Status: 130, Code: "interrupted", Message: "m"})
		},
		"after a comparison": func(b *bytes.Buffer) error {
			return report.JSONAllEnding(b, []*compare.Report{example(t)}, report.Ending{Status: 143, Code: "terminated", Message: "m"})
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		all := records(t, b.Bytes())
		summary := all[len(all)-1]
		failure, ok := summary["error"].(map[string]any)
		if !ok || failure["code"] == "" || failure["message"] == "" || summary["exit_status"].(float64) < 2 {
			t.Errorf("%s: %v", name, summary)
		}
	}
}

func TestSummaryCountsAllComparisons(t *testing.T) {
	sound := conversation(t, "a", New().Echo("hello"))
	same := compare.Compare(conversations(sound), conversations(sound), compare.Options{})
	var b bytes.Buffer
	if err := report.JSONAll(&b, []*compare.Report{same, example(t)}); err != nil {
		t.Fatal(err)
	}
	all := records(t, b.Bytes())
	summary := all[len(all)-1]
	if summary["exit_status"] != 1.0 || summary["verdict"] != "violation" || len(summary["comparisons"].([]any)) != 2 {
		t.Error(summary)
	}
	if _, failed := summary["error"]; failed {
		t.Error("an error without one")
	}
}

// FuzzBytesToJSON goes the whole way: two captures of anybody's, every
// conversation of the one compared with the first of the other, and written.
func FuzzBytesToJSON(f *testing.F) {
	for _, talk := range []*Talk{New().Echo("hello"), New6().Echo("hello"), faulty()} {
		f.Add(Capture(f, "x", talk.Frames))
	}
	good := Capture(f, "x", New().Echo("hello").Frames)
	reference, err := capture.Read(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := capture.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for i := range min(len(file.Flows), 4) {
			r := compare.Compare(conversations(reference.Conversation(0)), conversations(file.Conversation(i)), compare.Options{})
			var b bytes.Buffer
			if err := report.JSON(&b, r); err != nil {
				t.Fatal(err)
			}
			records(t, b.Bytes())
			if err := report.Text(&b, r, report.Style{Full: true}); err != nil {
				t.Fatal(err)
			}
			if err := report.Pcapng(&b, r); err != nil {
				t.Fatal(err)
			}
			for _, format := range report.Formats() {
				if err := report.Write(&b, format, []*compare.Report{r}, report.Ending{}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
