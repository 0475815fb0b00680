package wire

import (
	"bytes"
	"errors"
	"testing"
)

func TestEthernetGolden(t *testing.T) {
	frame := unhex(t, golden["syn4"])
	h, payload, err := ParseEthernet(frame)
	if err != nil {
		t.Fatal(err)
	}
	want := Ethernet{Dst: mac1, Src: mac2, Type: TypeIPv4}
	if h != want {
		t.Errorf("got %+v, want %+v", h, want)
	}
	if !bytes.Equal(payload, frame[14:]) {
		t.Error("payload does not begin behind the header")
	}
	if got := append(AppendEthernet(nil, &h), payload...); !bytes.Equal(got, frame) {
		t.Errorf("written back: %x", got)
	}
}

func TestEthernetTag(t *testing.T) {
	for _, tpid := range []string{"8100", "88a8"} {
		frame := unhex(t, "020000000001 020000000002"+tpid+"6123 0806 aabb")
		h, payload, err := ParseEthernet(frame)
		if err != nil {
			t.Fatal(err)
		}
		want := Ethernet{Dst: mac1, Src: mac2, Type: TypeARP, Tagged: true, VLAN: 0x6123}
		if h != want || !bytes.Equal(payload, []byte{0xaa, 0xbb}) {
			t.Errorf("got %+v %x, want %+v aabb", h, payload, want)
		}
		if tpid == "8100" {
			if got := append(AppendEthernet(nil, &h), payload...); !bytes.Equal(got, frame) {
				t.Errorf("written back: %x", got)
			}
		}
	}
}

func TestEthernetTruncated(t *testing.T) {
	parse := func(b []byte) error { _, _, err := ParseEthernet(b); return err }
	everyTruncation(t, unhex(t, "020000000001 020000000002 0800"), parse)
	everyTruncation(t, unhex(t, "020000000001 020000000002 8100 0001 0800"), parse)
	if err := parse(nil); !errors.Is(err, ErrTruncated) {
		t.Errorf("got %v, want ErrTruncated", err)
	}
}

func TestMAC(t *testing.T) {
	if got := (MAC{0x02, 0xab, 0, 1, 2, 0xff}).String(); got != "02:ab:00:01:02:ff" {
		t.Error(got)
	}
	if !Broadcast.IsMulticast() || mac1.IsMulticast() {
		t.Error("the group bit is bit 0 of the first byte")
	}
}

func FuzzEthernet(f *testing.F) {
	for name := range golden {
		f.Add(unhex(f, golden[name]))
	}
	f.Add(unhex(f, "020000000001 020000000002 8100 0001 0800"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, payload, err := ParseEthernet(b)
		if err != nil {
			return
		}
		got := append(AppendEthernet(nil, &h), payload...)
		again, rest, err := ParseEthernet(got)
		if err != nil || again != h || !bytes.Equal(rest, payload) {
			t.Errorf("%+v became %+v (%v)", h, again, err)
		}
	})
}

func TestErrorsSayWhereAndWhat(t *testing.T) {
	_, _, err := ParseEthernet(nil)
	if got, want := err.Error(), "ethernet: type at byte 12: ends too early"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
