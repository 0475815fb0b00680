package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// wireOf is the wire of a script.
func wireOf(t *testing.T, line string) *wire {
	t.Helper()
	s, err := scenario.Read("test.pkt", []byte(line+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return newWire(s.Impairments)
}

// across sends segments a millisecond apart, numbered from 1 by their last
// byte, and says which came out when.
func across(w *wire, n int) string {
	var out []string
	now, sent := playStart, 0
	for {
		for f, ok := w.leave(now); ok; f, ok = w.leave(now) {
			s, _ := readFrame(f.data)
			mark := ""
			if len(s.problems) > 0 {
				mark = "!"
			}
			out = append(out, fmt.Sprintf("%d%s@%v", f.data[len(f.data)-1], mark, now.Sub(playStart)))
		}
		next := w.next()
		if sent < n {
			next = earliest(next, playStart.Add(time.Duration(sent)*time.Millisecond))
		}
		if next.IsZero() {
			return strings.Join(out, " ")
		}
		now = next
		if sent < n && !now.Before(playStart.Add(time.Duration(sent)*time.Millisecond)) {
			sent++
			w.enter(now, tap.Out, frameOf(with(textFrame, func(s *peerSegment) { s.payload = []byte{9, byte(sent)} })))
		}
	}
}

func TestWire(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"drop < all", "1@500µs 2@1.5ms 3@2.5ms"},
		{"drop 2nd data", "1@500µs 3@2.5ms"},
		{"drop 2nd-", "1@500µs"},
		{"drop 1st-2nd syn", "1@500µs 2@1.5ms 3@2.5ms"},
		{"drop every 3rd", "1@500µs 2@1.5ms"},
		{"duplicate 2nd by 2", "1@500µs 2@1.5ms 2@1.5ms 2@1.5ms 3@2.5ms"},
		{"delay 1st by 5ms", "2@1.5ms 3@2.5ms 1@5.5ms"},
		{"corrupt 2nd data byte 0", "1@500µs 2!@1.5ms 3@2.5ms"},
		{"corrupt 2nd data byte 7", "1@500µs 2!@1.5ms 3@2.5ms"},
		{"reorder 1st", "2@1.5ms 1@1.5ms 3@2.5ms"},
		{"reorder 1st by 2", "2@1.5ms 3@2.5ms 1@2.5ms"},
		{"reorder 3rd", "1@500µs 2@1.5ms 3@102.5ms"},
		{"drop 1st\nduplicate 2nd", "2@1.5ms 2@1.5ms 3@2.5ms"},
	} {
		if got := across(wireOf(t, c.line), 3); got != c.want {
			t.Errorf("%q: %s, want %s", c.line, got, c.want)
		}
	}
}

// The same seed loses the same frames, another one others, and about as many
// as it should.
func TestWireLoss(t *testing.T) {
	const n = 200
	lost := func(seed int) string { return across(wireOf(t, fmt.Sprintf("loss 20%% seed %d", seed)), n) }
	first := lost(7)
	if lost(7) != first || lost(8) == first {
		t.Error("the seed does not decide")
	}
	if got := len(strings.Fields(first)); got < n*7/10 || got > n*9/10 {
		t.Errorf("%d of %d came through a loss of 20%%", got, n)
	}
}

// What is no TCP is left alone.
func TestWireLeavesARPAlone(t *testing.T) {
	w := wireOf(t, "drop <> all")
	w.enter(playStart, tap.Out, slices.Concat(labServerMAC, labClientMAC, []byte{8, 6}, make([]byte, 28)))
	if _, ok := w.leave(playStart.Add(wireDelay)); !ok {
		t.Error("an ARP request was dropped")
	}
}
