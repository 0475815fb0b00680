package report

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestNumbersAreThoseOfStrconv goes round every power of ten and of two, and
// through random numbers of every length.
func TestNumbersAreThoseOfStrconv(t *testing.T) {
	check := func(value int64) {
		if got, want := string(appendNumber([]byte("x"), value)), "x"+strconv.FormatInt(value, 10); got != want {
			t.Fatalf("%d: %s", value, got)
		}
	}
	around := func(value int64) {
		for d := int64(-2); d <= 2; d++ {
			check(value + d)
			check(-(value + d))
		}
	}
	for n := range 63 {
		around(1 << n)
	}
	for power, n := int64(1), 0; n <= 18; power, n = power*10, n+1 {
		around(power)
	}
	check(math.MaxInt64)
	check(math.MinInt64)
	random := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		check(int64(random.Uint64() >> random.IntN(64)))
	}
}

// TestFieldsRememberOnlyWhatTheySaid appends numbers that come again at once, later
// or never, of every length.
func TestFieldsRememberOnlyWhatTheySaid(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"", `,"ack":`, `,"segment":{"snd_una":`, strings.Repeat("n", 28)} {
		f := newField(name)
		values := []int64{0, math.MaxInt64, math.MinInt64, -1, 1e16, 1e16 - 1}
		for range 20000 {
			value := values[random.IntN(len(values))]
			if random.IntN(3) == 0 {
				value = int64(random.Uint64() >> random.IntN(64))
				values[random.IntN(len(values))] = value
			}
			got := string(f.append(make([]byte, 1, 1+fieldRoom), value)[1:])
			if want := name + strconv.FormatInt(value, 10); got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
		}
	}
}

// TestDigitsThatAreNearTheLast appends numbers that are a little more or less
// than the last, or share its first digits, of every length.
func TestDigitsThatAreNearTheLast(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	d, value := newDigits(), int64(0)
	for range 200000 {
		switch random.IntN(8) {
		case 0:
			value = int64(random.Uint64() >> random.IntN(64))
		case 1:
			value = -value
		case 2:
			value -= random.Int64N(12)
		case 3:
			value = value/1e8*1e8 + random.Int64N(1e8)
		case 4:
			value += random.Int64N(1e9)
		default:
			value += random.Int64N(12)
		}
		got := string(d.append(make([]byte, 1, 1+fieldRoom), value)[1:])
		if want := strconv.FormatInt(value, 10); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

func BenchmarkNumbers(b *testing.B) {
	for name, f := range map[string]func([]byte, int64) []byte{
		"own":     appendNumber,
		"strconv": func(b []byte, value int64) []byte { return strconv.AppendInt(b, value, 10) },
	} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 0, 1024)
			n := int64(0)
			for b.Loop() {
				buf = f(buf[:0], n&7)
				buf = f(buf, 1448)
				buf = f(buf, 1_234_567)
				buf = f(buf, 4_012_345_678+n)
				n++
			}
		})
	}
}
