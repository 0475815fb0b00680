package rules_test

import (
	"slices"
	"testing"
	"time"

	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/rules"
)

const closedRule = "R9293:3.5.2:closed-rst"

// TestSegmentToNoConnectionDrawsARST: RFC 9293 §3.5.2, what a RST from an end
// without a connection must say so that it is accepted.
func TestSegmentToNoConnectionDrawsARST(t *testing.T) {
	reset := func() *Talk { return after().In(Seg{Flags: RST, Seq: 1}).Wait(time.Second) }
	both := func() *Talk { // the client closes last
		talk := after().In(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 9}).Out(ack(2))
		talk.Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 2, Window: 9}).In(Seg{Flags: ACK, Seq: 2, Ack: 2, Window: 9})
		return talk.Wait(time.Second)
	}
	late := Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 9, Payload: "late"}
	for name, c := range map[string]struct {
		talk *Talk
		want rules.Answer
	}{
		"nothing comes":                        {reset(), rules.NotExercised},
		"the number that it acknowledges":      {reset().In(late).Out(Seg{Flags: RST, Seq: 1}), rules.Holds},
		"another number":                       {reset().In(late).Out(Seg{Flags: RST, Seq: 9}), rules.Broken},
		"no answer: the host may be gone":      {reset().In(late).Wait(time.Minute), rules.NotExercised},
		"the first of two":                     {reset().In(late).In(Seg{Flags: ACK, Seq: 5, Ack: 7, Window: 9}).Out(Seg{Flags: RST, Seq: 1}), rules.Holds},
		"without ACK: zero, and all of it":     {reset().In(Seg{Seq: 1, Payload: "late"}).Out(Seg{Flags: RST | ACK, Seq: -1_000_000, Ack: 5}), rules.Holds},
		"without ACK: zero, but a part of it":  {reset().In(Seg{Seq: 1, Payload: "late"}).Out(Seg{Flags: RST | ACK, Seq: -1_000_000, Ack: 1}), rules.Broken},
		"after both FINs":                      {both().In(Seg{Flags: FIN | ACK, Seq: 1, Ack: 2, Window: 9}).Out(Seg{Flags: RST, Seq: 2}), rules.Holds},
		"after both FINs, with its own number": {both().In(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 9}).Out(Seg{Flags: RST, Seq: 2}), rules.Broken},
		"an abort that crosses the reset": {after().In(Seg{Flags: RST, Seq: 1}).In(Seg{Flags: ACK, Seq: 1, Ack: 9, Window: 9}).
			Out(Seg{Flags: RST, Seq: 1}), rules.NotExercised},
	} {
		_, out := judged(t, c.talk)
		n := slices.IndexFunc(rules.Book, func(r rules.Rule) bool { return r.ID == closedRule })
		if got := out.Answers[n][0]; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
