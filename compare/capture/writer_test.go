package capture_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/tap"
)

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// written is a file with two interfaces and comments.
func written(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, "test", capture.Interface{Name: "one", Description: "the first"}, capture.Interface{Name: "zwei"})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range New().Echo("hello").Frames {
		if err := w.WriteFrame(i%2, f, "first comment", "", "second: ä"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, "test", capture.Interface{Name: "one"})
	if err != nil {
		t.Fatal(err)
	}
	frames := New().Echo("hello").Frames
	for _, f := range frames {
		if err := w.WriteFrame(0, f, "a comment"); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	f := read(t, b.Bytes())
	c := f.Conversation(0)
	if f.Problem != nil || len(c.Events) != len(frames) || c.Stack != "one" {
		t.Fatalf("%v, %d events", f.Problem, len(c.Events))
	}
	for i, e := range c.Events {
		raw, _ := c.Raw(e, nil)
		if !bytes.Equal(raw, frames[i].Data) || e.Time != frames[i].Time.UnixNano() || e.Dir != frames[i].Dir {
			t.Errorf("frame %d differs", i+1)
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	if _, err := capture.NewWriter(&bytes.Buffer{}, "test"); err == nil {
		t.Error("a file without interfaces")
	}
	w, _ := capture.NewWriter(&bytes.Buffer{}, "test", capture.Interface{})
	if w.WriteFrame(1, tap.Frame{}) == nil || w.WriteFrame(-1, tap.Frame{}) == nil {
		t.Error("an interface that was not announced")
	}
	if w.WriteFrame(0, tap.Frame{Data: make([]byte, 1<<19)}) == nil {
		t.Error("a frame longer than the snapshot length")
	}
}

// tool runs a program of Wireshark's or tcpdump's on a file.
func tool(t *testing.T, file []byte, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("TCPING_CMP_REQUIRE_ROOT") == "1" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	capture := t.TempDir() + "/capture"
	write(t, capture, file)
	for i, a := range args {
		if a == "FILE" {
			args[i] = capture
		}
	}
	var stderr bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	}
	return string(out)
}

func TestTsharkReadsWhatIsWritten(t *testing.T) {
	out := tool(t, written(t), "tshark", "-r", "FILE", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields",
		"-e", "frame.interface_name", "-e", "frame.packet_flags_direction", "-e", "frame.time_epoch", "-e", "frame.comment",
		"-e", "tcp.checksum.status", "-e", "ip.checksum.status", "-e", "_ws.malformed")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 11 {
		t.Fatalf("%d lines:\n%s", len(lines), out)
	}
	want := "one\t0x00000002\t1700000000.000000000\tfirst comment,second: ä\t1\t1"
	if strings.TrimRight(lines[0], "\t") != want {
		t.Errorf("got  %q\nwant %q", lines[0], want)
	}
	if !strings.HasPrefix(lines[1], "zwei\t0x00000001\t1700000000.001000000") {
		t.Errorf("%q", lines[1])
	}
}

func TestCapinfosReadsWhatIsWritten(t *testing.T) {
	out := tool(t, written(t), "capinfos", "FILE")
	for _, want := range []string{"Strict time order:   True", "Capture application: test", "Number of interfaces in file: 2", "Name = zwei", "Description = the first", "nanoseconds (9)"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestTcpdumpReadsWhatIsWritten(t *testing.T) {
	out := tool(t, written(t), "tcpdump", "-nvvr", "FILE")
	if strings.Count(out, "(correct)") != 11 || strings.Contains(out, "bad") {
		t.Error(out)
	}
}

// TestTsharkAgrees compares what is decoded with what tshark decodes, field
// by field.
func TestTsharkAgrees(t *testing.T) {
	talk := New().Open(Opts(MSS(1460), SACKOK(), TS(100, 0), WS(7)), Opts(MSS(1400), SACKOK(), TS(5000, 100), WS(10)))
	talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(101, 5000)})
	talk.Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(102, 5000), Payload: "hello", TOS: 0x12})
	talk.Out(Seg{Flags: FIN | ACK | URG, Seq: 6, Ack: 1, Window: 9, Urgent: 3, Options: TS(103, 5000)})
	c := recorded(t, talk)
	var b bytes.Buffer
	w, _ := capture.NewWriter(&b, "test", capture.Interface{Name: "x"})
	for _, f := range talk.Frames {
		w.WriteFrame(0, f)
	}
	w.Flush()
	out := tool(t, b.Bytes(), "tshark", "-r", "FILE", "-T", "fields", "-e", "tcp.seq", "-e", "tcp.ack", "-e", "tcp.flags", "-e", "tcp.window_size_value",
		"-e", "tcp.window_size", "-e", "tcp.len", "-e", "tcp.options.mss_val", "-e", "tcp.options.wscale.shift", "-e", "tcp.options.timestamp.tsval",
		"-e", "tcp.options.timestamp.tsecr", "-e", "ip.ttl", "-e", "ip.dsfield.ecn", "-e", "ip.id", "-e", "tcp.urgent_pointer")
	lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
	for i, e := range c.Events {
		if got := witness(c, e); got != lines[i] {
			t.Errorf("frame %d:\nwe     %q\ntshark %q", i+1, got, lines[i])
		}
	}
}
