package report

import (
	"fmt"
	"io"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"tcping-cmp/compare"
)

// JUnit writes comparisons as the XML that test dashboards read: a test suite
// a comparison, a test case a requirement and a difference.
func JUnit(w io.Writer, reports []*compare.Report, end Ending) error {
	return JUnitChecks(w, allChecks(reports, end))
}

// JUnitChecks writes a test suite for each of the groups of checks.
func JUnitChecks(w io.Writer, all []Checks) error {
	suites := junit.Testsuites{Name: "tcping-cmp"}
	for n, c := range all {
		suite := junit.Testsuite{Name: printable(c.Name), ID: n, Time: "0"}
		for _, p := range c.Properties {
			suite.AddProperty(printable(p.Name), printable(p.Value))
		}
		for _, check := range c.Checks {
			suite.AddTestcase(testcase(check))
		}
		suites.AddSuite(suite)
	}
	suites.Skipped = 0 // the common schema knows it of each suite only
	if _, err := io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"); err != nil {
		return err
	}
	return suites.WriteXML(w)
}

func testcase(c Check) junit.Testcase {
	t := junit.Testcase{Name: printable(c.Name), Classname: "tcping-cmp." + printable(c.Group), Time: "0"}
	result := &junit.Result{Message: printable(c.Message), Type: printable(c.Kind), Data: printable(c.Detail)}
	switch c.Outcome {
	case Failed:
		t.Failure = result
	case Errored:
		t.Error = result
	case Skipped:
		t.Skipped = &junit.Result{Message: result.Message}
	case Passed:
		if c.Message != "" {
			t.SystemOut = &junit.Output{Data: fmt.Sprintf("%s\n%s", result.Message, result.Data)}
		}
	default:
		panic("BUG: unknown outcome")
	}
	return t
}
