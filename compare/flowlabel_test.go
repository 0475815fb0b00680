package compare

import (
	"net/netip"
	"testing"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// labelled is a segment with a flow label.
func labelled(s Seg, label byte) Seg {
	s.Mangle = func(packet []byte) { packet[3] = label }
	return s
}

func TestFlowLabels(t *testing.T) {
	data, reset := Seg{Flags: ACK, Seq: 1, Ack: 1}, Seg{Flags: RST, Seq: 1}
	for _, test := range []struct {
		want string
		out  []Seg
	}{
		{"always 0", []Seg{data, data, reset}},
		{"constant", []Seg{labelled(data, 7), labelled(data, 7), labelled(reset, 7)}},
		{"changing", []Seg{labelled(data, 7), labelled(data, 8)}},
		{"constant, resets always 0", []Seg{labelled(data, 7), reset, reset}},
		{"constant, resets constant", []Seg{labelled(data, 7), labelled(reset, 8)}},
		{"always 0, resets changing", []Seg{data, labelled(reset, 7), reset}},
	} {
		talk := New6()
		for _, s := range test.out {
			talk.Out(s).In(labelled(data, 99)) // the server's are its own
		}
		c, err := capture.FromRecording("test", talk.Recording(), netip.AddrPort{})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := newView(c).labelPolicy(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
