package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"tcping-cmp/compare"
)

// checkFormats are the ways to show what check found.
var checkFormats = map[string]func(io.Writer, []*compare.Checked, Ending, Style) error{
	"json":     checkJSON,
	"markdown": checkMarkdown,
	"junit": func(w io.Writer, list []*compare.Checked, end Ending, _ Style) error {
		return JUnitChecks(w, checksOfAll(list, end))
	},
	"tap": func(w io.Writer, list []*compare.Checked, end Ending, _ Style) error {
		return TAPChecks(w, checksOfAll(list, Ending{}), end.Message)
	},
	"github": checkGitHub,
	"html":   checkHTML,
}

// CheckFormats returns the names of the formats that WriteCheck knows.
func CheckFormats() []string { return append([]string{"json"}, MatrixFormats()...) }

// WriteCheck shows in a format what was found in the conversations of a
// capture. end says what went wrong beside it, or instead of it. JSON and the
// page have the frames and what they imply if the style is verbose.
func WriteCheck(w io.Writer, format string, list []*compare.Checked, end Ending, s Style) error {
	write, ok := checkFormats[format]
	if !ok {
		return fmt.Errorf("%s: %w", format, ErrFormat)
	}
	return write(w, list, end, s)
}

// ends names a conversation.
func ends(c *compare.Checked) string {
	return fmt.Sprintf("%s to %s", c.Conversation.Client, c.Conversation.Server)
}

// checkedTally counts what a check found.
func checkedTally(list []*compare.Checked) (violations, deviations, known int, failed bool) {
	for _, c := range list {
		failed = failed || c.ExitStatus() != 0
		for i := range c.Broken {
			switch b := &c.Broken[i]; {
			case b.Known != nil:
				known++
			case b.Verdict == compare.Violation:
				violations++
			case b.Verdict == compare.Deviation:
				deviations++
			}
		}
	}
	return violations, deviations, known, failed
}

// checkedLine is the verdict on all conversations, with its mark.
func checkedLine(list []*compare.Checked) (mark, text string) {
	violations, deviations, known, failed := checkedTally(list)
	mark = "="
	if failed {
		mark = "!"
	}
	return mark, fmt.Sprintf("%s: %s, %s, %d known", Plural(len(list), "conversation"), Plural(violations, "violation"), Plural(deviations, "deviation"), known)
}

// brokenCounts reports whether a broken rule decides the exit status.
func brokenCounts(b *compare.BrokenRule) bool {
	return b.New || b.Known == nil && b.Verdict >= compare.Violation
}

// brokenTitle says who breaks which rule.
func brokenTitle(b *compare.BrokenRule) string {
	return fmt.Sprintf("%s by the %s", b.Rule.ID, end(b.Dir))
}

// brokenWhy is the clause, what it means, and what counts beside it.
func brokenWhy(b *compare.BrokenRule) string {
	text := b.Verdict.String() + ": " + b.Rule.Clause + ": " + b.Rule.Meaning
	if b.Known != nil {
		text += " Known of " + b.Known.Stack + " and accepted: " + b.Known.Why
	}
	if b.New {
		text += " " + notInBaseline
	}
	return text
}

// brokenPlaces are the frames, a line each.
func brokenPlaces(b *compare.BrokenRule) (lines []string) {
	for n := range b.Places {
		if n == maxPlaces {
			return append(lines, fmt.Sprintf("and %d more", len(b.Places)-n))
		}
		lines = append(lines, fmt.Sprintf("#%d: %s", b.Places[n].Event+1, b.Says(n)))
	}
	return lines
}

// checksOfAll are a group a conversation, and a check each rule that an end
// breaks and each that holds. What met nothing is counted only.
func checksOfAll(list []*compare.Checked, end Ending) []Checks {
	var all []Checks
	for n, c := range list {
		group := Checks{
			Name: fmt.Sprintf("conversation %d: %s", n+1, ends(c)),
			Properties: []compare.Setting{
				{Name: "frames", Value: fmt.Sprint(len(c.Conversation.Events))},
				{Name: "rules not exercised", Value: fmt.Sprint(c.NotExercised)},
			},
		}
		for i := range c.Broken {
			b := &c.Broken[i]
			group.Checks = append(group.Checks, Check{
				Group: "requirements", Name: brokenTitle(b), Outcome: outcome(brokenCounts(b)), Kind: b.Verdict.String(),
				Message: brokenWhy(b), Detail: strings.Join(brokenPlaces(b), "\n"),
			})
		}
		for _, id := range c.Held {
			group.Checks = append(group.Checks, Check{Group: "requirements", Name: id})
		}
		all = append(all, group)
	}
	if end.Message != "" {
		all = append(all, failureCheck(end))
	}
	return all
}

// checkGitHub writes an error for each violation and a warning for each
// deviation, at most ten in all, and the verdict for the log.
func checkGitHub(w io.Writer, list []*compare.Checked, end Ending, _ Style) error {
	var errors, warnings []annotation
	if end.Message != "" {
		errors = append(errors, annotation{"error", "tcping-cmp: " + end.Code, end.Message})
	}
	for _, c := range list {
		for i := range c.Broken {
			b := &c.Broken[i]
			note := annotation{"error", ends(c) + ": " + brokenTitle(b), brokenWhy(b) + "\n" + strings.Join(brokenPlaces(b), "\n")}
			switch {
			case brokenCounts(b):
				errors = append(errors, note)
			case b.Known == nil && b.Verdict == compare.Deviation:
				note.level = "warning"
				warnings = append(warnings, note)
			}
		}
	}
	b := bufio.NewWriter(w)
	writeAnnotations(b, append(errors, warnings...))
	mark, text := checkedLine(list)
	fmt.Fprintln(b, mark, text)
	return b.Flush()
}

// checkMarkdown fits a comment: the verdict, then the rules that are broken.
func checkMarkdown(w io.Writer, list []*compare.Checked, end Ending, _ Style) error {
	out := &markdown{left: markdownBytes}
	if end.Message != "" {
		out.block(fmt.Sprintf("**! tcping-cmp: %s**\n\n", markdownText(end.Message)), "")
	}
	if len(list) > 0 || end.Message == "" {
		mark, text := checkedLine(list)
		out.block(fmt.Sprintf("### %s %s\n\n", mark, text), "")
	}
	for n, c := range list {
		if len(c.Broken) == 0 {
			continue
		}
		name := fmt.Sprintf("conversation %d: %s", n+1, ends(c))
		text := fmt.Sprintf("#### %s\n\n%d frames, %d rules hold.\n\n| | verdict | rule | where | why |\n|---|---|---|---|---|\n", markdownText(name), len(c.Conversation.Events), len(c.Held))
		for i := range c.Broken {
			b := &c.Broken[i]
			where := brokenPlaces(b)
			text += fmt.Sprintf("| %s | %s | %s | %s | %s |\n", b.Verdict.Glyph(), b.Verdict, cell(brokenTitle(b)), cell(strings.ReplaceAll(strings.Join(where[:min(3, len(where))], "; "), "#", "frame ")), cell(brokenWhy(b)))
		}
		out.block(text+"\n", name)
	}
	_, err := w.Write(out.out.Bytes())
	return err
}

type checkPage struct {
	sheetHead
	Conversations []checkPageRow
}

type checkPageRow struct {
	Number                            int
	Ends, Verdict, Mark, Level, Tally string
	Frames                            int
	Remarks                           []string
	Broken                            []checkPageRule
	Story                             []checkPageFrame
}

type checkPageRule struct {
	Mark, Level, Title, Why string
	Places                  []string
}

// checkHTML writes a page with a row a conversation.
func checkHTML(w io.Writer, list []*compare.Checked, end Ending, s Style) error {
	mark, text := checkedLine(list)
	if end.Message != "" && len(list) == 0 {
		mark, text = "!", "nothing was checked"
	}
	page := checkPage{sheetHead: newSheet(mark, "check", text, end, len(list))}
	for n, c := range list {
		row := checkPageRow{
			Number: n + 1, Ends: ends(c), Verdict: c.Worst().String(), Mark: c.Worst().Glyph(), Level: "good", Frames: len(c.Conversation.Events),
			Tally: fmt.Sprintf("%d hold, %d broken, %d not exercised", len(c.Held), len(c.Broken), c.NotExercised), Remarks: remarks(c),
		}
		if c.ExitStatus() != 0 {
			row.Level = "bad"
		} else if len(c.Broken) > 0 {
			row.Level = "warn"
		}
		for i := range c.Broken {
			b := &c.Broken[i]
			rule := checkPageRule{Mark: b.Verdict.Glyph(), Level: "warn", Title: brokenTitle(b), Why: printable(brokenWhy(b)), Places: brokenPlaces(b)}
			if brokenCounts(b) {
				rule.Level = "bad"
			}
			row.Broken = append(row.Broken, rule)
		}
		if t := storyOf(c, s); t != nil {
			row.Story = t.page(s)
		}
		page.Conversations = append(page.Conversations, row)
	}
	return writePage(w, "check", page)
}

// remarks say what a conversation was not judged by, and what others of the same
// client show with it.
func remarks(c *compare.Checked) (list []string) {
	if !c.Conversation.FromStart() {
		list = append(list, "it was not captured from its beginning: what needs the SYNs is not judged")
	}
	if !c.Conversation.Exact {
		list = append(list, "where it was captured is not known: what an end had got, or when it sent, is not judged")
	}
	if s := c.Series; s != nil {
		var answers []string
		for _, r := range s.Rules {
			answers = append(answers, r.ID+" "+r.Answer.String())
		}
		list = append(list, fmt.Sprintf("the first of %d conversations of %s, which together show: %s", len(s.Conversations), s.Client, strings.Join(answers, ", ")))
	}
	return list
}
