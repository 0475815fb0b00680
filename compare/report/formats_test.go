package report_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tcping-cmp/compare"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/report"
)

func write(t *testing.T, format string, reports []*compare.Report, end report.Ending) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, format, reports, end); err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(b.Bytes()) {
		t.Errorf("%s: not UTF-8", format)
	}
	return b.String()
}

// same compares a conversation with itself.
func same(t *testing.T) *compare.Report {
	c := conversation(t, "a", New().Echo("hello"))
	return compare.Compare(conversations(c), conversations(c), compare.Options{})
}

// long is a comparison of many frames, each with a difference that counts.
func long(t testing.TB, frames int) *compare.Report {
	talk := func(payload string) *Talk {
		l := New().Open(MSS(1460), MSS(1460))
		for n := range int64(frames) {
			l.Out(Seg{Flags: ACK | PSH, Seq: 1 + n, Ack: 1, Window: 64240, Payload: payload})
			l.In(Seg{Flags: ACK, Seq: 1, Ack: 2 + n, Window: 64240})
		}
		return l
	}
	return compare.Compare(conversations(conversation(t, "a", talk("x"))), conversations(conversation(t, "b", talk("y"))), compare.Options{})
}

func TestEveryFormatWritesEveryEnding(t *testing.T) {
	for _, format := range report.Formats() {
		for name, reports := range map[string][]*compare.Report{
			"none": nil, "same": {same(t)}, "different": {example(t)}, "two": {same(t), example(t)},
		} {
			for _, end := range []report.Ending{{}, {Status: 2, Code: "timeout", Message: "no answer came in time"}} {
				got := write(t, format, reports, end)
				if end.Message != "" && !strings.Contains(got, end.Message) {
					t.Errorf("%s, %s: the failure is not told:\n%s", format, name, got)
				}
				if len(reports) > 0 && !strings.Contains(got, reports[0].Tested.Stack) {
					t.Errorf("%s, %s: the stack is not named", format, name)
				}
			}
		}
	}
}

func TestWriteReportsErrors(t *testing.T) {
	if err := report.Write(&bytes.Buffer{}, "sarif", nil, report.Ending{}); !errors.Is(err, report.ErrFormat) {
		t.Error(err)
	}
	for _, format := range report.Formats() {
		if err := report.Write(fullDisk{}, format, []*compare.Report{example(t)}, report.Ending{}); err == nil {
			t.Errorf("%s: a full disk is no error", format)
		}
	}
}

func TestMarkdownSaysTheVerdictFirstAndFolds(t *testing.T) {
	got := write(t, "markdown", []*compare.Report{example(t)}, report.Ending{})
	if !strings.HasPrefix(got, "### ! handcrafted breaks a MUST\n") {
		t.Error(got)
	}
	for _, part := range []string{"| ! | violation by handcrafted | tcp.checksum", "RFC 9293 §3.1", "```text\n", "```mermaid\nsequenceDiagram\n"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q", part)
		}
	}
	if strings.Count(got, "<details>") != strings.Count(got, "</details>") {
		t.Error("a block is not closed")
	}
	if strings.Index(got, "violation by") > strings.Index(got, "| permitted") {
		t.Error("the worst does not come first")
	}
}

func TestMarkdownFitsAComment(t *testing.T) {
	many := slices.Repeat([]*compare.Report{long(t, 400), example(t)}, 20)
	got := write(t, "markdown", many, report.Ending{})
	if n := utf8.RuneCountInString(got); n > 65536 || n < 30000 {
		t.Errorf("%d characters", n)
	}
	if !strings.Contains(got, "Too long for here") || strings.Count(got, "<details>") != strings.Count(got, "</details>") {
		t.Error("what is left out is not said, or cut in the middle")
	}
}

func TestMarkdownCannotBeBrokenByNames(t *testing.T) {
	r := example(t)
	r.Tested.Stack = "a|b <script> @somebody #1 `x`\n# y"
	got := write(t, "markdown", []*compare.Report{r}, report.Ending{})
	fenced := false
	for _, line := range strings.Split(got, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
			continue
		}
		if fenced {
			continue
		}
		if strings.Contains(line, "<script") {
			t.Errorf("markup gets through: %s", line)
		}
		if strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "###") && !strings.Contains(line, `a\|b &lt;script> @<!---->somebody #<!---->1`) {
			t.Errorf("a heading: %s", line)
		}
	}
}

func TestGitHubStaysWithinTenAnnotations(t *testing.T) {
	var reports []*compare.Report
	for range 15 {
		reports = append(reports, example(t))
	}
	got := write(t, "github", reports, report.Ending{})
	if n := strings.Count(got, "\n::") + 1; n != 10 || !strings.HasPrefix(got, "::error title=") {
		t.Errorf("%d annotations:\n%s", n, got)
	}
	if !strings.Contains(got, "::notice title=tcping-cmp::21 more findings") { // 15 times two, nine are shown
		t.Error(got)
	}
}

func TestGitHubEscapes(t *testing.T) {
	r := example(t)
	r.Tested.Stack = "50%,a:b\n::error::x"
	got := write(t, "github", []*compare.Report{r}, report.Ending{Status: 2, Code: "timeout", Message: "100%\r\n::set-env"})
	for _, line := range strings.Split(strings.TrimSpace(got), "\n") {
		if strings.HasPrefix(line, "::") && !strings.HasPrefix(line, "::error title=") {
			t.Errorf("a command of somebody else's: %s", line)
		}
	}
	if !strings.Contains(got, "title=50%25%2Ca%3Ab%0A%3A%3Aerror%3A%3Ax%3A violation") || !strings.Contains(got, "::100%25") {
		t.Error(got)
	}
	if got := write(t, "github", []*compare.Report{same(t)}, report.Ending{}); strings.Contains(got, "::") {
		t.Errorf("annotations without a finding: %s", got)
	}
}

func TestMermaidIsBoundedAndEscaped(t *testing.T) {
	r := long(t, 400)
	r.Tested.Stack = "x; y #1 <b>\nparticipant Z"
	got := write(t, "mermaid", []*compare.Report{r}, report.Ending{})
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if lines[0] != "sequenceDiagram" || len(lines) > 110 || !strings.Contains(got, "rows more") {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines[1:] {
		text := strings.NewReplacer("#35;", "", "#59;", "", "#37;", "", "#lt;", "", "#gt;", "").Replace(line)
		if strings.ContainsAny(text, ";#<") || !strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "    participant Z") {
			t.Errorf("%q", line)
		}
	}
}

func TestMermaidShowsBothHandshakes(t *testing.T) {
	got := write(t, "mermaid", []*compare.Report{example(t)}, report.Ending{})
	for _, part := range []string{"R0->>S0: 1 SYN 0", "S0->>R0: 2 SYN,ACK 0 ack 1", "T0->>U0: 1 SYN 0", "U0->>T0: 2 SYN,ACK", "Note over R0,U0: handcrafted: breaks a MUST"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in\n%s", part, got)
		}
	}
}
