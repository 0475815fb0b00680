package rules_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// judged decodes what was built and returns the ids of the rules it breaks,
// a id once, "~" before those of which the capture cannot tell.
func judged(t *testing.T, talk *Talk) ([]string, *rules.Outcome) {
	t.Helper()
	c, err := capture.FromRecording("test", talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	out := rules.Judge(c)
	var ids []string
	seen := map[string]bool{}
	for _, f := range out.Findings {
		id := f.Rule.ID
		if f.Artefact != "" {
			id = "~" + id
		}
		if f.Dir == tap.In {
			id = "peer:" + id
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids, out
}

// after is an open connection without options but MSS.
func after() *Talk {
	return New().Open(MSS(1460), MSS(1460)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
}

// stamped is an open connection with timestamps, window scale and SACK.
func stamped() *Talk {
	return New().
		Open(Opts(MSS(1460), SACKOK(), TS(100, 0), WS(7)), Opts(MSS(1460), SACKOK(), TS(5000, 100), WS(7))).
		Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(101, 5000)})
}

// marked is an open connection with ECN to which a mark has come, which was
// echoed.
func marked() *Talk {
	talk := New().Out(Seg{Flags: SYN | ECE | CWR, Window: 64240, Options: MSS(1460)}).
		In(Seg{Flags: SYN | ACK | ECE, Ack: 1, Window: 65160, Options: MSS(1460)}).Out(ack(1))
	return talk.In(with(in("hello"), func(s *Seg) { s.TOS = 3 })).Out(Seg{Flags: ECE | ACK, Seq: 1, Ack: 6, Window: 64240})
}

var full = strings.Repeat("x", 1460)

// data is a segment of the client's as it should be.
func data(s string) Seg { return Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 64240, Payload: s} }

func with(s Seg, change func(*Seg)) Seg {
	change(&s)
	return s
}

// fault is a conversation that breaks a rule; after a plus, rules that are
// broken with it.
type fault struct {
	rule string
	talk func() *Talk
}

// broken has a conversation for each rule that breaks it, and only it.
var broken = []fault{
	{"791:3.1:checksum", func() *Talk {
		return after().Out(with(data("hello"), func(s *Seg) { s.Mangle = func(p []byte) { p[10] ^= 1 } }))
	}},
	{"791:3.1:length", func() *Talk {
		return after().Out(with(data("hello"), func(s *Seg) {
			s.Mangle = func(p []byte) { // longer than the frame, the header checksum right
				p[3] += 10
				p[10], p[11] = 0, 0
				sum := Checksum(p[:20])
				p[10], p[11] = byte(sum>>8), byte(sum)
			}
		}))
	}},
	{"791:3.1:reserved", func() *Talk {
		return after().Out(with(data("hello"), func(s *Seg) {
			s.Mangle = func(p []byte) {
				p[6] |= 0x80
				p[10], p[11] = 0, 0
				sum := Checksum(p[:20])
				p[10], p[11] = byte(sum>>8), byte(sum)
			}
		}))
	}},
	{"6437:3:flow-label", func() *Talk {
		talk := New6().Open(MSS(1440), MSS(1440)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
		return talk.Out(with(data("hello"), func(s *Seg) { s.Mangle = func(p []byte) { p[3] = 1 } }))
	}},
	{"6864:4.3:nonatomic", func() *Talk {
		talk := after()
		talk.DF, talk.IDStep = false, 0
		return talk.Out(data("hello")).In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160}).
			Out(Seg{Flags: FIN | ACK, Seq: 6, Ack: 1, Window: 64240})
	}},
	{"1122:3.2.1.7:ttl", func() *Talk {
		return after().Out(with(data("hello"), func(s *Seg) {
			s.Mangle = func(p []byte) {
				p[8], p[10], p[11] = 0, 0, 0
				sum := Checksum(p[:20])
				p[10], p[11] = byte(sum>>8), byte(sum)
			}
		}))
	}},
	{"SHLD-23", func() *Talk {
		talk := after()
		for n := range uint8(3) {
			talk.Out(with(ack(1), func(s *Seg) { s.TOS, s.Window = 0x10*(n+1), s.Window+uint16(n)+1 }))
		}
		return talk
	}},
	{"3168:6.1.1:syn-noect", func() *Talk {
		return New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460), TOS: 2})
	}},
	{"3168:6.1.4:pure-ack", func() *Talk { return after().Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64241, TOS: 2}) }},
	{"3168:6.1.1:noect-unless", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.TOS = 2 })) }},
	{"peer:3168:6.1.5:retx", func() *Talk { // timestamps tell it from a copy that the network made
		talk := New().Out(Seg{Flags: SYN | ECE | CWR, Window: 64240, Options: Opts(MSS(1460), TS(100, 0))})
		talk.In(Seg{Flags: SYN | ACK | ECE, Ack: 1, Window: 65160, Options: Opts(MSS(1460), TS(5000, 100))})
		talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Options: TS(101, 5000)})
		for _, at := range []uint32{5001, 5301} {
			talk.In(with(withTS(in("hello"), at, 101), func(s *Seg) { s.TOS, s.Window = 2, 65160 }))
			talk.Out(with(withTS(ack(6), 102, 5001), func(s *Seg) { s.Window = 64240 })).Wait(300 * ms)
		}
		return talk
	}},
	{"3168:6.1.5:retx", func() *Talk {
		talk := New()
		talk.Out(Seg{Flags: SYN | ECE | CWR, Window: 64240, Options: MSS(1460)})
		talk.In(Seg{Flags: SYN | ACK | ECE, Ack: 1, Window: 65160, Options: MSS(1460)})
		talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
		return talk.Out(data("hello")).Wait(time.Second).Out(with(data("hello"), func(s *Seg) { s.TOS = 2 }))
	}},
	{"MUST-2", func() *Talk {
		return after().Out(with(data("hello"), func(s *Seg) { s.Mangle = func(p []byte) { p[36] ^= 1 } }))
	}},
	{"MUST-2", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.Partial = true })) }},
	{"R9293:3.1:reserved", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.Flags |= 0x200 })) }},
	{"R9293:3.10.1:syn-alone", func() *Talk {
		return New().Out(Seg{Flags: SYN | FIN, Window: 64240, Options: MSS(1460)})
	}},
	{"R9293:3.1:ack-always", func() *Talk { return after().Out(Seg{Flags: FIN, Seq: 1, Window: 64240}) }},
	{"SHLD-13", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.Flags |= URG; s.Urgent = 5 })) }},
	{"R9293:3.4:seq-continuous", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.Seq = 2 })) }},
	{"R9293:3.4:seq-continuous", func() *Talk { // once, and put right by the retransmission
		return after().Out(with(data("hello"), func(s *Seg) { s.Seq = 2 })).Wait(time.Second).Out(data("hello")).
			In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160})
	}},
	{"R9293:3.10.7.4:ack-seq", func() *Talk { return after().Out(Seg{Flags: ACK, Seq: 2, Ack: 1, Window: 64240}) }},
	{"R9293:3.5.2:rst-seq", func() *Talk { return after().Out(Seg{Flags: RST, Seq: 77}) }},
	{"R9293:3.4:ack-received", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.Ack = 2 })) }},
	{"R9293:3.4:ack-monotone", func() *Talk {
		return after().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"}).
			Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64240}).Out(Seg{Flags: ACK, Seq: 1, Ack: 5, Window: 64245})
	}},
	{"R9293:3.4:same-octets", func() *Talk {
		return after().Out(data("hello")).Wait(time.Second).Out(data("hellO"))
	}},
	{"R9293:3.6:fin-last", func() *Talk {
		return after().Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 64240}).Out(with(data("hello"), func(s *Seg) { s.Seq = 2 }))
	}},
	{"R9293:3.6:fin-once", func() *Talk {
		return after().Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 64240}).Out(Seg{Flags: FIN | ACK, Seq: 2, Ack: 1, Window: 64240})
	}},
	{"R9293:3.10.7.4:rst5961", func() *Talk {
		return after().In(Seg{Flags: RST, Seq: 1}).Wait(400 * time.Millisecond).Out(data("hello"))
	}},
	{"R9293:3.8.6:in-window", func() *Talk {
		talk := New()
		talk.Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
		talk.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 4, Options: MSS(1460)})
		return talk.Out(data("hello"))
	}},
	{"MUST-16", func() *Talk { return after().Out(data(full + "x")) }},
	{"MUST-16", func() *Talk { // an MSS smaller than the link's
		return New().Open(MSS(1460), MSS(536)).Out(data(full[:537]))
	}},
	{"MUST-16", func() *Talk { // those of IP as well
		return after().Out(with(data(full), func(s *Seg) { s.IPOptions = []byte{148, 4, 0, 0} }))
	}},
	{"peer:7323:3.2:unasked", func() *Talk { // on a SYN-ACK, and the SYN had none
		return opening().In(with(synAck(), func(s *Seg) { s.Options = Opts(MSS(1460), TS(100, 0)) })).Out(ack(1))
	}},
	{"MUST-16", func() *Talk { // the options count too
		return stamped().Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(101, 5000), Payload: full})
	}},
	{"SHLD-14", func() *Talk { return after().Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64239}) }},
	{"MUST-68", func() *Talk {
		return after().Out(with(data("hello"), func(s *Seg) { s.Options = []byte{1, 1, 99, 0} }))
	}},
	{"MUST-69", func() *Talk {
		return after().Out(with(data("hello"), func(s *Seg) { s.Options = []byte{1, 1, 0, 7} }))
	}},
	{"SHLD-5", func() *Talk { return New().Out(Seg{Flags: SYN, Window: 64240}) }},
	{"MUST-65", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.Options = MSS(1460) })) }},
	{"R9293:3.7.1:mss-mtu", func() *Talk { return New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1461)}) }},
	{"MUST-67+R9293:3.7.1:mss-mtu", func() *Talk { return New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(65496)}) }},
	{"MUST-67+R9293:3.7.1:mss-mtu", func() *Talk { return New6().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(65516)}) }},
	{"7323:2.3:max14", func() *Talk {
		return New().Out(Seg{Flags: SYN, Window: 64240, Options: Opts(MSS(1460), WS(15))})
	}},
	{"7323:2.1:syn-only", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.Options = WS(7) })) }},
	{"peer:7323:2.2:both-syn", func() *Talk { return New().Open(MSS(1460), Opts(MSS(1460), WS(7))) }},
	{"2018:2:syn-only", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.Options = SACKOK() })) }},
	{"2018:4:not-unasked", func() *Talk {
		talk := after().In(Seg{Flags: ACK, Seq: 6, Ack: 1, Window: 65160, Payload: "later"})
		return talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Options: SACK(talk.IRS+6, talk.IRS+11)})
	}},
	{"2018:3:blocks", func() *Talk {
		talk := stamped().In(Seg{Flags: ACK, Seq: 6, Ack: 1, Window: 509, Payload: "later", Options: TS(5001, 101)})
		return talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502,
			Options: Opts(TS(102, 5000), SACK(talk.IRS+6, talk.IRS+12))})
	}},
	{"2018:3:received", func() *Talk { // the hole is in it
		talk := stamped().In(Seg{Flags: ACK, Seq: 6, Ack: 1, Window: 509, Payload: "later", Options: TS(5001, 101)})
		return talk.Out(stampedACK(talk, 1, 102, 5000, 3, 11))
	}},
	{"2018:3:received", func() *Talk { // its last octet is not
		talk := stamped().In(Seg{Flags: ACK, Seq: 6, Ack: 1, Window: 509, Payload: "later", Options: TS(5001, 101)})
		return talk.Out(stampedACK(talk, 1, 102, 5000, 6, 10))
	}},
	{"2018:3:received", func() *Talk { // two blocks that touch
		talk := stamped().In(Seg{Flags: ACK, Seq: 6, Ack: 1, Window: 509, Payload: "later", Options: TS(5001, 101)})
		return talk.Out(stampedACK(talk, 1, 102, 5000, 8, 11, 6, 8))
	}},
	{"R9293:3.4:ack-received", func() *Talk { // what is behind a gap
		return after().In(Seg{Flags: ACK, Seq: 6, Ack: 1, Window: 65160, Payload: "later"}).Out(ack(11))
	}},
	{"5681:4.2:one-ack", func() *Talk { // twice
		return after().In(in("hello")).Out(ack(6)).Out(ack(6))
	}},
	{"5681:4.2:one-ack", func() *Talk { // an acknowledgement draws another
		return after().Out(data("hello")).Out(with(ack(1), func(s *Seg) { s.Seq = 6 })).
			In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160}).Out(with(ack(1), func(s *Seg) { s.Seq = 6 }))
	}},
	{"MUST-14", func() *Talk { return New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(0)}) }},
	{"R9293:3.10.7.4:acked-gone", func() *Talk { // the SYN
		return after().Out(Seg{Flags: SYN | PSH | ACK, Ack: 1, Window: 64240, Options: MSS(1460), Payload: "hello"})
	}},
	{"R9293:3.10.7.4:acked-gone", func() *Talk { // the FIN
		talk := after().Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 64240}).In(Seg{Flags: ACK, Seq: 1, Ack: 2, Window: 65160})
		return talk.Wait(2 * time.Second).Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 64240})
	}},
	{"R9293:3.10.7.4:rst5961", func() *Talk { // a RST draws a RST
		return opening().In(Seg{Flags: RST | ACK, Ack: 1}).Out(Seg{Flags: RST, Seq: 1})
	}},
	{"R9293:3.5.2:closed-rst", func() *Talk { // an ACK that leaves octets out
		talk := opening().In(Seg{Flags: RST | ACK, Ack: 1}).Wait(time.Second).In(Seg{Flags: PSH, Seq: 1, Window: 65160, Payload: "hello"})
		return talk.Out(Seg{Flags: RST | ACK, Seq: -int64(talk.ISS), Ack: 1})
	}},
	{"7323:5.4:rate", func() *Talk {
		return stamped().Wait(time.Second).Out(with(data("hello"), func(s *Seg) { s.Window, s.Options = 502, TS(1000101, 5000) }))
	}},
	{"3168:6.1.3:unmarked", func() *Talk { // nothing was agreed
		return after().Out(with(data("hello"), func(s *Seg) { s.Flags |= ECE }))
	}},
	{"3168:6.1.3:unmarked", func() *Talk { // beyond CWR
		return marked().In(Seg{Flags: CWR | PSH | ACK, Seq: 6, Ack: 1, Window: 65160, Payload: "again"}).
			Out(Seg{Flags: ECE | ACK, Seq: 1, Ack: 11, Window: 64240})
	}},
	{"7323:3.2:every", func() *Talk { return stamped().Out(with(data("hello"), func(s *Seg) { s.Window = 502 })) }},
	{"7323:3.2:unasked", func() *Talk { return after().Out(with(data("hello"), func(s *Seg) { s.Options = TS(1, 0) })) }},
	{"7323:3.2:syn-tsecr0", func() *Talk {
		return New().Out(Seg{Flags: SYN, Window: 64240, Options: Opts(MSS(1460), TS(100, 9))})
	}},
	{"7323:5.4:clock", func() *Talk {
		return stamped().Out(with(data("hello"), func(s *Seg) { s.Window, s.Options = 502, TS(99, 5000) }))
	}},
	{"7323:4.3:echo", func() *Talk { // a time that was never received
		return stamped().Out(with(data("hello"), func(s *Seg) { s.Window, s.Options = 502, TS(102, 5001) }))
	}},
	{"7323:4.3:echo", func() *Talk { // frozen
		return stamped().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 509, Payload: "hello", Options: TS(5005, 101)}).
			Wait(40 * time.Millisecond).Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 502, Options: TS(150, 5000)})
	}},
	{"MUST-40", func() *Talk { // late
		return after().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"}).
			Wait(700 * time.Millisecond).Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64240})
	}},
	{"MUST-40+R9293:3.5.2:sync-ack", func() *Talk { // never, and what comes again draws no ACK either
		return after().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"}).
			Wait(time.Second).In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"}).
			Wait(2 * time.Second).In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"})
	}},
}

func TestEachRuleIsBrokenByItsOwnFault(t *testing.T) {
	covered := map[string]bool{}
	for _, test := range slices.Concat(broken, brokenAnswers, brokenTimers, brokenWindows, brokenMessages) {
		want := strings.Split(test.rule, "+") // the first is the rule, the others follow from it
		covered[strings.TrimLeft(strings.TrimPrefix(want[0], "peer:"), "~")] = true
		ids, _ := judged(t, test.talk())
		if !strings.HasPrefix(want[0], "peer:") { // what the peer does wrong is there to provoke
			ids = slices.DeleteFunc(ids, func(id string) bool { return strings.HasPrefix(id, "peer:") })
		}
		slices.Sort(ids)
		slices.Sort(want)
		if !slices.Equal(ids, want) {
			t.Errorf("a conversation that breaks %s is found to break %q", test.rule, ids)
		}
	}
	for n := range rules.Book {
		if id := rules.Book[n].ID; !covered[id] {
			t.Errorf("no conversation here breaks %s", id)
		}
	}
}

// sound are conversations in which nothing is wrong, each walking close to a
// rule's edge.
var sound = map[string]func() *Talk{
	"the echo of eleven frames": func() *Talk { return New().Echo("hello") },
	"over IPv6":                 func() *Talk { return New6().Echo("hello") },
	"link padding": func() *Talk {
		return after().Out(with(data("hello"), func(s *Seg) { s.Pad = 3 }))
	},
	"a checksum that is ffff": func() *Talk {
		talk := after()
		for n := range 300 {
			talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: uint16(64241 + n)})
		}
		return talk
	},
	"a full segment with options": func() *Talk {
		return stamped().Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(101, 5000), Payload: full[:1448]})
	},
	"a zero-window probe": func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
		talk.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 5, Options: MSS(1460)}).Out(data("hello"))
		talk.In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 0}).Wait(time.Second)
		return talk.Out(with(data("x"), func(s *Seg) { s.Seq = 6 }))
	},
	"a RST to an old segment after the end": func() *Talk {
		talk := after().Out(data("hello")).In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160}).In(Seg{Flags: RST, Seq: 1})
		return talk.In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65160}).Out(Seg{Flags: RST, Seq: 1})
	},
	"a keep-alive probe": func() *Talk {
		return after().Wait(2 * time.Second).Out(Seg{Flags: ACK, Seq: 0, Ack: 1, Window: 64240})
	},
	"a retransmission": func() *Talk {
		return after().Out(data("hello")).Wait(time.Second).Out(data("hello"))
	},
	"an identification repeated by a retransmission": func() *Talk {
		talk := after()
		talk.DF = false
		talk.Out(data("hello"))
		talk.ID--
		return talk.Wait(time.Second).Out(data("hello"))
	},
	"a window that a coarse scale rounds down": func() *Talk {
		return stamped().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 509, Payload: "hello", Options: TS(5001, 101)}).
			Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 501, Options: TS(102, 5001)})
	},
	"an echo that a segment under way has overtaken": func() *Talk {
		return stamped().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 509, Payload: "hello", Options: TS(5005, 101)}).
			Out(with(data("hello"), func(s *Seg) { s.Window, s.Options = 502, TS(102, 5000) }))
	},
	"a D-SACK": func() *Talk {
		talk := stamped().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 509, Payload: "hello", Options: TS(5001, 101)}).
			Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 502, Options: TS(102, 5001)}).
			In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 509, Payload: "hello", Options: TS(5002, 101)})
		return talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 502, Options: Opts(TS(103, 5001), SACK(talk.IRS+1, talk.IRS+6))})
	},
	"a refused connection": func() *Talk {
		talk := New()
		talk.IRS = 0
		return talk.Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)}).In(Seg{Flags: RST | ACK, Ack: 1})
	},
	"a RST with the number that was acknowledged": func() *Talk {
		return after().Out(data("hello")).In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160}).Out(Seg{Flags: RST, Seq: 6})
	},
	"a segment that crosses the peer's RST": func() *Talk {
		return after().In(Seg{Flags: RST, Seq: 1}).Out(data("hello"))
	},
	"the peer's data arrives out of order": func() *Talk {
		return after().In(Seg{Flags: ACK, Seq: 6, Ack: 1, Window: 65160, Payload: "later"}).
			Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240}).
			In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "first"}).
			Out(Seg{Flags: ACK, Seq: 1, Ack: 11, Window: 64240})
	},
	"data that a queue lost before the capture": func() *Talk {
		return after().Out(with(data("world"), func(s *Seg) { s.Seq = 6 })).Out(Seg{Flags: ACK, Seq: 11, Ack: 1, Window: 64240}).
			Wait(time.Second).Out(data("hello")).In(Seg{Flags: ACK, Seq: 1, Ack: 11, Window: 65160})
	},
	"accurate ECN": func() *Talk {
		return New().Out(Seg{Flags: SYN | ECE | CWR | 0x100, Window: 64240, Options: MSS(1460)})
	},
	"data with ECT after both agreed": func() *Talk {
		talk := New()
		talk.Out(Seg{Flags: SYN | ECE | CWR, Window: 64240, Options: MSS(1460)})
		talk.In(Seg{Flags: SYN | ACK | ECE, Ack: 1, Window: 65160, Options: MSS(1460)})
		return talk.Out(with(data("hello"), func(s *Seg) { s.TOS = 2 }))
	},
	"an echo of congestion that the CWR has crossed": func() *Talk {
		return marked().In(Seg{Flags: CWR | PSH | ACK, Seq: 6, Ack: 1, Window: 65160, Payload: "again"}).
			Out(Seg{Flags: ECE | PSH | ACK, Seq: 1, Ack: 6, Window: 64240, Payload: "hello"}).
			Out(Seg{Flags: ACK, Seq: 6, Ack: 11, Window: 64240})
	},
	"an acknowledgement for each duplicate": func() *Talk {
		return after().In(in("hello")).Out(ack(6)).In(in("hello")).In(in("hello")).Out(ack(6)).Out(ack(6))
	},
	"an acknowledgement for a duplicate behind that of new data": func() *Talk {
		return after().In(in("hello")).In(in("hello")).Out(ack(6)).Out(ack(6))
	},
	"a new window": func() *Talk {
		return after().In(in("hello")).Out(ack(6)).Out(with(ack(6), func(s *Seg) { s.Window = 65535 }))
	},
	"a FIN behind a gap": func() *Talk {
		return after().In(Seg{Flags: FIN | PSH | ACK, Seq: 6, Ack: 1, Window: 65160, Payload: "later"}).Out(ack(1)).
			In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "first"}).Out(ack(12))
	},
	"a block with the FIN behind it": func() *Talk {
		talk := stamped().In(Seg{Flags: FIN | PSH | ACK, Seq: 6, Ack: 1, Window: 509, Payload: "later", Options: TS(5001, 101)})
		return talk.Out(stampedACK(talk, 1, 102, 5000, 6, 12))
	},
	"a block of what a later segment has joined since": func() *Talk {
		talk := stamped().In(Seg{Flags: ACK, Seq: 6, Ack: 1, Window: 509, Payload: "later", Options: TS(5001, 101)}).
			In(Seg{Flags: ACK, Seq: 11, Ack: 1, Window: 509, Payload: "still", Options: TS(5002, 101)})
		return talk.Out(stampedACK(talk, 1, 102, 5000, 6, 11)).Out(stampedACK(talk, 1, 102, 5000, 6, 16))
	},
	"an acknowledgement just in time": func() *Talk {
		return after().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"}).
			Wait(500 * time.Millisecond).Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64240})
	},
}

func TestSoundConversationsBreakNothing(t *testing.T) {
	for name, talk := range sound {
		if ids, _ := judged(t, talk()); len(ids) > 0 {
			t.Errorf("%s: found to break %q", name, ids)
		}
	}
}

func TestWithoutAnMSSTheDefaultCounts(t *testing.T) { // MUST-15
	for size, want := range map[int]string{536: "peer:SHLD-5", 537: "peer:SHLD-5 MUST-16"} {
		ids, _ := judged(t, New().Open(MSS(1460), nil).Out(data(full[:size])))
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%d octets: %q, want %q", size, got, want)
		}
	}
}

func TestPeerChecksumLeftToHardwareIsAnArtefact(t *testing.T) {
	talk := after().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello", Partial: true})
	if ids, _ := judged(t, talk); len(ids) != 1 || ids[0] != "peer:~MUST-2" {
		t.Errorf("got %q", ids)
	}
}

func TestSuperFrameIsAnArtefact(t *testing.T) {
	talk := after()
	talk.Flags = tap.SuperFrame
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65160, Payload: full + full})
	if ids, _ := judged(t, talk); len(ids) != 1 || ids[0] != "peer:~MUST-16" {
		t.Errorf("got %q", ids)
	}
}

func TestRuleThatMeetsNoFrameIsNotExercised(t *testing.T) {
	_, out := judged(t, New().Echo("hello"))
	answers := map[string]rules.Answer{}
	for n := range rules.Book {
		answers[rules.Book[n].ID] = out.Answers[n][tap.Out]
	}
	for id, want := range map[string]rules.Answer{
		"MUST-2": rules.Holds, "R9293:3.6:fin-once": rules.NotExercised, "7323:3.2:every": rules.NotExercised,
		"2018:3:blocks": rules.NotExercised, "MUST-16": rules.Holds, "MUST-40": rules.Holds,
	} {
		if answers[id] != want {
			t.Errorf("%s: %v, want %v", id, answers[id], want)
		}
	}
}

func TestIDsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for n := range rules.Book {
		if seen[rules.Book[n].ID] {
			t.Errorf("%s twice", rules.Book[n].ID)
		}
		seen[rules.Book[n].ID] = true
	}
}
