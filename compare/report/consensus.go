package report

import (
	"github.com/jedib0t/go-pretty/v6/table"

	"tcping-cmp/compare"
	"tcping-cmp/compare/rules"
)

// consensus prints a table of the requirements on which the stacks do not
// agree, or that all of them break: one column a stack, and who stands alone.
func (p *printer) consensus(reports []*compare.Report) {
	reference, _ := names(reports[0])
	stacks := []string{reference}
	for _, r := range reports {
		_, tested := names(r)
		stacks = append(stacks, tested)
	}
	t := table.NewWriter()
	style := table.StyleLight
	if p.s.ASCII {
		style = table.StyleDefault
	}
	style.Options = table.OptionsNoBordersAndSeparators
	t.SetStyle(style)
	header := table.Row{"requirement"}
	for _, s := range stacks {
		header = append(header, s)
	}
	t.AppendHeader(append(header, "alone"))
	rows := 0
	for n := range reports[0].Rules {
		answers := []rules.Answer{reports[0].Rules[n].Reference}
		for _, r := range reports {
			answers = append(answers, r.Rules[n].Tested)
		}
		row, broken := table.Row{reports[0].Rules[n].Rule.ID}, 0
		for _, a := range answers {
			row = append(row, a.String())
			if a == rules.Broken {
				broken++
			}
		}
		if broken == 0 {
			continue
		}
		rows++
		t.AppendRow(append(row, alone(stacks, answers)))
	}
	if rows > 0 {
		p.heading("Requirements that a stack breaks")
		p.line("%s", t.Render())
	}
}

// alone names the stack whose answer no other gives, if there is one and at
// least two others agree.
func alone(stacks []string, answers []rules.Answer) string {
	count := map[rules.Answer]int{}
	for _, a := range answers {
		if a != rules.NotExercised {
			count[a]++
		}
	}
	for n, a := range answers {
		other := rules.Holds
		if a == rules.Holds {
			other = rules.Broken
		}
		if a != rules.NotExercised && count[a] == 1 && count[other] >= 2 {
			return stacks[n]
		}
	}
	return ""
}
