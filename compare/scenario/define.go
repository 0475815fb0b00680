package scenario

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// resolve puts the values of --define in the place of their names.
func (c *compiler) resolve(e Expr) Expr {
	switch e := e.(type) {
	case Word:
		return c.defined(e)
	case Or:
		return Or(c.resolveAll(e))
	case List:
		return List(c.resolveAll(e))
	case Struct:
		return Struct(c.resolveAll(e))
	case Assign:
		return Assign{e.Target, c.resolve(e.Value)}
	case Func:
		return Func{e.Name, c.resolveAll(e.Args)}
	}
	return e
}

func (c *compiler) resolveAll(list []Expr) []Expr {
	out := make([]Expr, len(list))
	for i, e := range list {
		out[i] = c.resolve(e)
	}
	return out
}

// defined gives the value of a symbol, or the word itself.
func (c *compiler) defined(w Word) Expr {
	v, ok := c.script.Config.Define[string(w)]
	if !ok {
		return w
	}
	if s, ok := unquote(v); ok {
		return Text{S: s}
	}
	digits, isHex := strings.CutPrefix(v, "0x")
	digits, neg := strings.CutPrefix(digits, "-")
	base := 10
	if isHex {
		base = 16
	}
	if n, err := strconv.ParseUint(digits, base, 64); err == nil && !(neg && (isHex || n > 1<<63)) {
		return Int{N: n, Neg: neg && n > 0, Hex: isHex}
	}
	return Word(v)
}

// symbol gives an option whose value is a symbol what --define says of it: a
// number, or the bytes of a cookie.
func (c *compiler) symbol(o TCPOption) TCPOption {
	switch o.Kind {
	case OptMSS:
		return c.symbolicNumber(o, math.MaxUint16)
	case OptWindowScale:
		return c.symbolicNumber(o, math.MaxUint8)
	}
	if v, ok := c.script.Config.Define[o.Text]; ok {
		if s, quoted := unquote(v); quoted {
			v = s
		}
		if b, err := hex.DecodeString(v); err == nil {
			o.Data, o.Text = some(b), ""
		}
	}
	return o
}

func (c *compiler) symbolicNumber(o TCPOption, max uint64) TCPOption {
	switch v := c.defined(Word(o.Text)).(type) {
	case Int:
		if v.Neg || v.N > max {
			c.fail(o.Pos, fmt.Sprintf("a number up to %d for %s", max, o.Text), c.script.Config.Define[o.Text])
			return o
		}
		o.Value, o.Text = Value{Kind: Exact, N: uint32(v.N)}, ""
	}
	return o
}

// unquote gives what stands between the quotes of an option's value.
func unquote(v string) (string, bool) {
	if len(v) < 2 || v[0] != '"' || v[len(v)-1] != '"' {
		return v, false
	}
	return unescape(v[1 : len(v)-1]), true
}
