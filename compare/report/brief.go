package report

import (
	"fmt"

	"tcping-cmp/compare"
)

// Counting returns a line for each difference that decides the exit status:
// what it is, where it is seen first, and why it counts.
func Counting(r *compare.Report) (lines []string) {
	for n := range r.Differences {
		d := &r.Differences[n]
		if !counting(d) {
			continue
		}
		line := fmt.Sprintf("%s: %s", d.Verdict, title(d))
		if len(d.Occurrences) > 0 {
			line += ": " + place(r, d, d.Occurrences[0])
		}
		lines = append(lines, line+": "+because(d))
	}
	return lines
}
