package compare

import (
	"slices"
	"strings"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// noise marks what a stack does differently from itself: a difference between
// stacks counts only where it lies outside both spreads.
func (r *Report) noise(reference, tested []*capture.Conversation) {
	if len(reference) < 2 && len(tested) < 2 {
		return
	}
	refSpread, testSpread := spreadOf(reference), spreadOf(tested)
	for n := range r.Differences {
		d := &r.Differences[n]
		if d.Class == Rule || d.Verdict == Artefact || d.Verdict >= Deviation && d.Verdict != Unspecified {
			continue
		}
		x, y := refSpread[spreadKey(d)], testSpread[spreadKey(d)]
		if len(x) == 0 && len(y) == 0 {
			continue
		}
		d.Spread = describeSpread("reference", x) + describeSpread("tested", y)
		if r.within(d, x, y) {
			d.Verdict, d.Clause = Noise, ""
			d.Reason = "the same stack varies in this as well"
		}
	}
}

// repeats adds what the rules find in a stack's further conversations and not
// in its first.
func (d *differ) repeats(conversations []*capture.Conversation, side Sides) {
	for n, c := range conversations[1:] {
		out := rules.Judge(c)
		for k := range out.Findings {
			f := &out.Findings[k]
			by := side
			if f.Dir == tap.In {
				by <<= 2
			}
			if f.Artefact != "" || d.blamed(f.Rule.ID, by, n+2) {
				continue
			}
			occ := Occurrence{Ref: None, Test: int32(f.Event), Got: f.Got, Want: f.Want}
			if side == Reference {
				occ.Ref, occ.Test = occ.Test, None
			}
			d.finding(f, occ, side, n+2)
		}
	}
}

// blamed reports whether the party is known to break the rule from a
// conversation before this one.
func (d *differ) blamed(rule string, by Sides, repeat int) bool {
	for n := range d.list {
		if d.list[n].Rule == rule && d.list[n].By&by != 0 && d.list[n].Repeat != repeat {
			return true
		}
	}
	return false
}

// spread is the values that one stack shows at one place.
type spread map[string]bool

// maxSpread is how many values are kept.
const maxSpread = 100

// spreadKey names the place of a difference, whatever is thought of it.
func spreadKey(d *Difference) string {
	if d.Class == Missing || d.Class == Extra {
		return strings.Join([]string{"frame", d.Role, d.Dir.String()}, "|")
	}
	return strings.Join([]string{d.Class.String(), d.Field, d.Role, d.Dir.String()}, "|")
}

// spreadOf compares a stack's first conversation with its others.
func spreadOf(repeats []*capture.Conversation) map[string]spread {
	all := map[string]spread{}
	for _, c := range repeats[1:] {
		self := &Report{ref: newView(repeats[0]), test: newView(c)}
		a := align(self.ref, self.test)
		d := newDiffer(a, &rules.Outcome{}, &rules.Outcome{})
		d.run()
		for n := range d.list {
			diff := &d.list[n]
			s := all[spreadKey(diff)]
			if s == nil {
				s = spread{}
				all[spreadKey(diff)] = s
			}
			for _, o := range diff.Occurrences {
				if len(s) >= maxSpread {
					break
				}
				x, y := self.Values(diff, o)
				s[x], s[y] = true, true
			}
		}
	}
	return all
}

// within reports whether every occurrence lies inside what one of the stacks
// shows by itself: the reference's value among the tested stack's or the
// other way round. A frame that comes and goes is inside.
func (r *Report) within(d *Difference, x, y spread) bool {
	if d.Class != Field {
		return true
	}
	for _, o := range d.Occurrences {
		ref, test := r.Values(d, o)
		if !x[test] && !y[ref] {
			return false
		}
	}
	return true
}

func describeSpread(who string, s spread) string {
	if len(s) == 0 {
		return ""
	}
	values := make([]string, 0, len(s))
	for v := range s {
		values = append(values, v)
	}
	slices.Sort(values)
	text := strings.Join(values[:min(len(values), 5)], ", ")
	if len(values) > 5 {
		text += ", …"
	}
	return who + ": " + text + "; "
}
