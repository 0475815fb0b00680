package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"tcping-cmp/compare/bench"
)

// BenchRecord is one figure of a benchmark: what the turns of one stack in one
// test gave.
type BenchRecord struct {
	Head
	Test          string   `json:"test"`
	CPUs          string   `json:"cpus"`  // one, or all that the process may use
	Stack         string   `json:"stack"` // or: bare link
	Unit          string   `json:"unit"`
	LowerIsBetter bool     `json:"lower_is_better"`
	Median        float64  `json:"median"`
	Min           float64  `json:"min"`
	Max           float64  `json:"max"`
	Reference     string   `json:"reference"`
	Ratio         *float64 `json:"ratio" jsonschema:"nullable"` // above 1 is better than the reference; null if there is none
	Rounds        int      `json:"rounds"`
}

// BenchJSON writes a record a figure, and the summary.
func BenchJSON(w io.Writer, r *bench.Result, reference string, end Ending) error {
	out := newLines(w)
	for _, f := range r.Figures {
		record := BenchRecord{
			Head: head("bench"), Test: f.Test.Name, CPUs: cpusWord(f.CPUs), Stack: f.Stack, Unit: f.Test.Unit,
			LowerIsBetter: f.Test.LowerIsBetter, Median: f.Median(), Min: f.Min(), Max: f.Max(),
			Reference: reference, Rounds: len(f.Values),
		}
		if ratio, ok := r.Ratio(f, reference); ok {
			record.Ratio = &ratio
		}
		out.write(record)
	}
	return out.finish(&SummaryRecord{Verdict: "none", Comparisons: []ComparisonRecord{}}, end)
}

func cpusWord(c bench.CPUs) string {
	if c == bench.OneCPU {
		return "one"
	}
	return "all"
}

// BenchText writes a table for people, a line a figure.
func BenchText(w io.Writer, r *bench.Result, reference string, s Style) error {
	p := &printer{w: bufio.NewWriter(w), s: s, g: s.glyphs()}
	if len(r.Figures) > 0 {
		for _, line := range strings.Split(benchTable(r, reference, s), "\n") {
			p.line("%s", line)
		}
		p.line("")
		p.line("Medians over %s, taking turns. Ratio: how many times better than %s; above 1 is better in every test.",
			rounds(r), reference)
		p.line("A bare link has no TCP: it writes or reads full-sized frames, counted by the text that TCP would have in them.")
	}
	return p.w.Flush()
}

func benchTable(r *bench.Result, reference string, s Style) string {
	t := table.NewWriter()
	style := table.StyleLight
	if s.ASCII {
		style = table.StyleDefault
	}
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(table.Row{"test", "", "stack", "unit", "median", "min", "max", "ratio"})
	var columns []table.ColumnConfig
	for n := 5; n <= 8; n++ {
		columns = append(columns, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	for n, f := range r.Figures {
		name, cpus := f.Test.Name, ""
		if f.CPUs == bench.OneCPU {
			cpus = f.CPUs.String()
		}
		if n > 0 && r.Figures[n-1].Test.Name == f.Test.Name && r.Figures[n-1].CPUs == f.CPUs {
			name, cpus = "", ""
		}
		t.AppendRow(table.Row{name, cpus, f.Stack, f.Test.Unit, number(f.Median()), number(f.Min()), number(f.Max()), ratioText(r, f, reference, s)})
	}
	return t.Render()
}

// number has about three digits that mean something.
func number(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

func ratioText(r *bench.Result, f *bench.Figure, reference string, s Style) string {
	ratio, ok := r.Ratio(f, reference)
	switch {
	case !ok:
		return ""
	case f.Stack == reference:
		return "1"
	case ratio < 1:
		return s.paint(red, fmt.Sprintf("%.2f", ratio))
	}
	return s.paint(green, fmt.Sprintf("%.2f", ratio))
}

// rounds says how many there were; after an interruption not all figures have
// the same.
func rounds(r *bench.Result) string {
	least, most := len(r.Figures[0].Values), 0
	for _, f := range r.Figures {
		least, most = min(least, len(f.Values)), max(most, len(f.Values))
	}
	switch {
	case least != most:
		return fmt.Sprintf("%d to %d rounds", least, most)
	case least == 1:
		return "1 round"
	}
	return fmt.Sprintf("%d rounds", least)
}
