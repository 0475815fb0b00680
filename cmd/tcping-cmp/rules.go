package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"tcping-cmp/compare/report"
	"tcping-cmp/compare/rules"
)

// rulesCommand lists the rule book or explains a rule.
type rulesCommand struct {
	ID     string `arg:"" complete:"rule" optional:"" help:"A requirement, such as MUST-34 or 6298:5.5:double. Without it, all are listed."`
	Format string `enum:"text,json" default:"text" placeholder:"FORMAT" help:"text, or json: JSON Lines."`
}

// ruleRecord is a requirement as JSON.
type ruleRecord struct {
	report.Head
	ID      string        `json:"id"`
	Clause  string        `json:"clause"`
	Level   string        `json:"level"`
	Meaning string        `json:"meaning"`
	When    string        `json:"when"` // what exercises it
	Link    string        `json:"link"`
	How     string        `json:"how"`       // how it is judged, or why it is not
	By      []string      `json:"judged_by"` // rules
	Known   []rules.Known `json:"known"`     // differences of known stacks
}

// Run prints.
func (c *rulesCommand) Run(a *app) error {
	ids := rules.IDs()
	if c.ID != "" {
		if _, ok := rules.Explain(c.ID); !ok {
			return unknownRule(c.ID)
		}
		ids = []string{c.ID}
	}
	enc := json.NewEncoder(a.Out)
	enc.SetEscapeHTML(false)
	for _, id := range ids {
		x, _ := rules.Explain(id)
		switch {
		case c.Format == "json":
			record := ruleRecord{report.Head{Schema: report.Schema, Record: "requirement"}, x.ID, x.Clause, x.Level, x.Meaning, x.When, x.Link, x.How, x.By, x.Known}
			if record.By == nil {
				record.By = []string{}
			}
			if record.Known == nil {
				record.Known = []rules.Known{}
			}
			if err := enc.Encode(record); err != nil {
				return err
			}
		case c.ID == "":
			if _, err := fmt.Fprintf(a.Out, "%-27s %-6s %s\n", x.ID, x.Level, x.Meaning); err != nil {
				return err
			}
		default:
			if _, err := fmt.Fprint(a.Out, explained(x)); err != nil {
				return err
			}
		}
	}
	return nil
}

// explained is a rule in full.
func explained(x rules.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s, %s)\n  %s\n", x.ID, x.Level, x.Clause, x.Meaning)
	if x.When != "" {
		fmt.Fprintf(&b, "  Exercised by: %s.\n", x.When)
	}
	switch {
	case x.How == "by other rules":
		fmt.Fprintf(&b, "  Judged by: %s.\n", strings.Join(x.By, ", "))
	case len(x.By) > 0:
		fmt.Fprintf(&b, "  Judged from: %s.\n", x.How)
	default:
		fmt.Fprintf(&b, "  Not judged: %s.\n", x.How)
	}
	for _, k := range x.Known {
		fmt.Fprintf(&b, "  Known of %s since %s: %s. Accepted: %s. %s\n", k.Stack, k.From, k.Seen, k.Why, k.Link)
	}
	if x.Link != "" {
		fmt.Fprintf(&b, "  %s\n", x.Link)
	}
	return b.String()
}

func unknownRule(id string) error {
	text := fmt.Sprintf("there is no requirement %q", id)
	if similar := rules.Similar(id); len(similar) > 0 {
		return fmt.Errorf("%s; did you mean %s?", text, strings.Join(similar, ", "))
	}
	return fmt.Errorf("%s: tcping-cmp rules lists all", text)
}
