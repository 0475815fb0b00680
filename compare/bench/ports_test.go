package bench

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"tcping-cmp/compare/lab"
)

// ports refuses what was dialled from before, and ports that are not for
// users.
type ports struct{ seen map[uint16]bool }

func (p *ports) Dial(_ context.Context, local, _ netip.AddrPort) (lab.Conn, error) {
	if port := local.Port(); port < lowestPort || p.seen[port] {
		return nil, fmt.Errorf("port %d", port)
	}
	p.seen[local.Port()] = true
	return nil, nil
}

func (*ports) Close() error { return nil }

func TestPortsAreAllDifferent(t *testing.T) {
	turn := &turn{
		host: &ports{seen: map[uint16]bool{}},
		site: &lab.Site{Local: netip.MustParseAddrPort("192.0.2.2:40000"), Remote: netip.MustParseAddrPort("192.0.2.1:7")},
	}
	n := 0
	for ; !turn.exhausted(); n++ {
		if _, err := turn.dial(); err != nil {
			t.Fatal(err)
		}
	}
	if n != maxDials {
		t.Errorf("%d dials, want %d", n, maxDials)
	}
}
