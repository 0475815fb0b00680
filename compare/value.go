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
	return r.value(Reference, d, o.Ref), r.value(Tested, d, o.Test)
}

func (r *Report) value(side Sides, d *Difference, i int32) string {
	if i == None {
		return NoValue
	}
	v := r.view(side)
	if d.Repeat > 1 {
		v = r.repeat(side, d.Repeat)
	}
	e := v.c.Events[i]
	switch {
	case d.Class == Order:
		return "frame " + strconv.Itoa(int(i)+1)
	case d.Field == "frame":
		return v.describe(e)
	case d.Field == "ip.id" && d.Class == Field:
		policy, _ := v.idPolicy()
		return policy
	case d.Field == "ipv6.flow" && d.Class == Field:
		policy, _ := v.labelPolicy()
		return policy
	}
	return v.fieldValue(d.Field, e)
}

// fieldValue is a field's value in words.
func (v *view) fieldValue(name string, e *capture.Event) string {
	for n := range fields {
		if fields[n].name == name {
			return fields[n].value(v, e)
		}
	}
	switch {
	case strings.HasPrefix(name, "tcp.flags"):
		return e.Flags.String()
	case name == "tcp.options.timestamp.tsval":
		return strconv.FormatUint(uint64(e.TSVal), 10)
	case strings.HasPrefix(name, "tcp.options"):
		return v.c.Layout(e).String()
	case name == "ipv6.flow":
		return fmt.Sprintf("%#05x", e.FlowLabel)
	case name == "ip.id":
		return fmt.Sprintf("%#04x", e.IPID)
	}
	return v.describe(e)
}

// describe is a frame in a few words.
func (v *view) describe(e *capture.Event) string {
	switch e.Kind {
	case capture.TCP:
		s := fmt.Sprintf("%s seq %d", e.Flags, e.RelSeq)
		if e.Flags.Has(capture.ACK) {
			s += fmt.Sprintf(" ack %d", e.RelAck)
		}
		if e.PayloadLen > 0 {
			s += fmt.Sprintf(" len %d", e.PayloadLen)
		}
		return s
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

// repeat prepares a conversation other than the first.
func (r *Report) repeat(side Sides, number int) *view {
	run := &r.Tested
	if side == Reference {
		run = &r.Reference
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

// Name is what frame i is for.
func (n Names) Name(i int) string { return n.v.name(int32(i)) }

// Window is the receive window that segment i announces, in octets after
// scaling; -1 if the scale is not known.
func (n Names) Window(i int) int64 { return n.v.octetsOfWindow(int32(i)) }
