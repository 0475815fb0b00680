package wire

import (
	"bytes"
	"testing"
)

func TestOptionsWritten(t *testing.T) {
	block := SACKBlock{Left: 0x01020304, Right: 0x05060708}
	const blockHex = "0102030405060708"
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"none", Options{}, ""},
		{"MSS alone", Options{HasMSS: true, MSS: 536}, "02040218"},
		{"SYN as Linux has it", synOf(1460, 1), "020405b4 0402 080a0000000100000000 01 03030a"},
		{"SYN without timestamps", Options{HasMSS: true, MSS: 1460, SACKPermitted: true, HasWindowScale: true, WindowScale: 7},
			"020405b4 01010402 01030307"},
		{"SYN without SACK", Options{HasMSS: true, MSS: 1460, HasTimestamps: true, HasWindowScale: true},
			"020405b4 0101080a0000000000000000 01030300"},
		{"timestamps", Options{HasTimestamps: true, TSVal: 1, TSEcr: 2}, "0101080a0000000100000002"},
		{"timestamps and one block", Options{HasTimestamps: true, SACKCount: 1, SACK: [4]SACKBlock{block}},
			"0101080a0000000000000000 0101050a" + blockHex},
		{"four blocks", Options{SACKCount: 4, SACK: [4]SACKBlock{block, block, block, block}},
			"01010522" + blockHex + blockHex + blockHex + blockHex},
		{"four blocks beside timestamps: three fit", Options{HasTimestamps: true, SACKCount: 4, SACK: [4]SACKBlock{block, block, block, block}},
			"0101080a0000000000000000 0101051a" + blockHex + blockHex + blockHex},
	} {
		got, want := c.o.append(nil), unhex(t, c.want)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got %x, want %x", c.name, got, want)
		}
		if len(got) != c.o.WireLen() || len(got)%4 != 0 || len(got) > MaxOptionsLen {
			t.Errorf("%s: %d bytes, WireLen says %d", c.name, len(got), c.o.WireLen())
		}
	}
}

func TestOptionsRead(t *testing.T) {
	mss := Options{HasMSS: true, MSS: 1000}
	broken := mss
	broken.Malformed = true
	for _, c := range []struct {
		name, b string
		want    Options
	}{
		{"nothing", "", Options{}},
		{"end at once, rubbish behind it", "00 020403e8", Options{}},
		{"odd alignment (MUST-64)", "01 020403e8 01 01 01", mss},
		{"unknown kind is skipped (MUST-6)", "fd03aa 020403e8 00", mss},
		{"unknown kind of length two", "fe02 020403e8", mss},
		{"length zero (MUST-7)", "020403e8 0800", broken},
		{"length one", "020403e8 fd01", broken},
		{"no room for the length", "020403e8 08", broken},
		{"longer than the header", "020403e8 080a0000", broken},
		{"MSS of length three", "0203e8", Options{Malformed: true}},
		{"MSS of length five", "020503e800", Options{Malformed: true}},
		{"window scale of length four", "020403e8 03040000", broken},
		{"SACK-permitted with a value", "020403e8 040300", broken},
		{"timestamps of length eight", "020403e8 0808000000000000", broken},
		{"SACK without a block", "020403e8 0502", broken},
		{"SACK with half a block", "020403e8 050600000000", broken},
		{"window scale beyond 14 is not judged here", "03030f", Options{HasWindowScale: true, WindowScale: 15}},
		{"the last of two counts", "02040218 020403e8", mss},
	} {
		o := synOf(9, 9)
		o.parse(unhex(t, c.b))
		if o != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, o, c.want)
		}
	}
}

func TestOptionsTruncated(t *testing.T) {
	want := synOf(1460, 7)
	b := want.append(nil)
	for n := range b {
		var o Options
		o.parse(b[:n])
		whole := n == 0 || n == 4 || n == 6 || n == 16 || n == 17 // cuts between options
		if o.Malformed == whole {
			t.Errorf("after %d bytes: malformed %v", n, o.Malformed)
		}
	}
}

func TestSeqWraps(t *testing.T) {
	for _, c := range []struct {
		a, b   Seq
		before bool
	}{{1, 2, true}, {2, 1, false}, {5, 5, false}, {0xffffffff, 0, true}, {0, 0xffffffff, false}, {0x7fffffff, 0xfffffffe, true}} {
		if c.a.Before(c.b) != c.before || c.b.After(c.a) != c.before {
			t.Errorf("%d before %d: got %v", c.a, c.b, c.a.Before(c.b))
		}
	}
	if !Seq(2).In(0xfffffffe, 5) || Seq(3).In(0xfffffffe, 5) || Seq(9).In(9, 0) {
		t.Error("In must be half open across the wrap")
	}
	if got := Seq(3).Sub(0xfffffffe); got != 5 {
		t.Errorf("Sub across the wrap: %d", got)
	}
	if got := Seq(0xfffffffe).Add(5); got != 3 {
		t.Errorf("Add across the wrap: %d", got)
	}
}

func TestSegmentLen(t *testing.T) {
	for flags, want := range map[Flags]int{ACK: 3, SYN: 4, FIN | ACK: 4, SYN | FIN: 5} {
		if got := (&Segment{Flags: flags, Payload: []byte("abc")}).Len(); got != want {
			t.Errorf("flags %b: %d, want %d", flags, got, want)
		}
	}
}
