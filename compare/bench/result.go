package bench

import "slices"

// Result is what was measured: a figure for every test and stack, in the
// order in which they were first measured.
type Result struct{ Figures []*Figure }

// Figure holds what one stack's turns of one test gave, one value a round.
type Figure struct {
	Test   Test
	CPUs   CPUs
	Stack  string
	Values []float64 // in Test.Unit, in the order of the rounds
}

func (r *Result) add(j job, value float64) {
	f := r.find(j.test.Name, j.cpus, j.name())
	if f == nil {
		f = &Figure{Test: j.test, CPUs: j.cpus, Stack: j.name()}
		r.Figures = append(r.Figures, f)
	}
	f.Values = append(f.Values, value)
}

func (r *Result) find(test string, cpus CPUs, stack string) *Figure {
	for _, f := range r.Figures {
		if f.Test.Name == test && f.CPUs == cpus && f.Stack == stack {
			return f
		}
	}
	return nil
}

// Ratio returns how many times better than the reference's a figure's median
// is: above 1 is better, whatever the unit. ok is false if the reference was
// not measured in the same test, on the same CPUs.
func (r *Result) Ratio(f *Figure, reference string) (ratio float64, ok bool) {
	of := r.find(f.Test.Name, f.CPUs, reference)
	if of == nil || f.Median() == 0 || of.Median() == 0 {
		return 0, false
	}
	if f.Test.LowerIsBetter {
		return of.Median() / f.Median(), true
	}
	return f.Median() / of.Median(), true
}

// Median returns the middle of the values, or of the two in the middle their
// mean.
func (f *Figure) Median() float64 { return median(slices.Clone(f.Values)) }

// Min returns the least value.
func (f *Figure) Min() float64 { return slices.Min(f.Values) }

// Max returns the greatest value.
func (f *Figure) Max() float64 { return slices.Max(f.Values) }

// median sorts the values.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
