package wire

import (
	"bytes"
	"errors"
	"testing"
)

func TestICMPv4Echo(t *testing.T) {
	m := ICMP{Type: ICMPv4Echo, Rest: 0x12340001, Body: []byte("abcdefgh")}
	got := AppendICMPv4(nil, &m)
	if slowSum(got, 0) != 0xffff {
		t.Errorf("%x does not sum up to all ones", got)
	}
	back, err := ParseICMPv4(got)
	if err != nil || back.Type != m.Type || back.Rest != m.Rest || !bytes.Equal(back.Body, m.Body) {
		t.Errorf("read back %+v (%v)", back, err)
	}
	everyBitFlip(t, got, func(b []byte) error { _, err := ParseICMPv4(b); return err })
}

func TestICMPGoldenBytes(t *testing.T) {
	// Echo request, identifier 1, sequence 2, no data: 0800 + 0001 + 0002 = 0803.
	if got, want := AppendICMPv4(nil, &ICMP{Type: 8, Rest: 1<<16 | 2}), unhex(t, "0800 f7fc 0001 0002"); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
	for n := range ICMPLen {
		if _, err := ParseICMPv4(make([]byte, n)); !errors.Is(err, ErrTruncated) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestICMPv6CoversTheAddresses(t *testing.T) {
	b := AppendICMPv6(nil, &ICMP{Type: ICMPv6Echo, Body: []byte("odd")}, ip61, ip62)
	if _, err := ParseICMPv6(b, ip61, ip62); err != nil {
		t.Error(err)
	}
	if _, err := ParseICMPv6(b, ip61, ip61); !errors.Is(err, ErrChecksum) {
		t.Errorf("other address: got %v, want ErrChecksum", err)
	}
}

func TestICMPMTU(t *testing.T) {
	if got := (&ICMP{Rest: 0xffff05dc}).MTU4(); got != 1500 {
		t.Errorf("only the low half of the word is the MTU (RFC 1191 §4): %d", got)
	}
	if got := (&ICMP{Rest: 0x00010500}).MTU6(); got != 66816 {
		t.Errorf("all of the word is the MTU (RFC 4443 §3.2): %d", got)
	}
}

func TestQuote4(t *testing.T) {
	quoted := packet(t, "syn4")[:28] // header and eight bytes, as RFC 792 has it
	want := Quote{SrcPort: 0xa2a6, DstPort: 7, Seq: 0x5cc9c770}
	want.IP = IP{Src: ip2, Dst: ip1, Protocol: 6, TTL: 64, ID: 0x7194, DontFragment: true}
	if got, err := ParseQuote4(quoted); err != nil || got != want {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	quoted[8], quoted[10] = 1, 0xee // a router has counted the TTL down; the checksum is anything
	if got, err := ParseQuote4(quoted); err != nil || got.IP.TTL != 1 {
		t.Errorf("got %+v (%v)", got, err)
	}
	everyTruncation(t, quoted, func(b []byte) error { _, err := ParseQuote4(b); return err })
}

func TestQuote6(t *testing.T) {
	quoted := packet(t, "syn6")[:48]
	got, err := ParseQuote6(quoted)
	if err != nil || got.SrcPort != 0x9ec6 || got.DstPort != 7 || got.Seq != 0x00f7e33b || got.IP.Src != ip62 {
		t.Errorf("got %+v (%v)", got, err)
	}
	everyTruncation(t, quoted, func(b []byte) error { _, err := ParseQuote6(b); return err })
}

func FuzzICMP(f *testing.F) {
	f.Add(AppendICMPv4(nil, &ICMP{Type: ICMPv4Unreachable, Code: 4, Rest: 576, Body: packet(f, "syn4")}), false)
	f.Add(AppendICMPv6(nil, &ICMP{Type: ICMPv6PacketTooBig, Rest: 1280, Body: packet(f, "syn6")}, ip61, ip62), true)
	f.Add(packet(f, "neighbor-solicitation")[40:], true)
	f.Fuzz(func(t *testing.T, b []byte, six bool) {
		b = append([]byte(nil), b...)
		ParseQuote4(b)
		ParseQuote6(b)
		if len(b) >= ICMPLen { // let what the fuzzer changed past the checksum
			b[2], b[3] = 0, 0
			pseudo := uint16(0)
			if six {
				pseudo = PseudoHeader(ip61, ip62, ProtocolICMPv6, len(b))
			}
			putChecksum(b, 2, pseudo)
		}
		m, err := ParseICMPv4(b)
		if six {
			m, err = ParseICMPv6(b, ip61, ip62)
		}
		if err == nil {
			got := AppendICMPv4(nil, &m)
			if six {
				got = AppendICMPv6(nil, &m, ip61, ip62)
			}
			if !bytes.Equal(got[4:], b[4:]) {
				t.Errorf("%x became %x", b, got)
			}
		}
	})
}
