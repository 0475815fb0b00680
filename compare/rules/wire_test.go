package rules_test

import (
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/rules"
)

// stampedIn is data of the server's on a connection with timestamps.
func stampedIn(seq int64, val uint32, text string) Seg {
	return Seg{Flags: PSH | ACK, Seq: seq, Ack: 1, Window: 509, Payload: text, Options: TS(val, 101)}
}

// stampedACK is an acknowledgement of the client's there, with SACK blocks or
// without.
func stampedACK(talk *Talk, ack int64, val, ecr uint32, edges ...uint32) Seg {
	s := Seg{Flags: ACK, Seq: 1, Ack: ack, Window: 502, Options: TS(val, ecr)}
	if len(edges) > 0 {
		for i := range edges {
			edges[i] += talk.IRS
		}
		s.Options = Opts(s.Options, SACK(edges...))
	}
	return s
}

// flip inverts a bit of the packet after its checksums were computed.
func flip(at int) func([]byte) { return func(packet []byte) { packet[at] ^= 0x10 } }

// onTheWire are conversations of ends without fault over wires with many: what
// looks wrong was reordered, lost, repeated or damaged before it was captured,
// or waited in a queue behind the capture.
var onTheWire = map[string]func() *Talk{
	"an old window that the peer's RST has overtaken": func() *Talk {
		talk := segments(after(), 1, 3).In(Seg{Flags: RST | ACK, Seq: 1, Ack: 1}).In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 1460})
		return talk.Out(Seg{Flags: RST, Seq: 1})
	},
	"data that is reset instead of acknowledged, and a late duplicate": func() *Talk {
		talk := after().Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 64240}).In(Seg{Flags: ACK, Seq: 1, Ack: 2, Window: 65160})
		talk.In(with(in("hello"), func(s *Seg) { s.Ack = 2 })).Out(Seg{Flags: RST, Seq: 2})
		return talk.Wait(time.Second).In(Seg{Flags: ACK, Seq: 1, Ack: 2, Window: 65160}).Out(Seg{Flags: RST, Seq: 2})
	},
	"the timer and the tail probe at once, and the acknowledgement that was late": func() *Talk {
		options := Opts(MSS(1460), SACKOK())
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: options}).Wait(80 * ms)
		talk.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: options}).Out(ack(1))
		for i := range int64(4) {
			dup(segments(talk, 1+1460*i, 1).Wait(80*ms), 1461+1460*i)
		}
		segments(talk, 5841, 2).Wait(1100 * ms)
		segments(talk, 7301, 1).Wait(3 * ms) // the probe
		segments(talk, 5841, 1)              // the timer
		return dup(segments(dup(talk, 7301), 7301, 1).Wait(80*ms), 8761)
	},
	"an acknowledgement of what was sent again, and RACK lets go all that is older": func() *Talk {
		options := Opts(MSS(1460), SACKOK())
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: options}).Wait(600 * ms)
		talk.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: options}).Out(ack(1))
		dup(segments(dup(segments(talk, 1, 1).Wait(600*ms), 1461), 1461, 1).Wait(600*ms), 2921)
		segments(talk, 2921, 4).Wait(1700 * ms)
		segments(talk, 2921, 1) // the timer
		segments(dup(talk, 4381), 4381, 3)
		return dup(segments(dup(talk, 5841), 5841, 2).Wait(ms), 8761)
	},
	"acknowledgements that only tell what came twice": func() *Talk {
		talk := stamped().Out(with(withTS(data(full[:1448]), 102, 5000), func(s *Seg) { s.Seq = 1 }))
		talk.In(withTS(Seg{Flags: ACK, Seq: 1, Ack: 1449}, 5001, 102))
		for i := range int64(3) {
			talk.Out(with(withTS(data(full[:1448]), 103, 5001), func(s *Seg) { s.Seq = 1449 + 1448*i }))
		}
		for range 5 {
			talk.In(with(withTS(Seg{Flags: ACK, Seq: 1, Ack: 1449}, 5001, 102), func(s *Seg) { s.Options = Opts(s.Options, SACK(talk.ISS+1, talk.ISS+1449)) }))
		}
		return talk.Wait(900 * ms).In(withTS(Seg{Flags: ACK, Seq: 1, Ack: 5793}, 5010, 103))
	},
	"an empty window probe, soon after the window closed": func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
		talk.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 5, Options: MSS(1460)}).Out(data("hello"))
		return talk.In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 0}).Wait(210 * ms).Out(Seg{Flags: ACK, Seq: 5, Ack: 1, Window: 64240})
	},
	"ECN-capable data that overtakes other data": func() *Talk {
		first := Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello", TOS: 2}
		talk := ecnTalk(65160).In(with(first, func(s *Seg) { s.Seq = 6 })).Out(ack(1)).In(first).In(first)
		return talk.Out(ack(11)).Out(ack(11))
	},
	"a segment that is lost and goes again in halves, each at its time": func() *Talk {
		talk := New().Open(MSS(2920), MSS(2920)).Out(ack(1))
		talk.MTU = 9000
		for i := range int64(2) { // round trips of a second
			dup(segments(talk, 1+1460*i, 1).Wait(time.Second), 1461+1460*i)
		}
		talk.Out(Seg{Flags: PSH | ACK, Seq: 2921, Ack: 1, Window: 64240, Payload: full + full}).Wait(3500 * ms)
		segments(talk, 2921, 1).Wait(time.Second) // the timer
		dup(talk, 4381).Wait(3500 * ms)
		return dup(segments(talk, 4381, 1), 5841) // and again: it has started anew
	},
	"octets of which some came before, and D-SACK says which": func() *Talk {
		talk := stamped().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 509, Payload: "hello", Options: TS(5001, 101)}).
			Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 502, Options: TS(102, 5001)}).
			In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 509, Payload: "hello world", Options: TS(5002, 101)})
		return talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 12, Window: 502, Options: Opts(TS(103, 5002), SACK(talk.IRS+1, talk.IRS+6))})
	},
	"data that a busy host dropped behind the capture, and took the second time": func() *Talk {
		talk := after().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"}).Wait(600 * time.Millisecond)
		talk.In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"})
		return talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64240})
	},
	"a timestamp that a later one has overtaken": func() *Talk {
		return stamped().Out(with(data("hello"), func(s *Seg) { s.Window, s.Options = 502, TS(102, 5000) })).
			In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 509, Options: TS(5003, 102)}).
			In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 509, Options: TS(5002, 102)})
	},
	"the echo of a SYN-ACK that a later ACK has overtaken": func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: Opts(MSS(1460), TS(100, 0))})
		talk.In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65160, Options: TS(5001, 100)})
		talk.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: Opts(MSS(1460), TS(5000, 100))})
		return talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Options: TS(101, 5000)})
	},
	"a window that a later one has overtaken": func() *Talk {
		return after().In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65160}).In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 60000})
	},
	"a RST that answers a late acknowledgement": func() *Talk {
		talk := after().Out(data("hello")).In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160})
		talk.Out(Seg{Flags: FIN | ACK, Seq: 6, Ack: 1, Window: 64240}).In(Seg{Flags: FIN | ACK, Seq: 1, Ack: 7, Window: 65160})
		talk.Out(Seg{Flags: ACK, Seq: 7, Ack: 2, Window: 64240})
		return talk.In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160}).Out(Seg{Flags: RST, Seq: 6})
	},
	"a gap that a reset left": func() *Talk {
		return after().In(Seg{Flags: ACK, Seq: 1461, Ack: 1, Window: 65160, Payload: full}).
			Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240}).In(Seg{Flags: RST, Seq: 2921})
	},
	"a gap at the end of the capture": func() *Talk {
		return after().In(Seg{Flags: ACK, Seq: 1461, Ack: 1, Window: 65160, Payload: full}).
			Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
	},
	"a D-SACK of octets with an old timestamp": func() *Talk {
		talk := stamped().In(stampedIn(1, 5005, "hello"))
		talk.Out(stampedACK(talk, 6, 102, 5005)).In(stampedIn(6, 5006, "world")).Out(stampedACK(talk, 11, 103, 5006))
		return talk.In(stampedIn(1, 5002, "hello")).Out(stampedACK(talk, 11, 104, 5006, 1, 6))
	},
	"a D-SACK of a FIN": func() *Talk {
		talk := stamped()
		fin := Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 509, Options: TS(5001, 101)}
		talk.In(fin).Out(stampedACK(talk, 2, 102, 5001))
		return talk.In(fin).Out(stampedACK(talk, 2, 103, 5001, 1, 2))
	},
	"a first block of what arrived before the latest": func() *Talk {
		talk := stamped().In(stampedIn(11, 5001, "later")).In(stampedIn(21, 5001, "still"))
		talk.Out(stampedACK(talk, 1, 102, 5000, 11, 16))
		return talk.Out(stampedACK(talk, 1, 102, 5000, 21, 26, 11, 16))
	},
	"octets whose timestamp is old if that of a duplicate counts": func() *Talk {
		talk := stamped().In(stampedIn(1, 5002, "hello"))
		talk.Out(stampedACK(talk, 6, 102, 5002))
		talk.In(stampedIn(1, 5009, "hello")).Out(stampedACK(talk, 6, 103, 5009, 1, 6))
		return talk.In(stampedIn(11, 5005, "later")).Out(stampedACK(talk, 6, 104, 5009)).
			In(stampedIn(6, 5010, "world")).Out(stampedACK(talk, 11, 105, 5010))
	},
}

func TestWhatTheWireDidIsNobodysFault(t *testing.T) {
	for name, talk := range onTheWire {
		for _, exact := range []bool{true, false} {
			c, err := capture.FromRecording("test", talk().Recording(), netip.AddrPort{})
			if err != nil {
				t.Fatal(err)
			}
			c.Exact = exact
			for _, f := range rules.Judge(c).Findings {
				t.Errorf("%s (at the client: %v): frame %d breaks %s: %s", name, exact, f.Event+1, f.Rule.ID, f.Rule.Words(f.Got, f.Want))
			}
		}
	}
}

// A frame that was damaged on its way says nothing of its sender; one whose
// every checksum is wrong means it.
func TestDamagedFrameIsAnArtefact(t *testing.T) {
	const ipv4, tcp = 20, 20
	in := Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"}
	for name, at := range map[string]int{
		"in the payload": ipv4 + tcp, "in the flags": ipv4 + 13, "in the window": ipv4 + 14,
		"in the TTL": 8, "in the TOS": 1, "in the number": ipv4 + 4, "in the acknowledgement": ipv4 + 8,
	} {
		talk := after().In(with(in, func(s *Seg) { s.Mangle = flip(at) })).
			Wait(300 * time.Millisecond).In(in).Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64240})
		ids, _ := judged(t, talk)
		if len(ids) != 1 || ids[0] != "peer:~MUST-2" && ids[0] != "peer:~791:3.1:checksum" {
			t.Errorf("damaged %s: found to break %q", name, ids)
		}
	}
	timed := stamped()
	for i := range int64(150) {
		timed.In(withTS(Seg{Flags: ACK, Seq: 1, Ack: 1}, uint32(5001+i), 101))
	}
	timed.In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 509, Partial: true}) // its options, and the sum happens to be that of the pseudo-header
	if ids, _ := judged(t, timed); len(ids) != 1 || ids[0] != "peer:~MUST-2" {
		t.Errorf("damaged with the sum of the pseudo-header: found to break %q", ids)
	}
	stray := New().Out(with(in, func(s *Seg) { s.Mangle = flip(15) })) // whose it is nobody knows
	c, err := capture.FromRecording("test", stray.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	c.Exact, c.Link.Kind = true, ""
	for _, f := range rules.Judge(c).Findings {
		if f.Artefact == "" {
			t.Errorf("damaged in an address: found to break %s", f.Rule.ID)
		}
	}
	bad := func(s *Seg) { s.Mangle = flip(ipv4 + 16) }
	talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
	for range 3 {
		talk.Wait(time.Second).In(with(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: MSS(1460)}, bad))
	}
	if ids, _ := judged(t, talk); len(ids) != 1 || ids[0] != "peer:MUST-2" {
		t.Errorf("every checksum wrong: found to break %q", ids)
	}
}
