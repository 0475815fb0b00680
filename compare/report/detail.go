package report

import (
	"fmt"
	"strings"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
)

// inferredLegend explains what stands below a frame.
const inferredLegend = "below each frame: state of client/server; of its sender SND.UNA, SND.NXT, RCV.NXT, SND.WND, SRTT and RTO; " +
	"octets in flight, round trip of what it acknowledges, tcp.analysis"

// inferredWords is what the frames imply, in a line to be wrapped.
func inferredWords(e *capture.Event, x *rules.Inferred) string {
	words := []string{x.Client.String() + "/" + x.Server.String()}
	if words[0] == "/" {
		words[0] = "state unknown"
	}
	if e.Kind != capture.TCP || e.Marks.Has(capture.HeaderBad) {
		return words[0]
	}
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	add("una %d nxt %d rcv %d", x.Una, x.Next, x.Rcv)
	if x.Window >= 0 {
		add("wnd %d", x.Window)
	}
	if x.SRTT > 0 {
		add("srtt %s", shortTime(x.SRTT))
	}
	add("rto %s", shortTime(x.RTO))
	if x.InFlight > 0 {
		add("flight %d", x.InFlight)
	}
	if x.AckRTT > 0 {
		add("rtt %s", shortTime(x.AckRTT))
	}
	return strings.Join(append(words, x.Words()...), " ")
}

// shortTime is a time in three digits or so.
func shortTime(ns int64) string {
	d := time.Duration(ns)
	for unit := time.Second; unit >= time.Microsecond; unit /= 10 {
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}

// details are the inferred states of both first conversations; nil where they
// are not wanted.
type details struct{ reference, tested []rules.Inferred }

func (p *printer) infer(r *compare.Report) *details {
	if p.s.Verbose == 0 {
		return nil
	}
	return &details{
		rules.Infer(conversation(r, compare.Reference)), rules.Infer(conversation(r, compare.Tested)),
	}
}

// detail prints what is inferred below a row, and the headers where the two
// frames differ; with Full the headers of every frame.
func (p *printer) detail(r *compare.Report, d *details, row compare.Row, half int) {
	left := p.below(r, compare.Reference, row.Ref, d.reference, half)
	right := p.below(r, compare.Tested, row.Test, d.tested, half)
	p.sideBySide(left, right, half)
	if p.s.Verbose < 2 || row.Worst == compare.Same && !p.s.Full {
		return
	}
	p.headers(header(r, compare.Reference, row.Ref), header(r, compare.Tested, row.Test), half)
}

// belowIndent is where the lines below a frame begin.
const belowIndent = 12

func (p *printer) below(r *compare.Report, side compare.Sides, i int32, all []rules.Inferred, half int) []string {
	if i == compare.None {
		return nil
	}
	return Wrap(inferredWords(conversation(r, side).Events[i], &all[i]), half-belowIndent)
}

func (p *printer) sideBySide(left, right []string, half int) {
	for n := range max(len(left), len(right)) {
		p.line("%s", p.s.paint(faint, p.s.fit(indented(left, n), half)+" "+p.g.bar+" "+p.s.fit(indented(right, n), half)))
	}
}

func indented(lines []string, n int) string {
	if n >= len(lines) {
		return ""
	}
	return strings.Repeat(" ", belowIndent) + lines[n]
}

func header(r *compare.Report, side compare.Sides, i int32) []compare.Setting {
	if i == compare.None {
		return nil
	}
	return r.Header(side, i)
}

// headers prints the fields of two frames, a line each, a mark between those
// that are not the same.
func (p *printer) headers(left, right []compare.Setting, half int) {
	values := map[string]string{}
	for _, s := range right {
		values[s.Name] = s.Value
	}
	for _, s := range left {
		value, ok := values[s.Name]
		delete(values, s.Name)
		if ok {
			p.headerLine(said(s.Name, s.Value), said(s.Name, value), s.Value != value, half)
		} else {
			p.headerLine(said(s.Name, s.Value), "", len(right) > 0, half)
		}
	}
	for _, s := range right {
		if _, alone := values[s.Name]; alone {
			p.headerLine("", said(s.Name, s.Value), len(left) > 0, half)
		}
	}
}

// said is a field with its value; a list may be wrapped.
func said(name, value string) string { return name + " " + strings.ReplaceAll(value, ",", ", ") }

func (p *printer) headerLine(left, right string, differs bool, half int) {
	x, y := Wrap(left, half-belowIndent), Wrap(right, half-belowIndent)
	for n := range max(len(x), len(y)) {
		middle := p.g.bar
		if differs && n == 0 {
			middle = "~"
		}
		p.line("%s %s %s", p.s.fit(indented(x, n), half), middle, p.s.fit(indented(y, n), half))
	}
}
