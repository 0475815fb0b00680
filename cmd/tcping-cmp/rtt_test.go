package main

import (
	"strings"
	"testing"
	"time"
)

func TestRoundTrips(t *testing.T) {
	r := newRoundTrips("handshake")
	var out strings.Builder
	r.print(&out)
	r.add(0) // not measured
	for i := 1; i <= 100; i++ {
		r.add(time.Duration(i) * time.Millisecond)
	}
	r.print(&out)
	// Three digits: a value stands for its bucket, whose width is below 0.1 %.
	want := "handshake  none\nhandshake  min 1.000  median 50.004  p99 99.025  max 100.008 ms\n"
	if out.String() != want {
		t.Errorf("got %q\nwant %q", out.String(), want)
	}
}
