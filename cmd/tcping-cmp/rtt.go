package main

import (
	"fmt"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// roundTrips collects durations, to three digits, from a nanosecond to an
// hour.
type roundTrips struct {
	name string
	h    *hdrhistogram.Histogram
}

func newRoundTrips(name string) roundTrips {
	return roundTrips{name, hdrhistogram.New(1, time.Hour.Nanoseconds(), 3)}
}

// add counts one; what is not positive was not measured.
func (r roundTrips) add(d time.Duration) {
	if d > 0 {
		r.h.RecordValue(min(d.Nanoseconds(), time.Hour.Nanoseconds()))
	}
}

// print writes one line, in milliseconds.
func (r roundTrips) print(w io.Writer) {
	if r.h.TotalCount() == 0 {
		fmt.Fprintf(w, "%-9s  none\n", r.name)
		return
	}
	ms := func(ns int64) float64 { return float64(ns) / 1e6 }
	fmt.Fprintf(w, "%-9s  min %.3f  median %.3f  p99 %.3f  max %.3f ms\n", r.name,
		ms(r.h.Min()), ms(r.h.ValueAtQuantile(50)), ms(r.h.ValueAtQuantile(99)), ms(r.h.Max()))
}
