package wire

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// slowSum is RFC 1071 §1 word by word.
func slowSum(b []byte, earlier uint16) uint16 {
	sum := uint32(earlier)
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
		sum = sum>>16 + sum&0xffff
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

func TestSumOfTheRFCsExample(t *testing.T) {
	// RFC 1071 §3: the words 0001 f203 f4f5 f6f7 add up to ddf2.
	if got := Sum(unhex(t, "0001f203f4f5f6f7"), 0); got != 0xddf2 {
		t.Errorf("got %#04x, want 0xddf2", got)
	}
}

func TestSumAtEveryLength(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		earlier := uint16(r.Uint32())
		if got, want := Sum(b, earlier), slowSum(b, earlier); got != want {
			t.Errorf("%d bytes after %#04x: got %#04x, want %#04x", n, earlier, got, want)
		}
	}
}

func TestSumCarriesAllTheWay(t *testing.T) {
	ones := make([]byte, 1500)
	for i := range ones {
		ones[i] = 0xff
	}
	for n := range ones {
		if got, want := Sum(ones[:n], 0xffff), slowSum(ones[:n], 0xffff); got != want {
			t.Fatalf("%d bytes of 0xff: got %#04x, want %#04x", n, got, want)
		}
	}
}

func TestSumInPieces(t *testing.T) {
	b := unhex(t, golden["syn6"])
	for n := 0; n <= len(b); n += 2 {
		if got, want := Sum(b[n:], Sum(b[:n], 0)), Sum(b, 0); got != want {
			t.Errorf("cut at %d: got %#04x, want %#04x", n, got, want)
		}
	}
}

func TestPseudoHeaderAgainstItsBytes(t *testing.T) {
	four := unhex(t, "0a000002 0a000001 0006 0123")
	if got, want := PseudoHeader(ip2, ip1, 6, 0x123), slowSum(four, 0); got != want {
		t.Errorf("IPv4: got %#04x, want %#04x", got, want)
	}
	a := netip.MustParseAddr("fedc:ba98:7654:3210:ffff:ffff:ffff:ffff")
	six := unhex(t, "fedcba9876543210ffffffffffffffff fd000000000000000000000000000001 00012345 0000003a")
	if got, want := PseudoHeader(a, ip61, 58, 0x12345), slowSum(six, 0); got != want {
		t.Errorf("IPv6: got %#04x, want %#04x", got, want)
	}
}

func FuzzSum(f *testing.F) {
	f.Add([]byte{}, uint16(0))
	f.Add([]byte{0xff, 0xff, 1}, uint16(0xffff))
	f.Fuzz(func(t *testing.T, b []byte, earlier uint16) {
		if got, want := Sum(b, earlier), slowSum(b, earlier); got != want {
			t.Errorf("got %#04x, want %#04x", got, want)
		}
	})
}

func BenchmarkSum1460(b *testing.B) {
	p := make([]byte, 1460)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		Sum(p, 0)
	}
}
