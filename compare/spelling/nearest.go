package spelling

import (
	"slices"
	"strings"
)

// Nearest are the names that could have been meant, the nearest first, three
// at the most: a third of the letters may be wrong, capitals do not count, and
// what was written may be the beginning of a name.
func Nearest(written string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var list []candidate
	want := strings.ToLower(written)
	for _, name := range names {
		have := strings.ToLower(name)
		d := Distance(want, have)
		if len(want) > 1 && strings.HasPrefix(have, want) {
			d = 1
		}
		if d <= max(1, min(len(want), len(have))/3) && name != written {
			list = append(list, candidate{name, d})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return a.distance - b.distance })
	var near []string
	for _, c := range list[:min(3, len(list))] {
		near = append(near, c.name)
	}
	return near
}
