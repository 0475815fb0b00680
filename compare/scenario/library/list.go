package library

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteList writes docs/library.md: every scenario by topic with its claim and
// what it exercises, and the declared differences.
func WriteList(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, `# The library of scenarios

%d scenarios of our own, in the notation of [scenarios.md](scenarios.md), played to each stack in virtual time. A name is a file below `+"`compare/scenario/library`"+`. Those without a mark are played over IPv4 and IPv6. The ids are those of `+"`compare/rules/requirements.go`"+`.

`+"`tcping-cmp suite`"+` plays them all, `+"`tcping-cmp suite NAME`"+` those whose name has NAME in it.

This page is generated: `+"`go generate ./compare/scenario/library`"+`.
`, len(entries()))
	topic := ""
	for _, e := range entries() {
		if e.Topic() != topic {
			topic = e.Topic()
			fmt.Fprintf(&b, "\n## %s\n\n| scenario | claim | exercises |\n|---|---|---|\n", topic)
		}
		fmt.Fprintf(&b, "| `%s`%s | %s | %s |\n", e.Name, versionMark(e.Versions),
			strings.ReplaceAll(e.Claim, "|", `\|`), strings.Join(e.Exercises, ", "))
	}
	writeKnown(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeKnown writes the declared differences.
func writeKnown(b *strings.Builder) {
	b.WriteString(`
## Declared differences

What a stack does otherwise than scenarios expect, in the shape of what it sends; in those with an asterisk only a comparison with another stack shows it. A test fails when one of these no longer shows, and when another does.

| stack | verdict | clause | what it does | scenarios |
|---|---|---|---|---|
`)
	for _, d := range Known {
		what := d.What
		if d.Source != "" {
			what += " (" + d.Source + ")"
		}
		scenarios := slices.Clone(d.Scenarios)
		for _, name := range d.Beside {
			scenarios = append(scenarios, name+"\\*")
		}
		fmt.Fprintf(b, "| %s | %s | %s, %s | %s | %s |\n", d.Stack, d.Verdict, d.Clause(), d.Requirement, what, strings.Join(scenarios, ", "))
	}
}

func versionMark(versions []int) string {
	if len(versions) != 1 {
		return ""
	}
	return fmt.Sprintf(" (IPv%d)", versions[0])
}
