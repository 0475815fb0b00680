package tap_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

func openImpaired(i tap.Impairment) linktest.Open {
	return func(t testing.TB) (tap.Link, tap.Link) {
		a, b := tap.MemPair(tap.MemOptions{})
		link, err := tap.Impair(a, i)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { link.Close(); b.Close() })
		return link, b
	}
}

// A wire that only delays still keeps all that a Link promises.
func TestImpairedIsALink(t *testing.T) {
	t.Run("Good", func(t *testing.T) { linktest.Run(t, openImpaired(tap.Impairment{})) })
}

// Both ways through a bad wire in real time: what arrives is what the seed
// says, neither more nor less.
func TestImpairedFollowsItsSeed(t *testing.T) {
	i := tap.Impairment{Seed: 11, Drop: 0.2, Duplicate: 0.2, Reorder: 0.2, Delay: 0.2, Hold: 2 * time.Millisecond}
	const count = 200
	for _, dir := range []tap.Direction{tap.Out, tap.In} {
		link, peer := openImpaired(i)(t)
		from, to := link, peer
		if dir == tap.In {
			from, to = peer, link
		}
		want := make([]int, count)
		expected := 0
		for n := range want {
			fate := i.Fate(dir, uint64(n), 60)
			if !fate.Drop {
				want[n] = 1
			}
			if !fate.Drop && fate.Duplicate {
				want[n] = 2
			}
			expected += want[n]
		}
		for n := range count {
			if err := from.WriteFrame(numbered(60, n)); err != nil {
				t.Fatal(err)
			}
		}
		buf := make([]byte, 2000)
		to.SetReadDeadline(time.Now().Add(10 * time.Second))
		for range expected {
			if _, _, err := to.ReadFrame(buf); err != nil {
				t.Fatalf("%v: %v", dir, err)
			}
			want[int(buf[14])<<8|int(buf[15])]--
		}
		to.SetReadDeadline(time.Now().Add(2 * i.Hold))
		if _, _, err := to.ReadFrame(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v: a frame too many: %v", dir, err)
		}
		for n, left := range want {
			if left != 0 {
				t.Errorf("%v: frame %d: %d missing", dir, n, left)
			}
		}
		out, in := link.(*tap.Impaired).Counts()
		if out.Frames+in.Frames != count || out.Dropped+in.Dropped == 0 {
			t.Errorf("%v: counted %+v and %+v", dir, out, in)
		}
	}
}

func TestImpairRefusesNonsense(t *testing.T) {
	a, _ := tap.MemPair(tap.MemOptions{})
	if _, err := tap.Impair(a, tap.Impairment{Drop: 2}); err == nil {
		t.Error("a probability of 2 was accepted")
	}
}
