package report_test

import (
	"bytes"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/report"
)

func TestPcapngHasBothStacksAndTheirFindings(t *testing.T) {
	var b bytes.Buffer
	if err := report.Pcapng(&b, example(t), example(t)); err != nil {
		t.Fatal(err)
	}
	f, err := capture.Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || f.Problem != nil {
		t.Fatal(err, f.Problem)
	}
	// The second comparison has conversations of its own: they are other runs.
	if f.Frames != 44 || f.Flows[0].Interface != "netstack" || f.Flows[1].Interface != "handcrafted" {
		t.Fatalf("%d frames, %v", f.Frames, f.Flows)
	}
	if !bytes.Contains(b.Bytes(), []byte("violation: tcp.checksum in data, sent")) {
		t.Error("the finding is not in the file")
	}
}

func TestPcapngIsReadByTshark(t *testing.T) {
	path, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("TCPING_CMP_REQUIRE_ROOT") == "1" {
			t.Fatal("tshark is not installed")
		}
		t.Skip("tshark is not installed")
	}
	file := t.TempDir() + "/out.pcapng"
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Pcapng(out, example(t)); err != nil {
		t.Fatal(err)
	}
	out.Close()
	got, err := exec.Command(path, "-r", file, "-o", "tcp.check_checksum:TRUE", "-T", "fields",
		"-e", "frame.interface_name", "-e", "tcp.checksum.status", "-e", "frame.comment").Output()
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	for _, line := range strings.Split(strings.TrimSpace(string(got)), "\n") {
		fields := strings.Split(line, "\t")
		if fields[1] == "1" {
			continue
		}
		bad++
		if fields[0] != "handcrafted" || !strings.Contains(fields[2], "violation: tcp.checksum") {
			t.Errorf("%q", line)
		}
	}
	if bad != 1 {
		t.Errorf("tshark finds %d bad checksums, there is one", bad)
	}
}

// What a stack sends beside the conversation is in the capture too.
func TestPcapngHasTheFramesOfOtherConversations(t *testing.T) {
	talk := New().Echo("hello")
	frames := len(talk.Frames)
	talk.Client = netip.MustParseAddrPort("192.0.2.1:40001")
	talk.In(Seg{Flags: ACK, Seq: 5, Ack: 5}).Out(Seg{Flags: RST, Seq: 5})
	c, err := capture.FromRecording("one", talk.Recording(), netip.AddrPort{})
	if err != nil || len(c.Events) != frames || c.LeftOut != 2 {
		t.Fatalf("%v: %d frames and %d others", err, len(c.Events), c.LeftOut)
	}
	r := compare.Compare([]*capture.Conversation{c}, []*capture.Conversation{c}, compare.Options{})
	var b bytes.Buffer
	if err := report.Pcapng(&b, r); err != nil {
		t.Fatal(err)
	}
	f, err := capture.Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || f.Frames != frames+2 {
		t.Fatalf("%v: %d frames, want %d", err, f.Frames, frames+2)
	}
	if n := bytes.Count(b.Bytes(), []byte("not compared: of another conversation")); n != 2 {
		t.Errorf("%d frames are said not to be compared", n)
	}
}

// Two conversations of one recording are compared one after the other, and
// every frame is in the capture once.
func TestPcapngHasEveryFrameOnce(t *testing.T) {
	talk := New().Echo("hello")
	talk.Client = netip.MustParseAddrPort("192.0.2.1:40001")
	talk.In(Seg{Flags: ACK, Seq: 5, Ack: 5}).Out(Seg{Flags: RST, Seq: 5})
	all := capture.EachFromRecording("one", talk.Recording())
	if len(all) != 2 {
		t.Fatalf("%d conversations", len(all))
	}
	var reports []*compare.Report
	for _, c := range all {
		list := []*capture.Conversation{c}
		reports = append(reports, compare.Compare(list, list, compare.Options{}))
	}
	var b bytes.Buffer
	if err := report.Pcapng(&b, reports...); err != nil {
		t.Fatal(err)
	}
	f, err := capture.Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || f.Frames != len(talk.Frames) {
		t.Fatalf("%v: %d frames, want %d", err, f.Frames, len(talk.Frames))
	}
	if bytes.Contains(b.Bytes(), []byte("not compared")) {
		t.Error("a frame of a conversation that was compared is said not to be")
	}
}

func TestRecordingsWithoutAConversationAreWritten(t *testing.T) {
	var b bytes.Buffer
	err := report.PcapngRecordings(&b, []report.Recorded{
		{Stack: "one", Description: "d", Recording: New().In(Seg{Flags: SYN}).Recording()},
		{Stack: "two", Recording: New().Recording()},
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := capture.Read(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || f.Frames != 1 {
		t.Fatal(err, f)
	}
}
