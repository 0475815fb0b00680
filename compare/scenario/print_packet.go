package scenario

import (
	"fmt"
	"strconv"
	"strings"
)

// String writes the packet without its time.
func (k *Packet) String() string {
	parts := []string{"<"}
	if k.Dir == Expect {
		parts[0] = ">"
	}
	if k.Path != "" {
		parts = append(parts, k.Path)
	}
	for _, e := range k.Encap {
		parts = append(parts, e.String())
	}
	if s := k.IP.String(); s != "" {
		parts = append(parts, s)
	}
	switch {
	case k.TCP != nil:
		parts = append(parts, k.TCP.String())
	case k.UDP != nil:
		parts = append(parts, k.UDP.String())
	case k.ICMP != nil:
		parts = append(parts, k.ICMP.String())
	case k.Raw != nil:
		parts = append(parts, `raw "`+hexString(k.Raw)+`"`)
	case k.Other != nil:
		parts = append(parts, k.Other.Text)
	}
	if k.Tunnel != nil {
		parts = append(parts, fmt.Sprintf("/udp(%s)", k.Tunnel))
	}
	if k.Mutation != "" {
		parts = append(parts, "{"+k.Mutation+"}")
	}
	if len(k.Faults) > 0 {
		parts = append(parts, "with "+faultList(k.Faults))
	}
	return strings.Join(parts, " ")
}

func faultList(faults []Fault) string {
	out := make([]string, len(faults))
	for i, f := range faults {
		out[i] = string(f.Kind)
		if faultMax[f.Kind] > 0 {
			out[i] += fmt.Sprintf(" %d", f.N)
		}
	}
	return strings.Join(out, ", ")
}

func (p *Ports) String() string { return fmt.Sprintf("%d > %d", p.Src, p.Dst) }

func (e Encap) String() string {
	switch e.Kind {
	case "ipv4", "ipv6":
		marks := e.IP.String()
		if marks != "" {
			marks += " "
		}
		return e.Kind + " " + marks + e.Src + " > " + e.Dst + " :"
	}
	if e.Kind == "encap" {
		return "encap " + e.Text
	}
	return strings.TrimSpace(e.Kind+" "+e.Text) + " :"
}

// String writes the fields in brackets; none gives the empty string.
func (m IPMarks) String() string {
	var out []string
	for word, ecn := range ecnWords {
		if ecn == m.ECN {
			out = append(out, word)
		}
	}
	add := func(v Value, format string) {
		if v.Set() {
			out = append(out, fmt.Sprintf(format, v.N))
		}
	}
	add(m.TOS, "tos 0x%02x")
	add(m.DSCP, "dscp %d")
	add(m.TTL, "ttl %d")
	add(m.ID, "id 0x%04x")
	add(m.FlowLabel, "flowlabel 0x%05x")
	if m.DontFragment.Set() {
		out = append(out, [...]string{"nodf", "df"}[m.DontFragment.N&1])
	}
	if out == nil {
		return ""
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (u *UDP) String() string {
	if u.Ports == nil {
		return fmt.Sprintf("udp (%d)", u.Len)
	}
	return fmt.Sprintf("udp %s (%d)", u.Ports, u.Len)
}

func (m *ICMP) String() string {
	s := "icmp " + m.Type
	if m.Code != "" {
		s += " " + m.Code
	}
	if m.MTU.Set() {
		s += fmt.Sprintf(" mtu %d", m.MTU.N)
	}
	if m.ID.Set() {
		s += fmt.Sprintf(" id %d", m.ID.N)
	}
	if m.Quoted != nil {
		s += " " + m.Quoted.String()
	}
	return s
}

func (q *Quoted) String() string {
	if q.Proto == "tcp" {
		return "[" + q.Seq.String() + "]"
	}
	return fmt.Sprintf("[%s (%d)]", q.Proto, q.Len)
}

func (s *TCP) String() string {
	var b strings.Builder
	if s.Ports != nil {
		b.WriteString(s.Ports.String() + " ")
	}
	b.WriteString(s.flagString() + " " + s.Seq.String())
	for _, f := range []struct {
		name string
		v    Value
	}{{"ack", s.Ack}, {"win", s.Window}, {"urg", s.Urgent}} {
		if f.v.Set() {
			b.WriteString(" " + f.name + " " + f.v.String())
		}
	}
	if s.Options != nil {
		b.WriteString(" " + s.Options.String())
	}
	return b.String()
}

func (s *TCP) flagString() string {
	if s.ACE.Set() {
		return s.Flags.String() + strconv.Itoa(int(s.ACE.N))
	}
	return s.Flags.String()
}

// String writes the flags as packetdrill does, the dot for ACK behind the
// other letters; - for none.
func (f Flags) String() string {
	var b strings.Builder
	for _, c := range "SFRPUEWA." {
		if f&(1<<strings.IndexRune(flagLetters, c)) != 0 {
			b.WriteRune(c)
		}
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}

func (s Seq) String() string {
	if s.Kind == Any {
		return fmt.Sprintf("...(%d)", s.Len)
	}
	out := fmt.Sprintf("%d:%d(%d)", s.Start, s.End, s.Len)
	if s.Kind == Literal {
		out += "!"
	}
	return out
}

func (v Value) String() string {
	switch v.Kind {
	case Any:
		return "*"
	case Auto:
		return "auto"
	case Literal:
		return strconv.FormatUint(uint64(v.N), 10) + "!"
	case Exact:
		return strconv.FormatUint(uint64(v.N), 10)
	}
	return ""
}

func (o *Options) String() string {
	if o.Any {
		return "<...>"
	}
	out := make([]string, len(o.List))
	for i := range o.List {
		out[i] = o.List[i].String()
	}
	return "<" + strings.Join(out, ", ") + ">"
}

func (o *TCPOption) String() string {
	switch o.Kind {
	case OptMSS, OptWindowScale:
		if o.Text != "" {
			return string(o.Kind) + " " + o.Text
		}
		return string(o.Kind) + " " + o.Value.String()
	case OptTimestamps:
		return "TS val " + o.Value.String() + " ecr " + o.Echo.String()
	case OptSACK:
		return o.sackString()
	case OptMD5, OptFastOpen, OptFastOpenExp:
		return strings.TrimSpace(string(o.Kind) + " " + hexString(o.Data) + o.Text)
	case OptAccECN:
		return o.accECNString()
	case OptGeneric:
		s := fmt.Sprintf("opt %d", o.Number)
		if o.Value.Set() {
			s += " len " + o.Value.String()
		}
		if o.Data != nil {
			s += ` "` + hexString(o.Data) + `"`
		}
		return s
	case OptRaw:
		return `raw "` + hexString(o.Data) + `"`
	case OptUnknown:
		return o.Text
	}
	return string(o.Kind)
}

func (o *TCPOption) sackString() string {
	if o.Value.Kind == Any {
		return "sack *"
	}
	s := "sack"
	for _, b := range o.Blocks {
		s += fmt.Sprintf(" %d:%d", b.Left, b.Right)
	}
	return s
}

func (o *TCPOption) accECNString() string {
	s := "AccECN0"
	if o.Number == 174 {
		s = "AccECN1"
	}
	for _, f := range o.Fields {
		s += fmt.Sprintf(" %s %d", f.Name, f.N)
	}
	return s
}
