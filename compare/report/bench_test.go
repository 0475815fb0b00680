package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tcping-cmp/compare/bench"
	"tcping-cmp/compare/report"
)

// measured is what a benchmark may come to: the third stack's last round did
// not take place.
func measured() *bench.Result {
	tests := bench.Tests()
	connect, up, floor := tests[0], tests[3], bench.Floor()[0]
	return &bench.Result{Figures: []*bench.Figure{
		{Test: connect, CPUs: bench.OneCPU, Stack: "fast", Values: []float64{25, 20, 30}},
		{Test: connect, CPUs: bench.OneCPU, Stack: "reference", Values: []float64{50, 50, 55}},
		{Test: connect, Stack: "fast", Values: []float64{40, 30, 50}},
		{Test: connect, Stack: "reference", Values: []float64{50, 40, 60}},
		{Test: up, Stack: "fast", Values: []float64{240, 250, 100}},
		{Test: up, Stack: "reference", Values: []float64{120, 110, 123.4}},
		{Test: up, Stack: "slow", Values: []float64{60, 90}},
		{Test: floor, Stack: bench.BareName, Values: []float64{939, 1000, 900}},
	}}
}

func TestBenchText(t *testing.T) {
	for name, style := range map[string]report.Style{"bench.golden": {}, "bench-ascii.golden": {ASCII: true}} {
		var b bytes.Buffer
		if err := report.BenchText(&b, measured(), "reference", style); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
}

func TestBenchTextOfNothingIsNothing(t *testing.T) {
	var b bytes.Buffer
	if err := report.BenchText(&b, &bench.Result{}, "reference", report.Style{}); err != nil || b.Len() > 0 {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestBenchJSON(t *testing.T) {
	var b bytes.Buffer
	end := report.Ending{Status: 130, Code: "interrupted", Message: "interrupted"}
	if err := report.BenchJSON(&b, measured(), "reference", end); err != nil {
		t.Fatal(err)
	}
	golden(t, "bench.jsonl", b.Bytes())
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for n, line := range lines {
		var record struct {
			Schema, Record, Stack string
			Median                float64
			Ratio                 *float64
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("line %d: %v", n+1, err)
		}
		if want := map[bool]string{true: "summary", false: "bench"}[n == len(lines)-1]; record.Record != want || record.Schema != report.Schema {
			t.Errorf("line %d is a %s of %s, want %s", n+1, record.Record, record.Schema, want)
		}
		if record.Stack == "fast" && (record.Ratio == nil || *record.Ratio <= 1) {
			t.Errorf("line %d: ratio %v of the better stack, want one above 1", n+1, record.Ratio)
		}
		if record.Stack == bench.BareName && record.Ratio != nil {
			t.Errorf("line %d: the bare link has the ratio %v", n+1, *record.Ratio)
		}
	}
}
