package wire

import (
	"bytes"
	"errors"
	"testing"
)

func TestARPGolden(t *testing.T) {
	for name, want := range map[string]ARP{
		"arp-request": {Op: ARPRequest, SenderMAC: mac2, SenderIP: ip2, TargetIP: ip1},
		"arp-reply":   {Op: ARPReply, SenderMAC: mac2, SenderIP: ip2, TargetMAC: mac1, TargetIP: ip1},
	} {
		b := packet(t, name)
		got, err := ParseARP(b)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
		if w := AppendARP(nil, &want); !bytes.Equal(w, b) {
			t.Errorf("%s written: %x, want %x", name, w, b)
		}
	}
}

func TestARPPadding(t *testing.T) {
	if _, err := ParseARP(append(packet(t, "arp-reply"), make([]byte, 18)...)); err != nil {
		t.Errorf("link padding disturbs: %v", err)
	}
}

func TestARPBad(t *testing.T) {
	everyTruncation(t, packet(t, "arp-request"), func(b []byte) error { _, err := ParseARP(b); return err })
	for at := range 6 { // hardware type, protocol type, both lengths
		b := packet(t, "arp-request")
		b[at] ^= 0x40
		if _, err := ParseARP(b); !errors.Is(err, ErrInvalid) {
			t.Errorf("byte %d changed: got %v, want ErrInvalid", at, err)
		}
	}
}

func FuzzARP(f *testing.F) {
	f.Add(packet(f, "arp-request"))
	f.Add(packet(f, "arp-reply"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ParseARP(b)
		if err == nil && !bytes.Equal(AppendARP(nil, &a), b[:ARPLen]) {
			t.Errorf("%x became %x", b, AppendARP(nil, &a))
		}
	})
}
