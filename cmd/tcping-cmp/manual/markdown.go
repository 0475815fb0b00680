package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Markdown writes the page of the documents.
func Markdown(w io.Writer, app *kong.Application, guides Guides) error {
	p := newPage(app, guides)
	var b strings.Builder
	fmt.Fprintf(&b, "# The command line\n\nMade from the program by `go generate ./cmd/%s`; `%s COMMAND --help` and `man %s` say the same.\n\n%s.\n", p.name, p.name, p.name, p.guide.Title)
	for _, text := range p.guide.About {
		fmt.Fprintf(&b, "\n%s\n", text)
	}
	for _, s := range p.commands {
		markdownCommand(&b, s)
	}
	b.WriteString("\n## Flags of every command\n")
	markdownEntries(&b, p.flags)
	b.WriteString("\n## Exit status\n\n")
	markdownStatuses(&b, p.guide.Statuses)
	fmt.Fprintf(&b, "\n## Environment\n\n%s\n\n| variable | meaning |\n|---|---|\n", environmentRule)
	for _, v := range p.guide.Environment {
		fmt.Fprintf(&b, "| `%s` | %s |\n", v.Name, v.Meaning)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownCommand(b *strings.Builder, s section) {
	fmt.Fprintf(b, "\n## %s\n\n```\n%s\n```\n\n%s\n", s.path, s.synopsis, s.help)
	for _, text := range s.guide.About {
		fmt.Fprintf(b, "\n%s\n", text)
	}
	markdownEntries(b, append(append([]entry(nil), s.args...), s.flags...))
	if len(s.guide.Examples) > 0 {
		b.WriteString("\n```sh\n")
		for _, e := range s.guide.Examples {
			fmt.Fprintf(b, "# %s\n%s\n", e.Does, e.Command)
		}
		b.WriteString("```\n")
	}
	if len(s.guide.Statuses) > 0 {
		b.WriteString("\n")
		markdownStatuses(b, s.guide.Statuses)
	}
}

func markdownEntries(b *strings.Builder, list []entry) {
	if len(list) == 0 {
		return
	}
	b.WriteString("\n| | |\n|---|---|\n")
	for _, e := range list {
		spelled := e.spelled
		if e.value != "" {
			spelled += "=" + e.value
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.ReplaceAll(spelled, "|", `\|`), cell(e.help))
	}
}

func markdownStatuses(b *strings.Builder, list []Status) {
	b.WriteString("| exit status | meaning |\n|---|---|\n")
	for _, s := range list {
		fmt.Fprintf(b, "| %s | %s |\n", s.Code, cell(s.Meaning))
	}
}

// cell keeps a text inside its cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(text)
}
