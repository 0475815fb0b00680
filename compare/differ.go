package compare

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// differ lists the differences of two aligned conversations.
type differ struct {
	a              *alignment
	refOut, tstOut *rules.Outcome
	p              pair
	groups         map[groupKey]int // index in list
	list           []Difference
	highest        int32   // the counterpart furthest down so far, of the stream's frames that the client sends
	lowest         []int32 // the same for the frames to come; nil until it is wanted
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
		p:       pair{ref: a.ref, test: a.test, known: map[uint64]layoutVerdict{}},
		groups:  map[groupKey]int{},
		highest: None,
	}
}

// run goes through the rows once, then through what the rules found.
func (d *differ) run() {
	for n := range d.a.rows {
		row := &d.a.rows[n]
		switch {
		case row.Moved && row.Ref != None:
			to := d.a.refTo[row.Ref]
			row.Worst = max(d.order(row.Ref, to), d.pair(row.Ref, to))
		case row.Moved:
			row.Worst = Permitted
		case row.Ref == None:
			row.Worst = d.lonely(d.a.test, d.a.ref, row.Test, Extra)
		case row.Test == None:
			row.Worst = d.lonely(d.a.ref, d.a.test, row.Ref, Missing)
		default:
			row.Worst = d.pair(row.Ref, row.Test)
		}
		if i := row.Ref; i != None && d.a.ref.roles[i].inStream() && d.a.ref.c.Events[i].Dir == tap.Out {
			d.highest = max(d.highest, d.a.refTo[i])
		}
	}
	d.findings()
	d.identification()
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
	diff.Occurrences = append(diff.Occurrences, occ)
	return diff
}

// identify makes an id that is the same whenever the same kind of difference
// is found.
func identify(key *groupKey) string {
	h := fnv.New64a()
	for _, s := range [...]string{key.class.String(), key.field, key.role, key.dir.String(), key.verdict.String(), key.clause, strconv.Itoa(key.repeat)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return fmt.Sprintf("%010x", h.Sum64()&0xffffffffff)
}

const peerChoice = "the peer's own choice: it follows from what it was sent, and from its timing"

// pair compares two frames field by field and returns the worst verdict.
func (d *differ) pair(i, j int32) Verdict {
	p := &d.p
	p.x, p.y, p.role = d.a.ref.c.Events[i], d.a.test.c.Events[j], d.a.ref.roles[i]
	k := kindOf(p.x.Kind) & kindOf(p.y.Kind)
	if p.role == roleDamaged || d.a.test.roles[j] == roleDamaged {
		return Same // the numbers mean nothing
	}
	worst := Same
	for n := range fields {
		f := &fields[n]
		if f.kinds&k == 0 || !f.differs(p) {
			continue
		}
		o := f.judge(p)
		if p.x.Dir == tap.In && o.verdict != Artefact {
			o = opinion{Permitted, "", peerChoice}
		}
		if d.explained(f.name, o, i, j) {
			continue
		}
		worst = max(worst, o.verdict)
		d.add(groupKey{class: Field, field: f.name, role: d.group(f, i), dir: p.x.Dir}, o, Occurrence{Ref: i, Test: j})
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

// order judges a pair that stands in another order than the rest.
func (d *differ) order(i, j int32) Verdict {
	dir, r := d.a.ref.c.Events[i].Dir, d.a.ref.roles[i]
	o := opinion{Permitted, "RFC 9293 §3.8", "which crosses first, of the two directions, of data, acknowledgements and retransmissions, is a matter of timing"}
	if dir == tap.Out && r.inStream() && d.crosses(i, j) {
		o = opinion{Unspecified, "", "new octets leave in another order"}
	}
	d.add(groupKey{class: Order, field: "frame", role: d.a.ref.name(i), dir: dir}, o, Occurrence{Ref: i, Test: j})
	return o.verdict
}

// inStream reports whether frames of this role are sent in the order of the
// stream.
func (r role) inStream() bool { return r == roleSYN || r == roleData || r == roleFIN }

// crosses reports whether another frame of the stream stands before this one
// on one side and after it on the other.
func (d *differ) crosses(i, j int32) bool {
	if d.lowest == nil {
		d.lowest = d.a.lowestAfter()
	}
	return j < d.highest || j > d.lowest[i]
}

// lowestAfter has for each frame of the reference the lowest counterpart of
// the stream's frames that the client sends after it.
func (a *alignment) lowestAfter() []int32 {
	lowest := make([]int32, len(a.refTo))
	low := int32(math.MaxInt32)
	for i := len(a.refTo) - 1; i >= 0; i-- {
		lowest[i] = low
		if a.refTo[i] != None && a.ref.roles[i].inStream() && a.ref.c.Events[i].Dir == tap.Out {
			low = min(low, a.refTo[i])
		}
	}
	return lowest
}

// findings adds what the rules found about either side. What both sides break
// in frames that belong together is told once.
func (d *differ) findings() {
	for n := range d.tstOut.Findings {
		f := &d.tstOut.Findings[n]
		i := d.a.testTo[f.Event]
		by := Tested
		if broken(d.refOut, f.Rule, i) {
			by |= Reference
		}
		d.finding(f, Occurrence{Ref: i, Test: int32(f.Event), Got: f.Got, Want: f.Want}, by, 0)
	}
	for n := range d.refOut.Findings {
		f := &d.refOut.Findings[n]
		j := d.a.refTo[f.Event]
		if !broken(d.tstOut, f.Rule, j) {
			d.finding(f, Occurrence{Ref: int32(f.Event), Test: j, Got: f.Got, Want: f.Want}, Reference, 0)
		}
	}
	d.markRows()
}

func broken(out *rules.Outcome, r *rules.Rule, i int32) bool {
	for _, f := range at(out, i) {
		if f.Rule == r {
			return true
		}
	}
	return false
}

func (d *differ) finding(f *rules.Finding, occ Occurrence, by Sides, repeat int) {
	if f.Dir == tap.In {
		by <<= 2 // the peers
	}
	o := opinion{Violation, f.Rule.Clause, f.Rule.Meaning}
	if f.Rule.Level == rules.Should {
		o.verdict = Deviation
	}
	if f.Artefact != "" {
		o.verdict, o.reason = Artefact, f.Artefact
	}
	diff := d.add(groupKey{class: Rule, field: f.Rule.Field, role: f.Rule.ID, dir: f.Dir, repeat: repeat}, o, occ)
	diff.Rule = f.Rule.ID
	if o.verdict != Artefact {
		diff.By |= by
	}
}

// markRows lets the rows show what the rules found.
func (d *differ) markRows() {
	if len(d.refOut.Findings)+len(d.tstOut.Findings) == 0 {
		return
	}
	for n := range d.a.rows {
		row := &d.a.rows[n]
		for _, fs := range [...][]rules.Finding{at(d.refOut, row.Ref), at(d.tstOut, row.Test)} {
			for k := range fs {
				row.Worst = max(row.Worst, verdictOf(&fs[k]))
			}
		}
	}
}

func verdictOf(f *rules.Finding) Verdict {
	switch {
	case f.Artefact != "":
		return Artefact
	case f.Rule.Level == rules.Should:
		return Deviation
	}
	return Violation
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

// identification compares how the two stacks number their IP packets.
func (d *differ) identification() {
	x, i := d.a.ref.idPolicy()
	y, j := d.a.test.idPolicy()
	if x == "" || y == "" || x == y {
		return
	}
	o := opinion{Permitted, "RFC 6864 §4.1", "the identification of a packet that may not be fragmented means nothing"}
	if !d.a.ref.c.Events[i].Marks.Has(capture.DontFragment) || !d.a.test.c.Events[j].Marks.Has(capture.DontFragment) {
		o = opinion{Permitted, "RFC 6864 §4.3", "identifications may be chosen in any way that does not repeat them too soon"}
	}
	d.add(groupKey{class: Field, field: "ip.id", role: "all frames", dir: tap.Out}, o, Occurrence{Ref: i, Test: j})
}

// idPolicy tells how the client numbers its IPv4 packets, and its first one.
func (v *view) idPolicy() (policy string, firstFrame int32) {
	var ids []uint16
	for i, e := range v.c.Events {
		if e.Dir == tap.Out && e.Kind == capture.TCP && !e.Marks.Has(capture.IPv6) {
			if len(ids) == 0 {
				firstFrame = int32(i)
			}
			if ids = append(ids, e.IPID); len(ids) == 64 {
				break
			}
		}
	}
	switch {
	case len(ids) < 3:
		return "", 0
	case same(ids, 0):
		if ids[0] == 0 {
			return "always 0", firstFrame
		}
		return "always the same", firstFrame
	case same(ids, 1):
		return "counting", firstFrame
	}
	return "varying", firstFrame
}

// same reports whether each number is step more than the one before, give or
// take one that starts afresh: a SYN may be numbered by another counter.
func same(ids []uint16, step uint16) bool {
	off := 0
	for i := 1; i < len(ids); i++ {
		if ids[i]-ids[i-1] != step {
			off++
		}
	}
	return off <= min(int(step), 1)
}
