package tap

import (
	"math"
	"testing"
	"time"
)

func TestFateRates(t *testing.T) {
	i := Impairment{Seed: 7, Drop: 0.05, Duplicate: 0.1, Reorder: 0.2, Delay: 0.3, Corrupt: 0.15, Hold: time.Millisecond}
	const frames = 100000
	var drop, duplicate, overtaken, held, corrupt int
	for n := range uint64(frames) {
		f := i.Fate(In, n, 100)
		count(&drop, f.Drop)
		count(&duplicate, f.Duplicate)
		count(&overtaken, f.Overtaken)
		count(&held, f.Hold > 0)
		count(&corrupt, f.FlipBit >= 0)
		if f.Hold < 0 || f.Hold > i.Hold {
			t.Fatalf("frame %d is held for %v, longest is %v", n, f.Hold, i.Hold)
		}
		if f.FlipBit >= 0 && (f.FlipBit < 14*8 || f.FlipBit >= 100*8) {
			t.Fatalf("frame %d: bit %d is not behind the Ethernet header", n, f.FlipBit)
		}
	}
	for _, r := range []struct {
		name string
		got  int
		want float64
	}{
		{"drop", drop, 0.05}, {"duplicate", duplicate, 0.1}, {"overtaken", overtaken, 0.2},
		{"held", held, 1 - 0.8*0.7}, // by one cause or the other
		{"corrupt", corrupt, 0.15},
	} {
		// Five standard deviations: one seed in millions fails, and this one does not.
		if slack := 5 * math.Sqrt(frames*r.want*(1-r.want)); math.Abs(float64(r.got)-frames*r.want) > slack {
			t.Errorf("%s: %d of %d, want about %v", r.name, r.got, frames, frames*r.want)
		}
	}
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}

// A seed names a fate for good: scenarios and failing tests are replayed by it.
func TestFateOfASeedStays(t *testing.T) {
	i := Impairment{Seed: 1, Drop: 0.3, Duplicate: 0.3, Reorder: 0.3, Delay: 0.3, Corrupt: 0.3}
	var out, in string
	for n := range uint64(16) {
		out += letter(i.Fate(Out, n, 60))
		in += letter(i.Fate(In, n, 60))
	}
	if want := "..xccco.cxccdoxc"; out != want {
		t.Errorf("out: %s, want %s", out, want)
	}
	if want := "xocccxccc.dcx..."; in != want {
		t.Errorf("in:  %s, want %s", in, want)
	}
}

func letter(f Fate) string {
	switch {
	case f.Drop:
		return "x"
	case f.FlipBit >= 0:
		return "c"
	case f.Overtaken:
		return "o"
	case f.Hold > 0:
		return "d"
	case f.Duplicate:
		return "2"
	}
	return "."
}

func TestRaisingOneProbabilityKeepsTheOthersVictims(t *testing.T) {
	few := Impairment{Seed: 3, Drop: 0.1}
	many := Impairment{Seed: 3, Drop: 0.1, Duplicate: 0.9, Reorder: 0.9, Delay: 0.9, Corrupt: 0.9}
	more := Impairment{Seed: 3, Drop: 0.2}
	for n := range uint64(1000) {
		a, b, c := few.Fate(Out, n, 60), many.Fate(Out, n, 60), more.Fate(Out, n, 60)
		if a.Drop != b.Drop {
			t.Fatalf("frame %d: other mishaps changed whether it is dropped", n)
		}
		if a.Drop && !c.Drop {
			t.Fatalf("frame %d is dropped at 10 %% and not at 20 %%", n)
		}
	}
}

func TestGoodWireDoesNothing(t *testing.T) {
	for n := range uint64(1000) {
		if f := (Impairment{Seed: n}).Fate(Out, n, 60); f != (Fate{FlipBit: -1}) {
			t.Fatalf("frame %d: %+v", n, f)
		}
	}
	if f := (Impairment{Corrupt: 1}).Fate(Out, 0, 14); f.FlipBit != -1 {
		t.Errorf("a frame without payload has nothing to corrupt, got bit %d", f.FlipBit)
	}
}

func TestImpairmentCheck(t *testing.T) {
	for _, bad := range []Impairment{
		{Drop: -0.1}, {Duplicate: 1.1}, {Reorder: math.NaN()}, {Delay: math.Inf(1)}, {Corrupt: 30}, {Hold: -1},
	} {
		if bad.Check() == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	if err := (Impairment{Drop: 1, Corrupt: 0.3}).Check(); err != nil {
		t.Error(err)
	}
}
