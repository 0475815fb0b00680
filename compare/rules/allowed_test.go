package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	. "tcping-cmp/compare/capture/capturetest"
)

// allowed is what looks like a fault, and a clause lets it pass.
var allowed = map[string]func() *Talk{
	"RFC 5681 §3.1: each small segment's ACK opens a whole segment": func() *Talk {
		talk := after()
		for i := range int64(20) {
			talk.Out(with(data("x"), func(s *Seg) { s.Seq = 1 + i }))
			dup(talk, 2+i)
		}
		return segments(talk, 21, 24)
	},
	"RFC 8985 §6.2: RACK waits for a round trip": func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)}).Wait(400 * ms).In(synAck()).Out(ack(1))
		segments(talk, 1, 5).Wait(400 * ms)
		for range 4 {
			dup(talk, 1)
		}
		return segments(dup(talk.Wait(400*ms), 1), 1, 1)
	},
	"RFC 8985 §7.3: the eleventh segment is a probe for the tail": func() *Talk {
		return elevenStamped(time.Second, 45*ms, 45)
	},
	"RFC 8985 §7.3: and has waited in a queue with the ten": func() *Talk { return elevenStamped(time.Second, 0, 45) },
	"RFC 1191 §3: after five minutes the path may have become wider": func() *Talk {
		return segments(dup(tooLong(1400, 1), 4381).Wait(6*time.Minute), 4381, 1)
	},
	"RFC 8201 §4: an MTU below 1280 does not count": func() *Talk {
		talk := after6().Out(with(data(full), func(s *Seg) { s.Payload = full[:1440] })).Message(2, 0, 1200, 1)
		return talk.Wait(time.Second).Out(with(data(full), func(s *Seg) { s.Seq, s.Payload = 1441, full[:1440] }))
	},
	"RFC 8201 §4: whose packets were short before has not obeyed": func() *Talk {
		talk := New6().Open(MSS(1440), MSS(500)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
		talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Payload: full[:500]}).Message(2, 0, 1200, 1)
		for i := range int64(3) {
			talk.Out(Seg{Flags: ACK, Seq: 501 + 500*i, Ack: 1, Window: 64240, Payload: full[:500]})
		}
		return talk
	},
	"RFC 9293 §3.9.2.2: a prohibition is no soft error of ICMPv6": func() *Talk {
		return after6().Message(1, 1, 0, 1).Out(Seg{Flags: RST | ACK, Seq: 1, Ack: 1})
	},
	"RFC 9293 §3.9.2.2: nor is a time exceeded of another code": func() *Talk {
		return after().Message(11, 2, 0, 1).Out(Seg{Flags: RST | ACK, Seq: 1, Ack: 1})
	},
	"RFC 3168 §6.1.1: who sends no ECN-capable data owes no CWR": func() *Talk {
		talk := ecnTalk(65160).Out(data("hello")).In(Seg{Flags: ACK | ECE, Seq: 1, Ack: 6, Window: 65160})
		return talk.Wait(time.Second).Out(with(data("hello"), func(s *Seg) { s.Seq = 6 }))
	},
	"RFC 9293 §3.5.2: who has reset may answer from TIME-WAIT": func() *Talk {
		return after().Out(Seg{Flags: RST, Seq: 1}).In(in("hello")).Out(ack(1))
	},
	"RFC 9293 §3.8.6: the application aborts while the window is shrunk": func() *Talk {
		return shrunk(1460).Wait(3 * time.Second).Out(Seg{Flags: RST | ACK, Seq: 4381, Ack: 1})
	},
	"RFC 7323 §3.2: crossing SYNs, and one has timestamps": func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: Opts(MSS(1460), TS(100, 0))})
		return talk.In(Seg{Flags: SYN, Window: 65160, Options: MSS(1460)}).
			Out(Seg{Flags: SYN | ACK, Seq: 0, Ack: 1, Window: 64240, Options: Opts(MSS(1460), TS(101, 0))})
	},
	"RFC 2675 §5.1: the largest MSS of IPv6 is none": func() *Talk {
		talk := New6()
		talk.MTU = 65575 + 20
		return talk.Out(Seg{Flags: SYN, Window: 64240, Options: MSS(65535)})
	},
}

func TestWhatAClauseAllows(t *testing.T) {
	for name, talk := range allowed {
		ids, _ := judged(t, talk())
		ids = slices.DeleteFunc(ids, func(id string) bool { return strings.HasPrefix(id, "peer:") }) // that is there to provoke
		if len(ids) > 0 {
			t.Errorf("%s: found to break %q", name, ids)
		}
	}
}
