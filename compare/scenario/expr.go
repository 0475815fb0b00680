package scenario

// IntOf gives the number that an argument is, also when it stands alone in
// brackets as in setsockopt(…, [1], 4).
func IntOf(e Expr) (int64, bool) {
	switch e := e.(type) {
	case Int:
		return e.Int64()
	case List:
		if len(e) == 1 {
			return IntOf(e[0])
		}
	}
	return 0, false
}

// WordsOf gives the symbols that an argument is made of: O_RDWR | O_NONBLOCK
// gives both. It is false when something else is among them.
func WordsOf(e Expr) ([]string, bool) {
	switch e := e.(type) {
	case Word:
		return []string{string(e)}, true
	case Or:
		var out []string
		for _, part := range e {
			w, ok := part.(Word)
			if !ok {
				return nil, false
			}
			out = append(out, string(w))
		}
		return out, true
	case List:
		if len(e) == 1 {
			return WordsOf(e[0])
		}
	}
	return nil, false
}

// Arg gives the argument i, from 0, or an Ellipsis if there are fewer.
func (c *Call) Arg(i int) Expr {
	if i < len(c.Args) {
		return c.Args[i]
	}
	return Ellipsis{}
}

// Accepts says whether the script is content with what the call returned.
// A result that is neither a number nor a range is not looked at.
func (c *Call) Accepts(got int64) bool {
	switch want := c.Result.(type) {
	case Int:
		n, ok := want.Int64()
		return ok && n == got
	case Range:
		low, okLow := want.Low.Int64()
		high, okHigh := want.High.Int64()
		return okLow && okHigh && low <= got && got <= high
	}
	return true
}
