package report

import (
	"fmt"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// The size of the time–sequence graph in its own units.
const (
	graphWidth, graphHeight = 800, 300
	graphPoints             = 4000 // marks of a stack, at most
)

// graph is the time–sequence graph of the octets from the clients, both
// stacks over each other.
type graph struct {
	Width, Height     int // with a margin of 4 above and below
	Reference, Tested trace
	Seconds           string // how long the time axis is
	Octets            int64  // how high the other
	Cut               bool   // there were more marks than fit
}

// trace is one stack's in the grammar of tcptrace, as paths of SVG.
type trace struct {
	Segments string // a bar from the first to the last octet of each segment
	Again    string // the same, of octets that were sent before
	Ack      string // what the peer has acknowledged
	Window   string // up to where the peer lets it send
}

func graphOf(r *compare.Report) graph {
	g := graph{Width: graphWidth, Height: graphHeight + 8}
	var last int64
	for _, side := range [...]compare.Sides{compare.Reference, compare.Tested} {
		c := conversation(r, side)
		for _, e := range c.Events {
			if e.Kind != capture.TCP {
				continue
			}
			last = max(last, e.Time-c.StartOfFrames)
			if e.Dir == tap.Out {
				g.Octets = max(g.Octets, e.RelEnd())
			}
		}
	}
	g.Octets = max(g.Octets, 1)
	g.Seconds = fmt.Sprintf("%.3f", float64(last)/1e9)
	scale := func(at, octet int64) (x, y float64) {
		x = float64(at) / float64(max(last, 1)) * graphWidth
		return x, graphHeight - min(max(float64(octet)/float64(g.Octets), 0), 1)*graphHeight
	}
	g.Reference = g.trace(r, compare.Reference, scale)
	g.Tested = g.trace(r, compare.Tested, scale)
	return g
}

func (g *graph) trace(r *compare.Report, side compare.Sides, scale func(at, octet int64) (x, y float64)) trace {
	var segments, again, ack, window strings.Builder
	c := conversation(r, side)
	var sent int64
	marks := 0
	for i, e := range c.Events {
		if e.Kind != capture.TCP {
			continue
		}
		if marks++; marks > graphPoints {
			g.Cut = true
			break
		}
		at := e.Time - c.StartOfFrames
		if e.Dir == tap.In {
			if e.Flags.Has(capture.ACK) {
				step(&ack, at, e.RelAck, scale)
				if w := r.Window(side, int32(i)); w >= 0 {
					step(&window, at, e.RelAck+w, scale)
				}
			}
			continue
		}
		if e.SegLen() == 0 {
			continue
		}
		to := &segments
		if e.RelSeq < sent {
			to = &again
		}
		sent = max(sent, e.RelEnd())
		x, low := scale(at, e.RelSeq)
		_, high := scale(at, e.RelEnd())
		fmt.Fprintf(to, "M%.1f %.1fV%.1f", x, low, min(high, low-1))
	}
	return trace{segments.String(), again.String(), ack.String(), window.String()}
}

// step goes on to the right and then to the new height.
func step(b *strings.Builder, at, octet int64, scale func(at, octet int64) (x, y float64)) {
	x, y := scale(at, octet)
	if b.Len() == 0 {
		fmt.Fprintf(b, "M%.1f %.1f", x, y)
		return
	}
	fmt.Fprintf(b, "H%.1fV%.1f", x, y)
}
