package compare

import (
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// flowLabels compares how the two stacks label their IPv6 packets.
func (d *differ) flowLabels() {
	x, i := d.a.ref.labelPolicy()
	y, j := d.a.test.labelPolicy()
	if x == "" || y == "" || x == y {
		return
	}
	o := opinion{Permitted, "RFC 6437 §3", "a flow label is recommended, and that it stays the same for a connection"}
	d.add(groupKey{class: Field, field: "ipv6.flow", role: "all frames", dir: tap.Out}, o, Occurrence{Ref: i, Test: j})
}

// labelPolicy tells how the client labels its IPv6 packets, and the first one.
// Resets are told apart: a host may send them without knowing of a connection.
func (v *view) labelPolicy() (policy string, firstFrame int32) {
	if !v.ipv6 {
		return "", 0
	}
	var ordinary, resets labels
	for i, e := range v.c.Events {
		if e.Dir != tap.Out || e.Kind != capture.TCP || !e.Marks.Has(capture.IPv6) {
			continue
		}
		if ordinary.n+resets.n == 0 {
			firstFrame = int32(i)
		}
		if e.Flags.Has(capture.RST) {
			resets.add(e.FlowLabel)
		} else {
			ordinary.add(e.FlowLabel)
		}
	}
	policy = ordinary.String()
	if resets.n > 0 && (resets.changing || resets.first != ordinary.first) {
		policy += ", resets " + resets.String()
	}
	return policy, firstFrame
}

// labels is what some packets have for a flow label.
type labels struct {
	n        int
	first    uint32
	changing bool
}

func (l *labels) add(label uint32) {
	if l.n == 0 {
		l.first = label
	}
	l.n++
	l.changing = l.changing || label != l.first
}

func (l *labels) String() string {
	switch {
	case l.n == 0:
		return ""
	case l.changing:
		return "changing"
	case l.first == 0:
		return "always 0"
	}
	return "constant"
}
