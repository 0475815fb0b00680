package rules

import (
	"slices"
	"strings"

	"tcping-cmp/compare/spelling"
)

// Explanation is what there is to say of a requirement.
type Explanation struct {
	ID, Clause, Level, Meaning, When, Link string
	How                                    string   // "one conversation", "several conversations", or why it is not judged
	By                                     []string // rules that judge it; its own id if it has a rule
	Known                                  []Known
}

// Explain says what there is to say of a rule or a requirement.
func Explain(id string) (x Explanation, ok bool) {
	for n := range Book {
		if r := &Book[n]; r.ID == id {
			return Explanation{r.ID, r.Clause, r.Level.String(), r.Meaning, r.when(), r.Read(), "one conversation", []string{id}, knownOf(id)}, true
		}
	}
	for _, r := range SeriesBook {
		if r.ID == id {
			return Explanation{r.ID, r.Clause, r.Level.String(), r.Meaning, r.When, link(r.Clause), "several conversations", []string{id}, knownOf(id)}, true
		}
	}
	r, ok := FindRequirement(id)
	if !ok {
		return x, false
	}
	clause := "RFC " + r.RFC
	if r.Section != "" {
		clause += " §" + r.Section
	}
	x = Explanation{ID: r.ID, Clause: clause, Level: r.Level, Meaning: r.Meaning, Link: link(clause)}
	x.By, x.How = JudgedBy[id], NotInFrames[id]
	switch {
	case len(x.By) > 0:
		x.How = "by other rules"
	case x.How == "" && r.Visible == InServers:
		x.How = "only a listening stack shows it"
	case x.How == "":
		x.How = "it does not show on the wire"
	}
	return x, true
}

// when is what exercises a rule.
func (r *Rule) when() string {
	if r.When != "" {
		return r.When
	}
	return "any conversation"
}

func knownOf(rule string) (list []Known) {
	for _, k := range KnownDifferences {
		if k.Rule == rule {
			list = append(list, k)
		}
	}
	return list
}

// IDs are all that Explain knows: the rules in the order of the Book, then the
// requirements without a rule of their own.
func IDs() []string {
	var ids []string
	for n := range Book {
		ids = append(ids, Book[n].ID)
	}
	for _, r := range SeriesBook {
		ids = append(ids, r.ID)
	}
	for _, r := range Requirements {
		if !slices.Contains(ids, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Similar are the ids that look most like a wrong one, the best first; three
// at the most.
func Similar(id string) []string {
	type candidate struct {
		id string
		d  int
	}
	var list []candidate
	want := strings.ToLower(id)
	for _, other := range IDs() {
		have := strings.ToLower(other)
		d := spelling.Distance(want, have)
		if want != "" && strings.Contains(have, want) {
			d = min(d, 1)
		}
		if d <= max(2, len(want)/3) {
			list = append(list, candidate{other, d})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return a.d - b.d })
	var ids []string
	for n := range min(len(list), 3) {
		ids = append(ids, list[n].id)
	}
	return ids
}
