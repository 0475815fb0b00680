package lab

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/tap"
)

// expectSegments compares with one of several transcripts: where the kernel
// may join an acknowledgement with its FIN, both are right.
func expectSegments(t *testing.T, rec tap.Recording, allowed ...[]string) {
	t.Helper()
	got, others := capturetest.Transcript(rec)
	for _, want := range allowed {
		if cmp.Equal(got, want) {
			return
		}
	}
	t.Errorf("segments (-want +got):\n%s\nother frames: %v", cmp.Diff(allowed[0], got), others)
}

// The conversation in which the server closes first, and the one in which the
// client does.
var (
	peerFirst = []string{
		"out SYN", "in SYN·ACK", "out ACK",
		"out PSH·ACK(5)", "in ACK", "in PSH·ACK(5)", "out ACK",
		"in FIN·ACK", "out ACK", "out FIN·ACK", "in ACK",
	}
	peerFirstJoined = []string{
		"out SYN", "in SYN·ACK", "out ACK",
		"out PSH·ACK(5)", "in ACK", "in PSH·ACK(5)", "out ACK",
		"in FIN·ACK", "out FIN·ACK", "in ACK",
	}
	clientFirst = []string{
		"out SYN", "in SYN·ACK", "out ACK",
		"out PSH·ACK(5)", "in ACK", "in PSH·ACK(5)", "out ACK",
		"out FIN·ACK", "in FIN·ACK", "out ACK",
	}
	clientFirstApart = []string{
		"out SYN", "in SYN·ACK", "out ACK",
		"out PSH·ACK(5)", "in ACK", "in PSH·ACK(5)", "out ACK",
		"out FIN·ACK", "in ACK", "in FIN·ACK", "out ACK",
	}
)
