package rules_test

import (
	"time"

	. "tcping-cmp/compare/capture/capturetest"
)

// in is a segment of the server's as it should be.
func in(s string) Seg { return Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 65160, Payload: s} }

// ack is an acknowledgement of the client's.
func ack(n int64) Seg { return Seg{Flags: ACK, Seq: 1, Ack: n, Window: 64240} }

func withTS(s Seg, val, ecr uint32) Seg {
	s.Window, s.Options = 502, TS(val, ecr)
	return s
}

// opening is a SYN that waits for its answer.
func opening() *Talk { return New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)}) }

func synAck() Seg { return Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: MSS(1460)} }

// silence is an ARP frame two seconds later, so that the capture goes on.
func silence(t *Talk) *Talk {
	t.Wait(2 * time.Second)
	return t.In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65160})
}

// closedFirst is a connection that the client closed first and that is in
// TIME-WAIT.
func closedFirst() *Talk {
	return after().Out(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 64240}).
		In(Seg{Flags: FIN | ACK, Seq: 1, Ack: 2, Window: 65160}).Out(Seg{Flags: ACK, Seq: 2, Ack: 2, Window: 64240})
}

func finAgain() Seg { return Seg{Flags: FIN | ACK, Seq: 1, Ack: 2, Window: 65160} }

var brokenAnswers = []fault{
	{"R9293:3.10.7.3:third-ack", func() *Talk { return opening().In(synAck()).Wait(1500 * time.Millisecond).In(in("hello")) }},
	{"R9293:3.5.3:synsent-rst", func() *Talk {
		return opening().In(Seg{Flags: RST, Seq: 0}).In(synAck()).Out(Seg{Flags: RST, Seq: 1})
	}},
	{"R9293:3.5.2:nonsync-rst", func() *Talk {
		return silence(opening().In(Seg{Flags: ACK, Ack: 99, Window: 65160}))
	}},
	{"R9293:3.10.7.3:simopen", func() *Talk {
		return opening().In(Seg{Flags: SYN, Window: 65160, Options: MSS(1460)}).Out(Seg{Flags: RST, Seq: 1})
	}},
	{"R9293:3.10.7.3:synack-text", func() *Talk {
		return silence(opening().In(with(synAck(), func(s *Seg) { s.Payload = "hello" })).Out(ack(1)))
	}},
	{"R9293:3.5.2:sync-ack", func() *Talk { return silence(after().In(with(in("old"), func(s *Seg) { s.Seq = -100_000 }))) }},
	{"5961:4.2:syn", func() *Talk { return silence(after().In(Seg{Flags: SYN, Seq: 77, Window: 65160})) }},
	{"5961:3.2:rst", func() *Talk { return silence(after().In(Seg{Flags: RST, Seq: 77})) }},
	{"R9293:3.10.7.4:noack-drop", func() *Talk {
		return after().In(Seg{Flags: PSH, Seq: 1, Window: 65160, Payload: "hello"}).Out(ack(6))
	}},
	{"R9293:3.10.7.4:ack-future", func() *Talk {
		return silence(after().In(with(in("hello"), func(s *Seg) { s.Ack = 99 })))
	}},
	{"R9293:3.10.7.4:ack-future", func() *Talk { // the text is taken
		return after().In(with(in("hello"), func(s *Seg) { s.Ack = 99 })).Out(ack(6))
	}},
	{"5961:5.2:ack", func() *Talk {
		return silence(after().In(with(in("hello"), func(s *Seg) { s.Ack = -100_000 })))
	}},
	{"MUST-3", func() *Talk {
		return after().In(with(in("hello"), func(s *Seg) { s.Mangle = func(p []byte) { p[36] ^= 1 } })).Out(ack(6))
	}},
	{"7323:5.3:paws", func() *Talk {
		return silence2(stamped().In(withTS(in("hello"), 4000, 101)))
	}},
	{"7323:3.2:no-ts", func() *Talk {
		return stamped().In(in("hello")).Out(withTS(ack(6), 102, 5000))
	}},
	{"R9293:3.10.7.4:trim+MUST-40", func() *Talk {
		return silence(after().In(in("hello")).Out(ack(6)).In(in("hello world")))
	}},
	{"SHLD-31", func() *Talk {
		return after().In(with(in("world"), func(s *Seg) { s.Seq = 6 })).Out(ack(1)).In(in("hello")).Out(ack(6)).
			In(with(in("world"), func(s *Seg) { s.Seq = 6 })).Out(ack(11))
	}},
	{"5681:4.2:ooo-ack", func() *Talk {
		return after().In(with(in("world"), func(s *Seg) { s.Seq = 6 })).Wait(400 * time.Millisecond).Out(ack(1))
	}},
	{"R9293:3.10.7.4:fin-ack", func() *Talk {
		return after().In(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 65160}).Wait(2 * time.Second).
			In(Seg{Flags: FIN | ACK, Seq: 1, Ack: 1, Window: 65160})
	}},
	{"R9293:3.10.7.4:tw-fin", func() *Talk {
		return closedFirst().Wait(time.Second).In(finAgain()).Wait(2 * time.Second).In(finAgain())
	}},
	{"MUST-13", func() *Talk {
		return closedFirst().Wait(time.Minute).In(finAgain()).Out(Seg{Flags: RST, Seq: 2})
	}},
	{"MUST-5+MUST-40", func() *Talk {
		return silence(after().In(with(in("hello"), func(s *Seg) { s.Options = []byte{77, 4, 1, 1} })))
	}},
	{"MUST-7+MUST-40", func() *Talk {
		talk := after().In(with(in("hello"), func(s *Seg) { s.Options = []byte{1, 1, 99, 0} })).In(in("hello")).Wait(11 * time.Second)
		return talk.In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65160})
	}},
	{"MUST-30+MUST-40", func() *Talk {
		return silence(after().In(with(in("hello"), func(s *Seg) { s.Flags |= URG; s.Urgent = 5 })))
	}},
	{"MUST-50+MUST-40", func() *Talk {
		return silence(after().In(with(in("hello"), func(s *Seg) { s.IPOptions = []byte{1, 1, 1, 0} })))
	}},
	{"MUST-66+R9293:3.10.7.4:rst5961", func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 5, Options: MSS(1460)}).In(synAck())
		talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 5}).In(in("hello")).Out(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 0})
		return talk.In(Seg{Flags: RST, Seq: 6}).Wait(time.Second).Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 6, Payload: "hello"})
	}},
	{"7323:5.2:rst+R9293:3.10.7.4:rst5961", func() *Talk {
		return stamped().In(with(withTS(Seg{Flags: RST, Seq: 1}, 4000, 101), func(s *Seg) {})).Wait(time.Second).
			Out(withTS(data("hello"), 1200, 5000))
	}},
	{"SHLD-2+R9293:3.10.7.4:rst5961", func() *Talk {
		return after().In(Seg{Flags: RST, Seq: 1, Payload: "why"}).Wait(time.Second).Out(data("hello"))
	}},
}

// silence2 is silence where timestamps were agreed.
func silence2(t *Talk) *Talk {
	t.Wait(2 * time.Second)
	return t.In(withTS(Seg{Flags: ACK, Seq: 1, Ack: 1}, 5900, 101))
}
