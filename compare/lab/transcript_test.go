package lab

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
// payload length, and everything else by the name of its protocol.
func transcript(rec tap.Recording) (segments, others []string) {
	for _, f := range rec.Frames {
		p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.NoCopy)
		t, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
		if !ok {
			ls := p.Layers()
			others = append(others, fmt.Sprintf("%v %v", f.Dir, ls[len(ls)-1].LayerType()))
			continue
		}
		segments = append(segments, fmt.Sprintf("%v %s", f.Dir, segment(t)))
	}
	return segments, others
}

func segment(t *layers.TCP) string {
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

// expectSegments compares with one of several transcripts: where the kernel
// may join an acknowledgement with its FIN, both are right.
func expectSegments(t *testing.T, rec tap.Recording, allowed ...[]string) {
	t.Helper()
	got, others := transcript(rec)
	for _, want := range allowed {
		if cmp.Equal(got, want) {
			return
		}
	}
	t.Errorf("segments (-want +got):\n%s\nother frames: %v", cmp.Diff(allowed[0], got), others)
}

// The conversation in which the server closes first, and the one in which the
// client does.
var (
	peerFirst = []string{
		"out SYN", "in SYN·ACK", "out ACK",
		"out PSH·ACK(5)", "in ACK", "in PSH·ACK(5)", "out ACK",
		"in FIN·ACK", "out ACK", "out FIN·ACK", "in ACK",
	}
	peerFirstJoined = []string{
		"out SYN", "in SYN·ACK", "out ACK",
		"out PSH·ACK(5)", "in ACK", "in PSH·ACK(5)", "out ACK",
		"in FIN·ACK", "out FIN·ACK", "in ACK",
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
