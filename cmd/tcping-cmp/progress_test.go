package main

import (
	"strings"
	"testing"
)

func TestProgress(t *testing.T) {
	var out strings.Builder
	p := &progress{w: &out, total: 2}
	p.step("netstack")
	p.step("handcrafted")
	p.clear()
	if want := "\r\x1b[K1 of 2: netstack\r\x1b[K2 of 2: handcrafted\r\x1b[K"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	// What is no terminal gets nothing.
	p = newProgress(&out, 2, false)
	before := out.Len()
	p.step("netstack")
	p.clear()
	if out.Len() != before {
		t.Errorf("a file got %q", out.String()[before:])
	}
}
