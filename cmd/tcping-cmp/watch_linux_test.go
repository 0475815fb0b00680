package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tcping-cmp/compare"
)

// TestRoundChanges: three rounds, each with something else.
func TestRoundChanges(t *testing.T) {
	round := func(list ...compare.Difference) []*compare.Report {
		return []*compare.Report{{Tested: compare.Run{Stack: "tested"}, Differences: list}}
	}
	w := &watcher{known: map[string]compare.Difference{}}
	for _, c := range []struct {
		what                   string
		reports                []*compare.Report
		appeared, judged, gone string
	}{
		{"the first", round(compare.Difference{ID: "a", Verdict: compare.Permitted}, compare.Difference{ID: "b", Verdict: compare.Noise}), "a b", "", ""},
		{"the same", round(compare.Difference{ID: "b", Verdict: compare.Noise}, compare.Difference{ID: "a", Verdict: compare.Permitted}), "", "", ""},
		{"no comparison changes nothing", nil, "", "", ""},
		{"worse, and one gone, and a new one twice", round(compare.Difference{ID: "a", Verdict: compare.Violation}, compare.Difference{ID: "c"}, compare.Difference{ID: "c"}), "c", "a", "b"},
		{"nothing", round(), "", "", "ac"},
	} {
		got := w.compare(c.reports)
		ids := func(list []compare.Difference) (s string) {
			for _, d := range list {
				s = strings.TrimSpace(s + " " + d.ID)
			}
			return s
		}
		judged := ""
		for _, d := range got.judged {
			judged += d.ID
		}
		gone := ids(got.gone)
		if c.gone == "ac" { // in any order
			gone = strings.Join(strings.Fields(gone), "")
			if gone == "ca" {
				gone = "ac"
			}
		}
		if ids(got.appeared) != c.appeared || judged != c.judged || gone != c.gone {
			t.Errorf("%s: new %q, judged otherwise %q, gone %q", c.what, ids(got.appeared), judged, gone)
		}
	}
}

// watched starts run --watch and sends SIGINT when a line has been printed
// that holds the text; it returns all lines and the exit status.
func watched(t *testing.T, until string, args ...string) (lines []string, status int) {
	t.Helper()
	cmd := exec.Command("tcping-cmp", append([]string{"run", "--link", "mem", "--watch", "1ms"}, args...)...)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for scan := bufio.NewScanner(out); scan.Scan(); {
		lines = append(lines, scan.Text())
		if strings.Contains(scan.Text(), until) {
			cmd.Process.Signal(os.Interrupt)
		}
	}
	cmd.Wait()
	return lines, cmd.ProcessState.ExitCode()
}

// TestWatch: the first round in full, then a line a round; Ctrl-C is the usual
// end.
func TestWatch(t *testing.T) {
	lines, status := watched(t, "round 3 ")
	if status != statusOK {
		t.Errorf("status %d", status)
	}
	all := strings.Join(lines, "\n")
	if strings.Count(all, "Verdict ──") != 1 || strings.Count(all, "  round ") < 3 {
		t.Errorf("want one report and three rounds:\n%s", all)
	}
}

// TestWatchEndsAsTheWorstRound: the program of 2017 breaks a MUST.
func TestWatchEndsAsTheWorstRound(t *testing.T) {
	lines, status := watched(t, `"round":2,`, "--profile", "tcping.py", "--format", "json")
	if status != statusFound {
		t.Errorf("status %d", status)
	}
	var summary struct {
		Record     string
		ExitStatus int `json:"exit_status"`
	}
	var first roundRecord
	for i, v := range []any{&first, &summary} {
		if err := json.Unmarshal([]byte(lines[i*(len(lines)-1)]), v); err != nil {
			t.Fatal(err)
		}
	}
	if summary.Record != "summary" || summary.ExitStatus != statusFound {
		t.Errorf("the last line is %s", lines[len(lines)-1])
	}
	if first.Round != 1 || len(first.New) == 0 || len(first.Comparisons) != 1 || first.Comparisons[0].Verdict != "violation" {
		t.Errorf("the first line is %s", lines[0])
	}
	s := compile(t, schemaOf(t, false))
	count := validateLines(t, s, []byte(strings.Join(lines, "\n")))
	if count["round"] < 2 || count["summary"] != 1 {
		t.Errorf("%v", count)
	}
}
