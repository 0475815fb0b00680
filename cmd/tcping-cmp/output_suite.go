package main

import (
	"io"
	"strings"

	"tcping-cmp/compare/report"
)

// output fills the folder with what was played. Where not everything is as it
// should be, the cells of the page lead to the comparison of the scenario, and
// its capture is there; with --full everywhere.
func (s *suiteResult) output(outcome error) error {
	return s.fill("suite", "scenarios/", outcome, s.records, s.text, func(w io.Writer) error {
		for _, r := range s.records {
			if err := writeJSON(w, r); err != nil {
				return err
			}
		}
		return s.jsonSummary(w, outcome)
	})
}

// scripts fills it with what script and suite --replay have played and p has
// printed; failure is why not all was played.
func (s *suiteResult) scripts(p *scriptPrinter, failure, outcome error) error {
	command, folder := "script", "scripts/"
	if s.command.Replay != "" {
		command, folder = "suite", "scenarios/"
	}
	var records []*suiteRecord
	for _, one := range s.done {
		records = append(records, p.record(one.outcome).played())
	}
	again := func(format string) func(io.Writer) error {
		return func(w io.Writer) error { return p.again(w, format, s.done, failure) }
	}
	return s.fill(command, folder, outcome, records, again("text"), again("json"))
}

// fill writes every format and what the page has links to, in that folder.
func (s *suiteResult) fill(command, folder string, outcome error, records []*suiteRecord, text, json func(io.Writer) error) error {
	if s.command.Output == "" {
		return outcome
	}
	o := &outputFolder{path: s.command.Output}
	m := matrixOf(records)
	for n, one := range s.done {
		if !s.command.Full && records[n].plain() {
			continue
		}
		link := o.scenario(folder, one.outcome)
		for i := range m.Rows[n].Cells {
			m.Rows[n].Cells[i].Link = link
		}
	}
	end := playedEnding(outcome)
	o.formats(ofMatrix, func(w io.Writer, format string) error {
		switch format {
		case "text":
			return text(w)
		case "json":
			return json(w)
		}
		return report.WriteMatrix(w, format, m, end)
	})
	return o.finish(command, []string{m.Headline(end)}, outcome)
}

// plain reports whether everything in a row is ok.
func (r *suiteRecord) plain() bool {
	row, _ := r.row()
	for _, c := range row.Cells {
		if c.Verdict != cellOK.String() {
			return false
		}
	}
	return row.Error == ""
}

// scenario writes the comparison of one scenario and its frames, and returns
// what a link to it says; empty if there is nothing to see.
func (o *outputFolder) scenario(folder string, one *scriptOutcome) (link string) {
	name := folder + strings.TrimSuffix(captureName(one.name), ".pcapng")
	if capture := one.capture(); capture != nil {
		link = name + ".pcapng"
		o.add(link, "pcapng", one.name+": the frames", capture)
	}
	if reports := one.reports(); len(reports) > 0 {
		link = name + ".html"
		o.add(link, "html", one.name+": the comparison", func(w io.Writer) error { return report.HTML(w, reports, report.Ending{}) })
	}
	return link
}

// output fills the folder with what was saved; the frames were not.
func (s *savedPlays) output(a *app, to *outputFlag, outcome error) error {
	if to.Output == "" {
		return outcome
	}
	o := &outputFolder{path: to.Output}
	o.formats(ofMatrix, func(w io.Writer, format string) error {
		into := *a
		into.Out = w
		return s.show(&into, &renderFlags{Format: format, Full: true})
	})
	return o.finish("report", []string{matrixOf(s.records).Headline(s.ending)}, outcome)
}
