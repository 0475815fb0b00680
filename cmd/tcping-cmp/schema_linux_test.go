package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	invopop "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"tcping-cmp/compare/report"
)

//go:generate go test -run TestSchemaIsFresh -update

// describedRecord is a kind of line in the output, and the commands that
// write it.
type describedRecord struct {
	kind, by string
	record   any
}

var describedRecords = []describedRecord{
	{"run", "run, diff", report.RunRecord{}},
	{"frame", "run, diff, check -v", report.FrameRecord{}},
	{"pair", "run, diff", report.PairRecord{}},
	{"difference", "run, diff", report.DifferenceRecord{}},
	{"rule", "run, diff", report.RuleRecord{}},
	{"summary", "run, diff, bench", report.SummaryRecord{}},
	{"conversation", "check", report.ConversationRecord{}},
	{"finding", "check", report.FindingRecord{}},
	{"series", "check", report.SeriesRecord{}},
	{"summary", "check", report.CheckedRecord{}},
	{"bench", "bench", report.BenchRecord{}},
	{"script", "script, suite --replay", scriptRecord{}},
	{"summary", "script, suite --replay", scriptSummary{}},
	{"scenario", "suite", suiteRecord{}},
	{"scenario", "suite --list", listRecord{}},
	{"summary", "suite", suiteSummary{}},
	{"requirement", "rules", ruleRecord{}},
	{"version", "version", versionRecord{}},
	{"round", "run --watch", roundRecord{}},
	{"baseline", "baseline check", acceptedRecord{}},
	{"index", "--output, in index.json", report.Index{}},
	{"summary", "baseline check", baselineSummary{}},
}

// schemaOf makes a JSON Schema of the records from their structs. An open one
// allows more fields, because fields may be added within a version; a closed one does
// not, so that a field cannot be forgotten.
func schemaOf(t *testing.T, open bool) *invopop.Schema {
	t.Helper()
	r := &invopop.Reflector{Anonymous: true, AllowAdditionalProperties: open, Namer: func(t reflect.Type) string {
		if t.PkgPath() == "" { // a list, a number
			return ""
		}
		return strings.TrimSuffix(path.Base(t.PkgPath())+"."+t.Name(), "Record")
	}}
	for _, folder := range []string{".", "../../compare/report", "../../compare/rules", "../../compare/baseline"} {
		if err := r.AddGoComments("tcping-cmp/cmd/tcping-cmp", folder); err != nil {
			t.Fatal(err)
		}
	}
	all := &invopop.Schema{
		Version: invopop.Version, Title: "A line of tcping-cmp's JSON Lines", Definitions: invopop.Definitions{},
		Description: "Fields may be added within " + report.Schema + ", never taken away or changed in meaning.",
	}
	for _, d := range describedRecords {
		one := r.Reflect(d.record)
		maps.Copy(all.Definitions, one.Definitions)
		name := strings.TrimPrefix(one.Ref, "#/$defs/")
		fields := all.Definitions[name].Properties
		for field, value := range map[string]string{"schema": report.Schema, "record": d.kind} {
			p, ok := fields.Get(field)
			if !ok {
				t.Fatalf("%s has no %s", name, field)
			}
			p.Const = value
		}
		all.AnyOf = append(all.AnyOf, &invopop.Schema{Ref: one.Ref})
	}
	return all
}

// fresh compares a file with what it should be, and writes it with -update.
func fresh(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run go generate ./cmd/tcping-cmp", name)
	}
}

func TestSchemaIsFresh(t *testing.T) {
	text, err := json.MarshalIndent(schemaOf(t, true), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	fresh(t, "../../docs/schema.json", append(text, '\n'))
	fresh(t, "../../docs/json.md", fieldTables(t))
}

// compile gives a schema to a validator that is not ours.
func compile(t *testing.T, s *invopop.Schema) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// validateLines holds every line against a schema and counts the records.
func validateLines(t *testing.T, s *jsonschema.Schema, out []byte) map[string]int {
	t.Helper()
	count := map[string]int{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		line, err := jsonschema.UnmarshalJSON(bytes.NewReader(lines.Bytes()))
		if err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		if err := s.Validate(line); err != nil {
			t.Errorf("%v\n%s", err, lines.Bytes())
		}
		count[line.(map[string]any)["record"].(string)]++
	}
	return count
}

func TestOutputFollowsTheSchema(t *testing.T) {
	closed, open := compile(t, schemaOf(t, false)), compile(t, schemaOf(t, true))
	pcap := t.TempDir() + "/own.pcapng"
	for _, test := range []struct {
		args    string
		records string // that have to be there
	}{
		{"run --link mem --repeat 2 --pcap " + pcap, "run frame pair difference rule summary"},
		{"diff " + pcap + " " + pcap + " --flow 1 --flow 2", "run frame pair rule summary"},
		{"diff nosuch nosuch", "summary"},
		{"check " + pcap, "conversation summary"},
		{"check -v " + pcap, "conversation frame summary"},
		{"suite close", "scenario summary"},
		{"suite close --list", "scenario summary"},
		{"suite --replay closing/close-behind-queued-data-in-the-network", "script summary"},
		{"script nosuch.pkt", "summary"},
		{"rules", "requirement"},
		{"version", "version"},
	} {
		var out, messages bytes.Buffer
		execute(append(strings.Fields(test.args), "--format", "json"), streams{Out: &out, Err: &messages}, func(string) (string, bool) { return "", false })
		count := validateLines(t, closed, out.Bytes())
		validateLines(t, open, out.Bytes())
		for _, kind := range strings.Fields(test.records) {
			if count[kind] == 0 {
				t.Errorf("%s: no %s record in %v\n%s", test.args, kind, count, messages.String())
			}
		}
	}
	bench, err := os.ReadFile("../../compare/report/testdata/bench.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if count := validateLines(t, closed, bench); count["bench"] == 0 {
		t.Error("no bench record")
	}
}

// The schema would be of no use if it let everything pass.
func TestSchemaRefuses(t *testing.T) {
	s := compile(t, schemaOf(t, true))
	good := `{"schema":"tcping-cmp/v2","record":"pair","comparison":1,"row":1,"reference_frame":1,"tested_frame":1,"verdict":"same","moved":false}`
	for _, change := range [][2]string{
		{"", ""}, {`"pair"`, `"pear"`}, {"v2", "v3"}, {`"row":1,`, ""}, {`"row":1`, `"row":"1"`}, {`"moved":false`, `"moved":null`},
	} {
		line, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(good, change[0], change[1], 1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(line); (err == nil) != (change[0] == "") {
			t.Errorf("%q: %v", change, err)
		}
	}
}

// fieldTables writes docs/json.md: a table of fields for each record.
func fieldTables(t *testing.T) []byte {
	s := schemaOf(t, true)
	var b bytes.Buffer
	b.WriteString(jsonIntroduction)
	used := map[string]bool{}
	var later []string
	table := func(name string) {
		later = append(later, tableOf(&b, s.Definitions[name])...)
	}
	for n, d := range describedRecords {
		name := strings.TrimPrefix(s.AnyOf[n].Ref, "#/$defs/")
		used[name] = true
		fmt.Fprintf(&b, "\n## %s (%s)\n\n%s\n\n", d.kind, d.by, s.Definitions[name].Description)
		table(name)
	}
	b.WriteString("\n# Objects inside records\n")
	for len(later) > 0 {
		name := later[0]
		later = later[1:]
		if !used[name] {
			used[name] = true
			fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", name, s.Definitions[name].Description)
			table(name)
		}
	}
	return b.Bytes()
}

const jsonIntroduction = `# The fields of the JSON Lines

This page is made from the code; go generate ./cmd/tcping-cmp makes it anew.

With --format json each line is one object that says by its field record what
it is. Exactly one summary comes last, however the command ends. The schema is
tcping-cmp/v2: within it fields may be added, and none is taken away or changes
its meaning, so skip what you do not know. The unit of a number stands in its
name, such as _ns for nanoseconds. Lists are never null. [schema.json](schema.json)
says the same as a JSON Schema.

In tcping-cmp/v1 the summaries of suite and script had the error's sentence as a
string, and always; now it is the object that all summaries have, and is left
out where nothing went wrong. report and baseline read results of v1 too.
`

// tableOf writes the fields of an object and returns the objects in it.
func tableOf(b *bytes.Buffer, s *invopop.Schema) (inside []string) {
	b.WriteString("| field | type | meaning |\n|---|---|---|\n")
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		p, name := pair.Value, pair.Key
		kind, object := typeOf(p)
		if object != "" {
			inside = append(inside, object)
		}
		if !slices.Contains(s.Required, name) {
			kind += ", or left out"
		}
		meaning := p.Description
		if len(p.OneOf) > 0 && meaning == "" {
			meaning = p.OneOf[0].Description
		}
		if p.Const != nil {
			meaning = fmt.Sprintf("always %v", p.Const)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, kind, strings.ReplaceAll(strings.Join(strings.Fields(meaning), " "), "|", "\\|"))
	}
	return inside
}

// typeOf words a type; object is the name of the object it is made of.
func typeOf(p *invopop.Schema) (kind, object string) {
	switch {
	case len(p.OneOf) > 0:
		kind, object = typeOf(p.OneOf[0])
		return kind + " or null", object
	case p.Ref != "":
		object = strings.TrimPrefix(p.Ref, "#/$defs/")
		return object, object
	case p.Items != nil:
		kind, object = typeOf(p.Items)
		return "list of " + kind, object
	case p.AdditionalProperties != nil && p.Type == "object":
		kind, object = typeOf(p.AdditionalProperties)
		return "object of " + kind, object
	}
	return p.Type, ""
}
