package netstack

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcping-cmp/tap"
)

// transcript writes each TCP segment of a recording as direction, flags and
// payload length.
func transcript(rec tap.Recording) (segments []string) {
	for _, f := range rec.Frames {
		if t := tcpLayer(f); t != nil {
			segments = append(segments, fmt.Sprintf("%v %s", f.Dir, segmentText(t)))
		}
	}
	return segments
}

func tcpLayer(f tap.Frame) *layers.TCP {
	p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.NoCopy)
	t, _ := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
	return t
}

func segmentText(t *layers.TCP) string {
	var flags []string
	for _, f := range []struct {
		set  bool
		name string
	}{{t.SYN, "SYN"}, {t.FIN, "FIN"}, {t.RST, "RST"}, {t.PSH, "PSH"}, {t.ACK, "ACK"}} {
		if f.set {
			flags = append(flags, f.name)
		}
	}
	text := strings.Join(flags, "·")
	if n := len(t.Payload); n > 0 {
		text += fmt.Sprintf("(%d)", n)
	}
	return text
}

func expectSegments(t *testing.T, rec tap.Recording, allowed ...[]string) {
	t.Helper()
	got := transcript(rec)
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
