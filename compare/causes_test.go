package compare_test

import (
	"testing"

	. "tcping-cmp/compare/capture/capturetest"
)

// TestCauseAndWhatFollows: a wider window offered by the peer's own choice is
// nothing, but one stack's smaller MSS makes the peer cut its data otherwise.
func TestCauseAndWhatFollows(t *testing.T) {
	in := func(seq int64, s string) Seg {
		return Seg{Flags: PSH | ACK, Seq: seq, Ack: 1, Window: 65160, Payload: s}
	}
	ack := func(n int64) Seg { return Seg{Flags: ACK, Seq: 1, Ack: n, Window: 64240} }
	begin := func(mss uint16) *Talk {
		return New().Open(MSS(mss), MSS(1460)).Out(ack(1))
	}
	r := compared(t, begin(1460).In(in(1, "helloworld")).Out(ack(11)), begin(5).In(in(1, "hello")).In(in(6, "world")).Out(ack(11)))
	causes := map[string]string{}
	for n := range r.Differences {
		d := &r.Differences[n]
		if d.Cause != 0 {
			c := &r.Differences[d.Cause-1]
			causes[d.Class.String()+" "+d.Field+" "+d.Dir.String()] = c.Field + " " + c.Role
			if c.Cause != 0 {
				t.Errorf("%d follows from %d, which follows from %d: not the beginning", d.Number, c.Number, c.Cause)
			}
		}
	}
	for _, effect := range []string{"field tcp.len in", "extra frame in"} {
		if causes[effect] != "tcp.options.mss_val SYN" {
			t.Errorf("%s follows from %q, want the MSS of the SYN\n%s", effect, causes[effect], told(r))
		}
	}
}
