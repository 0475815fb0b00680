package manual

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tcping-cmp/compare/report"
)

// Man writes the manual page, in the macros of man(7).
func Man(w io.Writer, app *kong.Application, guides Guides, version string, date time.Time) error {
	p := newPage(app, guides)
	var m roff
	m.line(`.TH %s 1 %s "%s" "User Commands"`, strings.ToUpper(p.name), date.UTC().Format(time.DateOnly), escape(version))
	m.line(".SH NAME")
	m.line(`%s \- %s`, p.name, escape(lowerFirst(p.guide.Title)))
	m.line(".SH SYNOPSIS")
	m.line(".B %s", p.name)
	m.line(`.I command`)
	m.line(`.RI [ flags "] [" arguments ]`)
	m.line(".SH DESCRIPTION")
	m.paragraphs(p.guide.About)
	m.line(".SH COMMANDS")
	for _, s := range p.commands {
		m.command(s)
	}
	m.line(".SH OPTIONS")
	m.text("These go with every command.")
	m.entries(p.flags)
	m.statuses(".SH EXIT STATUS", p.guide.Statuses)
	m.environment(p)
	m.examples(".SH EXAMPLES", p.guide.Examples)
	m.line(".SH SEE ALSO")
	m.line(`.BR tcpdump (8),`)
	m.line(`.BR tshark (1),`)
	m.line(`.BR tcp (7)`)
	_, err := io.WriteString(w, m.String())
	return err
}

// roff collects the lines of a page.
type roff struct{ strings.Builder }

func (m *roff) line(format string, args ...any) { fmt.Fprintf(&m.Builder, format+"\n", args...) }

// text sets a paragraph: a new line for each sentence, none too long.
func (m *roff) text(text string) {
	for _, sentence := range sentences(text) {
		for _, line := range report.Wrap(escape(sentence), 78) {
			if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
				line = `\&` + line
			}
			m.line("%s", line)
		}
	}
}

// paragraphs sets several; what is indented in them is left as it is.
func (m *roff) paragraphs(list []string) {
	first := true
	for _, text := range list {
		if strings.TrimSpace(text) == "" {
			continue
		}
		if !first {
			m.line(".PP")
		}
		first = false
		m.text(text)
	}
}

func (m *roff) command(s section) {
	m.line(".SS %s", escape(s.path))
	m.text(s.help)
	m.line(".PP")
	m.line(".EX")
	m.line("%s", escape(s.synopsis))
	m.line(".EE")
	if len(s.guide.About) > 0 {
		m.line(".PP")
		m.paragraphs(s.guide.About)
	}
	m.entries(append(append([]entry(nil), s.args...), s.flags...))
	m.examples(".PP\nExamples:", s.guide.Examples)
	m.statuses(".PP\nExit status:", s.guide.Statuses)
}

func (m *roff) entries(list []entry) {
	for _, e := range list {
		m.line(".TP")
		if e.value == "" {
			m.line(`\fB%s\fR`, escape(e.spelled))
		} else {
			m.line(`\fB%s\fR=\fI%s\fR`, escape(e.spelled), escape(e.value))
		}
		m.text(e.help)
	}
}

func (m *roff) statuses(heading string, list []Status) {
	if len(list) == 0 {
		return
	}
	m.line("%s", heading)
	for _, s := range list {
		m.line(".TP")
		m.line(".B %s", escape(s.Code))
		m.text(s.Meaning)
	}
}

func (m *roff) examples(heading string, list []Example) {
	if len(list) == 0 {
		return
	}
	m.line("%s", heading)
	for _, e := range list {
		m.line(".TP")
		m.text(e.Does)
		m.line(".EX")
		m.line("%s", escape(e.Command))
		m.line(".EE")
	}
}

func (m *roff) environment(p page) {
	m.line(".SH ENVIRONMENT")
	m.text(environmentRule)
	for _, v := range p.guide.Environment {
		m.line(".TP")
		m.line(".B %s", escape(v.Name))
		m.text(v.Meaning)
	}
}

// environmentRule says how the variables of the flags are called.
const environmentRule = "Every flag has a variable: TCPING_CMP_, the command, _, and the flag, in capitals and with underscores, such as TCPING_CMP_RUN_TIMEOUT for --timeout of run; flags that go with every command leave the command out, such as TCPING_CMP_COLOR. A flag on the command line beats its variable."
