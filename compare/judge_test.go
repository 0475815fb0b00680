package compare_test

import (
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/tap"
)

func hello() Seg { return Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello"} }

func banner() Seg { return Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"} }

func with(s Seg, change func(*Seg)) Seg {
	change(&s)
	return s
}

// TestFields has a change for each field; the first conversation is sound.
func TestFields(t *testing.T) {
	for _, test := range []struct {
		name     string
		ref, tst *Talk
		status   int
		want     []string
	}{
		{"TTL", open().Out(hello()), func() *Talk {
			talk := New()
			talk.TTL = 128
			return talk.Open(MSS(1460), MSS(1460)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240}).Out(hello())
		}(), 0, []string{"permitted field ip.ttl all-frames out [64 | 128] x3"}},
		{"DSCP", New().Out(Seg{Flags: SYN, Options: MSS(1460)}), New().Out(Seg{Flags: SYN, Options: MSS(1460), TOS: 0x10}), 0,
			[]string{"permitted field ip.dsfield.dscp all-frames out [0 | 4] x1"}},
		{"DF", New().Out(Seg{Flags: SYN, Options: MSS(1460)}), New().Out(Seg{Flags: SYN, Options: MSS(1460), NoDF: true}), 0,
			[]string{"permitted field ip.flags.df all-frames out [set | clear] x1"}},
		{"IP identification", open().Out(hello()), func() *Talk {
			talk := New()
			talk.IDStep, talk.ID = 0, 0
			return talk.Open(MSS(1460), MSS(1460)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240}).Out(hello())
		}(), 0, []string{"permitted field ip.id all-frames out [counting | always 0] x1"}},
		{"PSH", open().Out(hello()), open().Out(with(hello(), func(s *Seg) { s.Flags = ACK })), 0,
			[]string{"permitted field tcp.flags.push segments out [PSH,ACK | ACK] x1"}},
		{"window", New().Out(Seg{Flags: SYN, Window: 1000, Options: MSS(1460)}), New().Out(Seg{Flags: SYN, Window: 2000, Options: MSS(1460)}), 0,
			[]string{"permitted field tcp.window_size_value SYN out [1000 | 2000] x1"}},
		{"urgent pointer", open().Out(hello()), open().Out(with(hello(), func(s *Seg) { s.Urgent = 9 })), 0,
			[]string{"permitted field tcp.urgent_pointer segments out [0 | 9] x1"}},
		{"MSS", New().Out(Seg{Flags: SYN, Options: MSS(1460)}), New().Out(Seg{Flags: SYN, Options: MSS(1400)}), 0,
			[]string{"permitted field tcp.options.mss_val SYN out [1460 | 1400] x1"}},
		{"window scale", New().Out(Seg{Flags: SYN, Options: Opts(MSS(1460), WS(7))}), New().Out(Seg{Flags: SYN, Options: Opts(MSS(1460), WS(8))}), 0,
			[]string{"permitted field tcp.options.wscale.shift SYN out [7 | 8] x1"}},
		{"option order", New().Out(Seg{Flags: SYN, Options: Opts(MSS(1460), WS(7))}), New().Out(Seg{Flags: SYN, Options: Opts(WS(7), MSS(1460))}), 0,
			[]string{"permitted field tcp.options.order SYN out [MSS,NOP,WS | NOP,WS,MSS] x1"}},
		{"option left out", New().Out(Seg{Flags: SYN, Options: Opts(MSS(1460), WS(7))}), New().Out(Seg{Flags: SYN, Options: MSS(1460)}), 0,
			[]string{"permitted field tcp.options SYN out [MSS,NOP,WS | MSS] x1"}},
		{"unknown option", New().Out(Seg{Flags: SYN, Options: MSS(1460)}), New().Out(Seg{Flags: SYN, Options: Opts(MSS(1460), []byte{77, 4, 0, 0})}), 1,
			[]string{"unspecified field tcp.options SYN out [MSS | MSS,kind77] x1"}},
		{"payload", open().Out(hello()), open().Out(with(hello(), func(s *Seg) { s.Payload = "hellO" })), 1,
			[]string{`unspecified field tcp.payload segments out ["hello" | "hellO"] x1`}},
		{"checksum", open().Out(hello()), open().Out(with(hello(), func(s *Seg) { s.Mangle = func(p []byte) { p[36] ^= 1 } })), 1,
			[]string{"violation rule tcp.checksum data out by:tested rule:MUST-2 [right | wrong] x1"}},
		{"acknowledgement too high", open().Out(hello()), open().Out(with(hello(), func(s *Seg) { s.Ack = 2 })), 1,
			[]string{"violation rule tcp.ack data out by:tested rule:R9293:3.4:ack-received [1 | 2] x1"}},
		{"sequence number off by one", open().Out(hello()), open().Out(with(hello(), func(s *Seg) { s.Seq = 2 })), 1,
			[]string{
				"violation rule tcp.seq data out by:tested rule:R9293:3.4:seq-continuous [1 | 2] x1",
			}},
		{"FIN without ACK", open().Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 64240}), open().Out(Seg{Flags: FIN, Seq: 1, Window: 64240}), 1,
			[]string{"violation rule tcp.flags.ack FIN out by:tested rule:R9293:3.1:ack-always [FIN,ACK | FIN] x1"}},
		{"RST invented", open(), open().Out(Seg{Flags: RST, Seq: 1}), 1,
			[]string{"unspecified extra frame RST out [- | RST seq 1] x1"}},
		{"RST to an earlier connection's ACK", open(), afterRefusal(700), 0,
			[]string{
				"permitted extra frame ACK in [- | ACK seq 0 ack 700] x1",
				"permitted extra frame RST out [- | RST seq 700] x1",
				"permitted extra frame SYN-retransmission out [- | SYN seq 0] x1",
			}},
		{"RST to the right ACK", open(), afterRefusal(1), 1,
			[]string{
				"unspecified extra frame RST out [- | RST seq 1] x1",
				"permitted extra frame ACK in [- | ACK seq 0 ack 1] x1",
				"permitted extra frame SYN-retransmission out [- | SYN seq 0] x1",
			}},
		{"data never sent", open().Out(hello()), open(), 1,
			[]string{"unspecified missing frame data out [PSH,ACK seq 1 ack 1 len 5 | -] x1"}},
		{"data never acknowledged", open().In(banner()).Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64240}), open().In(banner()), 1,
			[]string{"unspecified missing frame ACK out [ACK seq 1 ack 6 | -] x1"}},
		{"never closed", open().Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 64240}), open(), 1,
			[]string{"unspecified missing frame FIN out [FIN,ACK seq 1 ack 1 | -] x1"}},
		{"the peer resets one that is over", New().Echo("hello"), New().Echo("hello").In(Seg{Flags: RST, Seq: 7}), 0,
			[]string{"permitted extra frame RST in [- | RST seq 7] x1"}},
		{"the peer resets one", open(), open().In(Seg{Flags: RST, Seq: 1}), 1,
			[]string{"unspecified extra frame RST in [- | RST seq 1] x1"}},
		{"the peer's window", New().Open(MSS(1460), MSS(1460)), New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)}).
			In(Seg{Flags: SYN | ACK, Ack: 1, Window: 9, Options: MSS(1460)}), 0,
			[]string{
				"permitted field tcp.window_size_value SYN-ACK in [65160 | 9] x1",
				"permitted field tcp.window_size SYN-ACK in [65160 | 9] x1",
			}},
		{"keep-alive", open(), open().Wait(3 * time.Second).Out(Seg{Flags: ACK, Seq: 0, Ack: 1, Window: 64240}), 0,
			[]string{"permitted extra frame keep-alive out [- | ACK seq 0 ack 1] x1"}},
		{"SYN retried", New().Out(Seg{Flags: SYN, Options: MSS(1460)}), New().Out(Seg{Flags: SYN, Options: MSS(1460)}).Wait(time.Second).Out(Seg{Flags: SYN, Options: MSS(1460)}), 0,
			[]string{"permitted extra frame SYN-retransmission out [- | SYN seq 0] x1"}},
		{"ECN offered", New().Out(Seg{Flags: SYN, Options: MSS(1460)}), New().Out(Seg{Flags: SYN | ECE | CWR, Options: MSS(1460)}), 0,
			[]string{
				"permitted field tcp.flags.ece SYN out [SYN | SYN,ECE,CWR] x1",
				"permitted field tcp.flags.cwr SYN out [SYN | SYN,ECE,CWR] x1",
			}},
	} {
		t.Run(test.name, func(t *testing.T) { expect(t, compared(t, test.ref, test.tst), test.status, test.want...) })
	}
}

func TestWhoIsWrong(t *testing.T) {
	bad := func() *Talk { return open().Out(with(hello(), func(s *Seg) { s.Flags |= 0x400 })) }
	good := func() *Talk { return open().Out(hello()) }
	expect(t, compared(t, good(), bad()), 1, "violation rule tcp.flags.res data out by:tested rule:R9293:3.1:reserved [PSH,ACK | PSH,ACK,R1] x1")
	expect(t, compared(t, bad(), good()), 0, "violation rule tcp.flags.res data out by:reference rule:R9293:3.1:reserved [PSH,ACK,R1 | PSH,ACK] x1")
	expect(t, compared(t, bad(), bad()), 1, "violation rule tcp.flags.res data out by:reference+tested rule:R9293:3.1:reserved [PSH,ACK,R1 | PSH,ACK,R1] x1")
	peer := func() *Talk { return open().In(Seg{Flags: ACK | 0x400, Seq: 1, Ack: 1, Window: 65160}) }
	expect(t, compared(t, peer(), peer()), 0,
		"violation rule tcp.flags.res ACK in by:reference's-peer+tested's-peer rule:R9293:3.1:reserved [ACK,R1 | ACK,R1] x1")
}

func TestSHOULDsDoNotFailARun(t *testing.T) {
	r := compared(t, New().Out(Seg{Flags: SYN, Window: 1}), New().Out(Seg{Flags: SYN, Window: 1}))
	expect(t, r, 0, "deviation rule tcp.options.mss SYN out by:reference+tested rule:SHLD-5 [- | -] x1")
	if r.Worst() != compare.Deviation {
		t.Error(r.Worst())
	}
}

func TestChecksumLeftToHardwareIsNotAFault(t *testing.T) {
	offload := open().In(with(hello(), func(s *Seg) { s.Partial = true })).Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64240})
	whole := open().In(hello()).Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64240})
	r := compared(t, whole, offload)
	if got := told(r); r.ExitStatus() != 0 || strings.Contains(got, "violation") || !strings.Contains(got, "artefact") {
		t.Error(got)
	}
}

func TestTheProgramOf2017(t *testing.T) {
	old := New()
	old.DF, old.ID, old.IDStep = false, 0x1234, 0
	old.Out(Seg{Flags: SYN, Window: 65535}).In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: MSS(1460)})
	old.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65535}).Out(with(hello(), func(s *Seg) { s.Window = 65535 }))
	old.In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160}).In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 6, Window: 65160, Payload: "hello"})
	old.Out(Seg{Flags: ACK, Seq: 6, Ack: 6, Window: 65535}).In(Seg{Flags: FIN | ACK, Seq: 6, Ack: 6, Window: 65160})
	old.Out(Seg{Flags: ACK, Seq: 6, Ack: 7, Window: 65535}).Out(Seg{Flags: FIN, Seq: 6, Window: 65535})
	old.In(Seg{Flags: ACK, Seq: 7, Ack: 7, Window: 65160})
	r := compared(t, New().Echo("hello"), old)
	got := told(r)
	for _, want := range []string{
		"violation rule ip.id", "by:tested rule:6864:4.3:nonatomic",
		"violation rule tcp.flags.ack FIN out by:tested rule:R9293:3.1:ack-always",
		"deviation rule tcp.options.mss SYN out by:tested rule:SHLD-5",
		"permitted field ip.flags.df all-frames out [set | clear] x6",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "unspecified") || r.ExitStatus() != 1 || ladder(r) != "1:1 2:2 3:3 4:4 5:5 6:6 7:7 8:8 9:9 10:10 11:11" {
		t.Errorf("%s\n%s", ladder(r), got)
	}
}

func TestNoise(t *testing.T) {
	at := func(window uint16) *capture.Conversation {
		return conversation(t, "x", New().Out(Seg{Flags: SYN, Window: window, Options: MSS(1460)}))
	}
	verdict := func(ref, tst []*capture.Conversation) string {
		return told(compare.Compare(ref, tst, compare.Options{}))
	}
	same := []*capture.Conversation{at(100), at(100), at(100)}
	varies := []*capture.Conversation{at(200), at(100), at(300)}
	if got := verdict(same, varies); !strings.HasPrefix(got, "noise field tcp.window_size_value SYN out [100 | 200]") {
		t.Error(got)
	}
	outside := []*capture.Conversation{at(200), at(250), at(300)}
	if got := verdict(same, outside); !strings.HasPrefix(got, "permitted field") {
		t.Error(got)
	}
}

func TestFaultInARepeatIsFound(t *testing.T) {
	good := func() *capture.Conversation { return conversation(t, "x", open().Out(hello())) }
	bad := func() *capture.Conversation {
		return conversation(t, "x", open().Out(with(hello(), func(s *Seg) { s.Ack = 2 })))
	}
	r := compare.Compare([]*capture.Conversation{good()}, []*capture.Conversation{good(), good(), bad(), bad()}, compare.Options{})
	expect(t, r, 1, "violation rule tcp.ack R9293:3.4:ack-received out by:tested rule:R9293:3.4:ack-received [- | 2] x1")
	if r.Differences[0].Repeat != 3 {
		t.Errorf("in conversation %d, want 3", r.Differences[0].Repeat)
	}
	r = compare.Compare([]*capture.Conversation{good(), bad()}, []*capture.Conversation{good()}, compare.Options{})
	if d := r.Differences[0]; r.ExitStatus() != 0 || d.By != compare.Reference || d.Repeat != 2 {
		t.Errorf("%+v", d)
	}
}

func TestIDsAreStable(t *testing.T) {
	one := compared(t, New().Echo("hello"), New6().Echo("hello"))
	other := New6()
	other.ISS, other.Step = 5, 3*time.Millisecond
	two := compared(t, New().Echo("hello"), other.Echo("hello"))
	seen := map[string]bool{}
	for n := range one.Differences {
		id := one.Differences[n].ID
		if id != two.Differences[n].ID || seen[id] {
			t.Errorf("difference %d: %s and %s", n+1, id, two.Differences[n].ID)
		}
		seen[id] = true
	}
	if len(seen) == 0 {
		t.Error("no difference between IPv4 and IPv6")
	}
}

func TestConversationsThatHaveNothingInCommon(t *testing.T) {
	ping := New().Out(Seg{Flags: SYN, Options: MSS(1460)}).In(Seg{Flags: RST | ACK, Ack: 1})
	for _, pair := range [][2]*Talk{{New().Echo("hello"), ping}, {ping, New().Echo("hello")}, {New().Echo("a"), New().Echo(strings.Repeat("b", 1000))}} {
		r := compared(t, pair[0], pair[1])
		frames := 0
		for _, row := range r.Rows {
			if row.Ref != compare.None {
				frames++
			}
			if row.Test != compare.None {
				frames++
			}
		}
		if frames != len(pair[0].Frames)+len(pair[1].Frames) {
			t.Errorf("%d frames in the rows of %s", frames, ladder(r))
		}
	}
}

func TestCaptureFromTheMiddleIsCompared(t *testing.T) {
	cut := func() *Talk {
		talk := New().Echo("hello")
		talk.Frames = talk.Frames[3:]
		return talk
	}
	r := compared(t, cut(), cut())
	expect(t, r, 0)
	if !r.Tested.Conversations[0].RolesGuessed {
		t.Error("nobody says that it begins in the middle")
	}
	if r.Window(compare.Tested, 0) != -1 {
		t.Error("a window was scaled by nobody knows what")
	}
}

// TestOneDirectionOnly: nothing is invented about what was not captured.
func TestOneDirectionOnly(t *testing.T) {
	talk := New()
	for _, f := range New().Echo("hello").Frames {
		if f.Dir == tap.Out {
			talk.Frames = append(talk.Frames, f)
		}
	}
	expect(t, compared(t, talk, talk), 0)
}

// afterRefusal is a handshake after an attempt that a segment without a SYN
// disturbed: it drew a RST, as in SYN-SENT (RFC 9293 §3.10.7.3), and the SYN
// went out again.
func afterRefusal(ack int64) *Talk {
	syn := Seg{Flags: SYN, Window: 64240, Options: MSS(1460)}
	talk := New().Out(syn).In(Seg{Flags: ACK, Seq: 900, Ack: ack, Window: 64}).Out(Seg{Flags: RST, Seq: ack}).Wait(time.Second)
	return talk.Out(syn).In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: MSS(1460)}).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
}
