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
		return ": tcping-cmp suite --list shows them all"
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// beginning is how much of a name has to be written to be taken for one that
// was not written to its end.
const beginning = 8

// nearest returns up to n names that could have been meant, the nearest first.
func nearest(written string, n int) []string {
	type candidate struct {
		name     string
		distance int
	}
	var list []candidate
	consider := func(name, as string, most int) {
		d := spelling.Distance(written, as)
		if d > most {
			return
		}
		if at := slices.IndexFunc(list, func(c candidate) bool { return c.name == name }); at >= 0 {
			list[at].distance = min(list[at].distance, d)
			return
		}
		list = append(list, candidate{name, d})
	}
	for _, c := range Cases() {
		id, claim := c.ID(), path.Base(c.ID())
		consider(c.Topic(), c.Topic(), len(c.Topic())/3)
		for _, as := range []string{id, claim} {
			consider(id, as, len(as)/3)
			if n := len(written); n > beginning && n < len(as) { // its first words, mistyped
				consider(id, as[:n], 2)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return a.distance - b.distance })
	var names []string
	for _, c := range list[:min(n, len(list))] {
		names = append(names, c.name)
	}
	return names
}
