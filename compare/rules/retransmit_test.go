package rules_test

import (
	"time"

	. "tcping-cmp/compare/capture/capturetest"
)

const ms = time.Millisecond

// far is an open connection whose handshake took 200 ms.
func far() *Talk {
	return New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)}).Wait(200 * ms).In(synAck()).Out(ack(1))
}

// farSACK is the same with SACK.
func farSACK() *Talk {
	o := Opts(MSS(1460), SACKOK())
	return New().Out(Seg{Flags: SYN, Window: 64240, Options: o}).Wait(200 * ms).
		In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: o}).Out(ack(1))
}

// lostSYNs is a connection that took n SYNs, a second, two and so on apart.
func lostSYNs(n int) *Talk {
	talk := New()
	for i := range n {
		if i > 0 {
			talk.Wait(time.Second << (i - 1))
		}
		talk.Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
	}
	return talk.In(synAck()).Out(ack(1))
}

// segments is n full segments of the client's from the number given on.
func segments(t *Talk, seq int64, n int) *Talk {
	for i := range n {
		t.Out(with(data(full), func(s *Seg) { s.Seq = seq + int64(i)*1460 }))
	}
	return t
}

func dup(t *Talk, ack int64) *Talk { return t.In(Seg{Flags: ACK, Seq: 1, Ack: ack, Window: 65160}) }

var brokenTimers = []fault{
	{"MUST-18", func() *Talk {
		return dup(after().Out(data("hello")).Wait(6*time.Second), 1)
	}},
	{"~MUST-23", func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)}).Wait(time.Second)
		talk.Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)}).Wait(10 * time.Second)
		return talk.Raw(0, whoHas)
	}},
	{"6298:2.1:init", func() *Talk {
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)}).Wait(500 * ms)
		return talk.Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
	}},
	{"6298:2.2:first+6298:5:early+6298:2.4:min", func() *Talk { return far().Out(data("hello")).Wait(400 * ms).Out(data("hello")) }},
	{"6298:2.4:min", func() *Talk { return after().Out(data("hello")).Wait(300 * ms).Out(data("hello")) }},
	{"6298:3:karn+MUST-18", func() *Talk { return lostSYNs(4).Out(data("hello")).Wait(21 * time.Second).Out(data("hello")) }},
	{"6298:5:early", func() *Talk {
		return far().Out(data("hello")).Wait(100 * ms).Out(data("hello"))
	}},
	{"R9293:3.10.7.4:acked-gone", func() *Talk {
		return dup(after().Out(data("hello")), 6).Wait(2 * time.Second).Out(data("hello"))
	}},
	{"6298:5.4:front", func() *Talk {
		talk := segments(after(), 1, 2)
		return segments(talk.Wait(1500*ms), 1461, 1)
	}},
	{"6298:5.5:double", func() *Talk {
		talk := after().Out(data("hello"))
		for range 3 {
			talk.Wait(time.Second).Out(data("hello"))
		}
		return talk
	}},
	{"6298:5.5:double", func() *Talk { // the SYN
		talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
		for range 2 {
			talk.Wait(time.Second).Out(Seg{Flags: SYN, Window: 64240, Options: MSS(1460)})
		}
		return talk
	}},
	{"6298:5.7:syn3s", func() *Talk { return lostSYNs(2).Out(data("hello")).Wait(time.Second).Out(data("hello")) }},
	{"8985:7.2:pto", func() *Talk { return farSACK().Out(data("hello")).Wait(250 * ms).Out(data("hello")) }},
	{"7323:3.2/4:tsval-clock", func() *Talk {
		return stamped().Out(withTS(data("hello"), 102, 5000)).Wait(time.Second).Out(withTS(data("hello"), 102, 5000))
	}},
	{"5681:3.2:fr3", func() *Talk {
		talk := segments(after(), 1, 5)
		for range 4 {
			dup(talk, 1)
		}
		return dup(talk.Wait(500*ms), 1)
	}},
	{"5681:3.1:iw", func() *Talk { return segments(after(), 1, 11) }},
	{"5681:3.1:iw", func() *Talk { return elevenStamped(time.Second, 0, 0) }},
	{"5681:3.1:iw-synloss", func() *Talk { return segments(lostSYNs(3), 1, 2) }},
	{"5681:3.1:ss", func() *Talk {
		talk := dup(after().Out(data(full)), 1461)
		return segments(talk, 1461, 23)
	}},
	{"5681:3.1:loss-cwnd", func() *Talk {
		talk := segments(after(), 1, 4).Wait(1200 * ms)
		return segments(talk, 1, 3)
	}},
}

// whoHas is an ARP request of the client's.
var whoHas = append([]byte{
	255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6,
	0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2,
}, make([]byte, 18)...)

// elevenStamped is a first flight over a path of 20 ms: ten segments after a
// pause, and an eleventh that is captured, and stamped, so much later.
func elevenStamped(pause, gap time.Duration, ticks uint32) *Talk {
	talk := New().Out(Seg{Flags: SYN, Window: 64240, Options: Opts(MSS(1460), SACKOK(), TS(100, 0))}).Wait(20 * ms)
	talk.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: Opts(MSS(1460), SACKOK(), TS(5000, 100))})
	talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240, Options: TS(120, 5000)}).Wait(pause)
	talk.Step = 10 * time.Microsecond
	for i := range int64(11) {
		s := Seg{Flags: PSH | ACK, Seq: 1 + 1448*i, Ack: 1, Window: 64240, Payload: full[:1448], Options: TS(1200, 5000)}
		if i == 10 {
			s.Options = TS(1200+ticks, 5000)
			talk.Wait(gap)
		}
		talk.Out(s)
	}
	return talk
}
