package report

import (
	"fmt"
	"io"
)

type matrixPage struct {
	sheetHead
	Columns []string
	Topics  []matrixTopic
}

type matrixTopic struct {
	Name, Anchor string // the line of all topics has no anchor
	Cells        []string
	Rows         []matrixPageRow
}

type matrixPageRow struct {
	Name, About, Error, Level string
	Cells                     []matrixPageCell
}

type matrixPageCell struct {
	Verdict, Mark, Level, Link string
	Why                        []string
}

// matrixHTML writes a page: the topics, then every scenario, from whose cells
// links lead to all about them.
func matrixHTML(w io.Writer, m *Matrix, end Ending) error {
	mark, text := m.conclusion(end)
	page := matrixPage{sheetHead: newSheet(mark, m.Title, text, end, len(m.Rows)), Columns: m.Columns}
	page.Facts = m.Facts
	for n := range m.Rows {
		row := &m.Rows[n]
		if n == 0 || row.Topic != m.Rows[n-1].Topic {
			topic := matrixTopic{Name: row.Topic, Anchor: fmt.Sprintf("topic-%d", len(page.Topics)+1), Cells: m.tallies(row.Topic)}
			page.Topics = append(page.Topics, topic)
		}
		topic := &page.Topics[len(page.Topics)-1]
		topic.Rows = append(topic.Rows, m.pageRow(row))
	}
	if len(page.Topics) > 0 {
		page.Topics = append(page.Topics, matrixTopic{Name: "all", Cells: m.tallies("")})
	}
	return writePage(w, "matrix", page)
}

func (m *Matrix) tallies(topic string) []string {
	list := make([]string, len(m.Columns))
	for k := range list {
		list[k] = m.tally(topic, k)
	}
	return list
}

func (m *Matrix) pageRow(row *MatrixRow) matrixPageRow {
	p := matrixPageRow{Name: row.Name, About: printable(row.About), Error: printable(row.Error), Level: "good"}
	if row.Error != "" {
		p.Level = "bad"
	}
	for _, c := range row.Cells {
		one := matrixPageCell{Verdict: c.Verdict, Mark: "=", Level: "good", Link: c.Link}
		for _, why := range c.Why {
			one.Why = append(one.Why, printable(why))
		}
		switch {
		case c.Outcome == Failed || c.Outcome == Errored:
			one.Mark, one.Level = "!", "bad"
		case c.Outcome == Skipped:
			one.Mark, one.Level = "-", "soft"
		case len(c.Why) > 0:
			one.Mark, one.Level = "~", "warn"
		}
		if one.Level == "bad" || one.Level != "good" && p.Level == "good" {
			p.Level = one.Level
		}
		p.Cells = append(p.Cells, one)
	}
	return p
}

func levelOfMark(mark string) string {
	if mark == "=" {
		return "good"
	}
	return "bad"
}
