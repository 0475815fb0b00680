package report_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// pageData returns what a page holds for its script, by comparison.
func pageData(t *testing.T, page string) (all []map[string]any) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?s)<script type="application/json" id="data-\d+">(.*?)</script>`).FindAllStringSubmatch(page, -1) {
		var data map[string]any
		if err := json.Unmarshal([]byte(m[1]), &data); err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

func TestHTMLHasEveryRowAndDifference(t *testing.T) {
	r := example(t)
	page := write(t, "html", []*compare.Report{r, same(t)}, report.Ending{})
	if n := strings.Count(page, "data-row="); n != len(r.Rows)+len(same(t).Rows) {
		t.Errorf("%d rows", n)
	}
	if n := strings.Count(page, "<tr data-verdict="); n != len(r.Differences) {
		t.Errorf("%d differences", n)
	}
	data := pageData(t, page)
	if len(data) != 2 {
		t.Fatalf("%d comparisons", len(data))
	}
	if n := len(data[0]["tested"].([]any)); n != len(r.Tested.Conversations[0].Events) {
		t.Errorf("%d frames", n)
	}
	wrong := data[0]["rows"].([]any)[3].([]any) // the segment whose checksum is wrong
	if len(wrong) < 3 || !strings.HasPrefix(data[0]["differences"].([]any)[int(wrong[2].(float64))-1].(map[string]any)["t"].(string), "violation: tcp.checksum") {
		t.Errorf("row 4 says %v", wrong)
	}
}

func TestHTMLNeedsNoNetworkAndCannotBeBroken(t *testing.T) {
	r := example(t)
	r.Tested.Stack = `</script><script>alert(1)</script>"'`
	r.Tested.Settings = append(r.Tested.Settings, compare.Setting{Name: "x", Value: "</pre><img src=x>"})
	page := write(t, "html", []*compare.Report{r}, report.Ending{Status: 2, Code: "x", Message: "<b>no"})
	for _, bad := range []string{"http:", "https:", "<link", "src=", "@import", "url(", "<img", "<b>no", "<script>alert"} {
		if strings.Contains(strings.ReplaceAll(page, "&lt;img src=x&gt;", ""), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	pageData(t, page)
}

func TestHTMLOfAThousandFramesIsBelowAMegabyte(t *testing.T) {
	r := long(t, 500)
	if n := len(r.Tested.Conversations[0].Events); n < 1000 {
		t.Fatalf("%d frames", n)
	}
	if page := write(t, "html", []*compare.Report{r}, report.Ending{}); len(page) >= 1e6 {
		t.Errorf("%d bytes", len(page))
	}
}
