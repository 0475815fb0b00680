package report_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/rules"
)

// checkedSeries is a check of two conversations that show something together.
func checkedSeries(t *testing.T) []*compare.Checked {
	list := checkedExample(t)
	list[0].Series = &compare.CheckedSeries{Client: netip.MustParseAddr("192.0.2.2"), Conversations: []int{1, 2},
		Rules: []compare.SeriesAnswer{{ID: "MUST-8", Answer: rules.Broken}, {ID: "SHLD-1", Answer: rules.Holds}}}
	return list
}

// What the conversations of a client show together is told beside the first of
// them, and is read back from saved JSON Lines.
func TestSeriesOfACheck(t *testing.T) {
	list := checkedSeries(t)
	text := func(list []*compare.Checked) string {
		var b bytes.Buffer
		if err := report.CheckText(&b, list, report.Style{Width: 100}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	const want = "the first of 2 conversations of 192.0.2.2, which together show: MUST-8 broken, SHLD-1 holds"
	if n := strings.Count(text(list), want); n != 1 {
		t.Errorf("told %d times:\n%s", n, text(list))
	}
	var saved bytes.Buffer
	if err := report.WriteCheck(&saved, "json", list, report.Ending{}, report.Style{}); err != nil {
		t.Fatal(err)
	}
	read, err := restoreCheck(saved.String())
	if err != nil || text(read.List) != text(list) {
		t.Errorf("%v: %s", err, firstDifference(text(list), text(read.List)))
	}
	for was, is := range map[string]string{
		`"conversations":[1,2]`: `"conversations":[2,1]`,
		`"client":"192.0.2.2"`:  `"client":"nobody"`,
		`"answer":"broken"`:     `"answer":"perhaps"`,
	} {
		if _, err := restoreCheck(strings.Replace(saved.String(), was, is, 1)); err == nil {
			t.Errorf("%s is believed", is)
		}
	}
}

func restoreCheck(saved string) (*report.Checked, error) {
	c := &report.Checked{}
	return c, addAll([]byte(saved), c.Add)
}
