package report_test

import (
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

func conversation(t testing.TB, name string, talk *Talk) *capture.Conversation {
	t.Helper()
	c, err := capture.FromRecording(name, talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// faulty is a conversation with a wrong checksum, a FIN without ACK, an
// acknowledgement less and a retransmission more than the echo.
func faulty() *Talk {
	t := New().Open(Opts(MSS(1400), WS(7)), Opts(MSS(1460), WS(10)))
	t.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502})
	t.Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 502, Payload: "hello", Mangle: func(p []byte) { p[37] ^= 1 }})
	t.Wait(time.Second).Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 502, Payload: "hello"})
	t.In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64})
	t.In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 6, Window: 64, Payload: "hello"})
	t.In(Seg{Flags: FIN | ACK, Seq: 6, Ack: 6, Window: 64})
	t.Out(Seg{Flags: ACK, Seq: 6, Ack: 7, Window: 502})
	t.Out(Seg{Flags: FIN, Seq: 6, Window: 502})
	return t.In(Seg{Flags: ACK, Seq: 7, Ack: 7, Window: 64})
}

// example compares the echo with the faulty conversation.
func example(t testing.TB) *compare.Report {
	t.Helper()
	return compare.Compare(
		[]*capture.Conversation{conversation(t, "netstack", New().Echo("hello"))},
		[]*capture.Conversation{conversation(t, "handcrafted", faulty())},
		compare.Options{
			Environment: []compare.Setting{{Name: "link", Value: "tap, MTU 1500"}},
			Reference:   compare.Run{Stack: "netstack", State: "CLOSED", PeerState: "TIME-WAIT", Duration: 11 * time.Millisecond},
			Tested: compare.Run{Stack: "handcrafted", Settings: []compare.Setting{
				{Name: "profile", Value: "one that is wrong on purpose, to show what a report of a stack with several faults looks like when it is long"},
			}},
		})
}
