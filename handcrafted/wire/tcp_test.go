package wire

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
)

// synOf is the segment that Linux sent, apart from its ports and numbers.
func synOf(mss uint16, tsVal uint32) Options {
	return Options{HasMSS: true, MSS: mss, SACKPermitted: true, HasTimestamps: true, TSVal: tsVal,
		HasWindowScale: true, WindowScale: 10}
}

func TestTCPGolden(t *testing.T) {
	p4, p6 := packet(t, "syn4"), packet(t, "syn6")
	for _, c := range []struct {
		parse func([]byte) (IP, []byte, error)
		b     []byte
		want  Segment
	}{
		{ParseIPv4, p4, Segment{SrcPort: 0xa2a6, DstPort: 7, Seq: 0x5cc9c770, Flags: SYN, Window: 64240, Options: synOf(1460, 0x41b8a78e)}},
		{ParseIPv6, p6, Segment{SrcPort: 0x9ec6, DstPort: 7, Seq: 0x00f7e33b, Flags: SYN, Window: 64800, Options: synOf(1440, 0x5917b5dd)}},
	} {
		h, payload, err := c.parse(c.b)
		if err != nil {
			t.Fatal(err)
		}
		c.want.TTL, c.want.Payload = 64, []byte{}
		var got Segment
		if err := ParseTCP(&got, payload, &h); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("got %+v (%v), want %+v", got, err, c.want)
		}
		if w := AppendTCP(nil, &got, h.Src, h.Dst); !bytes.Equal(w, payload) {
			t.Errorf("written %x, want %x", w, payload)
		}
	}
}

// data is a segment with everything that one can carry.
func data() Segment {
	return Segment{SrcPort: 1, DstPort: 2, Seq: 0xfffffff0, Ack: 7, Flags: ACK | PSH | URG | ECE | 0xa00,
		Window: 9, Urgent: 3, Payload: []byte("hello, odd"), ECN: 2, DSCP: 46, TTL: 3,
		Options: Options{HasTimestamps: true, TSVal: 5, TSEcr: 6, SACKCount: 2,
			SACK: [4]SACKBlock{{Left: 1, Right: 2}, {Left: 0xffffffff, Right: 4}}}}
}

func TestTCPRoundTrip(t *testing.T) {
	h := IP{Src: ip61, Dst: ip62, TOS: 46<<2 | 2, TTL: 3}
	want := data()
	b := AppendTCP(nil, &want, ip61, ip62)
	if len(b) != want.WireLen() {
		t.Errorf("%d bytes written, WireLen says %d", len(b), want.WireLen())
	}
	got := Segment{Options: synOf(1, 2)} // what was there before must be gone
	if err := ParseTCP(&got, b, &h); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	parse := func(b []byte) error { return ParseTCP(new(Segment), b, &h) }
	everyTruncation(t, b, parse)
	everyBitFlip(t, b, parse)
}

func TestTCPBadOffset(t *testing.T) {
	s := data()
	for offset, want := range map[byte]error{0: ErrInvalid, 4: ErrInvalid, 15: ErrTruncated} {
		b := AppendTCP(nil, &Segment{Payload: s.Payload}, ip1, ip2)
		b[12] = offset << 4
		if err := ParseTCP(&s, b, &IP{Src: ip1, Dst: ip2}); !errors.Is(err, want) {
			t.Errorf("offset %d: got %v, want %v", offset, err, want)
		}
	}
}

func TestTCPDoesNotAllocate(t *testing.T) {
	s, buf := data(), make([]byte, 0, 2000)
	h := IP{Src: ip61, Dst: ip62, Protocol: ProtocolTCP}
	e := Ethernet{Dst: mac1, Src: mac2, Type: TypeIPv6}
	var back Segment
	n := testing.AllocsPerRun(100, func() {
		b := AppendEthernet(buf, &e)
		b = AppendIPv6(b, &h, s.WireLen())
		b = AppendTCP(b, &s, h.Src, h.Dst)
		_, p, _ := ParseEthernet(b)
		ip, p, _ := ParseIPv6(p)
		if err := ParseTCP(&back, p, &ip); err != nil {
			t.Fatal(err)
		}
		ParseTCP(&back, p[:12], &ip)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzTCP(f *testing.F) {
	f.Add(packet(f, "syn4")[20:])
	f.Add(packet(f, "syn6")[40:])
	s := data()
	f.Add(AppendTCP(nil, &s, ip1, ip2))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Segment
		if readTCP(&s, b) != nil {
			return
		}
		s.Options.Malformed = false
		w := AppendTCP(nil, &s, ip1, ip2)
		var again Segment
		if err := ParseTCP(&again, w, &IP{Src: ip1, Dst: ip2}); err != nil {
			t.Fatalf("%+v written as %x: %v", s, w, err)
		}
		if s.Options.fixedLen() <= MaxOptionsLen && s.Options.SACKCount <= s.Options.sackThatFits(s.Options.fixedLen()) &&
			!reflect.DeepEqual(s, again) {
			t.Errorf("%+v became %+v", s, again)
		}
	})
}

func BenchmarkAppendTCP1460(b *testing.B) {
	s := Segment{Flags: ACK, Payload: make([]byte, 1460)}
	buf := make([]byte, 0, 2000)
	b.SetBytes(1460)
	for b.Loop() {
		AppendTCP(buf, &s, ip1, ip2)
	}
}
