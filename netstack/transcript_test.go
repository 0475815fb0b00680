package netstack

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/tap"
)

func tcpLayer(f tap.Frame) *layers.TCP {
	p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.NoCopy)
	t, _ := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
	return t
}

func expectSegments(t *testing.T, rec tap.Recording, allowed ...[]string) {
	t.Helper()
	got, _ := capturetest.Transcript(rec)
	for _, want := range allowed {
		if cmp.Equal(got, want) {
			return
		}
	}
	t.Errorf("segments (-want +got):\n%s", cmp.Diff(allowed[0], got))
}

// The eleven frames of the echo conversation when the server closes first, and
// those when the client does; the server may send its FIN with the
// acknowledgement of the client's or after it.
var (
	peerFirst = []string{
		"out SYN", "in SYN·ACK", "out ACK",
		"out PSH·ACK(5)", "in ACK", "in PSH·ACK(5)", "out ACK",
		"in FIN·ACK", "out ACK", "out FIN·ACK", "in ACK",
	}
	clientFirst = []string{
		"out SYN", "in SYN·ACK", "out ACK",
		"out PSH·ACK(5)", "in ACK", "in PSH·ACK(5)", "out ACK",
		"out FIN·ACK", "in FIN·ACK", "out ACK",
	}
	clientFirstApart = []string{
		"out SYN", "in SYN·ACK", "out ACK",
		"out PSH·ACK(5)", "in ACK", "in PSH·ACK(5)", "out ACK",
		"out FIN·ACK", "in ACK", "in FIN·ACK", "out ACK",
	}
)
