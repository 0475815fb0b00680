package scenario

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// String writes the script so that Parse reads the same File from it again.
func (f *File) String() string {
	var b strings.Builder
	if f.Doc != "" {
		for _, line := range strings.Split(f.Doc, "\n") {
			if line != "" {
				line = " " + line
			}
			b.WriteString("//" + line + "\n")
		}
		b.WriteByte('\n')
	}
	for _, o := range f.Options {
		b.WriteString(o.String() + "\n")
	}
	for _, e := range f.Events {
		b.WriteString(e.String() + "\n")
	}
	return b.String()
}

func (o Option) String() string {
	if o.Value == "" {
		return "--" + o.Name
	}
	return "--" + o.Name + "=" + o.Value
}

// String writes the event on one line but for the line breaks of its command
// or code.
func (e Event) String() string {
	switch {
	case e.Impair != nil:
		return e.Impair.String()
	case e.Command != nil:
		return strings.TrimPrefix(e.Time.String()+" `"+e.Command.Text+"`", " ")
	case e.Code != nil:
		return e.Time.String() + " %{" + e.Code.Text + "}%"
	case e.Packet != nil:
		return e.Time.String() + " " + e.Packet.String()
	case e.Call != nil && e.Call.Blocking:
		return e.Time.String() + "..." + seconds(e.Call.End) + " " + e.Call.String()
	case e.Call != nil:
		return e.Time.String() + " " + e.Call.String()
	}
	return ""
}

func (t Time) String() string {
	switch t.Kind {
	case Absolute:
		return seconds(t.At)
	case Relative:
		return "+" + seconds(t.At)
	case AnyTime:
		return "*"
	case AbsoluteRange:
		return seconds(t.At) + "~" + seconds(t.Until)
	case RelativeRange:
		until := seconds(t.Until)
		if t.Until != Forever {
			until = "+" + until
		}
		return "+" + seconds(t.At) + "~" + until
	}
	return ""
}

// seconds writes a time as decimal seconds without zeros at the end.
func seconds(d time.Duration) string {
	if d == Forever {
		return "inf"
	}
	s := fmt.Sprintf("%d.%09d", d/time.Second, d%time.Second)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// String writes the call without its time.
func (c *Call) String() string {
	s := c.Name + "(" + exprs(c.Args) + ") = " + resultString(c.Result)
	if c.Errno != "" {
		s += " " + c.Errno
	}
	if c.Note != "" {
		s += " (" + c.Note + ")"
	}
	return s
}

func resultString(e Expr) string {
	switch e.(type) {
	case Or, Assign, Func:
		return "(" + exprString(e) + ")"
	}
	return exprString(e)
}

func exprs(list []Expr) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = exprString(e)
	}
	return strings.Join(out, ", ")
}

func exprString(e Expr) string {
	switch e := e.(type) {
	case Int:
		return e.String()
	case Word:
		return string(e)
	case Text:
		s := quote(e.S)
		if e.Open {
			s += "..."
		}
		return s
	case Or:
		return orString(e)
	case List:
		return "[" + exprs(e) + "]"
	case Struct:
		return "{" + exprs(e) + "}"
	case Assign:
		return exprString(e.Target) + " = " + exprString(e.Value)
	case Func:
		return e.Name + "(" + exprs(e.Args) + ")"
	case Range:
		return e.Low.String() + "~" + e.High.String()
	}
	return "..."
}

func orString(or Or) string {
	out := make([]string, len(or))
	for i, e := range or {
		out[i] = exprString(e)
		if _, ok := e.(Assign); ok {
			out[i] = "(" + out[i] + ")"
		}
	}
	return strings.Join(out, " | ")
}

func (i Int) String() string {
	switch {
	case i.Hex:
		return "0x" + strconv.FormatUint(i.N, 16)
	case i.Neg:
		return "-" + strconv.FormatUint(i.N, 10)
	}
	return strconv.FormatUint(i.N, 10)
}

// quote writes a string so that it keeps to one line of printable characters.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// String writes the impairment with its direction.
func (i *Impairment) String() string {
	name := string(i.Kind)
	if i.Kind == Drop && i.Pick.PPM > 0 {
		name = "loss"
	}
	s := name + " " + [...]string{">", "<", "<>"}[i.Dir] + " " + i.Pick.String() + " " + string(i.What)
	switch i.Kind {
	case Delay:
		s += " by " + seconds(i.Time) + "s"
	case Reorder, Duplicate:
		s += " by " + strconv.Itoa(i.By)
	case Corrupt:
		s += " byte " + strconv.Itoa(i.By)
	}
	if i.Pick.PPM > 0 {
		s += " seed " + strconv.FormatUint(i.Seed, 10)
	}
	return s
}

func (p Pick) String() string {
	switch {
	case p.PPM > 0:
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%04d", p.PPM/10_000, p.PPM%10_000), "0"), ".") + "%"
	case p.Every > 0:
		return "every " + ordinalWord(p.Every)
	case p.Last == p.First:
		return ordinalWord(p.First)
	case p.Last == 0 && p.First == 1:
		return "all"
	case p.Last == 0:
		return ordinalWord(p.First) + "-"
	}
	return ordinalWord(p.First) + "-" + ordinalWord(p.Last)
}

func hexString(b []byte) string { return hex.EncodeToString(b) }
