package wire

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"
)

func TestNeighborGolden(t *testing.T) {
	b := packet(t, "neighbor-solicitation")
	h, payload, err := ParseIPv6(b)
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseICMPv6(payload, h.Src, h.Dst)
	if err != nil {
		t.Fatal(err)
	}
	want := Neighbor{Target: ip61, LinkMAC: mac2, HasMAC: true}
	if got, err := ParseNeighbor(&m); err != nil || got != want {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	if got := AppendNeighbor(nil, &want, h.Src, h.Dst); !bytes.Equal(got, payload) {
		t.Errorf("written %x, want %x", got, payload)
	}
	if h.Dst != SolicitedNode(ip61) {
		t.Errorf("Linux asks %v, SolicitedNode says %v", h.Dst, SolicitedNode(ip61))
	}
	if got, want := MulticastMAC6(h.Dst), (MAC{0x33, 0x33, 0xff, 0, 0, 1}); got != want {
		t.Errorf("group %v, want %v", got, want)
	}
}

func TestNeighborAdvert(t *testing.T) {
	for _, n := range []Neighbor{
		{Advert: true, Target: ip61, LinkMAC: mac1, HasMAC: true, Solicited: true, Override: true},
		{Advert: true, Target: ip61, Router: true},
	} {
		m, err := ParseICMPv6(AppendNeighbor(nil, &n, ip61, ip62), ip61, ip62)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseNeighbor(&m); err != nil || got != n {
			t.Errorf("got %+v (%v), want %+v", got, err, n)
		}
	}
}

func TestNeighborBad(t *testing.T) {
	target := ip61.As16()
	body := append(target[:], unhex(t, "0e01000000000000 0101020000000002")...)
	everyOther := func(b []byte) error {
		_, err := ParseNeighbor(&ICMP{Type: ICMPv6NeighborSolicit, Body: b})
		return err
	}
	if everyOther(body) != nil {
		t.Error("an unknown option before the address disturbs")
	}
	for n := range body {
		if n != 16 && n != 24 && everyOther(body[:n]) == nil { // cuts between options are whole messages
			t.Errorf("no error after %d bytes", n)
		}
	}
	group := netip.MustParseAddr("ff02::1").As16()
	for name, m := range map[string]ICMP{
		"code 1":            {Type: ICMPv6NeighborSolicit, Code: 1, Body: body},
		"another type":      {Type: 133, Body: body},
		"option length 0":   {Type: ICMPv6NeighborSolicit, Body: append(target[:16:16], 1, 0, 0, 0, 0, 0, 0, 0)},
		"multicast target":  {Type: ICMPv6NeighborAdvert, Body: group[:]},
		"option beyond end": {Type: ICMPv6NeighborSolicit, Body: append(target[:16:16], 1, 2, 0, 0, 0, 0, 0, 0)},
	} {
		if _, err := ParseNeighbor(&m); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
}

func FuzzNeighbor(f *testing.F) {
	f.Add(uint8(ICMPv6NeighborSolicit), uint32(0), packet(f, "neighbor-solicitation")[48:])
	f.Add(uint8(ICMPv6NeighborAdvert), uint32(7<<29), packet(f, "neighbor-solicitation")[48:])
	f.Fuzz(func(t *testing.T, kind uint8, rest uint32, body []byte) {
		n, err := ParseNeighbor(&ICMP{Type: kind, Rest: rest, Body: body})
		if err != nil {
			return
		}
		m, err := ParseICMPv6(AppendNeighbor(nil, &n, ip61, ip62), ip61, ip62)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseNeighbor(&m); err != nil || again != n {
			t.Errorf("%+v became %+v (%v)", n, again, err)
		}
	})
}
