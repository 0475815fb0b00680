package bench

import "testing"

func TestMedianTakesTheMeanOfTwo(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{7}, 7},
		{[]float64{9, 1}, 5},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 100, 1, 2}, 3},
	} {
		f := Figure{Values: c.values}
		first := c.values[0]
		if got := f.Median(); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
		if f.Values[0] != first {
			t.Errorf("the order of the rounds was lost: %v", f.Values)
		}
	}
	f := Figure{Values: []float64{4, 100, 1, 2}}
	if f.Min() != 1 || f.Max() != 100 {
		t.Errorf("min %v, max %v; want 1 and 100", f.Min(), f.Max())
	}
}

func TestRatioIsAboveOneForTheBetter(t *testing.T) {
	time, rate := Test{Name: "time", LowerIsBetter: true}, Test{Name: "rate"}
	r := &Result{Figures: []*Figure{
		{Test: time, Stack: "a", Values: []float64{10}}, {Test: time, Stack: "b", Values: []float64{40}},
		{Test: rate, Stack: "a", Values: []float64{30}}, {Test: rate, Stack: "b", Values: []float64{10}},
		{Test: rate, CPUs: OneCPU, Stack: "a", Values: []float64{5}},
		{Test: rate, CPUs: OneCPU, Stack: "b", Values: []float64{0}},
	}}
	for n, want := range []float64{4, 1, 3, 1} {
		if got, ok := r.Ratio(r.Figures[n], "b"); !ok || got != want {
			t.Errorf("%s of %s: ratio %v %v, want %v", r.Figures[n].Test.Name, r.Figures[n].Stack, got, ok, want)
		}
	}
	for _, reference := range []string{"b", "nobody"} { // b has measured nothing there
		if got, ok := r.Ratio(r.Figures[4], reference); ok {
			t.Errorf("ratio %v to %s, which there is none of", got, reference)
		}
	}
}
