package spelling

import (
	"slices"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"handcrafted", "netstack", "kernel", "eth0", "eth1", "lo"}
	for _, c := range []struct {
		written string
		want    []string
	}{
		{"netstak", []string{"netstack"}},
		{"Kernel", []string{"kernel"}},
		{"hand", []string{"handcrafted"}},  // a beginning
		{"eth2", []string{"eth0", "eth1"}}, // both are as near
		{"handkrafted", []string{"handcrafted"}},
		{"kernel", nil}, // it is there
		{"l", []string{"lo"}},
		{"lwip", nil},
		{"", nil},
	} {
		if got := Nearest(c.written, names); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.written, got, c.want)
		}
	}
}
