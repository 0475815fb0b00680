package library

import (
	"path"
	"slices"
	"strings"

	"tcping-cmp/compare/spelling"
)

// didYouMean names the scenarios and topics that are nearest to what was
// written, or says how to see them all.
func didYouMean(written string) string {
	near := nearest(written, 3)
	if near == nil {
		return ": --list shows them all"
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// nearest returns up to n names that could have been meant, the nearest first.
func nearest(written string, n int) []string {
	type candidate struct {
		name     string
		distance int
	}
	var list []candidate
	consider := func(name, as string) {
		d := spelling.Distance(written, as)
		if d <= len(as)/3 && !slices.ContainsFunc(list, func(c candidate) bool { return c.name == name }) {
			list = append(list, candidate{name, d})
		}
	}
	for _, c := range Cases() {
		id := c.ID()
		consider(c.Topic(), c.Topic())
		consider(id, id)
		consider(id, path.Base(id))
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return a.distance - b.distance })
	var names []string
	for _, c := range list[:min(n, len(list))] {
		names = append(names, c.name)
	}
	return names
}
