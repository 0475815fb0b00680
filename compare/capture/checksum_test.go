package capture

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// TestSumIsThatOfRFC1071 adds up bytes of every length, also those that carry the
// most, word by word as RFC 1071 §1 tells it.
func TestSumIsThatOfRFC1071(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 71))
	for length := range 400 {
		for _, fill := range []func() byte{
			func() byte { return 0xff },
			func() byte { return 0 },
			func() byte { return byte(random.Uint32()) },
			func() byte { return byte(-random.IntN(2)) },
		} {
			b := make([]byte, length, length+1)
			for i := range b {
				b[i] = fill()
			}
			begin := uint64(random.IntN(2)) * 0xffff_ffff
			want := begin>>16 + begin&0xffff
			for words := b[:length+length%2]; len(words) > 0; words = words[2:] {
				want += uint64(binary.BigEndian.Uint16(words))
			}
			for want > 0xffff {
				want = want>>16 + want&0xffff
			}
			if got := fold(sum(begin, b)); got != uint16(want) {
				t.Fatalf("%d bytes %x from %#x: %#04x, want %#04x", length, b, begin, got, want)
			}
		}
	}
}
