package capture_test

import (
	"bytes"
	"net/netip"
	"testing"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// A Fetcher gives the bytes that Raw gives, in whatever order, from a file
// larger than what it reads at once and from a recording.
func TestFetcherGivesWhatRawGives(t *testing.T) {
	talk := New().Open(MSS(1460), MSS(1460))
	for n := range int64(400) {
		talk.Out(Seg{Flags: ACK, Seq: 1 + 1460*n, Ack: 1, Window: 502, Payload: string(bytes.Repeat([]byte{byte(n)}, 1460))})
	}
	file, err := capture.ReadFile(CaptureFile(t, "long", talk.Frames))
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := capture.FromRecording("test", talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*capture.Conversation{file.Conversation(0), recorded} {
		fetch := c.Fetcher()
		for i := range c.Events {
			e := c.Events[(i*7)%len(c.Events)] // forth and back
			want, err := c.Raw(e, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := fetch.Raw(e); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("frame %d: %d bytes, %v; want %d", i+1, len(got), err, len(want))
			}
		}
	}
	c := file.Conversation(0)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Fetcher().Raw(c.Events[0]); err == nil {
		t.Error("a closed file gave bytes")
	}
}
