package report_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

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
