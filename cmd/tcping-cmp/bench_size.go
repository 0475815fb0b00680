package main

import (
	"fmt"
	"strconv"
	"strings"
)

// sizeUnits are what may follow a number of bytes, the longer ones first.
var sizeUnits = []struct {
	name  string
	bytes int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1},
}

// maxSize is more than a turn can carry.
const maxSize = 1 << 40

// parseSize reads a number of bytes, with a unit or without.
func parseSize(s string) (int64, error) {
	number, unit := s, int64(1)
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(s, u.name); ok {
			number, unit = rest, u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 1 || n > maxSize/unit {
		return 0, fmt.Errorf("%q is not a size: give a number above 0 with KiB, MiB, GiB, kB, MB, GB or without, such as 64MiB", s)
	}
	return n * unit, nil
}
