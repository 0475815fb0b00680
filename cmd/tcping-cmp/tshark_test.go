package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/rules"
	"tcping-cmp/compare/scenario/library"
)

// watchedFields are what is compared with tshark.
var watchedFields = []string{
	"tcp.analysis.retransmission", "tcp.analysis.duplicate_ack", "tcp.analysis.out_of_order", "tcp.analysis.lost_segment",
	"tcp.analysis.zero_window", "tcp.analysis.zero_window_probe", "tcp.analysis.window_update", "tcp.analysis.keep_alive",
}

// watchedScenarios are clean ones, and some for each thing that a wire does.
var watchedScenarios = []string{
	"conversation/small-echo", "conversation/synack-lost", "conversation/second-data-segment-lost", "conversation/five-per-cent-lost",
	"conversation/twenty-per-cent-lost", "conversation/slow-wire-with-spikes", "conversation/everything-twice", "conversation/reordered-by-three", "conversation/bulk-echo", "conversation/peers-fin-lost",
	"window/zero-window-is-probed-and-the-wait-doubles", "window/shrinks-to-zero", "window/window-update-alone-lets-data-go",
}

// TestWatchAgreesWithTshark compares what is inferred from captures, with and
// without loss, reordering and duplicates, with what tshark makes of them.
func TestWatchAgreesWithTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	for _, entry := range library.All() {
		if !slices.Contains(watchedScenarios, entry.Name) {
			continue
		}
		script, err := entry.Script(entry.Versions[0])
		if err != nil {
			t.Fatal(err)
		}
		p := playTo(virtualStacks()[0], script, lab.PlayOptions{Patient: true})
		c, err := capture.FromRecording(p.Stack, p.Recording, p.Remote)
		if p.NotRun != "" || err != nil {
			continue
		}
		agree(t, entry.Name, p, c)
	}
}

func agree(t *testing.T, name string, p *lab.Play, c *capture.Conversation) {
	path := filepath.Join(t.TempDir(), "play.pcapng")
	var buf bytes.Buffer
	w, err := capture.NewWriter(&buf, "test", capture.Interface{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Recording.Frames {
		if err := w.WriteFrame(0, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-r", path, "-T", "fields", "-e", "frame.number", "-e", "tcp.analysis.bytes_in_flight", "-e", "tcp.analysis.initial_rtt"}
	for _, f := range watchedFields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if len(rows) != len(c.Events) {
		return // frames of other conversations
	}
	watch := rules.NewWatch(c)
	wrong := 0
	lossy := strings.Contains(name, "per-cent") || strings.Contains(name, "reordered") // tshark calls some repetitions within a round trip out of order
	lacking := false                                                                   // segments were lost before the capture: tshark counts flights again at its own time
	for n, row := range rows {
		columns := strings.Split(row, "\t")
		a := watch.Frame(c.Events[n])
		got := strings.Join(a.Names(), " ") + " "
		lacking = lacking || a&rules.LostSegment != 0
		for k, f := range watchedFields {
			if lossy && (f == "tcp.analysis.retransmission" || f == "tcp.analysis.out_of_order") {
				continue
			}
			if theirs, ours := columns[3+k] != "", strings.Contains(got, f+" "); theirs != ours && wrong < 5 {
				wrong++
				t.Errorf("%s #%d: %s is %v, tshark says %v", name, n+1, f, ours, theirs)
			}
		}
		again, theirs := a&(rules.Retransmission|rules.OutOfOrder) != 0, columns[3] != "" || columns[5] != ""
		if again != theirs {
			t.Errorf("%s #%d: octets again is %v, tshark says %v", name, n+1, again, theirs)
		}
		if flight := number(columns[1]); !lacking && flight != watch.InFlight && wrong < 5 {
			wrong++
			t.Errorf("%s #%d: %d octets in flight, tshark says %q", name, n+1, watch.InFlight, columns[1])
		}
		if columns[2] != "" {
			seconds, _ := strconv.ParseFloat(columns[2], 64)
			if d := seconds*1e9 - float64(watch.Handshake); d > 1000 || d < -1000 {
				wrong++
				t.Errorf("%s #%d: initial round trip %s, tshark says %s", name, n+1, fmt.Sprint(float64(watch.Handshake)/1e9), columns[2])
			}
		}
	}
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
