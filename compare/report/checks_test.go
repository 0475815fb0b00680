package report_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/rules"
)

// element is any XML element.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (e *element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// schema is what the schema of the Jenkins xUnit plugin, junit-10.xsd, allows
// of the elements that are written here: attributes, those that are required
// marked with a star, and children in any order.
var schema = map[string]struct{ attrs, children string }{
	"testsuites": {"name time tests failures disabled errors", "testsuite"},
	"testsuite":  {"*name *tests failures errors time disabled skipped timestamp hostname id package", "properties testcase system-out system-err"},
	"properties": {"", "property"},
	"property":   {"*name *value", ""},
	"testcase":   {"*name assertions time classname status", "skipped error failure system-out system-err"},
	"skipped":    {"type message", ""},
	"error":      {"type message", ""},
	"failure":    {"type message", ""},
	"system-out": {"", ""},
}

func validate(t *testing.T, e *element) {
	t.Helper()
	allowed, ok := schema[e.XMLName.Local]
	if !ok {
		t.Fatalf("element %s is not in the schema", e.XMLName.Local)
	}
	for _, name := range strings.Fields(allowed.attrs) {
		if required, is := strings.CutPrefix(name, "*"); is && !slices.ContainsFunc(e.Attrs, func(a xml.Attr) bool { return a.Name.Local == required }) {
			t.Errorf("%s has no %s", e.XMLName.Local, required)
		}
	}
	for _, a := range e.Attrs {
		if !slices.Contains(strings.Fields(strings.ReplaceAll(allowed.attrs, "*", "")), a.Name.Local) {
			t.Errorf("%s may not have the attribute %s", e.XMLName.Local, a.Name.Local)
		}
	}
	for n := range e.Children {
		if !slices.Contains(strings.Fields(allowed.children), e.Children[n].XMLName.Local) {
			t.Errorf("%s may not hold %s", e.XMLName.Local, e.Children[n].XMLName.Local)
		}
		validate(t, &e.Children[n])
	}
}

func parseXML(t *testing.T, text string) *element {
	t.Helper()
	var root element
	d := xml.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); err != io.EOF && err != nil {
		t.Fatal(err)
	}
	if root.XMLName.Local != "testsuites" {
		t.Fatal(root.XMLName)
	}
	return &root
}

func TestJUnitFollowsTheSchemaAndCounts(t *testing.T) {
	r := example(t)
	r.Environment = append(r.Environment, compare.Setting{Name: "odd", Value: "\x00 ]]> <x> \xff"})
	root := parseXML(t, write(t, "junit", []*compare.Report{r, same(t)}, report.Ending{Status: 2, Code: "timeout", Message: "m \x01"}))
	validate(t, root)
	if len(root.Children) != 3 {
		t.Fatalf("%d suites", len(root.Children))
	}
	for _, suite := range root.Children {
		count := map[string]int{}
		names := map[string]bool{}
		for _, c := range suite.Children {
			if c.XMLName.Local != "testcase" {
				continue
			}
			count["tests"]++
			for _, result := range c.Children {
				count[result.XMLName.Local]++
			}
			if name := c.attr("classname") + c.attr("name"); names[name] {
				t.Errorf("two test cases are called %s", name)
			} else {
				names[name] = true
			}
		}
		for attr, element := range map[string]string{"tests": "tests", "failures": "failure", "errors": "error", "skipped": "skipped"} {
			said, _ := strconv.Atoi(suite.attr(attr))
			if said != count[element] {
				t.Errorf("%s: %s says %d, there are %d", suite.attr("name"), attr, said, count[element])
			}
		}
	}
	if root.attr("failures") != "2" || root.attr("errors") != "1" { // checksum and FIN without ACK; the timeout
		t.Errorf("%s failures, %s errors", root.attr("failures"), root.attr("errors"))
	}
}

// plan reads TAP and returns the numbers of lines that are ok, not ok and
// skipped. It knows the grammar of version 13 as far as it is written here.
func plan(t *testing.T, text string) (ok, notOK, skipped int) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var planned int
	if _, err := fmt.Sscanf(lines[1], "1..%d", &planned); err != nil || lines[0] != "TAP version 13" {
		t.Fatalf("%q %v", lines[:2], err)
	}
	test := regexp.MustCompile(`^(not )?ok (\d+) - ((?:[^#\\]|\\[#\\])+)( # SKIP .+)?$`)
	yaml := false
	for n, line := range lines[2:] {
		switch m := test.FindStringSubmatch(line); {
		case yaml:
			yaml = line != "  ..."
			if !strings.HasPrefix(line, "  ") {
				t.Fatalf("line %d leaves the diagnostic: %q", n+3, line)
			}
		case line == "  ---":
			yaml = true
		case m != nil:
			if m[2] != strconv.Itoa(ok+notOK+1) {
				t.Errorf("number %s after %d", m[2], ok+notOK)
			}
			if m[1] != "" {
				notOK++
			} else {
				ok++
			}
			if m[4] != "" {
				skipped++
			}
		case strings.HasPrefix(line, "# "), strings.HasPrefix(line, "Bail out! "):
		default:
			t.Errorf("line %d is not TAP: %q", n+3, line)
		}
	}
	if ok+notOK != planned || yaml {
		t.Errorf("%d of %d tests", ok+notOK, planned)
	}
	return ok, notOK, skipped
}

func TestTAPCountsAndEscapes(t *testing.T) {
	r := example(t)
	r.Tested.Stack = "a # SKIP \\ \n not ok 7"
	ok, notOK, skipped := plan(t, write(t, "tap", []*compare.Report{r, same(t)}, report.Ending{Status: 130, Code: "interrupted", Message: "interrupted\nok 1"}))
	if notOK != 2 || ok == 0 || skipped == 0 || ok+notOK < 2*len(rules.Book) {
		t.Errorf("%d ok, %d not ok, %d skipped", ok, notOK, skipped)
	}
	if _, notOK, _ := plan(t, write(t, "tap", []*compare.Report{same(t)}, report.Ending{})); notOK != 0 {
		t.Errorf("%d not ok without a difference", notOK)
	}
}

// A test report fails exactly if the exit status says so.
func TestChecksAgreeWithTheExitStatus(t *testing.T) {
	for name, r := range map[string]*compare.Report{"same": same(t), "faulty": example(t), "payload": long(t, 3)} {
		_, notOK, _ := plan(t, write(t, "tap", []*compare.Report{r}, report.Ending{}))
		if (notOK > 0) != (r.ExitStatus() != 0) {
			t.Errorf("%s: %d not ok, status %d", name, notOK, r.ExitStatus())
		}
	}
}
