package arp

import (
	"net/netip"
	"testing"
)

// TestReleaseForgetsStrangers: neighbours that somebody uses stay, and so do a
// few that nobody uses.
func TestReleaseForgetsStrangers(t *testing.T) {
	table := New(Config{})
	addr := netip.MustParseAddr("10.0.0.1")
	kept := table.Hold(addr)
	if table.Hold(addr) != kept {
		t.Error("two entries for one address")
	}
	for range 10 * maxUnused {
		addr = addr.Next()
		table.Release(table.Hold(addr))
	}
	if got := table.Len(); got != maxUnused {
		t.Errorf("%d entries, want %d", got, maxUnused)
	}
	table.Release(kept)
	if table.neighbors[kept.Addr()] != kept {
		t.Error("forgotten while in use")
	}
	table.Release(kept)
	table.Hold(addr)
	if got := len(table.neighbors); got != table.Len() {
		t.Errorf("%d in the map, %d in order", got, table.Len())
	}
}
