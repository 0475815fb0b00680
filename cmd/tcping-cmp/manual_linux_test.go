package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:generate go test -run TestCommandLinePageIsFresh -update

func outputOf(t *testing.T, args ...string) []byte {
	t.Helper()
	out, err := exec.Command("tcping-cmp", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestManualPage gives the page to those who read such pages: neither finds
// anything to complain about.
func TestManualPage(t *testing.T) {
	page := filepath.Join(t.TempDir(), "tcping-cmp.1")
	text := outputOf(t, "completion", "man")
	if err := os.WriteFile(page, text, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ name, args string }{
		{"mandoc", "-Tlint -Wall"},
		{"groff", "-ww -z -man -Tutf8"},
		{"groff", "-ww -z -man -Tps"},
	} {
		t.Run(r.name, func(t *testing.T) {
			needTool(t, r.name)
			out, err := exec.Command(r.name, append(strings.Fields(r.args), page)...).CombinedOutput()
			if err != nil || len(out) > 0 {
				t.Errorf("%s %s: %v\n%s", r.name, r.args, err, out)
			}
		})
	}
	for _, said := range []string{".SS run\n", `\fB\-\-reference\fR=\fISTACK\fR`, ".SH EXIT STATUS\n", "TCPING_CMP_RUN_TIMEOUT", "FORCE_COLOR"} {
		if !bytes.Contains(text, []byte(said)) {
			t.Errorf("the page does not say %q", said)
		}
	}
}

func TestCommandLinePageIsFresh(t *testing.T) {
	fresh(t, "../../docs/cli.md", outputOf(t, "completion", "markdown"))
}
