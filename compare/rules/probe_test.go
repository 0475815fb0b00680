package rules_test

import (
	"net/netip"
	"time"

	. "tcping-cmp/compare/capture/capturetest"
)

// closedWindow is a connection whose window was closed by eight octets, and
// the client has more.
func closedWindow() *Talk {
	talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
	talk.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 8, Options: MSS(1460)}).Out(ack(1))
	return closing(talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello wo"}))
}

func closing(t *Talk) *Talk { return t.In(Seg{Flags: ACK, Seq: 1, Ack: 9, Window: 0}) }

func probe(t *Talk) *Talk { return t.Out(with(data("r"), func(s *Seg) { s.Seq = 9 })) }

// ecnTalk is an open connection with ECN.
func ecnTalk(window uint16) *Talk {
	talk := New().Out(Seg{Flags: SYN | ECE | CWR, Window: 64240, Options: MSS(1460)})
	return talk.In(Seg{Flags: SYN | ACK | ECE, Ack: 1, Window: window, Options: MSS(1460)}).Out(ack(1))
}

// shrunk is a connection whose window has shrunk below what is in flight.
func shrunk(window uint16) *Talk {
	return segments(after(), 1, 3).In(Seg{Flags: ACK, Seq: 1, Ack: 1461, Window: window})
}

var brokenWindows = []fault{
	{"MUST-36", func() *Talk { return closing(closedWindow().Wait(6 * time.Second)) }},
	{"MUST-34", func() *Talk { return shrunk(1460).Wait(time.Second).Out(Seg{Flags: RST | ACK, Seq: 4381, Ack: 1}) }},
	{"MUST-35", func() *Talk { return shrunk(0).Wait(6 * time.Second).In(Seg{Flags: ACK, Seq: 1, Ack: 1461}) }},
	{"SHLD-15", func() *Talk {
		return shrunk(1460).Wait(400 * ms).Out(with(data(full), func(s *Seg) { s.Seq = 4381 }))
	}},
	{"R9293:3.10.7.4:wl1wl2", func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
		talk.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 2000, Options: MSS(1460)}).Out(ack(1))
		talk.In(with(in("hello"), func(s *Seg) { s.Window = 2000 })).Out(ack(6))
		talk.In(with(in("hello"), func(s *Seg) { s.Window = 60000 })).Out(ack(6)) // an old segment
		return talk.Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 6, Window: 64240, Payload: full}).
			Out(Seg{Flags: PSH | ACK, Seq: 1461, Ack: 6, Window: 64240, Payload: full})
	}},
	{"SHLD-29", func() *Talk { return probe(closedWindow().Wait(50 * ms)) }},
	{"SHLD-30", func() *Talk {
		talk := closedWindow()
		for range 4 {
			closing(probe(talk.Wait(time.Second)))
		}
		return talk
	}},
	{"R9293:3.8.6.1:probe-octet", func() *Talk {
		return closedWindow().Wait(1100 * ms).Out(Seg{Flags: ACK, Seq: 8, Ack: 1, Window: 64240})
	}},
	{"3168:6.1.6:probe", func() *Talk {
		talk := ecnTalk(8).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello wo"})
		return closing(talk).Wait(time.Second).Out(with(data("r"), func(s *Seg) { s.Seq, s.TOS = 9, 2 }))
	}},
	{"MUST-38", func() *Talk {
		talk := segments(after(), 1, 1).In(Seg{Flags: ACK, Seq: 1, Ack: 1461, Window: 100})
		return talk.Out(Seg{Flags: ACK, Seq: 1461, Ack: 1, Window: 64240, Payload: full[:100]})
	}},
	{"MUST-39", func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 5000, Options: MSS(1460)}).In(synAck())
		talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 5000}).In(in(full)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1461, Window: 3540})
		talk.In(with(in(full), func(s *Seg) { s.Seq = 1461 })).Out(Seg{Flags: ACK, Seq: 1, Ack: 2921, Window: 2080})
		talk.In(with(in(full), func(s *Seg) { s.Seq = 2921 })).Out(Seg{Flags: ACK, Seq: 1, Ack: 4381, Window: 620})
		return talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 4381, Window: 720})
	}},
	{"MUST-1", func() *Talk {
		return after().Wait(time.Second).Out(with(data("h"), func(s *Seg) { s.Flags = ACK }))
	}},
	{"7323:2.3:shift", func() *Talk {
		o := Opts(MSS(1460), WS(7))
		return New().Open(o, o).Out(ack(1))
	}},
	{"7323:2.2:syn-unscaled", func() *Talk {
		o := Opts(MSS(1460), WS(7))
		return New().Out(Seg{Flags: SYN, Window: 502, Options: o}).In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: o}).
			Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502})
	}},
	{"MUST-61", func() *Talk {
		return dup(after().Out(with(data("hello"), func(s *Seg) { s.Flags = ACK })), 6).
			Out(Seg{Flags: FIN | ACK, Seq: 6, Ack: 1, Window: 64240})
	}},
	{"MUST-61", func() *Talk { // before a pause
		talk := dup(after().Out(with(data("hello"), func(s *Seg) { s.Flags = ACK })), 6).Wait(time.Second)
		return talk.Out(with(data("hello"), func(s *Seg) { s.Seq = 6 }))
	}},
	{"MUST-61", func() *Talk { // at the end
		return dup(dup(after().Out(with(data("hello"), func(s *Seg) { s.Flags = ACK })), 6).Wait(2*time.Second), 6)
	}},
	{"R9293:3.5.2:rst-last", func() *Talk { return after().Out(Seg{Flags: RST, Seq: 1}).Out(data("hello")) }},
	{"SHLD-19", func() *Talk {
		talk := after()
		for i := range int64(3) {
			talk.In(with(in(full), func(s *Seg) { s.Seq = 1 + 1460*i }))
		}
		return talk.Wait(400 * ms).Out(ack(4381))
	}},
	{"MUST-46", func() *Talk {
		talk := New()
		talk.Server = netip.MustParseAddrPort("224.0.0.1:7")
		return talk.Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
	}},
	{"3168:6.1.1:setup", func() *Talk { return New().Out(Seg{Flags: SYN | ECE, Window: 64240, Options: MSS(1460)}) }},
	{"3168:6.1.2:cwr", func() *Talk {
		talk := ecnTalk(65160).Out(with(data("hello"), func(s *Seg) { s.TOS = 2 })).In(Seg{Flags: ACK | ECE, Seq: 1, Ack: 6, Window: 65160})
		return talk.Wait(time.Second).Out(with(data("hello"), func(s *Seg) { s.Seq = 6 }))
	}},
	{"3168:6.1.3:ece", func() *Talk {
		return ecnTalk(65160).In(with(in("hello"), func(s *Seg) { s.TOS = 3 })).Out(ack(6))
	}},
	{"peer:R9293:3.5.2:closed-rst", func() *Talk {
		talk := opening()
		talk.IRS = 0
		return talk.In(Seg{Flags: RST | ACK, Ack: 2})
	}},
	{"SHLD-12", func() *Talk {
		return dup(after().Out(data("hello")), 6).Wait(time.Minute).Out(with(data("o"), func(s *Seg) { s.Seq = 5 }))
	}},
	{"5681:4.1:restart", func() *Talk {
		talk := segments(after(), 1, 10)
		dup(talk, 14601).Wait(5 * time.Second)
		return segments(talk, 14601, 11)
	}},
	{"5961:7:throttle", func() *Talk {
		talk := after()
		for range 103 {
			talk.In(Seg{Flags: RST, Seq: 77}).Out(ack(1))
		}
		return talk
	}},
	{"1191:2:df", func() *Talk {
		return dup(after().Out(data("hello")), 6).Out(with(data("hello"), func(s *Seg) { s.Seq, s.NoDF = 6, true }))
	}},
	{"2018:4:all-acks", func() *Talk {
		talk := stamped().In(with(withTS(in("later"), 5001, 101), func(s *Seg) { s.Seq = 6 }))
		talk.Out(with(withTS(ack(1), 102, 5000), func(s *Seg) { s.Options = Opts(s.Options, SACK(talk.IRS+6, talk.IRS+11)) }))
		return talk.Out(withTS(data("hello"), 103, 5000))
	}},
	{"2018:4:first-block", func() *Talk {
		talk := stamped().In(with(withTS(in("later"), 5001, 101), func(s *Seg) { s.Seq = 6 }))
		block := SACK(talk.IRS+6, talk.IRS+11)
		talk.Out(with(withTS(ack(1), 102, 5000), func(s *Seg) { s.Options = Opts(s.Options, block) }))
		talk.In(with(withTS(in("latest"), 5002, 102), func(s *Seg) { s.Seq = 20 }))
		blocks := SACK(talk.IRS+6, talk.IRS+11, talk.IRS+20, talk.IRS+26)
		return talk.Out(with(withTS(ack(1), 103, 5000), func(s *Seg) { s.Options = Opts(s.Options, blocks) }))
	}},
	{"2883:4:dsack", func() *Talk {
		talk := stamped().In(withTS(in("hello"), 5001, 101))
		return talk.Out(with(withTS(ack(6), 102, 5001), func(s *Seg) { s.Options = Opts(s.Options, SACK(talk.IRS+1, talk.IRS+6)) }))
	}},
}

// after6 is an open connection over IPv6 without options but MSS.
func after6() *Talk {
	return New6().Open(MSS(1440), MSS(1440)).Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
}

// tooLong is a message that a packet was too big, and the packet.
func tooLong(mtu uint32, seq int64) *Talk { return segments(after(), 1, 3).Message(3, 4, mtu, seq) }

var brokenMessages = []fault{
	{"MUST-54", func() *Talk { return segments(tooLong(1400, 1).Wait(400*ms), 4381, 1) }},
	{"MUST-55", func() *Talk { return after().Message(4, 0, 0, 1).Out(Seg{Flags: RST | ACK, Seq: 1, Ack: 1}) }},
	{"MUST-56", func() *Talk { return after().Message(3, 1, 0, 1).Out(Seg{Flags: RST | ACK, Seq: 1, Ack: 1}) }},
	{"SHLD-26", func() *Talk {
		return opening().Message(3, 3, 0, 0).Wait(time.Second).Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
	}},
	{"1191:3:min68", func() *Talk {
		talk := tooLong(50, 1)
		for i := range int64(2) {
			talk.Out(Seg{Flags: ACK, Seq: 4381 + 10*i, Ack: 1, Window: 64240, Payload: full[:10]})
		}
		return talk
	}},
	{"1191:3:min68", func() *Talk { // over IPv6 it is 1280
		talk := after6().Out(with(data(full), func(s *Seg) { s.Payload = full[:1440] })).Message(2, 0, 1200, 1)
		for i := range int64(2) {
			talk.Out(Seg{Flags: ACK, Seq: 1441 + 1140*i, Ack: 1, Window: 64240, Payload: full[:1140]})
		}
		return talk
	}},
	{"MUST-56", func() *Talk { return after6().Message(1, 3, 0, 1).Out(Seg{Flags: RST | ACK, Seq: 1, Ack: 1}) }},
	{"1191:3:no-increase", func() *Talk { return segments(tooLong(1400, 1).Message(3, 4, 1450, 1).Wait(400*ms), 4381, 1) }},
	{"5927:4.1:seqcheck", func() *Talk {
		talk := tooLong(600, 99999)
		for i := range int64(2) {
			talk.Out(Seg{Flags: ACK, Seq: 4381 + 500*i, Ack: 1, Window: 64240, Payload: full[:500]})
		}
		return talk
	}},
}
