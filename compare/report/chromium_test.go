package report_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tcping-cmp/compare"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/rules"
)

// browser starts Chromium, which must not talk to anybody.
func browser(t testing.TB) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes a while")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(tool(t, "chromium")), chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { chromedp.Cancel(ctx) }) // waits until its files are closed
	return ctx
}

// tab is a page that somebody looks at.
type tab struct {
	testing.TB
	ctx context.Context
}

// look opens a page of comparisons in a tab of its own.
func look(t testing.TB, browser context.Context, page string) tab {
	t.Helper()
	p := visit(t, browser, page)
	p.until(`document.querySelector(".report:not([hidden]) .row")`)
	return p
}

// visit opens a page in a tab of its own. Whatever the page complains of, or
// asks of the network, fails the test, unless it is among what is expected.
func visit(t testing.TB, browser context.Context, page string, expected ...string) tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	var mu sync.Mutex
	var complaints []string
	complain := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		text := fmt.Sprintf(format, args...)
		if !slices.ContainsFunc(expected, func(part string) bool { return strings.Contains(text, part) }) {
			complaints = append(complaints, text)
		}
	}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			complain("console.%s", e.Type)
		case *runtime.EventExceptionThrown:
			complain("exception: %s", cmp.Or(e.ExceptionDetails.Exception, &runtime.RemoteObject{}).Description)
		case *cdplog.EventEntryAdded:
			complain("%s: %s", e.Entry.Source, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != "file://"+file {
				complain("asks for %s", e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		if len(complaints) > 0 {
			t.Errorf("the page complains:\n%s", strings.Join(complaints, "\n"))
		}
	})
	p := tab{t, ctx}
	p.do(chromedp.Navigate("file://" + file))
	return p
}

func (p tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.Fatal(err)
	}
}

// until waits for the frame in which an expression is true. The bound is for
// a page that is broken, not for one that is slow.
func (p tab) until(expression string) {
	p.Helper()
	ctx, stop := context.WithTimeout(p.ctx, time.Minute)
	defer stop()
	wait := `new Promise(ok => { const look = () => ((` + expression + `) ? ok(1) : requestAnimationFrame(look)); look(); })`
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](wait, chromedp.EvalAwaitPromise)); err != nil {
		p.Fatalf("waiting for %s: %v", expression, err)
	}
}

// is compares what an expression gives in the page.
func (p tab) is(expression string, want any) {
	p.Helper()
	got, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]byte](expression))
	if err != nil {
		p.Fatal(err)
	}
	wanted, err := json.Marshal(want)
	if err != nil {
		p.Fatal(err)
	}
	var x, y any
	if err := errors.Join(json.Unmarshal(got, &x), json.Unmarshal(wanted, &y)); err != nil {
		p.Fatal(err)
	}
	if !reflect.DeepEqual(x, y) {
		p.Errorf("%s is %s, want %s", expression, got, wanted)
	}
}

func (p tab) press(keys string) {
	p.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// strike presses a key as a keyboard does: its character is not typed if the
// page has taken the key.
func (p tab) strike(key string) {
	p.Helper()
	params := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key}
	if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, params); err != nil {
		p.Fatal(err)
	}
}

// click presses the mouse in the middle of the first element that fits.
func (p tab) click(selector string) {
	p.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// What the tests ask a page.
const (
	openRow   = `[...document.querySelectorAll(".report:not([hidden]) .row.open")].map(r => +r.dataset.at)`
	current   = `[...document.querySelectorAll(".report:not([hidden]) .row.current")].map(r => +r.dataset.at)`
	detailed  = `document.querySelector(".report:not([hidden]) .detail h4") !== null`
	closed    = `document.querySelector(".report:not([hidden]) .detail").hidden`
	inSight   = `[...document.querySelectorAll(".report:not([hidden]) .row")].length`
	unzoomed  = `document.querySelector(".graphs .zoom button:last-child").disabled`
	shownList = `[...document.querySelectorAll(".differences li")].filter(li => !li.hidden).length`
)

func TestPageInChromium(t *testing.T) {
	b := browser(t)
	r := example(t)
	page := write(t, "html", []*compare.Report{r}, report.Ending{})
	t.Run("a click opens a row, and another one closes it", func(t *testing.T) {
		p := look(t, b, page)
		p.click(`.row[data-at="3"]`) // its checksum is wrong
		p.until(detailed)
		p.is(openRow, []int{3})
		p.is(`document.querySelector(".dump.test .lit.violation").title`, "TCP: checksum")
		p.is(`[...document.querySelectorAll(".dump.test .lit.violation[title]")].filter(e => e.title === "TCP: checksum").length`, 2)
		p.is(`document.querySelector(".found a").href`, "https://www.rfc-editor.org/rfc/rfc9293.html#section-3.1")
		p.is(`/MUST-2/.test(document.querySelector(".found").textContent)`, true)
		p.is(`[...document.querySelectorAll(".fields tr.lit.violation th")].map(th => th.textContent)`, []string{"checksum"})
		p.click(`.row[data-at="3"]`)
		p.until(closed)
	})
	t.Run("every field of a frame is there", func(t *testing.T) {
		p := look(t, b, page)
		p.click(`.row[data-at="0"]`)
		p.until(detailed)
		p.is(`[...document.querySelectorAll(".fields tbody tr:not(.group)")].map(r => [r.children[0].title, r.children[1].textContent]).filter(f => /^(ip.ttl|tcp.seq|tcp.flags|tcp.window_size_value|tcp.options.mss_val|eth.type|ip.src)$/.test(f[0])).join(" ")`,
			"eth.type,IPv4 (2048) ip.ttl,64 ip.src,192.0.2.1 tcp.seq,0 tcp.flags,SYN tcp.window_size_value,64240 tcp.options.mss_val,1460")
		p.is(`[...document.querySelectorAll(".fields tbody tr")].find(r => r.querySelector("th").title === "state").children[1].textContent`, "SYN-SENT, SYN-RECEIVED")
		p.is(`document.querySelectorAll(".dump.ref [title]").length`, 58) // Ethernet 14, IPv4 20, TCP 20, MSS 4
	})
	t.Run("the page reads headers as the judge does", func(t *testing.T) { headersInChromium(t, b) })
	t.Run("keys", func(t *testing.T) {
		p := look(t, b, page)
		p.press("jj")
		p.is(current, []int{2})
		p.press("k" + kb.ArrowDown + kb.ArrowDown)
		p.is(current, []int{3})
		p.is(`document.activeElement.getAttribute("aria-activedescendant") === document.querySelector(".row.current").id`, true)
		p.press(kb.Enter)
		p.until(detailed)
		p.is(openRow, []int{3})
		p.press("p") // what is open goes along
		p.is(openRow, []int{2})
		p.press(kb.Escape)
		p.until(closed)
		p.press("G")
		p.is(current, []int{len(r.Rows) - 1})
		p.press("g?")
		p.is(`document.querySelector(".help").open`, true)
		p.press(kb.Escape)
		p.is(`document.querySelector(".help").open`, false)
		p.strike("/")
		p.press("again" + kb.Enter)
		p.until(`document.querySelector(".count").textContent === "` + fmt.Sprintf("1 of %d rows", len(r.Rows)) + `"`)
		p.is(inSight, 1)
		p.press(kb.Escape)
		p.until(fmt.Sprint(inSight, ` === `, len(r.Rows)))
	})
	t.Run("verdicts filter the list and the ladder", func(t *testing.T) {
		p := look(t, b, page)
		p.is(shownList, len(r.Differences))
		for _, verdict := range []string{"permitted", "same", "unspecified", "deviation"} {
			p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector(".chip.` + verdict + `")?.click()`))
		}
		p.is(shownList, r.Count(compare.Violation))
		p.is(`[...document.querySelectorAll(".row .mark")].every(m => m.textContent === "!")`, true)
		p.click(".place")
		p.until(detailed)
	})
	t.Run("what is known and accepted gives no alarm", func(t *testing.T) {
		known := example(t)
		for n := range known.Differences {
			known.Differences[n].Known = &rules.Known{Stack: "handcrafted", Why: "by design"}
		}
		p := look(t, b, write(t, "html", []*compare.Report{known}, report.Ending{}))
		p.is(`document.querySelectorAll("mark.violation, mark.unspecified, mark.deviation").length`, 0)
		p.click(`.chip[data-verdict="known"]`)
		p.is(shownList, 0)
	})
	t.Run("requirements", func(t *testing.T) {
		p := look(t, b, page)
		seen := `[...document.querySelectorAll(".rules tbody tr")].filter(r => !r.hidden).length`
		p.is(`[...document.querySelectorAll(".rules tbody tr")].filter(r => !r.hidden).every(r => r.querySelector(".broken"))`, true)
		p.do(chromedp.Evaluate[chromedp.Void](`const s = document.querySelector(".rules-filter select"); s.value = ""; s.dispatchEvent(new Event("change"))`))
		p.is(seen, len(r.Rules))
	})
	t.Run("the graph zooms and names what it draws", func(t *testing.T) { graphInChromium(t, look(t, b, page)) })
	t.Run("dark", func(t *testing.T) {
		p := look(t, b, page)
		background := `getComputedStyle(document.body).backgroundColor`
		p.is(background, "rgb(251, 251, 250)")
		dark := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
		if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, dark); err != nil {
			t.Fatal(err)
		}
		p.is(background, "rgb(19, 22, 26)")
	})
	t.Run("a phone", func(t *testing.T) {
		p := look(t, b, page)
		p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulatePortrait))
		p.until(`document.querySelector(".row").offsetHeight > 40`)
		p.is(`document.documentElement.scrollWidth`, 390)
		p.is(`[...document.querySelectorAll(".row .x")].every(x => x.getBoundingClientRect().right <= 390)`, true)
		p.click(`.row[data-at="3"]`)
		p.until(detailed)
		p.is(`document.documentElement.scrollWidth`, 390)
	})
	t.Run("paper has every row", func(t *testing.T) {
		p := look(t, b, write(t, "html", []*compare.Report{long(t, 100)}, report.Ending{}))
		p.do(chromedp.Evaluate[chromedp.Void](`dispatchEvent(new Event("beforeprint"))`))
		p.is(inSight, 202)
		p.do(chromedp.Evaluate[chromedp.Void](`dispatchEvent(new Event("afterprint"))`))
		p.is(inSight+` < 100`, true)
	})
	t.Run("several comparisons", func(t *testing.T) {
		p := look(t, b, write(t, "html", []*compare.Report{same(t), r}, report.Ending{Status: 2, Code: "x", Message: "no third one"}))
		p.is(`[...document.querySelectorAll(".report")].map(a => a.hidden)`, []bool{false, true})
		p.click(".tabs a:nth-child(2)")
		p.until(`document.querySelector("#report-1 .row")`)
		p.is(`[...document.querySelectorAll(".report")].map(a => a.hidden)`, []bool{true, false})
		p.press("[")
		p.is(`[...document.querySelectorAll(".report")].map(a => a.hidden)`, []bool{false, true})
		p.do(chromedp.Evaluate[chromedp.Void](`location.hash = "#graphs-1"`)) // as a link from elsewhere
		p.until(`!document.querySelector("#report-1").hidden`)
	})
	t.Run("hostile text stays text", func(t *testing.T) {
		p := look(t, b, write(t, "html", []*compare.Report{hostile(t)}, report.Ending{}))
		p.press("jjj" + kb.Enter)
		p.until(detailed)
		p.is(`document.querySelectorAll("img, script:not([type])").length`, 1)
		p.is(`document.querySelector("h2").textContent.includes("<script>alert(1)")`, true)
	})
	t.Run("many frames", func(t *testing.T) {
		p := look(t, b, write(t, "html", []*compare.Report{long(t, 3000)}, report.Ending{}))
		p.is(inSight+` < 100`, true)
		p.press("G")
		p.is(current, []int{6001})
		p.is(inSight+` < 100`, true)
		p.press(kb.Enter)
		p.until(detailed)
	})
}

// TestSheetsInChromium: the pages of suite and check have a style and a script
// that the policy lets through, and a script of somebody else is not run.
func TestSheetsInChromium(t *testing.T) {
	b := browser(t)
	all := outputs(t, "html")
	styled := `getComputedStyle(document.querySelector(".verdict")).borderLeftStyle`
	rows := `[...document.querySelectorAll("tr[data-level]")].filter(r => r.checkVisibility()).length`
	t.Run("suite", func(t *testing.T) {
		p := visit(t, b, all["matrix"])
		p.is(styled, "solid")
		p.is(rows, 4)
		p.click("#find")
		p.press("window four")
		p.until(rows + ` === 1`)
		p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#find").select()`))
		p.press(kb.Backspace)
		p.until(rows + ` === 4`)
		p.click("#found")
		p.until(rows + ` === 2`)
	})
	t.Run("check", func(t *testing.T) {
		p := visit(t, b, all["check in trouble"])
		p.is(styled, "solid")
		p.is(rows, 2)
		p.click("#differing")
		p.until(rows + ` === 1`)
		p.is(`document.querySelector("p.verdict.bad").textContent`, "! no answer <came> in time & more")
	})
	t.Run("a phone", func(t *testing.T) {
		for name, page := range map[string]string{"matrix": all["matrix"], "check": showCheck(t, "html", checkedExample(t), report.Style{Verbose: 2, Full: true})} {
			p := visit(t, b, page)
			p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulatePortrait))
			p.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
			if p.is(`[innerWidth, document.documentElement.scrollWidth]`, []int{390, 390}); t.Failed() {
				t.Fatal(name)
			}
		}
	})
	t.Run("another's script", func(t *testing.T) {
		const foreign = `<script>document.title = "taken"</script></body>`
		p := visit(t, b, strings.Replace(all["check"], "</body>", foreign, 1), "Content Security Policy")
		p.click("#find")
		p.press("nothing has these words")
		p.until(rows + ` === 0`) // our own, which stands before it, was run
		p.is(`document.title`, "! check")
	})
}

func graphInChromium(t *testing.T, p tab) {
	p.until(`document.querySelector(".sequence")`)
	p.do(chromedp.ScrollIntoView(chromedp.CSS(".sequence")))
	p.until(`document.querySelector(".sequence").width > 300`)
	box, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]float64](`(r => [r.left, r.top, r.width, r.height])(document.querySelector(".sequence").getBoundingClientRect())`))
	if err != nil {
		t.Fatal(err)
	}
	x, y := func(share float64) float64 { return box[0] + share*box[2] }, func(share float64) float64 { return box[1] + share*box[3] }
	p.is(unzoomed, true)
	p.do(chromedp.DragAndDropXY(x(0.3), y(0.5), x(0.6), y(0.5)))
	p.until(`!(` + unzoomed + `)`)
	p.press("0")
	p.until(unzoomed)
	p.press("+")
	p.until(`!(` + unzoomed + `)`)
	p.do(chromedp.Click(chromedp.CSS(".graphs .zoom button:last-child")))
	p.until(unzoomed)

	// The last segment of the tested stack is its FIN, to the right; the drawn
	// acknowledgement of it is the last point there is.
	p.do(chromedp.Evaluate[chromedp.Void](`{ const c = document.querySelector(".sequence"), r = c.getBoundingClientRect(), send = (type, x, y) => c.dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0, pointerId: 1, clientX: x, clientY: y }));
		c.setPointerCapture = () => {};
		find: for (let x = r.right - 11; x > r.left + 60; x -= 3) for (let y = r.top; y < r.bottom - 20; y += 3) {
			send("pointermove", x, y);
			if (!document.querySelector(".tip").hidden) { send("pointerdown", x, y); send("pointerup", x, y); break find; }
		} }`))
	p.until(detailed)
	p.is(`document.querySelector(".tip b").textContent`, "handcrafted #11")
	p.is(`/handcrafted #11 /.test(document.querySelector(".detail h4").textContent)`, true)
	chosen := `[...document.querySelectorAll('.ways [aria-pressed="true"]')].map(b => b.textContent).join(", ")`
	p.is(chosen, "client → server, by time")
	p.press("dx")
	p.is(chosen, "server → client, by row")
}

// everyHeader opens each row and returns the fields of the tested stack's
// frames, by name.
const everyHeader = `(async () => {
	const frame = () => new Promise(requestAnimationFrame), detail = document.querySelector(".detail"), all = [];
	for (const at of [...document.querySelectorAll(".row")].map(r => r.dataset.at)) {
		document.querySelector('.row[data-at="' + at + '"]').click();
		while (detail.hidden) await frame();
		all.push([...detail.querySelectorAll(".fields tbody tr:not(.group)")].map(r => ({ Name: r.querySelector("th").title, Value: r.lastElementChild.textContent })));
		document.querySelector('.row[data-at="' + at + '"]').click();
		while (!detail.hidden) await frame();
	}
	return all;
})()`

// headersInChromium holds the dissector of the page against the decoder of the
// judge, which share nothing.
func headersInChromium(t *testing.T, b context.Context) {
	for name, begin := range map[string]func() *Talk{"IPv4": New, "IPv6": New6} {
		talk := begin().Open(Opts(MSS(1400), SACKOK(), TS(7, 0), WS(7)), Opts(MSS(1380), SACKOK(), TS(9, 7), WS(10)))
		talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(8, 9), TOS: 0xb9, TTL: 33})
		talk.Out(Seg{Flags: PSH | ACK | URG | ECE | CWR, Seq: 1, Ack: 1, Window: 65535, Urgent: 3, Payload: "hello", NoDF: true, Pad: 7})
		talk.In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64, Options: Opts(TS(10, 8), SACK(talk.ISS+3, talk.ISS+6))})
		talk.In(Seg{Flags: RST, Seq: 1})
		c := conversations(conversation(t, "a", talk))
		r := compare.Compare(c, c, compare.Options{})
		p := look(t, b, write(t, "html", []*compare.Report{r}, report.Ending{}))
		all, err := chromedp.Run(p.ctx, chromedp.Evaluate[[][]compare.Setting](everyHeader, chromedp.EvalAwaitPromise))
		if err != nil || len(all) != len(r.Rows) {
			t.Fatal(len(all), " rows: ", err)
		}
		same := 0
		for i, fields := range all {
			page := map[string]string{}
			for _, f := range fields {
				page[f.Name] = f.Value
			}
			for _, want := range r.Header(compare.Tested, int32(i)) {
				got, ok := page[want.Name]
				if comparable := !asWords[want.Name] && ok; !comparable {
					continue
				}
				if same++; got != want.Value && !strings.HasPrefix(got, want.Value+" ") {
					t.Errorf("%s, frame %d: %s is %q on the page and %q to the judge", name, i+1, want.Name, got, want.Value)
				}
			}
		}
		if same < 90 {
			t.Errorf("%s: only %d fields of both", name, same)
		}
	}
}

// asWords are the fields for which the two have different words.
var asWords = map[string]bool{
	"ip.dsfield.ecn": true, "ip.checksum": true, "tcp.checksum": true, "tcp.window_size": true, "tcp.payload": true, "ip.len": true,
	"ip.flags.mf": true, "ip.options": true, "tcp.options.sack": true,
}
