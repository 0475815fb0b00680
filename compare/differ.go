package compare

import (
	"fmt"
	"hash/fnv"
	"slices"
	"sort"
	"strings"

	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// differ lists the differences of two aligned conversations.
type differ struct {
	a              *alignment
	refOut, tstOut *rules.Outcome
	told           [][]told         // what differs in pairs of frames, in the order of the rows
	groups         map[groupKey]int // index in list
	list           []Difference
	highest        []int32 // around has them; nil until they are wanted
	lowest         []int32
}

// groupKey is what differences of one kind have in common.
type groupKey struct {
	class   Class
	field   string
	role    string
	dir     tap.Direction
	verdict Verdict
	clause  string
	repeat  int // 0 for the first conversations
}

func newDiffer(a *alignment, refOut, tstOut *rules.Outcome) *differ {
	return &differ{
		a: a, refOut: refOut, tstOut: tstOut,
		groups: map[groupKey]int{},
	}
}

// run goes through the rows once, then through what the rules found.
func (d *differ) run() {
	d.lookAtPairs()
	for n := range d.a.rows {
		row := &d.a.rows[n]
		switch {
		case row.Moved && row.Ref != None:
			to := d.a.refTo[row.Ref]
			row.Worst = max(d.order(row.Ref, to), d.pair(n, row.Ref, to))
		case row.Moved:
			row.Worst = Permitted
		case row.Ref == None:
			row.Worst = d.lonely(d.a.test, d.a.ref, row.Test, Extra)
		case row.Test == None:
			row.Worst = d.lonely(d.a.ref, d.a.test, row.Ref, Missing)
		default:
			row.Worst = d.pair(n, row.Ref, row.Test)
		}
	}
	d.findings()
	d.identification()
	d.flowLabels()
}

// add puts an occurrence where others of its kind are.
func (d *differ) add(key groupKey, o opinion, occ Occurrence) *Difference {
	key.verdict, key.clause = o.verdict, o.clause
	n, ok := d.groups[key]
	if !ok {
		n = len(d.list)
		d.groups[key] = n
		d.list = append(d.list, Difference{
			Class: key.class, Field: key.field, Role: key.role, Dir: key.dir,
			Verdict: o.verdict, Clause: o.clause, Reason: o.reason,
			ID: identify(&key), Repeat: max(key.repeat, 1),
		})
	}
	diff := &d.list[n]
	if n := len(diff.Occurrences); n == cap(diff.Occurrences) {
		diff.Occurrences = slices.Grow(diff.Occurrences, n+1) // there may be as many as frames
	}
	diff.Occurrences = append(diff.Occurrences, occ)
	return diff
}

// identify makes an id that is the same whenever the same kind of difference
// is found, in whichever of the stacks' conversations: what varies from run to
// run has no part in it, nor has what a rule is called beside its id.
func identify(key *groupKey) string {
	h := fnv.New64a()
	clause := key.clause
	if key.class == Rule { // the role is the rule's id
		clause = ""
	}
	for _, s := range [...]string{key.class.String(), key.field, key.role, key.dir.String(), key.verdict.String(), clause} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return fmt.Sprintf("%010x", h.Sum64()&0xffffffffff)
}

const peerChoice = "the peer's own choice: it follows from what it was sent, and from its timing"

// pair adds what differs in the two frames of a row and returns the worst
// verdict.
func (d *differ) pair(row int, i, j int32) Verdict {
	list := &d.told[row/rowsAtOnce]
	worst := Same
	for len(*list) > 0 && (*list)[0].row == int32(row) {
		t := &(*list)[0]
		worst = max(worst, t.verdict)
		key := groupKey{class: Field, field: t.field.name, role: d.group(t.field, i), dir: d.a.ref.c.Events[i].Dir}
		d.add(key, t.opinion, Occurrence{Ref: i, Test: j})
		*list = (*list)[1:]
	}
	return worst
}

// group names the frames that a difference is told for together.
func (d *differ) group(f *field, i int32) string {
	switch r := d.a.ref.roles[i]; {
	case f.wide:
		return "all frames"
	case r == roleSYN || r == roleSYNAgain || r == roleARP || r == roleICMP || r == roleNeighbour:
		return d.a.ref.name(i)
	}
	return "segments"
}

// explained reports whether a rule says the same thing better.
func (d *differ) explained(name string, o opinion, i, j int32) bool {
	if o.verdict == Artefact {
		return false
	}
	for _, f := range [...][]rules.Finding{at(d.refOut, i), at(d.tstOut, j)} {
		for n := range f {
			if f[n].Rule.Field == name || o.verdict == Unspecified && sameFamily(f[n].Rule.Field, name) {
				return true
			}
		}
	}
	return false
}

// at returns the findings about a frame.
func at(out *rules.Outcome, i int32) []rules.Finding {
	if out == nil || i == None || len(out.Findings) == 0 {
		return nil
	}
	from := sort.Search(len(out.Findings), func(n int) bool { return out.Findings[n].Event >= int(i) })
	to := from
	for to < len(out.Findings) && out.Findings[to].Event == int(i) {
		to++
	}
	return out.Findings[from:to]
}

// sameFamily compares the first two labels of field names.
func sameFamily(a, b string) bool { return family(a) == family(b) }

func family(name string) string {
	if i := strings.IndexByte(name, '.'); i >= 0 {
		if j := strings.IndexByte(name[i+1:], '.'); j >= 0 {
			return name[:i+1+j]
		}
	}
	return name
}

// finish names, sorts and numbers the differences: the worst first, then in
// the order of the conversation.
func (d *differ) finish() []Difference {
	for n := range d.list {
		diff := &d.list[n]
		if diff.Class == Rule && diff.Repeat == 1 {
			diff.Role = d.ruleRole(diff)
		}
	}
	slices.SortStableFunc(d.list, func(a, b Difference) int {
		if a.Verdict != b.Verdict {
			return int(b.Verdict) - int(a.Verdict)
		}
		return first(&a) - first(&b)
	})
	for n := range d.list {
		d.list[n].Number = n + 1
	}
	return d.list
}

// ruleRole names the frames a rule was broken in: their common role.
func (d *differ) ruleRole(diff *Difference) string {
	role := ""
	for _, o := range diff.Occurrences[:min(len(diff.Occurrences), 100)] {
		name := ""
		if o.Test != None && diff.By&(Tested|TestedPeer) != 0 {
			name = d.a.test.name(o.Test)
		} else if o.Ref != None {
			name = d.a.ref.name(o.Ref)
		} else {
			name = d.a.test.name(o.Test)
		}
		if role != "" && role != name {
			return "segments"
		}
		role = name
	}
	return role
}

// first is where in the conversation a difference begins.
func first(diff *Difference) int {
	o := diff.Occurrences[0]
	return int(max(o.Ref, o.Test))
}
