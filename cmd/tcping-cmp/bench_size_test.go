package main

import "testing"

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "1500": 1500, "12B": 12, "64MiB": 64 << 20, "64 MiB": 64 << 20, "3KiB": 3072, "2GiB": 2 << 30,
		"5kB": 5000, "500MB": 500e6, "1GB": 1e9, "1024GiB": 1 << 40,
	} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "MiB", "1.5MB", "1TB", "64mib", "1025GiB", "9223372036854775807", "1 2"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}
