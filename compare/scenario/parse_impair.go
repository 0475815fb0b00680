package scenario

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// impairWord says whether a line that begins with w is an impairment.
func impairWord(w string) bool {
	switch ImpairKind(w) {
	case Drop, Duplicate, Reorder, Delay, Corrupt, "loss":
		return true
	}
	return false
}

// impairment reads
//
//	ACTION [< | > | <>] PICK [KIND] [by N | by TIME] [byte N] [seed N]
//
// loss is drop with a probability.
func (p *parser) impairment() *Impairment {
	i := &Impairment{Pos: p.tok.pos, Kind: ImpairKind(p.tok.text), What: AnySegment, By: 1}
	loss := i.Kind == "loss"
	if loss {
		i.Kind = Drop
	}
	if i.Kind == Corrupt {
		i.By = 0
	}
	p.next()
	dir, said := p.impairDir()
	at := p.tok
	p.pick(i)
	if loss && i.Pick.PPM == 0 {
		p.failAt(at.pos, "a share as in loss 5%", at.describe())
	}
	i.Dir = dir
	if !said && i.Pick.PPM > 0 {
		i.Dir = BothWays
	}
	p.segmentKind(i)
	p.impairDetails(i)
	return i
}

// impairDir reads the direction and says whether there was one.
func (p *parser) impairDir() (ImpairDir, bool) {
	switch {
	case p.accept(">"):
		return FromStack, true
	case p.accept("<"):
		if p.accept(">") {
			return BothWays, true
		}
		return FromPeer, true
	}
	return FromStack, false
}

// pick reads which segments are meant.
func (p *parser) pick(i *Impairment) {
	const what = "2nd, 2nd-4th, 2nd-, every 3rd, all or 5%"
	switch {
	case !p.sameLine():
		p.failAt(p.tok.pos, what, "end of line")
	case p.acceptWord("all"):
		i.Pick = Pick{First: 1}
	case p.acceptWord("every"):
		i.Pick.Every = p.ordinal("an ordinal as in every 3rd")
	case p.tok.kind == tokInt || p.tok.kind == tokFloat:
		i.Pick.PPM = p.percent()
	case p.tok.kind == tokWord:
		p.rescan(func(c byte) bool { return isWordByte(c) || c == '-' })
		low, high, isRange := strings.Cut(p.tok.text, "-")
		i.Pick.First = ordinal(low)
		i.Pick.Last = ordinal(high)
		if !isRange {
			i.Pick.Last = i.Pick.First
		}
		if i.Pick.First == 0 || high != "" && i.Pick.Last < i.Pick.First {
			p.fail(what)
		}
		p.next()
	default:
		p.fail(what)
	}
}

func (p *parser) ordinal(what string) int {
	n := ordinal(p.tok.text)
	if p.tok.kind != tokWord || n == 0 {
		p.fail(what)
	}
	p.next()
	return n
}

// ordinal reads 1st, 2nd, 3rd, 4th …; 0 is an error.
func ordinal(s string) int {
	if len(s) < 3 {
		return 0
	}
	n, err := strconv.ParseUint(s[:len(s)-2], 10, 31)
	if err != nil || s != ordinalWord(int(n)) {
		return 0
	}
	return int(n)
}

// ordinalWord writes 1st, 2nd, 3rd, 4th …
func ordinalWord(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// percent reads N% as parts per million.
func (p *parser) percent() uint32 {
	t := p.tok
	d, ok := parseSeconds(strings.TrimPrefix(t.text, "-"))
	ppm := uint64(d) / 100_000 // 1 % is 10^4 ppm; a "second" is 10^9
	if !ok || t.text[0] == '-' || ppm == 0 || ppm > 1_000_000 {
		p.fail("a share above 0% and at most 100%")
	}
	p.next()
	p.expect("%")
	return uint32(ppm)
}

// segmentKind reads the kind of segment that is counted; none is any.
func (p *parser) segmentKind(i *Impairment) {
	if !p.sameLine() || p.tok.kind != tokWord || p.tok.word("by") || p.tok.word("byte") || p.tok.word("seed") {
		return
	}
	p.rescan(func(c byte) bool { return isWordByte(c) || c == '-' })
	switch k := SegmentKind(p.tok.text); k {
	case AnySegment, DataSeg, SYNSeg, SYNACKSeg, PureACK, FINSeg, RSTSeg:
		i.What = k
	default:
		p.fail("data, syn, syn-ack, ack, fin, rst or any")
	}
	p.next()
}

// impairDetails reads what stands behind the kind of segment.
func (p *parser) impairDetails(i *Impairment) {
	by := false
	for p.sameLine() {
		switch {
		case !by && i.Kind == Delay && p.acceptWord("by"):
			i.Time, by = p.duration(), true
		case !by && (i.Kind == Reorder || i.Kind == Duplicate) && p.acceptWord("by"):
			i.By, by = int(p.number("a number of frames", 1000)), true
			if i.By == 0 {
				i.By = 1
			}
		case !by && i.Kind == Corrupt && p.acceptWord("byte"):
			i.By, by = int(p.number("a byte of the payload", math.MaxUint16)), true
		case i.Pick.PPM > 0 && p.acceptWord("seed"):
			i.Seed = p.number("a seed", math.MaxUint64)
		default:
			p.fail("the end of the line, by, byte or seed")
		}
	}
	if i.Kind == Delay && !by {
		p.failAt(i.Pos, "by and a time in the delay, as in delay 2nd data by 300ms", `"delay" without it`)
	}
}

// duration reads a time with the unit s, ms or us; seconds without a unit.
func (p *parser) duration() time.Duration {
	at := p.tok
	p.rescan(func(c byte) bool { return isWordByte(c) || c == '.' })
	number := strings.TrimRight(p.tok.text, "mus")
	unit, ok := map[string]time.Duration{"": 1, "s": 1, "ms": 1000, "us": 1000_000}[p.tok.text[len(number):]]
	d, fits := parseSeconds(number)
	if !ok || !fits || prefix(number, func(c byte) bool { return isDigit(c) || c == '.' }) != len(number) ||
		strings.Count(number, ".") > 1 || prefix(number, func(c byte) bool { return c == '.' }) == len(number) {
		p.failAt(at.pos, "a time as in 0.3, 1.5s, 300ms or 20us", strconv.Quote(clip(p.tok.text)))
	}
	p.next()
	return d / unit
}
