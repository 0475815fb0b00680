package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestInterrupted ends commands that print as they go in the middle: nobody
// reads more than the first line until the signal is sent, so they cannot have
// come to their end. The summary is there all the same.
func TestInterrupted(t *testing.T) {
	for _, args := range []string{
		"suite --format json",
		"script --format json ../../compare/scenario/library",
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, 4096); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("tcping-cmp", strings.Fields(args)...)
		cmd.Stdout, cmd.Stderr = w, t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		w.Close()
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<20)
		last := ""
		for n := 0; lines.Scan(); n++ {
			if n == 0 {
				cmd.Process.Signal(os.Interrupt)
			}
			last = lines.Text()
		}
		cmd.Wait()
		r.Close()
		if status := cmd.ProcessState.ExitCode(); status != 130 {
			t.Errorf("%s: %v", args, cmd.ProcessState)
		}
		if !strings.Contains(last, `"record":"summary"`) || !strings.Contains(last, `"exit_status":130`) {
			t.Errorf("%s: the last line is %s", args, last)
		}
	}
}
