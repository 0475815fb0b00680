package capturetest

import (
	"fmt"
	"strings"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcping-cmp/tap"
)

// Transcript writes each TCP segment of a recording as direction, flags and
// payload length, such as "out PSH·ACK(5)", and everything else by direction
// and the name of its protocol.
func Transcript(rec tap.Recording) (segments, others []string) {
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
