package scenario

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFolder reads every .pkt file below the folder that
// TCPING_CMP_SCRIPTS names, for example a checkout of google/packetdrill:
// each must parse and compile, and print to what parses to the same.
func TestFolder(t *testing.T) {
	dir := os.Getenv("TCPING_CMP_SCRIPTS")
	if dir == "" {
		t.Skip("TCPING_CMP_SCRIPTS names no folder of scripts")
	}
	files, playable := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".pkt") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		f, err := Parse(path, src)
		if err != nil {
			t.Error(err)
			return nil
		}
		s, err := Compile(f)
		if err != nil {
			t.Error(err)
		} else if len(s.Unsupported) == 0 {
			playable++
		}
		checkRoundTrip(t, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatalf("no .pkt file below %s", dir)
	}
	t.Logf("%d scripts, %d without anything unsupported", files, playable)
}
