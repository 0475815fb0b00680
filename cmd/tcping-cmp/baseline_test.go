package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tcping-cmp/compare/report"
)

// TestIDsFromRunToRun holds the conversation twenty times, with other initial
// sequence numbers, timestamps and times each: every kind of difference has one
// id and every id is one kind of difference.
func TestIDsFromRunToRun(t *testing.T) {
	idOf, kindOf := map[string]string{}, map[string]string{}
	normalised := map[string]bool{}
	for range 20 {
		var out, messages bytes.Buffer
		if status := execute(strings.Fields("run --link mem --profile tcping.py --format json"), streams{Out: &out, Err: &messages}, noEnv); status != statusFound {
			t.Fatalf("exit status %d: %s", status, &messages)
		}
		for line := range bytes.Lines(out.Bytes()) {
			var d report.DifferenceRecord
			if err := json.Unmarshal(line, &d); err != nil {
				t.Fatal(err)
			}
			switch d.Record {
			case "difference":
				kind := strings.Join([]string{d.Class, d.Field, d.Role, d.Direction, d.Verdict, d.Rule, d.Clause}, " ")
				if idOf[kind] == "" {
					idOf[kind] = d.ID
				}
				if kindOf[d.ID] == "" {
					kindOf[d.ID] = kind
				}
				if idOf[kind] != d.ID || kindOf[d.ID] != kind {
					t.Errorf("%s has the id %s and had %s; the id was that of %s", kind, d.ID, idOf[kind], kindOf[d.ID])
				}
			case "summary":
				var s report.SummaryRecord
				if err := json.Unmarshal(line, &s); err != nil {
					t.Fatal(err)
				}
				normalised[s.Comparisons[0].Normalised[0].Tested] = true
			}
		}
	}
	if len(idOf) < 8 || len(normalised) != 20 {
		t.Errorf("%d kinds of difference, %d initial sequence numbers", len(idOf), len(normalised))
	}
}
