package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// threadPrivileges is what the kernel says of every thread of a process: its
// permitted and effective capabilities and whether it can get new ones.
func threadPrivileges(t *testing.T, pid int) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	list, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(list) == 0 {
		t.Fatalf("no threads of %d: %v", pid, err)
	}
	for _, path := range list {
		status, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		var have []string
		for line := range strings.Lines(string(status)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ":\t")
			if name == "CapPrm" || name == "CapEff" || name == "NoNewPrivs" {
				have = append(have, strings.TrimLeft(value, "0"))
			}
		}
		seen[strings.Join(have, " ")] = true
	}
	return seen
}

// blocked starts the program with its output going where nobody reads it, so
// that it stops in the middle of printing.
func blocked(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, 4096); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tcping-cmp", args...)
	cmd.Stdout, cmd.Stderr = w, t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		r.Close()
	})
	return cmd
}

// Sets of capabilities as the kernel writes them.
const (
	capsLab   = "203000" // CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN
	capsFrame = "3000"   // CAP_NET_ADMIN, CAP_NET_RAW
	capsFiles = "2"      // CAP_DAC_OVERRIDE
	capsNone  = ""
)

// TestPrivileges looks at the running program: no thread has more than its
// command needs, and none can get more.
func TestPrivileges(t *testing.T) {
	needRoot(t)
	fifo := filepath.Join(t.TempDir(), "fifo.pcap")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	silent := filepath.Join(t.TempDir(), "silent.pcapng")
	for _, c := range []struct{ name, args, keeps string }{
		{"while conversations are held in the lab", "run --repeat 1000000", capsLab},
		{"when all conversations are over", "run --repeat 20 --format json", capsNone},
		{"when all are over and a capture has been written", "run --repeat 20 --format json --pcap " + silent, capsFiles},
		{"in memory", "run --link mem --repeat 5 --format json", capsNone},
		{"ping", "ping --count 0 --interval 1h", capsLab},
		{"serve, listening", "serve --port 707", capsNone},
		{"rules", "rules", capsNone},
		{"suite", "suite --list", capsNone},
		{"check, which reads a file", "check " + fifo, capsFiles},
		{"diff, which reads files", "diff " + fifo + " " + fifo, capsFiles},
		{"script, which reads files", "script " + fifo, capsFiles},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := blocked(t, strings.Fields(c.args)...)
			awaitPrivileges(t, cmd.Process.Pid, c.keeps)
		})
	}
}

// TestPrivilegesOnAnInterface looks while somebody is asked for who does not
// answer, and then whether the program had what it needed to ask.
func TestPrivilegesOnAnInterface(t *testing.T) {
	needRoot(t)
	ns, err := makeLAN()
	if err != nil {
		t.Fatal(err)
	}
	defer ns[0].Close()
	defer ns[1].Close()
	path := fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), int(ns[0]))
	cmd := exec.Command("innetns", path, "tcping-cmp", "run", "10.77.0.9:7", "--timeout", "1h")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	awaitPrivileges(t, cmd.Process.Pid, capsFrame)
	cmd.Wait()
	if !strings.Contains(said.String(), "10.77.0.9") || strings.Contains(said.String(), "privilege") {
		t.Errorf("the program ends with %s", said.String())
	}
}

// awaitPrivileges waits until every thread of the program has exactly the
// capabilities, which it says in the same words as the kernel.
func awaitPrivileges(t *testing.T, pid int, caps string) {
	t.Helper()
	want := caps + " " + caps + " 1"
	var seen map[string]bool
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); runtime.Gosched() {
		if seen = threadPrivileges(t, pid); len(seen) == 1 && seen[want] {
			return
		}
	}
	t.Errorf("the threads have %v, want %q", seen, want)
}

// TestRootWritesToFoldersOfOthers: without CAP_DAC_OVERRIDE root could not,
// and under sudo the folder is seldom root's.
func TestRootWritesToFoldersOfOthers(t *testing.T) {
	needRoot(t)
	folder := filepath.Join(t.TempDir(), "theirs")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(folder, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	capture := filepath.Join(folder, "run.pcapng")
	var out bytes.Buffer
	for _, args := range []string{"run --quiet --pcap " + capture, "check --quiet " + capture} {
		cmd := exec.Command("tcping-cmp", strings.Fields(args)...)
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil {
			t.Fatalf("%s: %v\n%s", args, err, &out)
		}
	}
}
