package scenario

import (
	"strings"
	"time"
)

// event reads a time and what happens then.
func (p *parser) event() {
	e := Event{Pos: p.tok.pos}
	if p.tok.kind == tokWord && impairWord(p.tok.text) {
		e.Impair = p.impairment()
		p.file.Events = append(p.file.Events, e)
		return
	}
	e.Time = p.time()
	p.action(&e)
	if e.Time.Kind != NoTime {
		p.timed = true
	}
	p.file.Events = append(p.file.Events, e)
}

// action reads what happens at a time.
func (p *parser) action(e *Event) {
	t := p.tok
	switch {
	case t.kind == tokCommand:
		e.Command = &Command{t.text}
		p.next()
	case e.Time.Kind == NoTime:
		p.fail("a time, an option, a command or an impairment")
	case t.kind == tokCode:
		e.Code = &Code{t.text}
		p.next()
	case t.is("<") || t.is(">"):
		e.Packet = p.packet()
	case t.kind == tokWord || t.kind == tokEllipsis:
		e.Call = p.call(e.Time)
	default:
		p.fail("a packet (< or >), a system call, a command or code")
	}
	p.checkTime(e, t)
}

// checkTime refuses wildcards and ranges where only a point in time makes
// sense: only what the stack does of itself can be waited for.
func (p *parser) checkTime(e *Event, t token) {
	switch e.Time.Kind {
	case NoTime, Absolute, Relative:
		return
	}
	if e.Packet == nil || e.Packet.Dir != Expect {
		p.failAt(t.pos, "an expected packet (>) after a time that is not one point", t.describe())
	}
}

// time reads the time of an event; nothing is NoTime.
func (p *parser) time() Time {
	switch {
	case p.accept("*"):
		return Time{Kind: AnyTime}
	case p.accept("+"):
		return p.relative()
	case p.tok.kind == tokInt || p.tok.kind == tokFloat:
		t := Time{Kind: Absolute, At: p.seconds("a time in seconds")}
		if p.accept("~") {
			t.Kind = AbsoluteRange
			t.Until = p.rangeEnd(t.At)
		}
		return t
	}
	return Time{}
}

func (p *parser) relative() Time {
	t := Time{Kind: Relative, At: p.seconds("a time in seconds after +")}
	if p.accept("~") {
		p.accept("+")
		t.Kind = RelativeRange
		t.Until = p.rangeEnd(t.At)
	}
	return t
}

func (p *parser) rangeEnd(from time.Duration) time.Duration {
	if p.acceptWord("inf") {
		return Forever
	}
	at := p.tok
	until := p.seconds("the end of the range in seconds, or inf")
	if until < from {
		p.failAt(at.pos, "an end of the range that is not before its beginning", at.describe())
	}
	return until
}

// seconds reads a number of seconds with nanosecond resolution. What is finer
// is cut off.
func (p *parser) seconds(what string) time.Duration {
	t := p.tok
	if t.kind != tokInt && t.kind != tokFloat || strings.HasPrefix(t.text, "-") {
		p.fail(what)
	}
	d, ok := parseSeconds(t.text)
	if !ok {
		p.failAt(t.pos, what+" below 2^31", clip(t.text))
	}
	p.next()
	return d
}

// parseSeconds reads digits with an optional decimal point.
func parseSeconds(s string) (time.Duration, bool) {
	const limit = 1 << 31 // seconds, so that sums of times fit
	var whole, nanos int64
	i := 0
	for ; i < len(s) && s[i] != '.'; i++ {
		if whole = whole*10 + int64(s[i]-'0'); whole >= limit {
			return 0, false
		}
	}
	scale := int64(time.Second)
	for i++; i < len(s) && scale > 1; i++ {
		scale /= 10
		nanos += int64(s[i]-'0') * scale
	}
	return time.Duration(whole*int64(time.Second) + nanos), true
}
