package main

import (
	"strings"
	"testing"
	"time"
)

// TestProgress reads the line at moments of a day that passes as told.
func TestProgress(t *testing.T) {
	var out strings.Builder
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := began
	p := &progress{w: &out, total: 100, width: 40, since: began, now: func() time.Time { return now }, ended: make(chan struct{})}
	line := func(after time.Duration) string {
		now = began.Add(after)
		out.Reset()
		p.draw()
		return out.String()
	}
	if got := line(0); got != "" {
		t.Errorf("nothing has begun, and it says %q", got)
	}
	p.step("netstack")
	if got, want := line(3*time.Second), "\r\x1b[K1 of 100, 3s: netstack"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p.step("kernel")
	if got, want := line(4*time.Second), "\r\x1b[K2 of 100, 4 s each, 6m36s left: kernel"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for range 48 {
		p.finished("the last of many")
	}
	if got, want := line(5*time.Second), "\r\x1b[K50 of 100, 10/s, 5s left: the last of m"; got != want {
		t.Errorf("%q, want %q: one column stays free", got, want)
	}
	out.Reset()
	p.aside(func() error { out.WriteString("result\n"); return nil })
	if got, want := out.String(), "\r\x1b[Kresult\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	out.Reset()
	p.clear()
	if got := out.String(); got != "" {
		t.Errorf("the line was gone already: %q", got)
	}
	if got := line(6 * time.Second); got != "" {
		t.Errorf("after clear: %q", got)
	}
	// What is no terminal gets nothing.
	p = newProgress(&out, 2, false)
	p.step("netstack")
	p.draw()
	p.clear()
	if out.Len() != 0 {
		t.Errorf("a file got %q", out.String())
	}
}
