package compare_test

import (
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// lostOnce is a conversation whose data is sent again after the time.
func lostOnce(t *testing.T, stack string, timeout time.Duration) []*capture.Conversation {
	talk := New().Open(MSS(1460), MSS(1460)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
	data := Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello"}
	talk.Out(data).Wait(timeout).Out(data).In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160})
	c, err := capture.FromRecording(stack, talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	return []*capture.Conversation{c}
}

// A difference is known of the versions that have it: a stack that was mended
// and does it again is not excused.
func TestKnownDifferencesHaveARangeOfVersions(t *testing.T) {
	lost := lostOnce(t, "kernel", time.Second)
	for settings, known := range map[string]int{"Linux 6.18.44-generic": 1, "Linux 2.6.32": 1, "Linux 2.4.37": 0, "unknown": 1} {
		opts := compare.Options{Reference: compare.Run{Stack: "kernel", Settings: []compare.Setting{{Name: "kernel", Value: settings}}}}
		r := compare.Compare(lostOnce(t, "kernel", 200*time.Millisecond), lost, opts)
		if r.CountKnown() != known {
			t.Errorf("%s: %d known", settings, r.CountKnown())
		}
	}
}

// What is known of netstack neither alarms nor counts; of another stack it does.
func TestKnownDifferencesAreToldApart(t *testing.T) {
	for _, test := range []struct {
		reference    string
		known, count int
		row          compare.Verdict
	}{
		{"netstack", 1, 0, compare.Permitted},
		{"another stack", 0, 1, compare.Deviation},
	} {
		r := compare.Compare(lostOnce(t, test.reference, 200*time.Millisecond), lostOnce(t, "handcrafted", time.Second), compare.Options{})
		if r.CountKnown() != test.known || r.Count(compare.Deviation) != test.count || r.CountOfOthers(compare.Deviation) != test.count {
			t.Errorf("%s: %d known, %d deviations", test.reference, r.CountKnown(), r.Count(compare.Deviation))
		}
		worst := compare.Same
		for _, row := range r.Rows {
			worst = max(worst, row.Worst)
		}
		if worst != test.row {
			t.Errorf("%s: the worst row is %s", test.reference, worst)
		}
	}
}
