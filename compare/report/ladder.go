package report

import (
	"fmt"
	"strings"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// ladderRows is how many rows are printed before the middle is left out.
const ladderRows = 60

// leftOut says which of so many rows are left out, from one up to another.
func (s Style) leftOut(rows int) (from, to int) {
	if rows > ladderRows && !s.Full {
		return ladderRows / 2, rows - ladderRows/2
	}
	return rows, rows
}

// ladder prints the two conversations side by side, the reference on the
// left, each row a pair of frames.
func (p *printer) ladder(r *compare.Report) {
	p.heading("Frames")
	half := (p.s.width() - 3) / 2
	p.line("%s %s %s", p.s.fit("reference "+r.Reference.Stack, half), p.g.bar, p.s.fit("tested "+r.Tested.Stack, half))
	rows, states := r.Rows, p.infer(r)
	cutFrom, cutTo := p.s.leftOut(len(rows))
	for n, row := range rows {
		if n == cutFrom {
			p.line("%s %d rows left out %s", p.g.middle, cutTo-cutFrom, p.g.middle)
		}
		if n < cutFrom || n >= cutTo {
			p.row(r, row, half)
			if states != nil {
				p.detail(r, states, row, half)
			}
		}
	}
	if states != nil {
		for _, l := range Wrap(inferredLegend, p.s.width()) {
			p.line("%s", p.s.paint(faint, l))
		}
	}
	for _, l := range Wrap("= same, ~ differs as it may, ? deviation, ! look at it, - missing, + extra, * other order", p.s.width()) {
		p.line("%s", p.s.paint(faint, l))
	}
}

func (p *printer) row(r *compare.Report, row compare.Row, half int) {
	left := p.rung(r, compare.Reference, row.Ref, half)
	right := p.rung(r, compare.Tested, row.Test, half)
	p.line("%s %s %s", left, p.s.paint(verdictColor(row.Worst), glyphOf(row)), right)
}

// glyphOf stands between the two frames of a row.
func glyphOf(row compare.Row) string {
	switch {
	case row.Moved:
		return "*"
	case row.Test == compare.None && row.Worst <= compare.Artefact:
		return "-"
	case row.Ref == compare.None && row.Worst <= compare.Artefact:
		return "+"
	}
	return row.Worst.Glyph()
}

// rung is one frame of a ladder in n columns: number, time, arrow, what it
// is, and what differs from frame to frame.
func (p *printer) rung(r *compare.Report, side compare.Sides, i int32, n int) string {
	if i == compare.None {
		return strings.Repeat(" ", n)
	}
	c := conversation(r, side)
	e := c.Events[i]
	arrow := p.g.right
	if e.Dir == tap.In {
		arrow = p.g.left
	}
	text := fmt.Sprintf("%3d %s %s %s", i+1, since(e.Time-c.StartOfFrames), arrow, short(r, side, i, e))
	return p.s.fit(text, n)
}

func conversation(r *compare.Report, side compare.Sides) *capture.Conversation {
	if side == compare.Reference {
		return r.Reference.Conversations[0]
	}
	return r.Tested.Conversations[0]
}

// since is a time from the first frame in seven columns.
func since(ns int64) string {
	switch d := time.Duration(ns); {
	case d < 0:
		return "   <0  "
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%5dµs", d.Microseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%5dms", d.Milliseconds())
	default:
		return fmt.Sprintf("%6ds", int64(d.Seconds()))
	}
}

// short is a frame in as few columns as say what it is.
func short(r *compare.Report, side compare.Sides, i int32, e *capture.Event) string {
	if e.Kind != capture.TCP {
		return r.Describe(side, i)
	}
	s := e.Flags.String() + fmt.Sprintf(" %d", e.RelSeq)
	if e.PayloadLen > 0 {
		s += fmt.Sprintf("+%d", e.PayloadLen)
	}
	if e.Flags.Has(capture.ACK) {
		s += fmt.Sprintf(" ack %d", e.RelAck)
	}
	if w := r.Window(side, i); w >= 0 {
		s += fmt.Sprintf(" win %d", w)
	}
	if strings.HasSuffix(r.Role(side, i), "retransmission") {
		s += " again"
	}
	return s
}
