package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

func parse4(b []byte) error { _, _, err := ParseIPv4(b); return err }
func parse6(b []byte) error { _, _, err := ParseIPv6(b); return err }

func TestIPv4Golden(t *testing.T) {
	b := packet(t, "syn4")
	h, payload, err := ParseIPv4(b)
	if err != nil {
		t.Fatal(err)
	}
	want := IP{Src: ip2, Dst: ip1, Protocol: ProtocolTCP, TTL: 64, ID: 0x7194, DontFragment: true}
	if h != want {
		t.Errorf("got %+v, want %+v", h, want)
	}
	if got := append(AppendIPv4(nil, &h, len(payload)), payload...); !bytes.Equal(got, b) {
		t.Errorf("written back: %x", got)
	}
}

func TestIPv4CutsPadding(t *testing.T) {
	_, payload, err := ParseIPv4(append(packet(t, "syn4"), 1, 2, 3, 4, 5, 6))
	if err != nil || len(payload) != 40 {
		t.Errorf("got %d bytes (%v), want the 40 that the total length names", len(payload), err)
	}
}

func TestIPv4Damaged(t *testing.T) {
	everyTruncation(t, packet(t, "syn4"), parse4)
	header := packet(t, "syn4")[:20]
	everyBitFlip(t, header, func(b []byte) error { return parse4(append(b, make([]byte, 40)...)) })
}

func TestIPv4Options(t *testing.T) {
	plain := packet(t, "syn4")
	b := append([]byte{0x47}, plain[1:20]...)
	b = append(b, 0x94, 4, 0, 0, 1, 1, 1, 0) // router alert, NOPs, end
	b = append(b, plain[20:]...)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	binary.BigEndian.PutUint16(b[10:], 0)
	putChecksum(b[:28], 10, 0)
	_, payload, err := ParseIPv4(b)
	if err != nil || !bytes.Equal(payload, plain[20:]) {
		t.Errorf("payload %x (%v)", payload, err)
	}
	everyTruncation(t, b, parse4)
}

func TestIPv4LengthShorterThanHeader(t *testing.T) {
	b := packet(t, "syn4")
	binary.BigEndian.PutUint16(b[2:], 19)
	if err := parse4(b); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

func TestIPv4Fragment(t *testing.T) {
	for _, h := range []IP{
		{Src: ip1, Dst: ip2, TTL: 3, TOS: 0xb9, MoreFragments: true},
		{Src: ip1, Dst: ip2, TTL: 3, FragmentStart: 1480, Protocol: 6},
	} {
		got, _, err := ParseIPv4(AppendIPv4(nil, &h, 0))
		if err != nil || got != h || !got.Fragment() {
			t.Errorf("got %+v (%v), want %+v", got, err, h)
		}
	}
}

func TestIPv6Golden(t *testing.T) {
	b := packet(t, "syn6")
	h, payload, err := ParseIPv6(b)
	if err != nil {
		t.Fatal(err)
	}
	want := IP{Src: ip62, Dst: ip61, Protocol: ProtocolTCP, TTL: 64, FlowLabel: 0x25785}
	if h != want {
		t.Errorf("got %+v, want %+v", h, want)
	}
	if got := append(AppendIPv6(nil, &h, len(payload)), payload...); !bytes.Equal(got, b) {
		t.Errorf("written back: %x", got)
	}
	everyTruncation(t, b, parse6)
}

func TestIPv6RouterAlertIsSkipped(t *testing.T) {
	b := packet(t, "mld-report")
	h, payload, err := ParseIPv6(b)
	if err != nil || h.Protocol != ProtocolICMPv6 || !bytes.Equal(payload, b[48:]) {
		t.Errorf("protocol %d, payload %x (%v)", h.Protocol, payload, err)
	}
	everyTruncation(t, b, parse6)
}

// withExtensions puts extension headers before a TCP payload "data".
func withExtensions(t *testing.T, first uint8, extensions string) []byte {
	ext := append(unhex(t, extensions), "data"...)
	return append(AppendIPv6(nil, &IP{Src: ip61, Dst: ip62, Protocol: first, TTL: 64}, len(ext)), ext...)
}

func TestIPv6Extensions(t *testing.T) {
	for _, c := range []struct {
		name  string
		first uint8
		ext   string
		want  error
	}{
		{"destination options of 16 bytes", 60, "0601 010c 000000000000000000000000", nil},
		{"unknown option that may be skipped", 60, "0600 3e04 00000000", nil},
		{"unknown option that drops the packet", 60, "0600 7e04 00000000", ErrInvalid},
		{"unknown option that asks for an ICMP error", 60, "0600 be04 00000000", ErrInvalid},
		{"option longer than its header", 60, "0600 010c 00000000", ErrTruncated},
		{"header longer than the packet", 60, "0609 0104 00000000", ErrTruncated},
		{"routing header at its end", 43, "0600 0400 00000000", nil},
		{"routing header with a segment left", 43, "0600 0401 00000000", ErrInvalid},
		{"fragment header around a whole packet", 44, "0600 0000 12345678", nil},
		{"hop-by-hop, destination, routing, fragment", 0, "3c00 0104 00000000 2b00 0104 00000000 2c00 0400 00000000 0600 0000 00000000", nil},
		{"nine headers", 60, "3c00010400000000 3c00010400000000 3c00010400000000 3c00010400000000 3c00010400000000" +
			"3c00010400000000 3c00010400000000 3c00010400000000 0600010400000000", ErrInvalid},
	} {
		h, payload, err := ParseIPv6(withExtensions(t, c.first, c.ext))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if c.want == nil && (h.Protocol != ProtocolTCP || string(payload) != "data" || h.Fragment()) {
			t.Errorf("%s: protocol %d, payload %q, fragment %v", c.name, h.Protocol, payload, h.Fragment())
		}
	}
}

func TestIPv6Fragment(t *testing.T) {
	first, _, err := ParseIPv6(withExtensions(t, 44, "0600 0001 00000000"))
	if err != nil || !first.Fragment() || !first.MoreFragments {
		t.Errorf("first fragment: %+v (%v)", first, err)
	}
	later, _, err := ParseIPv6(withExtensions(t, 44, "0600 0028 00000000"))
	if err != nil || later.FragmentStart != 40 {
		t.Errorf("later fragment: %+v (%v)", later, err)
	}
}

func FuzzIPv4(f *testing.F) {
	f.Add(packet(f, "syn4"))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = append([]byte(nil), b...)
		if n, err := ipv4HeaderLen(b); err == nil { // let what the fuzzer changed past the checksum
			b[10], b[11] = 0, 0
			putChecksum(b[:n], 10, 0)
		}
		h, payload, err := ParseIPv4(b)
		if err != nil {
			return
		}
		again, rest, err := ParseIPv4(append(AppendIPv4(nil, &h, len(payload)), payload...))
		if err != nil || again != h || !bytes.Equal(rest, payload) {
			t.Errorf("%+v became %+v (%v)", h, again, err)
		}
	})
}

func FuzzIPv6(f *testing.F) {
	f.Add(packet(f, "syn6"))
	f.Add(packet(f, "mld-report"))
	f.Add(packet(f, "neighbor-solicitation"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, payload, err := ParseIPv6(b)
		if err != nil || h.Fragment() {
			return
		}
		again, rest, err := ParseIPv6(append(AppendIPv6(nil, &h, len(payload)), payload...))
		if err != nil || again != h || !bytes.Equal(rest, payload) {
			t.Errorf("%+v became %+v (%v)", h, again, err)
		}
	})
}
