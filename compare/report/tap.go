package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tcping-cmp/compare"
)

// TAP writes comparisons in the Test Anything Protocol, version 13, which every
// reader knows: a line a requirement and a difference. A failure that ended
// everything bails out.
func TAP(w io.Writer, reports []*compare.Report, end Ending) error {
	all := allChecks(reports, Ending{})
	return TAPChecks(w, all, end.Message)
}

// TAPChecks writes a line a check. bail, if it is not empty, is why there are
// no more.
func TAPChecks(w io.Writer, all []Checks, bail string) error {
	b := bufio.NewWriter(w)
	n := 0
	for _, c := range all {
		n += len(c.Checks)
	}
	fmt.Fprint(b, "TAP version 13\n")
	if n > 0 || bail == "" { // a plan of none would say that all was skipped
		fmt.Fprintf(b, "1..%d\n", n)
	}
	n = 0
	for _, c := range all {
		fmt.Fprintf(b, "# %s\n", oneLine(c.Name))
		for _, check := range c.Checks {
			n++
			tapCheck(b, n, check)
		}
	}
	if bail != "" {
		fmt.Fprintf(b, "Bail out! %s\n", oneLine(bail))
	}
	return b.Flush()
}

func tapCheck(b *bufio.Writer, n int, c Check) {
	word, directive := "ok", ""
	switch c.Outcome {
	case Failed, Errored:
		word = "not ok"
	case Skipped:
		directive = " # SKIP " + oneLine(c.Message)
	}
	name := strings.NewReplacer(`\`, `\\`, `#`, `\#`).Replace(oneLine(c.Group + ": " + c.Name))
	fmt.Fprintf(b, "%s %d - %s%s\n", word, n, name, directive)
	if c.Outcome == Skipped || c.Message == "" {
		return
	}
	fmt.Fprintf(b, "  ---\n  message: %s\n", strconv.Quote(oneLine(c.Message)))
	if c.Kind != "" {
		fmt.Fprintf(b, "  severity: %s\n", strconv.Quote(c.Kind))
	}
	if c.Detail != "" {
		fmt.Fprint(b, "  at: |\n")
		for _, line := range strings.Split(c.Detail, "\n") {
			fmt.Fprintf(b, "    %s\n", oneLine(line))
		}
	}
	fmt.Fprint(b, "  ...\n")
}

// oneLine is a text without line breaks and control characters.
func oneLine(text string) string {
	return strings.Join(strings.Fields(printable(text)), " ")
}
