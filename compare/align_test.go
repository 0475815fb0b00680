package compare_test

import (
	"strings"
	"testing"
	"time"

	. "tcping-cmp/compare/capture/capturetest"
)

func open() *Talk {
	return New().Open(MSS(1460), MSS(1460)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
}

func TestSameConversationTwice(t *testing.T) {
	other := New()
	other.ISS, other.IRS, other.ID = 42, 77, 9000
	other.Now = other.Now.Add(time.Hour)
	r := compared(t, New().Echo("hello"), other.Echo("hello"))
	expect(t, r, 0)
	if got := ladder(r); got != "1:1 2:2 3:3 4:4 5:5 6:6 7:7 8:8 9:9 10:10 11:11" {
		t.Error(got)
	}
	var names []string
	for _, n := range r.Normalised {
		names = append(names, n.Name+"="+n.Reference+"|"+n.Test)
	}
	want := "client's initial sequence number=1000000|42; server's initial sequence number=4294967280|77; client's first IP identification=0x0064|0x2328"
	if got := strings.Join(names, "; "); got != want {
		t.Errorf("normalised: %s", got)
	}
}

// TestDelayedACKShiftsNothing: an acknowledgement that rides on data instead
// of going alone leaves the rest of the ladder in place.
func TestDelayedACKShiftsNothing(t *testing.T) {
	ref := open().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"}).
		Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64240}).
		Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 6, Window: 64240, Payload: "world"}).
		In(Seg{Flags: ACK, Seq: 6, Ack: 6, Window: 65160})
	tst := open().In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "hello"}).
		Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 6, Window: 64240, Payload: "world"}).
		In(Seg{Flags: ACK, Seq: 6, Ack: 6, Window: 65160})
	r := compared(t, ref, tst)
	expect(t, r, 0, "permitted missing frame ACK out [ACK seq 1 ack 6 | -] x1")
	if got := ladder(r); got != "1:1 2:2 3:3 4:4 5:- 6:5 7:6" {
		t.Error(got)
	}
	expect(t, compared(t, tst, ref), 0, "permitted extra frame ACK out [- | ACK seq 1 ack 6] x1")
}

func TestOtherCutOfTheSameStream(t *testing.T) {
	ref := open().Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello world"})
	tst := open().Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello "}).
		Out(Seg{Flags: PSH | ACK, Seq: 7, Ack: 1, Window: 64240, Payload: "world"})
	expect(t, compared(t, ref, tst), 0,
		"permitted field tcp.flags.push segments out [PSH,ACK | ACK] x1",
		"permitted field tcp.len segments out [11 | 6] x1",
		"permitted extra frame data out [- | PSH,ACK seq 7 ack 1 len 5] x1",
	)
	wrong := open().Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hellO "}).
		Out(Seg{Flags: PSH | ACK, Seq: 7, Ack: 1, Window: 64240, Payload: "world"})
	if got := told(compared(t, ref, wrong)); !strings.Contains(got, `unspecified field tcp.payload segments out ["hello world" | "hellO "]`) {
		t.Error(got)
	}
}

func TestRetransmissionsMeetRetransmissions(t *testing.T) {
	hello := Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello"}
	world := Seg{Flags: PSH | ACK, Seq: 6, Ack: 1, Window: 64240, Payload: "world"}
	done := Seg{Flags: ACK, Seq: 1, Ack: 11, Window: 65160}
	ref := open().Out(hello).Out(world).Wait(time.Second).Out(hello).In(done)
	tst := open().Out(hello).Wait(time.Second).Out(hello).Wait(2 * time.Second).Out(hello).Out(world).In(done)
	r := compared(t, ref, tst)
	expect(t, r, 0,
		"permitted extra frame data-retransmission out [- | PSH,ACK seq 1 ack 1 len 5] x1",
		"permitted order frame data out [frame 5 | frame 7] x1",
	)
}

func TestRetransmissionOfAcknowledgedDataIsAViolation(t *testing.T) {
	hello := Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello"}
	done := Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 65160}
	expect(t, compared(t, open().Out(hello).In(done), open().Out(hello).In(done).Wait(time.Second).Out(hello)), 1,
		"violation extra frame data-retransmission out by:tested rule:R9293:3.10.7.4:acked-gone [- | PSH,ACK seq 1 ack 1 len 5] x1",
		"violation rule tcp.analysis.spurious_retransmission data-retransmission out by:tested rule:R9293:3.10.7.4:acked-gone [- | PSH,ACK seq 1 ack 1 len 5] x1")
	expect(t, compared(t, open().Out(hello).In(done), open().Out(hello).In(done).Out(hello)), 0,
		"permitted extra frame data-retransmission out [- | PSH,ACK seq 1 ack 1 len 5] x1")
}

func TestDirectionsCrossDifferently(t *testing.T) {
	in := Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: "banner"}
	out := Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello"}
	r := compared(t, open().In(in).Out(out), open().Out(out).In(in))
	if got := ladder(r); got != "1:1 2:2 3:3 4:-* 5:4 -:5*" && got != "1:1 2:2 3:3 -:4* 4:5 5:-*" {
		t.Error(got)
	}
	if r.ExitStatus() != 0 || len(r.Differences) != 1 || !strings.HasPrefix(told(r), "permitted order frame data") {
		t.Error(told(r))
	}
}

func TestDataInAnotherOrder(t *testing.T) {
	a := Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello"}
	b := Seg{Flags: ACK, Seq: 6, Ack: 1, Window: 64240, Payload: "world"}
	r := compared(t, open().Out(a).Out(b), open().Out(b).Out(a))
	if got := told(r); r.ExitStatus() != 1 || !strings.Contains(got, "violation rule tcp.seq data out by:tested rule:R9293:3.4:seq-continuous") {
		t.Error(got)
	}
}
