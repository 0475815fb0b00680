package rules_test

import (
	"testing"
	"time"

	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// What shows that a rule is kept, and what looks like it and does not.
func TestHolds(t *testing.T) {
	reset := func() *Talk { return after().In(Seg{Flags: RST, Seq: 1, Payload: "why"}) }
	refusal := Seg{Flags: RST, Seq: 1}
	gap := func(t *Talk) *Talk {
		return t.In(with(in("hello"), func(s *Seg) { s.Seq = 9 })).Out(ack(1))
	}
	sackTalk := func() *Talk {
		return New().Out(Seg{Flags: SYN, Window: 64240, Options: Opts(MSS(1460), []byte{4, 2})}).
			In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: Opts(MSS(1460), []byte{4, 2})}).Out(ack(1))
	}
	hard := func(seq int64) *Talk {
		return opening().Message(3, 3, 0, seq).Wait(time.Second).In(synAck()).Out(refusal)
	}
	stale := func(wait time.Duration) *Talk {
		talk := segments(after(), 1, 2).In(Seg{Flags: ACK, Seq: 1, Ack: 2921, Window: 65160}).In(Seg{Flags: ACK, Seq: 1, Ack: 1461, Window: 0})
		return segments(talk.Wait(wait), 2921, 1)
	}
	timeout := func(wait time.Duration) *Talk {
		talk := segments(segments(after(), 1, 3).Wait(time.Second), 1, 1).Wait(wait)
		return segments(talk.In(Seg{Flags: ACK, Seq: 1, Ack: 1461, Window: 65160}), 1461, 1)
	}
	for _, c := range []struct {
		id, what string
		talk     *Talk
		want     rules.Answer
	}{
		{"SHLD-2", "data after the RST draws one", reset().In(with(in("hello"), func(s *Seg) { s.Seq = 4 })).Out(refusal), rules.Holds},
		{"R9293:3.10.7.4:rst5961", "data after the RST draws one", reset().In(with(in("hello"), func(s *Seg) { s.Seq = 4 })).Out(refusal), rules.Holds},
		{"SHLD-2", "a RST that nothing has asked for", reset().Out(refusal), rules.NotExercised},
		{"R9293:3.10.7.4:rst5961", "a RST that nothing has asked for", reset().Out(refusal), rules.NotExercised},
		{"R9293:3.10.7.4:rst5961", "silence", reset().Wait(time.Minute), rules.NotExercised},
		{"2018:4:not-unasked", "a gap, and no SACK was permitted", gap(after()), rules.Holds},
		{"2018:4:not-unasked", "no gap", after().In(in("hello")).Out(ack(6)), rules.NotExercised},
		{"2018:4:not-unasked", "a gap that might be reported", gap(sackTalk()), rules.NotExercised},
		{"MUST-5", "an MSS beside data", after().In(with(in("hello"), func(s *Seg) { s.Options = MSS(100) })).Out(ack(6)), rules.Holds},
		{"SHLD-26", "the SYN-ACK comes too late", hard(0), rules.Holds},
		{"SHLD-26", "the error quotes another number", hard(77), rules.NotExercised},
		{"R9293:3.10.7.4:wl1wl2", "data goes on beyond the stale window", stale(400 * ms), rules.Holds},
		{"R9293:3.10.7.4:wl1wl2", "it may have been on its way", stale(10 * ms), rules.NotExercised},
		{"5681:3.1:loss-cwnd", "the other two wait", timeout(400 * ms), rules.Holds},
		{"5681:3.1:loss-cwnd", "they may have been on their way", timeout(10 * ms), rules.NotExercised},
		{"MUST-54", "the segment goes again in parts", recut(1000), rules.Holds},
		{"MUST-54", "it goes again as it was", recut(1460), rules.NotExercised},
	} {
		_, out := judged(t, c.talk)
		for n := range rules.Book {
			if got := out.Answers[n][tap.Out]; rules.Book[n].ID == c.id && got != c.want {
				t.Errorf("%s, %s: %v, want %v", c.id, c.what, got, c.want)
			}
		}
	}
}

// recut is a segment that is too long for its path and goes again at once, as
// long as told.
func recut(length int) *Talk {
	return segments(after(), 1, 1).Message(3, 4, 1100, 1).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Payload: full[:length]})
}
