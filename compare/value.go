package compare

import (
	"fmt"
	"strconv"
	"strings"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// NoValue stands for the value of a frame that is not there.
const NoValue = "-"

// Values returns what both sides have in a difference's field at one place.
func (r *Report) Values(d *Difference, o Occurrence) (reference, tested string) {
	return r.ValuesOf(d)(o)
}

// ValuesOf returns Values for one difference, of which several goroutines may
// ask at a time.
func (r *Report) ValuesOf(d *Difference) func(Occurrence) (reference, tested string) {
	ref, test := r.valuesOf(Reference, d), r.valuesOf(Tested, d)
	return func(o Occurrence) (string, string) { return valueAt(ref, o.Ref), valueAt(test, o.Test) }
}

func valueAt(value func(int32) string, i int32) string {
	if i == None {
		return NoValue
	}
	return value(i)
}

// valuesOf says how to word the value of one side's frames; nil if it has no
// such conversation.
func (r *Report) valuesOf(side Sides, d *Difference) func(int32) string {
	v := r.view(side)
	if d.Repeat > 1 {
		v = r.repeat(side, d.Repeat)
	}
	if v == nil {
		return nil
	}
	switch {
	case d.Class == Order:
		return func(i int32) string { return "frame " + strconv.Itoa(int(i)+1) }
	case d.Field == "frame":
		return func(i int32) string { return v.describe(v.c.Events[i]) }
	case d.Field == "ip.id" && d.Class == Field:
		policy, _ := v.idPolicy()
		return func(int32) string { return policy }
	case d.Field == "ipv6.flow" && d.Class == Field:
		policy, _ := v.labelPolicy()
		return func(int32) string { return policy }
	}
	value := wording(d.Field)
	return func(i int32) string { return value(v, v.c.Events[i]) }
}

// wording says how to put a field's value in words.
func wording(name string) func(*view, *capture.Event) string {
	for n := range fields {
		if fields[n].name == name {
			return fields[n].value
		}
	}
	switch {
	case strings.HasPrefix(name, "tcp.flags"):
		return func(_ *view, e *capture.Event) string { return e.Flags.String() }
	case name == "tcp.options.timestamp.tsval":
		return func(_ *view, e *capture.Event) string { return strconv.FormatUint(uint64(e.TSVal), 10) }
	case strings.HasPrefix(name, "tcp.options"):
		return func(v *view, e *capture.Event) string { return v.c.Layout(e).String() }
	case name == "ipv6.flow":
		return func(_ *view, e *capture.Event) string { return fmt.Sprintf("%#05x", e.FlowLabel) }
	case name == "ip.id":
		return func(_ *view, e *capture.Event) string { return fmt.Sprintf("%#04x", e.IPID) }
	}
	return (*view).describe
}

// describe is a frame in a few words.
func (v *view) describe(e *capture.Event) string {
	switch e.Kind {
	case capture.TCP:
		return describeSegment(e)
	case capture.ARP:
		if e.Type == 2 {
			return "ARP " + e.ARPSender().String() + " is here"
		}
		return "ARP who has " + e.ARPTarget().String()
	case capture.ICMP4, capture.ICMP6:
		return fmt.Sprintf("%s type %d code %d", strings.ToUpper(e.Kind.String()), e.Type, e.Code)
	}
	return fmt.Sprintf("%s, %d bytes", e.Kind, e.WireLen)
}

func describeSegment(e *capture.Event) string {
	b := make([]byte, 0, 64)
	b = append(append(b, e.Flags.String()...), " seq "...)
	b = strconv.AppendInt(b, e.RelSeq, 10)
	if e.Flags.Has(capture.ACK) {
		b = strconv.AppendInt(append(b, " ack "...), e.RelAck, 10)
	}
	if e.PayloadLen > 0 {
		b = strconv.AppendUint(append(b, " len "...), uint64(e.PayloadLen), 10)
	}
	return string(b)
}

// Describe is a frame of one of the two first conversations in a few words.
func (r *Report) Describe(side Sides, i int32) string {
	v := r.view(side)
	return v.describe(v.c.Events[i])
}

// Role is what a frame is for.
func (r *Report) Role(side Sides, i int32) string { return r.view(side).name(i) }

// Window is the receive window a segment announces, in octets after scaling;
// -1 if the scale is not known.
func (r *Report) Window(side Sides, i int32) int64 { return r.view(side).octetsOfWindow(i) }

func (v *view) octetsOfWindow(i int32) int64 {
	e := v.c.Events[i]
	if !v.scaled && !e.Flags.Has(capture.SYN) {
		return -1
	}
	return v.window(e)
}

// repeat prepares a conversation other than the first; nil if the side has not
// so many.
func (r *Report) repeat(side Sides, number int) *view {
	run := &r.Tested
	if side == Reference {
		run = &r.Reference
	}
	if number > len(run.Conversations) {
		return nil
	}
	if c := run.Conversations[number-1]; r.other == nil || r.other.c != c {
		r.other = newView(c)
	}
	return r.other
}

func (r *Report) view(side Sides) *view {
	if side == Reference {
		return r.ref
	}
	return r.test
}

// Title says what differs and in which frames.
func (d *Difference) Title() string {
	way := "sent"
	if d.Dir == tap.In {
		way = "received"
	}
	switch {
	case d.Class == Missing || d.Class == Extra || d.Class == Order:
		return fmt.Sprintf("%s: %s, %s", d.Class, d.Role, way)
	case d.Repeat > 1:
		return fmt.Sprintf("%s, %s, in conversation %d", d.Field, way, d.Repeat)
	}
	return fmt.Sprintf("%s in %s, %s", d.Field, d.Role, way)
}

// Finding words what a rule found at one place.
func (d *Difference) Finding(o Occurrence) string {
	if d.Class != Rule || d.Verdict == Artefact {
		return d.Reason
	}
	if said, ok := d.Said[o]; ok {
		return said
	}
	return findRule(d.Rule).Words(o.Got, o.Want)
}

// Names tells what the frames of a conversation are for, without comparing it
// with another.
type Names struct{ v *view }

// Roles prepares a conversation for asking.
func Roles(c *capture.Conversation) Names { return Names{newView(c)} }

// Roles is Roles of a conversation that is prepared already if it is one of the
// two first.
func (r *Report) Roles(c *capture.Conversation) Names {
	for _, v := range [...]*view{r.ref, r.test} {
		if v.c == c {
			return Names{v}
		}
	}
	return Roles(c)
}

// Name is what frame i is for.
func (n Names) Name(i int) string { return n.v.name(int32(i)) }

// Window is the receive window that segment i announces, in octets after
// scaling; -1 if the scale is not known.
func (n Names) Window(i int) int64 { return n.v.octetsOfWindow(int32(i)) }
