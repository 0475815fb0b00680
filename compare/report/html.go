package report

import (
	"bufio"
	_ "embed" // for the page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// HTML writes comparisons as one page that needs nothing else: verdict,
// ladders side by side, differences, time–sequence graph and environment.
func HTML(w io.Writer, reports []*compare.Report, end Ending) error {
	view := htmlPage{Failure: printable(end.Message)}
	for n, r := range reports {
		section, err := htmlOf(n, r)
		if err != nil {
			return err
		}
		view.Reports = append(view.Reports, section)
	}
	b := bufio.NewWriterSize(w, 1<<16)
	if err := page.Execute(b, view); err != nil {
		return err
	}
	return b.Flush()
}

type htmlPage struct {
	Failure string
	Reports []htmlReport
}

// htmlReport is a comparison as the page shows it.
type htmlReport struct {
	Index              int
	Mark, Verdict      string
	Tested, Reference  string
	Conclusion, Counts string
	Rows               []htmlRow
	Differences        []htmlDifference
	Environment        string
	Graph              graph
	Data               htmlData
}

type htmlRow struct {
	Number     int
	Glyph      string
	Verdict    string
	Ref, Test  string
	RefN       string
	TestN      string
	RefT       string
	TestT      string
	RefD, TstD string // direction
}

type htmlDifference struct {
	Number                      int
	Glyph, Verdict, By          string
	Title, Ref, Test, Why, More string
}

// htmlData is what a click on a row shows; the script on the page makes it.
type htmlData struct {
	Names       []string      `json:"names"` // of the fields
	Reference   []htmlFrame   `json:"reference"`
	Tested      []htmlFrame   `json:"tested"`
	Rows        [][]int32     `json:"rows"`        // index of both frames, then the numbers of the differences
	Differences []htmlMeaning `json:"differences"` // by number, from 1
}

type htmlFrame struct {
	Values []string `json:"v"`
	Bytes  string   `json:"b"` // base64, of the headers and the first of the payload
	Left   int      `json:"l"` // bytes that are not there
}

type htmlMeaning struct {
	Title string `json:"t"`
	Why   string `json:"w"`
}

func htmlOf(n int, r *compare.Report) (htmlReport, error) {
	h := htmlReport{
		Index: n, Mark: mark(r), Verdict: r.Worst().String(), Tested: printable(r.Tested.Stack), Reference: printable(r.Reference.Stack),
		Conclusion: conclusion(r), Counts: counts(r), Environment: environmentText(r), Graph: graphOf(r),
	}
	if r.Worst() < compare.Deviation { // nothing to be warned of
		h.Verdict = compare.Same.String()
	}
	h.Data.Names = htmlFieldNames
	var err error
	if h.Data.Reference, err = htmlFrames(r, compare.Reference); err != nil {
		return h, err
	}
	if h.Data.Tested, err = htmlFrames(r, compare.Tested); err != nil {
		return h, err
	}
	where := map[[2]int32][]int32{}
	for i := range r.Differences {
		d := &r.Differences[i]
		h.Differences = append(h.Differences, htmlDifferenceOf(r, d))
		h.Data.Differences = append(h.Data.Differences, htmlMeaning{printable(d.Verdict.String() + ": " + title(d)), printable(reason(d))})
		if d.Repeat > 1 {
			continue
		}
		for _, o := range d.Occurrences {
			for _, key := range [...][2]int32{{0, o.Ref}, {1, o.Test}} {
				if list := where[key]; key[1] != compare.None && (len(list) == 0 || list[len(list)-1] != int32(d.Number)) {
					where[key] = append(list, int32(d.Number))
				}
			}
		}
	}
	for i, row := range r.Rows {
		h.Rows = append(h.Rows, htmlRowOf(r, i, row))
		entry := []int32{row.Ref, row.Test}
		seen := map[int32]bool{}
		for _, key := range [...][2]int32{{0, row.Ref}, {1, row.Test}} {
			for _, number := range where[key] {
				if !seen[number] {
					seen[number] = true
					entry = append(entry, number)
				}
			}
		}
		h.Data.Rows = append(h.Data.Rows, entry)
	}
	return h, nil
}

func htmlDifferenceOf(r *compare.Report, d *compare.Difference) htmlDifference {
	h := htmlDifference{
		Number: d.Number, Glyph: d.Verdict.Glyph(), Verdict: d.Verdict.String(), By: printable(who(r, d)),
		Title: printable(title(d)), Why: printable(reason(d)),
	}
	if len(d.Occurrences) > 0 {
		o := d.Occurrences[0]
		ref, test := r.Values(d, o)
		h.Ref, h.Test = printable(ref+frameNumber(o.Ref)), printable(test+frameNumber(o.Test))
	}
	if more := len(d.Occurrences) - 1; more > 0 {
		h.More = fmt.Sprintf("and in %d more", more)
	}
	return h
}

func htmlRowOf(r *compare.Report, i int, row compare.Row) htmlRow {
	h := htmlRow{Number: i, Glyph: glyphOf(row), Verdict: row.Worst.String()}
	h.RefN, h.RefT, h.RefD, h.Ref = htmlRung(r, compare.Reference, row.Ref)
	h.TestN, h.TestT, h.TstD, h.Test = htmlRung(r, compare.Tested, row.Test)
	return h
}

func htmlRung(r *compare.Report, side compare.Sides, i int32) (number, at, arrow, text string) {
	if i == compare.None {
		return "", "", "", ""
	}
	c := conversation(r, side)
	e := c.Events[i]
	arrow = "→"
	if e.Dir == tap.In {
		arrow = "←"
	}
	return fmt.Sprint(i + 1), strings.TrimSpace(since(e.Time - c.StartOfFrames)), arrow, printable(short(r, side, i, e))
}

var htmlFieldNames = []string{
	"frame length", "direction", "what", "IP TTL", "IP ID", "IP DSCP", "IP ECN", "flags", "sequence number", "relative",
	"acknowledgement", "relative ack", "window", "window in octets", "urgent pointer", "payload", "checksum", "options",
	"MSS", "window scale", "TSval", "TSecr", "SACK",
}

// htmlPayload is how many octets of a payload the page has.
const htmlPayload = 16

func htmlFrames(r *compare.Report, side compare.Sides) ([]htmlFrame, error) {
	c := conversation(r, side)
	l := newLines(io.Discard)
	frames := make([]htmlFrame, len(c.Events))
	for i, e := range c.Events {
		f := l.frame(c, e)
		keep := len(l.raw)
		if e.Kind == capture.TCP {
			keep = min(keep, int(e.PayloadOffset)+htmlPayload)
		}
		frames[i] = htmlFrame{htmlValues(r, side, int32(i), f), base64.StdEncoding.EncodeToString(l.raw[:keep]), len(l.raw) - keep}
	}
	return frames, l.err
}

// htmlValues are a frame's fields in the order of htmlFieldNames, and without
// those at the end that it does not have.
func htmlValues(r *compare.Report, side compare.Sides, i int32, f *FrameRecord) []string {
	v := []string{fmt.Sprint(f.Length), f.Direction, printable(r.Role(side, i))}
	if f.IP == nil {
		return v
	}
	v = append(v, fmt.Sprint(f.IP.TTL), fmt.Sprintf("%#04x", f.IP.ID), fmt.Sprint(f.IP.DSCP), fmt.Sprint(f.IP.ECN))
	t := f.TCP
	if t == nil {
		return v
	}
	v = append(v, strings.Join(t.Flags, ","), fmt.Sprint(t.Seq), fmt.Sprint(t.RelSeq), fmt.Sprint(t.Ack), fmt.Sprint(t.RelAck),
		fmt.Sprint(t.Window), fmt.Sprint(r.Window(side, i)), fmt.Sprint(t.Urgent), fmt.Sprint(t.Payload), t.Checksum, strings.Join(t.Options, ","))
	v = append(v, optional(t.MSS), optional(t.WindowScale), optional(t.TSVal), optional(t.TSEcr))
	var blocks []string
	for _, b := range t.SACK {
		blocks = append(blocks, fmt.Sprintf("%d–%d", b.Left, b.Right))
	}
	v = append(v, strings.Join(blocks, " "))
	for v[len(v)-1] == "" {
		v = v[:len(v)-1]
	}
	return v
}

func optional[T any](v *T) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(*v)
}
