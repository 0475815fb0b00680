package report

import (
	"fmt"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
)

// environment prints what the reader must know to repeat the comparison.
// What an earlier comparison has said is not said again.
func (p *printer) environment(r *compare.Report) {
	p.heading("Environment")
	for _, s := range r.Environment {
		p.once("  ", "", s)
	}
	p.run("reference", &r.Reference)
	p.run("tested", &r.Tested)
}

// once prints a setting of somebody's unless it was printed before.
func (p *printer) once(indent, who string, s compare.Setting) {
	key := who + "\x00" + s.Name + "\x00" + s.Value
	if !p.told[key] {
		p.told[key] = true
		p.setting(indent, s.Name, s.Value)
	}
}

// settingColumn is where a setting's value begins.
const settingColumn = 28

func (p *printer) setting(indent, name, value string) {
	lines := Wrap(value, p.s.width()-settingColumn-1)
	p.line("%s %s", p.s.fit(indent+name, settingColumn), lines[0])
	for _, l := range lines[1:] {
		p.line("%*s %s", settingColumn, "", l)
	}
}

func (p *printer) run(side string, run *compare.Run) {
	c := run.Conversations[0]
	about := fmt.Sprintf("%s, %d frames", run.Stack, len(c.Events))
	if n := len(run.Conversations); n > 1 {
		about += fmt.Sprintf(" in the first of %d conversations", n)
	}
	if run.Duration > 0 {
		about += ", " + run.Duration.Round(10*time.Microsecond).String()
	}
	p.setting("  ", side, about)
	for _, s := range run.Settings {
		p.once("    ", run.Stack, s)
	}
	for _, s := range facts(run, c) {
		p.setting("    ", s.Name, s.Value)
	}
}

// facts are what a run itself has to say.
func facts(run *compare.Run, c *capture.Conversation) (list []compare.Setting) {
	add := func(is bool, name, format string, args ...any) {
		if is {
			list = append(list, compare.Setting{Name: name, Value: fmt.Sprintf(format, args...)})
		}
	}
	ends := run.State
	if run.PeerState != "" {
		ends += ", peer " + run.PeerState
	}
	add(run.State != "", "ended in", "%s", ends)
	add(run.Error != "", "error", "%s", run.Error)
	add(c.Dropped > 0, "capture lost", "%d frames", c.Dropped)
	add(c.LeftOut > 0, "left out", "%d frames of other conversations", c.LeftOut)
	add(c.RolesGuessed, "begins", "in the middle; numbers count from the first one seen, the higher port is taken for the client's")
	return list
}
