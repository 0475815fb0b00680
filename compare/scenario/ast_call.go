package scenario

import (
	"math"
	"time"
)

// Call is a system call of the application above the stack.
type Call struct {
	Pos    Pos
	Name   string
	Args   []Expr
	Result Expr // Ellipsis: anything
	Errno  string
	Note   string // what stands in parentheses behind the result
	// Blocking calls take time: they return at End, counted as the event's
	// time is (a relative End from the event before).
	Blocking bool
	End      time.Duration
}

// Expr is an argument or a result: one of the types below.
type Expr interface{ expr() }

type (
	// Ellipsis is "...": packetdrill fills an argument in; a result is not
	// looked at. A result "?" or "*" is one too.
	Ellipsis struct{}
	// Int is a number from -2^63 to 2^64-1.
	Int struct {
		N   uint64 // its absolute value
		Neg bool
		Hex bool
	}
	// Word is a symbol: a constant, or a name given by --define.
	Word string
	// Text is a string with its escapes resolved. Open means that it was
	// followed by "..." and is only the beginning.
	Text struct {
		S    string
		Open bool
	}
	// Or is a | b | …
	Or []Expr
	// List is [a, b, …].
	List []Expr
	// Struct is {a, b, …}.
	Struct []Expr
	// Assign is target = value inside arguments and braces; the target is a
	// Word or a Func (msg_iov(1) = …).
	Assign struct{ Target, Value Expr }
	// Func is name(a, …) inside arguments: htons, inet_addr and the like.
	Func struct {
		Name string
		Args []Expr
	}
	// Range is low~high: a result between the two, both included.
	Range struct{ Low, High Int }
)

func (Ellipsis) expr() {}
func (Int) expr()      {}
func (Word) expr()     {}
func (Text) expr()     {}
func (Or) expr()       {}
func (List) expr()     {}
func (Struct) expr()   {}
func (Assign) expr()   {}
func (Func) expr()     {}
func (Range) expr()    {}

// Int64 gives the number if it fits.
func (i Int) Int64() (int64, bool) {
	switch {
	case i.Neg && i.N <= 1<<63:
		return -int64(i.N), true
	case !i.Neg && i.N <= math.MaxInt64:
		return int64(i.N), true
	}
	return 0, false
}
