package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"tcping-cmp/compare/report"
)

var (
	selfRuns = flag.Int("self.runs", 3, "how many real-time comparisons of each stack with itself are held on a machine that is kept busy")
	selfKeep = flag.String("self.keep", "", "folder for the captures of those that find something")
)

// selfConversations are held in turns.
var selfConversations = [][]string{
	{},
	{"--close", "first"},
	{"--send-file", "BULK"},
	{"--send", "x", "--repeat", "3"},
	{"--scenario", stalling},
	{"--scenario", "conversation/reordered-by-three"},
	{"--scenario", "conversation/slow-wire-with-spikes"},
	{"--scenario", "conversation/everything-twice"},
}

// stalling is a conversation in which gVisor, in a few real-time conversations
// of fifty, sends its last octets again as a tail loss probe and sets no timer
// after it (docs/testing.md), so that it never ends if the probe is lost. That
// is true of it, and no matter of noise.
const stalling = "conversation/five-per-cent-lost"

// TestNothingIsInventedInRealTime compares each stack with itself while every
// processor is kept busy: timers are late and queues fill, and none of that may
// count against a stack.
func TestNothingIsInventedInRealTime(t *testing.T) {
	needRoot(t)
	keepBusy(t)
	bulk := filepath.Join(t.TempDir(), "bulk")
	if err := os.WriteFile(bulk, []byte(strings.Repeat("0123456789abcdef", 20_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	found := 0
	for n := range *selfRuns {
		for k, stack := range []string{"handcrafted", "netstack", "kernel"} {
			conversation := selfConversations[(n+k)%len(selfConversations)]
			if stack == "netstack" && slices.Contains(conversation, stalling) {
				conversation = nil
			}
			args := []string{"run", "--stack", stack, "--reference", stack, "--format", "json"}
			for _, arg := range conversation {
				args = append(args, strings.Replace(arg, "BULK", bulk, 1))
			}
			if *selfKeep != "" {
				args = append(args, "--pcap", filepath.Join(*selfKeep, fmt.Sprintf("%s-%d.pcapng", stack, n)))
			}
			var out, errs strings.Builder
			status := execute(args, streams{In: strings.NewReader(""), Out: &out, Err: &errs}, noEnv)
			if list := outOfPlace(t, out.String()); status != statusOK || len(list) > 0 {
				found++
				t.Errorf("%s: status %d %s\n%s", strings.Join(args, " "), status, errs.String(), strings.Join(list, "\n"))
			} else if *selfKeep != "" {
				os.Remove(args[len(args)-1])
			}
		}
	}
	t.Logf("%d comparisons, something found in %d", 3**selfRuns, found)
}

// keepBusy has a process for every processor and one more that does nothing
// but run.
func keepBusy(t *testing.T) {
	t.Helper()
	for range runtime.NumCPU() + 1 {
		hog := exec.Command("sh", "-c", "while :; do :; done")
		if err := hog.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			hog.Process.Kill()
			hog.Wait()
		})
	}
}

// outOfPlace lists the differences that are neither permitted nor known.
func outOfPlace(t *testing.T, out string) (list []string) {
	t.Helper()
	for line := range strings.Lines(out) {
		var d report.DifferenceRecord
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if d.Record != "difference" || d.Known != "" {
			continue
		}
		switch d.Verdict {
		case "violation", "deviation", "unspecified":
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}
