package report_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var (
	pictured = flag.String("pictures-of", "", "take the pictures in docs/images of this page, for example of run --format html")
	poses    = flag.String("poses", "report,frame,graphs", "which pictures")
)

// pose is what a picture shows: the page, after this was done.
var pose = map[string]string{
	"report": ``,
	"frame":  `document.querySelector(".place").click()`,
	"graphs": `document.querySelectorAll(".ways button")[3].click(); document.querySelector("[id^=graphs]").scrollIntoView()`,
}

// TestPictures takes pictures rather than tests: docs/report-page.md has the
// commands.
func TestPictures(t *testing.T) {
	if *pictured == "" {
		t.Skip("needs -pictures-of")
	}
	page, err := os.ReadFile(*pictured)
	if err != nil {
		t.Fatal(err)
	}
	b := browser(t)
	for _, scheme := range []string{"light", "dark"} {
		for name := range strings.SplitSeq(*poses, ",") {
			p := look(t, b, string(page))
			media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media); err != nil {
				t.Fatal(err)
			}
			p.do(chromedp.EmulateViewport(1120, 780))
			p.until(`document.querySelector(".sequence")`)
			p.do(chromedp.Evaluate[chromedp.Void](pose[name]))
			if name == "frame" {
				p.until(detailed)
			}
			p.do(chromedp.Evaluate[chromedp.Void](`new Promise(ok => requestAnimationFrame(() => requestAnimationFrame(ok)))`, chromedp.EvalAwaitPromise))
			shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			keep(t, filepath.Join("../../docs/images", name+"-"+scheme+".png"), shot)
		}
	}
}

// keep writes a picture with its 256 most frequent colours, which takes half
// the bytes.
func keep(t *testing.T, path string, shot []byte) {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, fewColours(picture)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, small.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func fewColours(picture image.Image) image.Image {
	count := map[color.Color]int{}
	area := picture.Bounds()
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			count[picture.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return count[b] - count[a] })
	few := image.NewPaletted(area, colours[:min(len(colours), 256)])
	draw.Draw(few, area, picture, area.Min, draw.Src)
	return few
}
