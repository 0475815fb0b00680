package tcp

import (
	"fmt"

	"tcping-cmp/handcrafted/wire"
)

// spec is a segment in a test, either way.
type spec struct {
	flags    wire.Flags
	seq, ack int
	length   int
	body     []byte
	bulk     bool // compare the length of the payload alone
	with     []func(*wire.Segment)
	check    []func(*wire.Segment) error
}

var flagLetters = map[rune]wire.Flags{
	'F': wire.FIN, 'S': wire.SYN, 'R': wire.RST, 'P': wire.PSH,
	'.': wire.ACK, 'U': wire.URG, 'E': wire.ECE, 'W': wire.CWR,
}

type mod func(*spec)

// seg describes a segment: flags as tcpdump prints them (. is ACK), relative
// numbers, and what else matters. A field of a wanted segment that no mod names
// is not looked at, except the payload.
func seg(flags string, seq, ack int, mods ...mod) spec {
	s := spec{seq: seq, ack: ack}
	for _, f := range flags {
		bit, ok := flagLetters[f]
		if !ok {
			panic("no flag " + string(f))
		}
		s.flags |= bit
	}
	for _, m := range mods {
		m(&s)
	}
	return s
}

func text(body string) mod { return func(s *spec) { s.body, s.length = []byte(body), len(body) } }

func octets(n int) mod {
	return func(s *spec) { s.body, s.length, s.bulk = make([]byte, n), n, true }
}

// field makes a mod that sets a field of an arriving segment and compares it in
// a wanted one.
func field[T comparable](name string, v T, at func(*wire.Segment) *T) mod {
	return func(s *spec) {
		s.with = append(s.with, func(g *wire.Segment) { *at(g) = v })
		s.check = append(s.check, func(g *wire.Segment) error {
			if got := *at(g); got != v {
				return fmt.Errorf("%s is %v, want %v", name, got, v)
			}
			return nil
		})
	}
}

func win(n uint16) mod {
	return field("window", n, func(g *wire.Segment) *uint16 { return &g.Window })
}
func urg(n uint16) mod {
	return field("urgent pointer", n, func(g *wire.Segment) *uint16 { return &g.Urgent })
}
func ecn(n uint8) mod { return field("ECN bits", n, func(g *wire.Segment) *uint8 { return &g.ECN }) }
func ttl(n uint8) mod { return field("TTL", n, func(g *wire.Segment) *uint8 { return &g.TTL }) }
func dscp(n uint8) mod {
	return field("DSCP", n, func(g *wire.Segment) *uint8 { return &g.DSCP })
}
func all(ms ...mod) mod {
	return func(s *spec) {
		for _, m := range ms {
			m(s)
		}
	}
}
func mss(n uint16) mod {
	return all(field("has MSS", true, func(g *wire.Segment) *bool { return &g.Options.HasMSS }),
		field("MSS", n, func(g *wire.Segment) *uint16 { return &g.Options.MSS }))
}
func wscale(n uint8) mod {
	return all(field("has WS", true, func(g *wire.Segment) *bool { return &g.Options.HasWindowScale }),
		field("WS", n, func(g *wire.Segment) *uint8 { return &g.Options.WindowScale }))
}
func sackOK(v bool) mod {
	return field("SACK-permitted", v, func(g *wire.Segment) *bool { return &g.Options.SACKPermitted })
}
func hasTS(v bool) mod {
	return field("has TS", v, func(g *wire.Segment) *bool { return &g.Options.HasTimestamps })
}
func tsval(n uint32) mod {
	return all(hasTS(true), field("TSval", n, func(g *wire.Segment) *uint32 { return &g.Options.TSVal }))
}
func tsecr(n uint32) mod {
	return field("TSecr", n, func(g *wire.Segment) *uint32 { return &g.Options.TSEcr })
}

// sack gives blocks as pairs of relative numbers: the peer's data when wanted,
// ours when arriving. in and want know which.
func sack(edges ...int) mod {
	return func(s *spec) { s.sackEdges(edges) }
}

func (s *spec) sackEdges(edges []int) {
	s.with = append(s.with, func(g *wire.Segment) {
		g.Options.SACKCount = len(edges) / 2
		for i := range g.Options.SACKCount {
			g.Options.SACK[i] = wire.SACKBlock{
				Left:  wire.Seq(testISS).Add(edges[2*i]),
				Right: wire.Seq(testISS).Add(edges[2*i+1]),
			}
		}
	})
	s.check = append(s.check, func(g *wire.Segment) error {
		var got []int
		for _, b := range g.Options.SACKBlocks() {
			got = append(got, b.Left.Sub(testIRS), b.Right.Sub(testIRS))
		}
		if fmt.Sprint(got) != fmt.Sprint(edges) {
			return fmt.Errorf("SACK is %v, want %v", got, edges)
		}
		return nil
	})
}
