package compare

import (
	"fmt"
	"strings"

	"tcping-cmp/compare/capture"
)

// layoutVerdict says how two option layouts differ.
type layoutVerdict uint8

const (
	layoutsCompared layoutVerdict = 1 << iota
	layoutSetDiffers
	layoutOrderDiffers
)

// layouts compares the option layouts of a pair. There are few different ones
// in a conversation, so each combination is looked at once.
func (p *pair) layouts() layoutVerdict {
	key := uint64(p.ref.c.LayoutID(p.x))<<32 | uint64(p.test.c.LayoutID(p.y))
	if key == 0 {
		return layoutsCompared
	}
	if p.lastKey == key {
		return p.lastVerdict
	}
	verdict := p.known[key]
	if verdict == 0 {
		verdict = compareLayouts(p.ref.c.Layout(p.x), p.test.c.Layout(p.y))
		p.known[key] = verdict
	}
	p.lastKey, p.lastVerdict = key, verdict
	return verdict
}

// compareLayouts leaves SACK blocks out, which are a field of their own.
func compareLayouts(l, m capture.Layout) layoutVerdict {
	l, m = withoutSACK(l), withoutSACK(m)
	switch {
	case sameLayout(l, m):
		return layoutsCompared
	case sameLayout(l.Set(), m.Set()):
		return layoutsCompared | layoutOrderDiffers
	}
	return layoutsCompared | layoutSetDiffers
}

func optionSetDiffers(p *pair) bool   { return p.layouts()&layoutSetDiffers != 0 }
func optionOrderDiffers(p *pair) bool { return p.layouts()&layoutOrderDiffers != 0 }

func sameLayout(l, m capture.Layout) bool {
	if len(l) != len(m) {
		return false
	}
	for i := range l {
		if l[i] != m[i] {
			return false
		}
	}
	return true
}

// withoutSACK leaves out a SACK option and the padding, which goes with it.
func withoutSACK(l capture.Layout) capture.Layout {
	if !l.Has(5) {
		return l
	}
	kept := l[:0:0]
	for _, o := range l {
		if o.Kind > 1 && o.Kind != 5 {
			kept = append(kept, o)
		}
	}
	return kept
}

// optional are the options that a stack may leave out, with the clause that
// says so.
var optional = map[uint8]string{
	2: "RFC 9293 §3.7.1, SHLD-5", 3: "RFC 7323 §2.2", 4: "RFC 2018 §2", 8: "RFC 7323 §3.2",
	28: "RFC 5482", 30: "RFC 8684", 34: "RFC 7413", 172: "RFC 9768", 174: "RFC 9768",
}

func judgeOptionSet(p *pair) opinion {
	l, m := p.ref.c.Layout(p.x), p.test.c.Layout(p.y)
	var clauses []string
	for _, o := range append(l.Set(), m.Set()...) {
		if l.Has(o.Kind) == m.Has(o.Kind) || o.Kind == 5 {
			continue
		}
		clause, known := optional[o.Kind]
		if !known {
			return opinion{Unspecified, "", "one side sends option " + o.Name() + ", of which no rule is known here"}
		}
		if !strings.Contains(strings.Join(clauses, "; "), clause) {
			clauses = append(clauses, clause)
		}
	}
	reason := "these options may be offered or not"
	if p.role != roleSYN && p.role != roleSYNAgain {
		reason = "the option follows from what both SYNs offered"
	}
	return opinion{Permitted, strings.Join(clauses, "; "), reason}
}

func sackDiffers(p *pair) bool {
	if p.x.SACKCount == 0 && p.y.SACKCount == 0 {
		return false
	}
	return sackValue(p.ref, p.x) != sackValue(p.test, p.y)
}

// sackValue lists SACK blocks in relative numbers.
func sackValue(v *view, e *capture.Event) string {
	if e.SACKCount == 0 {
		return "none"
	}
	var b strings.Builder
	for i, block := range v.c.SACK(e) {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d-%d", e.RelAck+int64(int32(block.Left-e.Ack)), e.RelAck+int64(int32(block.Right-e.Ack)))
	}
	return b.String()
}
