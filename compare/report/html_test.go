package report_test

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tcping-cmp/compare"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/rules"
)

// deck is what the page's script has of a comparison.
type deck struct {
	Sides [2]struct {
		Kept, Seq, Ack, Window []int64
		SACK                   []int64
		Note                   []int
	}
	Rows struct {
		Ref, Test, Verdict, Found []int
	}
	Strings     []string
	Differences []struct{ Title, Link, Clause string }
	bytes       []byte
}

// decks unpacks what a page holds for its script, by comparison.
func decks(t *testing.T, page string) (all []deck) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?s)<script type="application/json" id="data-\d+">(.*?)</script>`).FindAllStringSubmatch(page, -1) {
		var packed struct{ Deck, Bytes string }
		if err := json.Unmarshal([]byte(m[1]), &packed); err != nil {
			t.Fatal(err)
		}
		d := deck{bytes: inflate(t, packed.Bytes)}
		if err := json.Unmarshal(inflate(t, packed.Deck), &d); err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func inflate(t *testing.T, text string) []byte {
	t.Helper()
	z, err := zlib.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestHTMLHasEveryRowAndDifference(t *testing.T) {
	r := example(t)
	page := write(t, "html", []*compare.Report{r, same(t)}, report.Ending{})
	if n := strings.Count(page, "<li data-verdict="); n != len(r.Differences) {
		t.Errorf("%d differences, not %d", n, len(r.Differences))
	}
	if n := strings.Count(page, "<tr data-group="); n != 2*len(r.Rules) {
		t.Errorf("%d requirements, not %d", n, 2*len(r.Rules))
	}
	data := decks(t, page)
	if len(data) != 2 {
		t.Fatalf("%d comparisons", len(data))
	}
	d := data[0]
	if len(d.Rows.Ref) != len(r.Rows) || len(d.Rows.Test) != len(r.Rows) || len(d.Rows.Verdict) != len(r.Rows) || len(data[1].Rows.Ref) != len(same(t).Rows) {
		t.Errorf("%d rows, not %d", len(d.Rows.Ref), len(r.Rows))
	}
	if n := len(d.Sides[1].Kept); n != len(r.Tested.Conversations[0].Events) {
		t.Errorf("%d frames", n)
	}
	var told []string
	for k := 0; k < len(d.Rows.Found); k += 5 {
		if d.Rows.Found[k] == 3 { // the segment whose checksum is wrong
			told = append(told, d.Differences[d.Rows.Found[k+1]-1].Title)
		}
	}
	if !strings.Contains(strings.Join(told, "; "), "tcp.checksum") {
		t.Errorf("row 4 says %q", told)
	}
}

func TestHTMLTellsApartWhatIsKnownAndWhatIsNew(t *testing.T) {
	r := example(t)
	r.Differences[0].Known = &rules.Known{Stack: "handcrafted", Why: "it is so by design"}
	r.Differences[1].New = true
	page := write(t, "html", []*compare.Report{r}, report.Ending{})
	list, accepted, ok := strings.Cut(page, "1 known and accepted</summary>")
	if !ok || strings.Count(list, `data-verdict="known" data-difference=`) != 0 || strings.Count(accepted, `data-verdict="known" data-difference="1"`) != 1 {
		t.Error("what is known does not stand apart")
	}
	if !strings.Contains(accepted, "it is so by design") || strings.Count(list, ">new</span>") != 1 {
		t.Error("no reason, or the new one is not marked")
	}
}

func TestHTMLHasTheBytesAsTheyWere(t *testing.T) {
	r := example(t)
	d := decks(t, write(t, "html", []*compare.Report{r}, report.Ending{}))[0]
	var want []byte
	for _, run := range []compare.Run{r.Reference, r.Tested} {
		c := run.Conversations[0]
		for _, e := range c.Events {
			var err error
			if want, err = c.Raw(e, want); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !bytes.Equal(d.bytes, want) {
		t.Errorf("%d bytes, not the %d that were captured", len(d.bytes), len(want))
	}
}

func TestHTMLCountsSACKBlocksFromTheInitialNumber(t *testing.T) {
	talk := func() *Talk {
		l := New().Open(Opts(MSS(1460), SACKOK()), Opts(MSS(1460), SACKOK()))
		l.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
		l.In(Seg{Flags: ACK | PSH, Seq: 11, Ack: 1, Window: 64240, Payload: "0123456789"})
		return l.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Options: SACK(l.IRS+11, l.IRS+21)})
	}
	r := compare.Compare(conversations(conversation(t, "a", talk())), conversations(conversation(t, "b", talk())), compare.Options{})
	d := decks(t, write(t, "html", []*compare.Report{r}, report.Ending{}))[0]
	if got := d.Sides[0].SACK; len(got) != 3 || got[0] != 4 || got[1] != 11 || got[2] != 21 {
		t.Errorf("blocks %v, want frame 4: 11 to 21", got)
	}
}

// addresses are what a page may name: where a clause can be read, a place in
// itself, and a page beside it.
var addresses = regexp.MustCompile(`^(https://(www\.rfc-editor\.org|datatracker\.ietf\.org|www\.iana\.org)/|#|scenarios/[a-z]+\.html$|report\.html$)`)

// everyPage has a page of each kind, with text that would break out of it.
func everyPage(t *testing.T) map[string]string {
	t.Helper()
	end := report.Ending{Status: 2, Code: "x", Message: "<b>no</b><script>alert(1)</script>"}
	all := outputs(t, "html")
	all["hostile in trouble"] = write(t, "html", []*compare.Report{hostile(t)}, end)
	files := []report.IndexFile{{Name: "report.html", What: "<img src=x onerror=alert(1)>", Bytes: 7}, {Name: "x", Error: "</table><script>alert(1)</script>"}}
	var b bytes.Buffer
	if err := report.NewIndex("suite", "<i>1", []string{"<b>worst"}, files, end).HTML(&b, func(*report.IndexFile) bool { return true }); err != nil {
		t.Fatal(err)
	}
	all["index"] = b.String()
	all["check in full"] = showCheck(t, "html", checkedExample(t), report.Style{Verbose: 2, Full: true})
	return all
}

func TestHTMLNeedsNoNetworkAndCannotBeBroken(t *testing.T) {
	for name, page := range everyPage(t) {
		decks(t, page)
		count := map[string]int{}
		for z := html.NewTokenizer(strings.NewReader(page)); z.Next() != html.ErrorToken; {
			token := z.Token()
			if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
				continue
			}
			count[token.Data]++
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "srcset" || a.Key == "href" && !addresses.MatchString(a.Val) {
					t.Errorf("%s: <%s> has %s=%q", name, token.Data, a.Key, a.Val)
				}
			}
		}
		if count["style"] != 1 || count["img"]+count["link"]+count["iframe"]+count["object"]+count["base"] != 0 {
			t.Errorf("%s: elements %v", name, count)
		}
		if strings.Contains(page, "@import") || strings.Contains(page, "url(") {
			t.Errorf("%s: the style loads something", name)
		}
	}
}

// TestHTMLRunsNothingButItsOwn: the policy of a page allows the style and the
// script that it has, by what they are, and nothing else at all.
func TestHTMLRunsNothingButItsOwn(t *testing.T) {
	for name, page := range everyPage(t) {
		policy := "default-src 'none'; base-uri 'none'; form-action 'none'"
		elements := regexp.MustCompile(`(?s)<(style|script)>(.*?)</(?:style|script)>`).FindAllStringSubmatch(page, -1)
		for _, e := range elements {
			sum := sha256.Sum256([]byte(e[2]))
			policy += "; " + e[1] + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		}
		_, said, _ := strings.Cut(page, `<meta http-equiv="Content-Security-Policy" content="`)
		said, _, _ = strings.Cut(said, `"`)
		if said = html.UnescapeString(said); said != policy {
			t.Errorf("%s: the policy is\n%s, and for what is there it would be\n%s", name, said, policy)
		}
		if before, _, _ := strings.Cut(page, "Content-Security-Policy"); strings.Contains(before, "<style") || strings.Contains(before, "<script") {
			t.Errorf("%s: the policy comes too late", name)
		}
	}
}

// hostile has markup wherever a text can come from outside.
func hostile(t *testing.T) *compare.Report {
	evil := `</script><script>alert(1)</script>"' onclick=alert(1) <!--`
	talk := New().Open(MSS(1460), MSS(1460))
	talk.Out(Seg{Flags: ACK | PSH, Seq: 1, Ack: 1, Window: 64240, Payload: evil})
	talk.In(Seg{Flags: ACK | PSH, Seq: 1, Ack: 1 + int64(len(evil)), Window: 64240, Payload: evil})
	r := compare.Compare(conversations(conversation(t, "a", New().Echo("hello"))), conversations(conversation(t, "b", talk)), compare.Options{})
	r.Tested.Stack, r.Reference.Stack = evil, "\x00{{.}}`${alert(1)}`"
	r.Tested.Error, r.Tested.State, r.Tested.PeerState = evil, evil, evil
	setting := compare.Setting{Name: "<img src=x onerror=alert(1)>", Value: "</table></pre><img src=x onerror=alert(1)>"}
	r.Tested.Settings, r.Environment = append(r.Tested.Settings, setting), append(r.Environment, setting)
	r.Normalised = append(r.Normalised, compare.Normalisation{Name: evil, Why: evil, Reference: evil, Test: evil})
	r.Differences[0].Reason, r.Differences[0].Clause = evil, "RFC 1 §javascript:alert(1)"
	return r
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

func TestHTMLOfIncompressiblePayloadIsBelowAMegabyte(t *testing.T) {
	talk := func(seed uint32) *Talk {
		l := New().Open(MSS(1460), MSS(1460))
		for n := range int64(1000) {
			payload := make([]byte, 1460)
			for k := range payload {
				seed = seed*1664525 + 1013904223
				payload[k] = byte(seed >> 24)
			}
			l.Out(Seg{Flags: ACK, Seq: 1 + n*1460, Ack: 1, Window: 64240, Payload: string(payload)})
		}
		return l
	}
	r := compare.Compare(conversations(conversation(t, "a", talk(1))), conversations(conversation(t, "b", talk(2))), compare.Options{})
	if page := write(t, "html", []*compare.Report{r}, report.Ending{}); len(page) >= 1e6 {
		t.Errorf("%d bytes", len(page))
	}
}

func TestHTMLOfThreeStacksSaysWhoStandsAlone(t *testing.T) {
	good := same(t)
	good.Reference.Stack, good.Tested.Stack = "netstack", "kernel"
	page := write(t, "html", []*compare.Report{example(t), good}, report.Ending{})
	_, table, _ := strings.Cut(page, "Requirements that a stack breaks")
	table, _, _ = strings.Cut(table, "</table>")
	checksum := regexp.MustCompile(`(?s)>MUST-2</a>.*?</tr>`).FindString(table)
	if strings.Count(checksum, "broken\"") != 1 || !strings.Contains(checksum, "<td>handcrafted</td>") {
		t.Errorf("the checksum's row is %s", checksum)
	}
	if page := write(t, "html", []*compare.Report{good, good}, report.Ending{}); strings.Contains(page, "that a stack breaks</h2>") {
		t.Error("a table of nothing")
	}
}

func TestHTMLIsValid(t *testing.T) {
	validator := tool(t, "html-validate")
	dir := t.TempDir()
	pages := everyPage(t)
	delete(pages, "hostile") // the validator counts &lt; in a title as four characters
	delete(pages, "hostile in trouble")
	pages["several"] = write(t, "html", []*compare.Report{same(t), example(t), hostile(t)}, report.Ending{})
	for name, page := range pages {
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".html"), []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), validator, "--formatter", "text", "--max-warnings", "0", dir)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("html-validate: %v\n%s", err, out)
	}
}

// tool finds a program that some tests need.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("TCPING_CMP_REQUIRE_ROOT") == "1" {
			t.Fatalf("needs %s, which is not installed, and TCPING_CMP_REQUIRE_ROOT is set", name)
		}
		t.Skipf("needs %s", name)
	}
	return path
}
