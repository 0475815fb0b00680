package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"tcping-cmp/compare/report"
)

// noEnv is an environment without variables.
func noEnv(string) (string, bool) { return "", false }

// testApp is what a sub-command gets beside its flags, and what it prints.
func testApp() (a *app, out, messages *bytes.Buffer) {
	out, messages = &bytes.Buffer{}, &bytes.Buffer{}
	return &app{streams: streams{Out: out, Err: messages}, ctx: context.Background(), color: func(io.Writer) bool { return false }}, out, messages
}

// TestReportShowsWhatRunPrinted holds conversations once, lets run print them
// in every format, and report make the same of the saved JSON Lines: to the
// byte, with the same exit status and the same message.
func TestReportShowsWhatRunPrinted(t *testing.T) {
	for _, test := range []struct {
		name, args string
		status     int
	}{
		{"nothing wrong", "run --link mem", 0},
		{"a fault", "run --link mem --fault tcp-checksum --timeout 2s", 1},
		{"three times", "run --link mem --profile tcping.py --repeat 3", 1},
		{"two stacks", "run --link mem --reference handcrafted --stack netstack", 0},
		{"in vain", "run --link mem --reference handcrafted --stack netstack --fault third-ack-missing --timeout 300ms", 2},
		{"no reference", "run --link mem --expect-bytes 9 --timeout 300ms", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c cli
			if _, err := kong.Must(&c, kong.Vars{"version": ""}, formatVars()).Parse(strings.Fields(test.args)); err != nil {
				t.Fatal(err)
			}
			a, _, _ := testApp()
			held, holdErr := c.Run.hold(a)
			file := t.TempDir() + "/r.jsonl"
			for n, format := range append([]string{"json", "text"}, report.Formats()...) {
				a, out, messages := testApp()
				c.Run.Format = format
				status := explain(messages, c.Run.conclude(a, held, holdErr))
				if status != test.status {
					t.Fatalf("%s: exit status %d: %s", format, status, messages)
				}
				if n == 0 {
					if err := os.WriteFile(file, out.Bytes(), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				var again, said bytes.Buffer
				if got := execute([]string{"report", "--format", format, file}, streams{Out: &again, Err: &said}, noEnv); got != status {
					t.Errorf("%s: run ended with %d, report with %d", format, status, got)
				}
				if said.String() != messages.String() {
					t.Errorf("%s: run said %q, report %q", format, messages, &said)
				}
				if !bytes.Equal(again.Bytes(), out.Bytes()) {
					t.Errorf("%s: run and report print differently: %d and %d bytes", format, out.Len(), again.Len())
				}
			}
		})
	}
}

// TestReportReadsVersion1: there the summaries of suite and script had the
// sentence of an error, or an empty one, where they have an object now. What
// was saved so is shown as it is today.
func TestReportReadsVersion1(t *testing.T) {
	const scenario = `{"schema":"tcping-cmp/v1","record":"scenario","scenario":"a/b","claim":"","exercises":[],"ip_version":4,"oracle":"shape","verdict":"ok","plays":[],"comparisons":[],"error":""}` + "\n"
	const summary = `{"schema":"tcping-cmp/v1","record":"summary","scenarios":1,"oracle":"shape","stacks":[],"comparisons":[],"virtual_ns":0,"wall_ns":0,"exit_status":STATUS,"error":"SENTENCE"}` + "\n"
	for _, test := range []struct {
		status, sentence string
		want             string
		exit             int
	}{
		{"0", "", `"exit_status":0}`, 0},
		{"2", "a folder is full", `"exit_status":2,"error":{"code":"trouble","message":"a folder is full"}}`, 2},
	} {
		file := t.TempDir() + "/old.jsonl"
		text := scenario + strings.NewReplacer("STATUS", test.status, "SENTENCE", test.sentence).Replace(summary)
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		var out, messages bytes.Buffer
		got := execute([]string{"report", "--format", "json", file}, streams{Out: &out, Err: &messages}, noEnv)
		if got != test.exit || !strings.HasSuffix(strings.TrimSpace(out.String()), test.want) || strings.Contains(out.String(), "/v1") {
			t.Errorf("status %d, %s, %s", got, &out, &messages)
		}
	}
}
