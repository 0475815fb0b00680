package report_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// pageSpeed is what a page says of its own speed, in milliseconds.
type pageSpeed struct{ Paint, Ready, Frame, Scroll, Zoom float64 }

// measurePage takes the times of the first paint and of the first rows, lets 60 frames pass with nothing to do,
// scrolls 60 times by more than what is in sight, and zooms 20 times. Frame is
// how long the browser takes for a frame on this machine at this moment:
// Scroll and Zoom contain one.
const measurePage = `(async () => {
	const frame = () => new Promise(requestAnimationFrame), ladder = document.querySelector(".ladder");
	const median = list => list.sort((a, b) => a - b)[list.length >> 1];
	const time = async (n, act) => {
		const list = [];
		for (let k = 0; k < n; k++) { const from = performance.now(); act(); await frame(); list.push(performance.now() - from); }
		return median(list);
	};
	const mark = name => performance.getEntriesByName(name)[0]?.startTime;
	while (!mark("rows")) await frame();
	const idle = await time(60, () => {});
	const scroll = await time(60, () => { ladder.scrollTop += 2000; });
	document.querySelector("[id^=graphs]").scrollIntoView();
	await frame();
	const zoom = await time(20, () => document.querySelector(".graphs .zoom button").click());
	return { Paint: mark("first-contentful-paint"), Ready: mark("rows"), Frame: idle, Scroll: scroll, Zoom: zoom };
})()`

func BenchmarkPageOf50000Frames(b *testing.B) {
	r := long(b, 25000)
	var page strings.Builder
	if err := report.HTML(&page, []*compare.Report{r}, report.Ending{}); err != nil {
		b.Fatal(err)
	}
	chromium := browser(b)
	var sum pageSpeed
	for b.Loop() {
		p := look(b, chromium, page.String())
		m, err := chromedp.Run(p.ctx, chromedp.Evaluate[pageSpeed](measurePage, chromedp.EvalAwaitPromise))
		if err != nil {
			b.Fatal(err)
		}
		sum = pageSpeed{sum.Paint + m.Paint, sum.Ready + m.Ready, sum.Frame + m.Frame, sum.Scroll + m.Scroll, sum.Zoom + m.Zoom}
	}
	n := float64(b.N)
	b.ReportMetric(float64(page.Len())/float64(2*len(r.Tested.Conversations[0].Events)), "bytes/frame")
	b.ReportMetric(sum.Paint/n, "ms-paint")
	b.ReportMetric(sum.Ready/n, "ms-rows")
	b.ReportMetric(sum.Frame/n, "ms-idle")
	b.ReportMetric(sum.Scroll/n, "ms-scroll")
	b.ReportMetric(sum.Zoom/n, "ms-zoom")
}

func BenchmarkHTML(b *testing.B) {
	r := long(b, 25000)
	b.ReportAllocs()
	for b.Loop() {
		var page strings.Builder
		if err := report.HTML(&page, []*compare.Report{r}, report.Ending{}); err != nil {
			b.Fatal(err)
		}
	}
}
