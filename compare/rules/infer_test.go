package rules_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/rules"
)

// states are those of client and server after every frame.
func states(all []rules.Inferred) string {
	var lines []string
	last := ""
	for n := range all {
		if s := all[n].Client.String() + "/" + all[n].Server.String(); s != last {
			lines = append(lines, fmt.Sprintf("#%d %s", n+1, s))
			last = s
		}
	}
	return strings.Join(lines, "\n")
}

func TestStatesOfBothEnds(t *testing.T) {
	open := func() *Talk {
		return New().Open(MSS(1460), MSS(1460)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 100})
	}
	for name, c := range map[string]struct {
		talk *Talk
		want string
	}{
		"the server closes first": {New().Echo("hello"), `
#1 SYN-SENT/SYN-RECEIVED
#2 ESTABLISHED/SYN-RECEIVED
#3 ESTABLISHED/ESTABLISHED
#8 CLOSE-WAIT/FIN-WAIT-1
#9 CLOSE-WAIT/FIN-WAIT-2
#10 LAST-ACK/TIME-WAIT
#11 CLOSED/TIME-WAIT`},
		"the client closes first": {open().Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 100}).
			In(Seg{Flags: ACK, Seq: 1, Ack: 2, Window: 100}).In(Seg{Flags: FIN | ACK, Seq: 1, Ack: 2, Window: 100}).
			Out(Seg{Flags: ACK, Seq: 2, Ack: 2, Window: 100}), `
#1 SYN-SENT/SYN-RECEIVED
#2 ESTABLISHED/SYN-RECEIVED
#3 ESTABLISHED/ESTABLISHED
#4 FIN-WAIT-1/CLOSE-WAIT
#5 FIN-WAIT-2/CLOSE-WAIT
#6 TIME-WAIT/LAST-ACK
#7 TIME-WAIT/CLOSED`},
		"both close at once: neither FIN acknowledges the other": {open().Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 100}).
			In(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 100}).
			Out(Seg{Flags: ACK, Seq: 2, Ack: 2, Window: 100}).In(Seg{Flags: ACK, Seq: 2, Ack: 2, Window: 100}), `
#1 SYN-SENT/SYN-RECEIVED
#2 ESTABLISHED/SYN-RECEIVED
#3 ESTABLISHED/ESTABLISHED
#4 FIN-WAIT-1/CLOSE-WAIT
#5 CLOSING/CLOSING
#6 CLOSING/TIME-WAIT
#7 TIME-WAIT/TIME-WAIT`},
		"a server that sends its SYN-ACK again has not got the ACK": {open().Wait(time.Second).
			In(Seg{Flags: SYN | ACK, Ack: 1, Window: 100, Options: MSS(1460)}), `
#1 SYN-SENT/SYN-RECEIVED
#2 ESTABLISHED/SYN-RECEIVED
#3 ESTABLISHED/ESTABLISHED
#4 ESTABLISHED/SYN-RECEIVED`},
		"refused": {New().Out(Seg{Flags: SYN, Window: 100}).In(Seg{Flags: RST | ACK, Ack: 1}), `
#1 SYN-SENT/SYN-RECEIVED
#2 CLOSED/CLOSED`},
		"a RST for a wrong ACK does not end the attempt": {New().Out(Seg{Flags: SYN, Window: 100}).
			In(Seg{Flags: ACK, Seq: 9, Ack: 77, Window: 9}).Out(Seg{Flags: RST, Seq: 77}), `
#1 SYN-SENT/SYN-RECEIVED
#2 SYN-SENT/ESTABLISHED
#3 SYN-SENT/CLOSED`},
		"a RST in the window but not at its edge draws a challenge, no more": {open().In(Seg{Flags: RST, Seq: 3}), `
#1 SYN-SENT/SYN-RECEIVED
#2 ESTABLISHED/SYN-RECEIVED
#3 ESTABLISHED/ESTABLISHED
#4 ESTABLISHED/CLOSED`},
		"what was damaged changes nothing": {open().In(with(in("hello"), func(s *Seg) { s.Mangle = flip(20 + 4) })).
			In(with(in("hello"), func(s *Seg) { s.Mangle = func(p []byte) { p[20+13] ^= FIN | RST } })), `
#1 SYN-SENT/SYN-RECEIVED
#2 ESTABLISHED/SYN-RECEIVED
#3 ESTABLISHED/ESTABLISHED`},
		"from the middle": {New().Out(Seg{Flags: ACK, Seq: 500, Ack: 900, Window: 100, Payload: "x"}).
			In(Seg{Flags: ACK, Seq: 900, Ack: 501, Window: 100}), `
#1 ESTABLISHED/
#2 ESTABLISHED/ESTABLISHED`},
	} {
		all := rules.Infer(conversation(t, c.talk))
		if got, want := states(all), strings.TrimPrefix(c.want, "\n"); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
		}
	}
}

// TestNumbersOfTheSender follows SND.UNA, SND.NXT, RCV.NXT, the scaled send
// window, the octets in flight, the round trip and the timeout.
func TestNumbersOfTheSender(t *testing.T) {
	talk := New().Open(Opts(MSS(1460), SACKOK(), WS(7)), Opts(MSS(1460), SACKOK(), WS(3)))
	talk.Step = 100 * time.Millisecond
	talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 500})
	talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 500, Payload: "four"})
	talk.Out(Seg{Flags: PSH | ACK, Seq: 5, Ack: 1, Window: 500, Payload: "five5"})
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 5, Window: 1000})
	talk.Wait(time.Second).Out(Seg{Flags: PSH | ACK, Seq: 5, Ack: 1, Window: 500, Payload: "five5"}) // the tail probe
	talk.Wait(time.Second).Out(Seg{Flags: PSH | ACK, Seq: 5, Ack: 1, Window: 500, Payload: "five5"}) // the timer
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 10, Window: 1000})
	var got []string
	for _, x := range rules.Infer(conversation(t, talk)) {
		got = append(got, fmt.Sprintf("una %d nxt %d rcv %d wnd %d flight %d rtt %d rto %d %s",
			x.Una, x.Next, x.Rcv, x.Window, x.InFlight, x.AckRTT/1e6, x.RTO/1e6, strings.Join(x.Words(), " ")))
	}
	want := []string{
		"una 0 nxt 1 rcv 0 wnd -1 flight 0 rtt 0 rto 1000 ",
		"una 0 nxt 1 rcv 1 wnd 64240 flight 0 rtt 1 rto 1000 ",
		"una 1 nxt 1 rcv 1 wnd 65160 flight 0 rtt 1 rto 1000 ",
		"una 1 nxt 5 rcv 1 wnd 65160 flight 4 rtt 0 rto 1000 ",
		"una 1 nxt 10 rcv 1 wnd 65160 flight 9 rtt 0 rto 1000 ",
		"una 1 nxt 1 rcv 5 wnd 64000 flight 0 rtt 200 rto 1000 ",
		"una 5 nxt 10 rcv 1 wnd 8000 flight 5 rtt 0 rto 1000 retransmission tail loss probe",
		"una 5 nxt 10 rcv 1 wnd 8000 flight 5 rtt 0 rto 2000 retransmission",
		"una 1 nxt 1 rcv 10 wnd 64000 flight 0 rtt 2400 rto 1000 ",
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("\n%s\nwant:\n%s", a, b)
	}
}

// TestOctetsInFlight: what is in flight was sent and neither acknowledged nor
// reported by SACK, though acknowledged octets are sent again, or D-SACK says
// what came twice.
func TestOctetsInFlight(t *testing.T) {
	talk := after().Out(data("hello")).In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160})
	talk.Out(with(data("world"), func(s *Seg) { s.Seq = 6 })).Out(data("hello"))
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160, Options: SACK(talk.ISS+1, talk.ISS+6)})
	talk.Out(with(data("again"), func(s *Seg) { s.Seq = 11 }))
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160, Options: SACK(talk.ISS+11, talk.ISS+16)})
	talk.Out(with(data("more"), func(s *Seg) { s.Seq = 16 }))
	all := rules.Infer(conversation(t, talk))
	for frame, want := range map[int]int64{4: 5, 6: 5, 7: 5, 9: 10, 11: 9} {
		if got := all[frame-1].InFlight; got != want {
			t.Errorf("#%d: %d octets in flight, want %d", frame, got, want)
		}
	}
}

// TestDamagedFramesDoNotCount: neither the numbers of the sender nor those of
// the receiver follow a header that was damaged.
func TestDamagedFramesDoNotCount(t *testing.T) {
	talk := after().In(in("hello")).Out(ack(6))
	sound := rules.Infer(conversation(t, talk))
	for name, at := range map[string]int{"number": 24, "acknowledgement": 28, "flags": 33, "window": 34} {
		talk := after().In(in("hello")).In(with(in("hello"), func(s *Seg) { s.Mangle = flip(at) })).Out(ack(6))
		all := rules.Infer(conversation(t, talk))
		before, damaged, last := all[3], all[4], all[5]
		if damaged.Una != before.Una || damaged.Next != before.Next || damaged.Rcv != before.Rcv || damaged.Window != before.Window {
			t.Errorf("damaged in the %s: una %d, nxt %d, rcv %d, wnd %d; before %d, %d, %d, %d", name,
				damaged.Una, damaged.Next, damaged.Rcv, damaged.Window, before.Una, before.Next, before.Rcv, before.Window)
		}
		if want := sound[4]; last.Una != want.Una || last.Next != want.Next || last.Window != want.Window || last.Client != want.Client {
			t.Errorf("after damage in the %s: una %d, nxt %d, wnd %d, %s; want %d, %d, %d, %s", name,
				last.Una, last.Next, last.Window, last.Client, want.Una, want.Next, want.Window, want.Client)
		}
	}
}

func conversation(t *testing.T, talk *Talk) *capture.Conversation {
	t.Helper()
	c, err := capture.FromRecording("test", talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
