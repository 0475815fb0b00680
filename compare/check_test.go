package compare_test

import (
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// TestKernelRetriesSYNsLinearly: Linux 6.18 connecting to an address that
// does not answer, captured at its own link. What is known of it fails
// nothing, and only for the stack that it is known of.
func TestKernelRetriesSYNsLinearly(t *testing.T) {
	file, err := capture.ReadFile("testdata/kernel-syn-retries.pcap")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for stack, status := range map[string]int{"kernel": 0, "": 1} {
		c := file.Conversation(0)
		c.Exact = true
		checked := compare.Check(c, stack)
		found := false
		for _, b := range checked.Broken {
			found = found || b.Rule.ID == "6298:5.5:double" && (b.Known != nil) == (stack != "")
		}
		if !found || checked.ExitStatus() != status {
			t.Errorf("stack %q: exit status %d, want %d; broken: %v", stack, checked.ExitStatus(), status, checked.Broken)
		}
	}
}

func TestCheckOfASoundConversation(t *testing.T) {
	checked := compare.Check(conversation(t, "sound", New().Echo("hello")), "")
	if len(checked.Broken) > 0 || len(checked.Held) < 20 || checked.ExitStatus() != 0 {
		t.Errorf("%d hold, broken: %v", len(checked.Held), checked.Broken)
	}
}
