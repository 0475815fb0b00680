package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/rules"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/tap"
)

// analysed are the fields of tcp.analysis that tshark has or has not.
var analysed = []string{
	"retransmission", "duplicate_ack", "out_of_order", "lost_segment", "zero_window", "zero_window_probe",
	"window_update", "keep_alive", "fast_retransmission", "spurious_retransmission", "ack_lost_segment",
	"zero_window_probe_ack", "keep_alive_ack", "window_full", "reused_ports",
}

// measured are those with a number.
var measured = []string{"bytes_in_flight", "ack_rtt", "duplicate_ack_num", "initial_rtt"}

// analysedScenarios are clean ones, and some for each thing that a wire does.
var analysedScenarios = []string{
	"conversation/small-echo", "conversation/bulk-echo", "conversation/first-syn-lost", "conversation/second-data-segment-lost",
	"conversation/five-per-cent-lost", "conversation/twenty-per-cent-lost", "conversation/slow-wire-with-spikes",
	"conversation/everything-twice", "conversation/reordered-by-three", "conversation/peers-fin-lost",
	"window/zero-window-is-probed-and-the-wait-doubles", "window/window-update-alone-lets-data-go",
	"keepalive/probes-an-idle-connection", "receive/peers-keepalive-is-answered", "loss/tail-probe-after-two-round-trips",
}

// TestInferenceAgreesWithTshark compares what is inferred from captures, with
// and without loss, reordering and duplicates, with what tshark makes of them.
func TestInferenceAgreesWithTshark(t *testing.T) {
	needTshark(t)
	found := map[string]int{}
	for n, name := range analysedScenarios {
		entry, ok := library.Find(name)
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		script, err := entry.Script(entry.Versions[0])
		if err != nil {
			t.Fatal(err)
		}
		stack := virtualStacks()[n%2] // in turns: tshark takes its time to start
		p := playTo(stack, script, lab.PlayOptions{Patient: true})
		c, err := capture.FromRecording(p.Stack, p.Recording, p.Remote)
		if p.NotRun != "" || err != nil {
			t.Fatalf("%s: %s %v", name, p.NotRun, err)
		}
		w := &witness{
			t: t, name: name + ", " + p.Stack, rows: analysedBy(t, p.Recording), found: found,
			lossy: strings.Contains(name, "per-cent") || strings.Contains(name, "reordered") || strings.Contains(name, "segment-lost"),
		}
		if len(w.rows) != len(c.Events) {
			t.Fatalf("%s: %d frames, tshark has %d", name, len(c.Events), len(w.rows))
		}
		w.agrees(c)
	}
	t.Logf("frames that tshark and we call so: %v", found)
	for _, field := range append(analysed[:10:10], measured...) {
		if found[field] == 0 {
			t.Errorf("no frame has %s: nothing was compared", field)
		}
	}
}

func needTshark(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("TCPING_CMP_REQUIRE_ROOT") == "1" {
			t.Fatal("tshark is not installed")
		}
		t.Skip("tshark is not installed")
	}
}

// TestReusedPortsAgreesWithTshark: two connections between the same ports, one
// after the other.
func TestReusedPortsAgreesWithTshark(t *testing.T) {
	needTshark(t)
	talk := capturetest.New().Echo("hello")
	first := len(talk.Frames)
	talk.ISS += 1 << 20
	rec := talk.Echo("again").Recording()
	for n, row := range analysedBy(t, rec) {
		if theirs := row[len(analysed)-1] != ""; theirs != (n == first) {
			t.Errorf("#%d: tshark says %v", n+1, theirs)
		}
	}
	c, err := capture.FromRecording("test", tap.Recording{Frames: rec.Frames}, talk.Server)
	if err != nil {
		t.Fatal(err)
	}
	if x := rules.Infer(c)[0]; x.Analysis&rules.ReusedPorts != 0 {
		t.Error("the first connection reuses nothing")
	}
	file := capturetest.CaptureFile(t, "play", rec.Frames)
	read, err := capture.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	if len(read.Flows) != 2 {
		t.Fatalf("%d conversations", len(read.Flows))
	}
	if x := rules.Infer(read.Conversation(1))[0]; x.Analysis != rules.ReusedPorts {
		t.Errorf("the second: %v", x.Analysis.Names())
	}
}

// analysedBy has tshark look at a recording: a row a frame, the analysed
// fields and then the measured ones.
func analysedBy(t *testing.T, rec tap.Recording) [][]string {
	t.Helper()
	args := []string{"-r", capturetest.CaptureFile(t, "play", rec.Frames), "-T", "fields"}
	for _, f := range append(analysed[:len(analysed):len(analysed)], measured...) {
		args = append(args, "-e", "tcp.analysis."+f)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimRight(line, "\n"), "\t"))
	}
	return rows
}

// witness holds one conversation against tshark's rows.
type witness struct {
	t     *testing.T
	name  string
	rows  [][]string
	found map[string]int
	wrong int
	// lossy: some repetitions within a round trip tshark calls out of order.
	lossy bool
	// lacking: segments were lost before the capture, and tshark counts the
	// octets in flight again at a time of its own.
	lacking bool
	ends    [2]tsharkEnd // by direction
}

// tsharkEnd is what tshark 4.0 takes for in flight, or for arrived, and is not:
// what is in flight was sent and neither acknowledged (SND.NXT - SND.UNA) nor
// reported by SACK.
type tsharkEnd struct {
	blocks int64 // octets in the first three SACK blocks of its last segment, which tshark takes off: D-SACK too
	sacks  int64 // octets that it does report to have
	again  bool  // acknowledged octets of its own were sent again and not acknowledged since: tshark counts them
}

func (w *witness) see(c *capture.Conversation, e *capture.Event, x *rules.Inferred) {
	if e.Kind != capture.TCP {
		return
	}
	own := &w.ends[e.Dir]
	own.again = own.again || x.Analysis&(rules.SpuriousRetransmission|rules.KeepAlive) != 0
	if e.Flags&capture.ACK != 0 {
		w.ends[1-e.Dir].again = false
	}
	own.blocks, own.sacks = 0, 0
	for n, b := range c.SACK(e) {
		if n < 3 {
			own.blocks += int64(b.Right - b.Left)
		}
		if int32(b.Left-e.Ack) > 0 {
			own.sacks += int64(b.Right - b.Left)
		}
	}
}

func (w *witness) agrees(c *capture.Conversation) {
	inference := rules.NewInference(c)
	for n, row := range w.rows {
		var x rules.Inferred
		inference.Next(&x)
		w.lacking = w.lacking || x.Analysis&rules.LostSegment != 0
		w.see(c, c.Events[n], &x)
		w.words(n, &x, row)
		w.numbers(n, c.Events[n], &x, row[len(analysed):], inference.Handshake())
	}
}

func (w *witness) words(n int, x *rules.Inferred, row []string) {
	ours := strings.Join(x.Analysis.Names(), " ") + " "
	again := false
	for k, field := range analysed {
		theirs := row[k] != ""
		if theirs {
			w.found[field]++
		}
		switch field {
		case "retransmission", "out_of_order":
			again = again || theirs
			if w.lossy {
				continue
			}
		case "spurious_retransmission", "fast_retransmission":
			if w.lossy && !theirs { // see out_of_order
				continue
			}
		}
		w.equal(n, field, strings.Contains(ours, "tcp.analysis."+field+" "), theirs)
	}
	w.equal(n, "retransmission or out_of_order", x.Analysis&(rules.Retransmission|rules.OutOfOrder) != 0, again)
}

func (w *witness) numbers(n int, e *capture.Event, x *rules.Inferred, row []string, handshake int64) {
	for k, field := range measured {
		if row[k] != "" {
			w.found[field]++
		}
	}
	if own, peer := &w.ends[e.Dir], &w.ends[1-e.Dir]; !w.lacking && !own.again {
		ours := x.InFlight
		if ours > 0 {
			ours = max(ours+peer.sacks-peer.blocks, 0)
		}
		w.equal(n, measured[0], ours, integer(row[0]))
	}
	w.equal(n, measured[1], x.AckRTT, nanoseconds(row[1]))
	w.equal(n, measured[2], int64(x.Duplicate), integer(row[2]))
	if row[3] != "" {
		w.equal(n, measured[3], handshake, nanoseconds(row[3]))
	}
}

func (w *witness) equal(n int, field string, ours, theirs any) {
	if ours == theirs {
		return
	}
	if w.wrong++; w.wrong <= 5 {
		w.t.Errorf("%s #%d: %s is %v, tshark says %v", w.name, n+1, field, ours, theirs)
	}
}

func integer(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// nanoseconds reads tshark's seconds, which have nine places.
func nanoseconds(s string) int64 {
	seconds, places, _ := strings.Cut(s, ".")
	return integer(seconds)*1e9 + integer(places)
}
