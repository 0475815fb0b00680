package compare_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// conversation decodes what was built.
func conversation(t testing.TB, name string, talk *Talk) *capture.Conversation {
	t.Helper()
	c, err := capture.FromRecording(name, talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// compared compares two conversations.
func compared(t testing.TB, ref, tst *Talk) *compare.Report {
	t.Helper()
	return compare.Compare([]*capture.Conversation{conversation(t, "ref", ref)}, []*capture.Conversation{conversation(t, "tst", tst)}, compare.Options{})
}

// told is a report's differences, one a line: verdict, class, field, role,
// direction, who, and the values of the first place.
func told(r *compare.Report) string {
	var b strings.Builder
	for n := range r.Differences {
		d := &r.Differences[n]
		x, y := r.Values(d, d.Occurrences[0])
		fmt.Fprintf(&b, "%s %s %s %s %s", d.Verdict, d.Class, d.Field, strings.ReplaceAll(d.Role, " ", "-"), d.Dir)
		if d.By != 0 {
			fmt.Fprintf(&b, " by:%s", strings.ReplaceAll(strings.Join(d.By.Names(), "+"), " ", "-"))
		}
		if d.Rule != "" {
			fmt.Fprintf(&b, " rule:%s", d.Rule)
		}
		fmt.Fprintf(&b, " [%s | %s] x%d\n", x, y, len(d.Occurrences))
	}
	return b.String()
}

// ladder is a report's rows, frames by number from 1.
func ladder(r *compare.Report) string {
	var parts []string
	for _, row := range r.Rows {
		x, y := "-", "-"
		if row.Ref != compare.None {
			x = fmt.Sprint(row.Ref + 1)
		}
		if row.Test != compare.None {
			y = fmt.Sprint(row.Test + 1)
		}
		s := x + ":" + y
		if row.Moved {
			s += "*"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func expect(t *testing.T, r *compare.Report, status int, want ...string) {
	t.Helper()
	wanted := ""
	for _, w := range want {
		wanted += w + "\n"
	}
	if got := told(r); got != wanted {
		t.Errorf("differences:\n%swant:\n%s", got, wanted)
	}
	if got := r.ExitStatus(); got != status {
		t.Errorf("exit status %d, want %d", got, status)
	}
}
