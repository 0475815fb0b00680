package capturetest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// Capture is a capture of the frames, on one interface of that name, as the
// judge's own writer makes it.
func Capture(t testing.TB, name string, frames []tap.Frame) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, "test", capture.Interface{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		if err := w.WriteFrame(0, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// CaptureFile writes such a capture into a file of the test and returns its name.
func CaptureFile(t testing.TB, name string, frames []tap.Frame) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".pcapng")
	if err := os.WriteFile(path, Capture(t, name, frames), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
